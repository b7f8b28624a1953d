"""What is left when no row answers: the last lists for everybody, and the list of configuration."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from nightjar_client.answers import Recommendations
from nightjar_client.errors import StoreUnreachableError


class Kept:
    """Lists that need no store.

    Parameters
    ----------
    surfaces
        Those with a list for everybody; the others say nothing without a history and stay hidden.
    fallback
        Item ids of configuration, best first; may be empty.
    """

    def __init__(self, surfaces: Sequence[str], fallback: Sequence[str]) -> None:
        self._surfaces = frozenset(surfaces)
        self._fallback = tuple(fallback)
        self._lists: dict[str, Recommendations] = {}

    def keep(self, answer: Recommendations) -> None:
        """Remember a list for everybody."""
        known = self._lists.get(answer.surface)
        if known is None or known.stamps != answer.stamps or known.items != answer.items:
            self._lists[answer.surface] = replace(answer, key="", rung="cached", expired=False)

    def while_away(self, user: str, surface: str, now: datetime, error: StoreUnreachableError) -> Recommendations:
        """The last list for everybody, while it has not expired, or the list of configuration.

        Raises
        ------
        StoreUnreachableError
            If there is neither.
        """
        kept = self._lists.get(surface)
        expires = kept.stamps.expires_at if kept else None
        if kept and expires and expires > now:
            return replace(kept, key=user)
        if surface in self._surfaces and not self._fallback:
            raise StoreUnreachableError(
                f"{error}; no cached overall list is left for {surface!r} and lists.fallback is empty"
            ) from error
        return self.configured(user, surface, expired=kept is not None)

    def configured(self, user: str, surface: str, expired: bool) -> Recommendations:
        """The list of configuration; `none` where it is empty, and for a surface without a list for everybody."""
        items = self._fallback if surface in self._surfaces else ()
        if not items:
            return Recommendations(user, surface, "none", expired=expired)
        size = len(items)
        scores = tuple(1.0 / (place + 1) for place in range(size))
        return Recommendations(
            user, surface, "fallback", items, scores, ("popular",) * size, ("",) * size, expired=expired
        )
