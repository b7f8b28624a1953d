"""Lists of users, by the ladder, and of items."""

import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from nightjar_client.answers import Recommendations
from nightjar_client.context import Context
from nightjar_client.cut import cut
from nightjar_client.errors import StoreUnreachableError
from nightjar_client.kept import Kept
from nightjar_client.ladder import EVERYBODY, Ladder
from nightjar_client.online import Online, utc_now
from nightjar_client.reading import Reader
from nightjar_client.views import Catalogue

_KEEP_SECONDS = 300.0  # between two looks at the lists for everybody, which cost as much as one answer


class Lists(Online):
    """Reads lists.

    Parameters
    ----------
    reader, catalogue, stale_hours, clock
        See `Online`.
    fallback
        Item ids, best first, that everybody gets where the store has no list.

    Attributes
    ----------
    surfaces, item_surfaces
        Lists that there are for users and for items.
    """

    def __init__(
        self,
        reader: Reader,
        catalogue: Catalogue,
        fallback: Sequence[str] = (),
        stale_hours: float = 36.0,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(reader, catalogue, stale_hours, clock)
        self._keep_at = 0.0
        self._kept = Kept(catalogue.surfaces(EVERYBODY), fallback)
        self._ladder = Ladder(reader, catalogue, self._kept)
        self.surfaces = catalogue.surfaces("recs")
        self.item_surfaces = catalogue.surfaces("items")

    def recommendations(
        self,
        user_id: str,
        surface: str = "for_you",
        k: int = 20,
        context: Context = None,
        exclude: Collection[str] = (),
    ) -> Recommendations:
        """What to show a user.

        Parameters
        ----------
        user_id
            Anything; an unknown one starts at the rung of the context, as one who opted out does.
        surface
            One of `surfaces`.
        k
            Items at most, from 1 on.
        context
            ``country|platform|daypart``, or those by name; missing parts may be left out.
        exclude
            Item ids not to show, such as those of today.

        Raises
        ------
        ValueError
            If there is no such surface, or `k` is below 1: a mistake of the caller, whoever the user is.
        StoreUnreachableError
            If the store does not answer and neither a cached overall list nor a fallback is left.
        """
        return self.recommendations_batch([user_id], surface, k, context, exclude)[0]

    def recommendations_batch(
        self,
        user_ids: Sequence[str],
        surface: str = "for_you",
        k: int = 20,
        context: Context = None,
        exclude: Collection[str] = (),
    ) -> list[Recommendations]:
        """The same for many users, in the order asked for.

        One round trip reads all users; one more the rungs below, if any of them has no list of their own.
        """
        check(surface, self.surfaces, k)
        present, left_out = self._present(), frozenset(exclude)
        try:
            with self._reader.moment():
                found = self._ladder.climb(user_ids, surface, context, present, left_out)
        except StoreUnreachableError as error:
            found = [self._kept.while_away(user, surface, present, error) for user in user_ids]
        else:
            self._keep_now_and_then()
        return [cut(answer, k, left_out) for answer in found]

    def similar(
        self, item_id: str, surface: str = "similar", k: int = 20, exclude: Collection[str] = ()
    ) -> Recommendations:
        """What goes beside an item; `surface` is one of `item_surfaces`. An item without a list has rung `none`.

        While the store is away that is the answer too: a page of an item stands without the shelf.
        """
        check(surface, self.item_surfaces, k)
        view = self._catalogue.views[f"items_{surface}"]
        try:
            row = self._rows([item_id], (view,))[0].get(view.name)
        except StoreUnreachableError:
            row = None
        answer, expired = self._present().list(row, item_id, surface, "item")
        if answer is None:
            return Recommendations(item_id, surface, "none", expired=expired)
        return cut(answer, k, frozenset(exclude))

    def keep_overall(self) -> None:
        """Read the lists for everybody, so that there is an answer when the store goes away; no error if it has."""
        self._keep_at = time.monotonic() + _KEEP_SECONDS
        views = tuple(view for name, view in self._catalogue.views.items() if name.startswith(f"{EVERYBODY}_"))
        try:
            rows = self._rows([EVERYBODY], views)[0]
        except StoreUnreachableError:
            return
        present = self._present()
        for name, row in rows.items():
            answer, _ = present.list(row, "", name.removeprefix(f"{EVERYBODY}_"), "everybody")
            if answer:
                self._kept.keep(answer, present.now)

    def _keep_now_and_then(self) -> None:
        """An app whose users all have own lists would else keep those of the day it started, until they expire."""
        if time.monotonic() > self._keep_at:
            self.keep_overall()


def check(surface: str, allowed: Sequence[str], k: int) -> None:
    """Raise `ValueError` for what no list can be asked by."""
    if surface not in allowed:
        raise ValueError(f"surface is {surface!r}; there are {', '.join(allowed)}")
    if k < 1:
        raise ValueError(f"k is {k}; ask for at least 1 item")
