"""What is left when no row answers: the last lists for everybody, and the list of configuration."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from nightjar_client.answers import Recommendations
from nightjar_client.errors import StoreUnreachableError
from nightjar_client.present import Present


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
        self._lists: dict[str, tuple[Recommendations, datetime]] = {}

    def keep(self, answer: Recommendations, now: datetime) -> None:
        """Remember a list for everybody, as it was read now."""
        self._lists[answer.surface] = (answer, now)

    def while_away(self, user: str, surface: str, present: Present, error: StoreUnreachableError) -> Recommendations:
        """The last list for everybody, while it has not expired, or the list of configuration.

        Raises
        ------
        StoreUnreachableError
            If there is neither.
        """
        kept = self._last(user, surface, present)
        if kept:
            return kept
        if surface in self._surfaces and not self._fallback:
            raise StoreUnreachableError(
                f"{error}; no cached overall list is left for {surface!r} and lists.fallback is empty"
            ) from error
        return self.configured(user, surface, expired=surface in self._lists)

    def all_while_away(
        self, user: str, surfaces: Sequence[str], present: Present, error: StoreUnreachableError
    ) -> list[Recommendations]:
        """The same for several surfaces, in order; one of which nothing is left is `none` beside the others.

        Raises
        ------
        StoreUnreachableError
            If no surface has a list left that should have one.
        """
        answers, lacking = [], None
        for surface in surfaces:
            try:
                answers.append(self.while_away(user, surface, present, error))
            except StoreUnreachableError as lack:
                lacking = lack
                answers.append(Recommendations(user, surface, "none"))
        if lacking and not any(answer.items for answer in answers):
            raise lacking
        return answers

    def instead(self, answer: Recommendations, present: Present) -> Recommendations:
        """The last list for everybody in the place of an answer, while it has not expired."""
        return self._last(answer.key, answer.surface, present) or answer

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

    def _last(self, user: str, surface: str, present: Present) -> Recommendations | None:
        """The list that was kept, as old as it is by now; None where there is none or it has expired."""
        if surface not in self._lists:
            return None
        answer, since = self._lists[surface]
        stamps = answer.stamps
        if stamps.expires_at is None or stamps.age_seconds is None or stamps.expires_at <= present.now:
            return None
        age = stamps.age_seconds + int((present.now - since).total_seconds())
        aged = replace(stamps, age_seconds=age, is_stale=age > present.stale.total_seconds())
        return replace(answer, key=user, rung="cached", expired=False, stamps=aged)
