"""All that is predicted and known of a user."""

from collections.abc import Collection, Sequence
from typing import Any

from nightjar_client.answers import Predictions, Screen, Snapshot
from nightjar_client.context import Context
from nightjar_client.cut import cut
from nightjar_client.errors import StoreUnreachableError
from nightjar_client.lists import Lists, check
from nightjar_client.person import predictions_of, screen_of, snapshot_of
from nightjar_client.reading import Rows


class People(Lists):
    """Reads predictions and features beside lists; which views there are is said by the registry."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._predicted = self._catalogue.of_user("serving", "prediction")
        self._known = self._catalogue.of_user("list", "serving", "prediction", "features")

    def predictions(self, user_id: str) -> Predictions:
        """All predictions of a user, of one generation; none for a user who is unknown or opted out."""
        return self.predictions_batch([user_id])[0]

    def predictions_batch(self, user_ids: Sequence[str]) -> list[Predictions]:
        """The same for many users in one round trip; empty where the store is away, since a guess would mislead."""
        try:
            found = self._rows(user_ids, self._predicted)
        except StoreUnreachableError:
            found = [{} for _ in user_ids]
        present = self._present()
        return [predictions_of(user, rows, present) for user, rows in zip(user_ids, found, strict=True)]

    def screen(
        self,
        user_id: str,
        surfaces: Sequence[str] | None = None,
        k: int = 20,
        context: Context = None,
        exclude: Collection[str] = (),
    ) -> Screen:
        """Lists by the ladder, predictions and features of a user, all as they were at one moment.

        Parameters
        ----------
        surfaces
            Which lists; by default all of `surfaces`.
        user_id, k, context, exclude
            See `recommendations`; of every list.

        Raises
        ------
        ValueError
            If there is no such surface, or `k` is below 1.
        StoreUnreachableError
            If the store does not answer and no list is left for any surface. With one left predictions are empty.
        """
        asked = self.surfaces if surfaces is None else tuple(dict.fromkeys(surfaces))
        for surface in asked:
            check(surface, self.surfaces, k)
        present, left_out = self._present(), frozenset(exclude)
        rows: Rows = {}
        try:
            with self._reader.moment():
                rows = self._reader.read([(user_id, self._known)])[0]
                lists = self._ladder.climb_surfaces(user_id, rows, asked, context, present, left_out)
        except StoreUnreachableError as error:
            rows, lists = {}, self._kept.all_while_away(user_id, asked, present, error)
        else:
            self._keep_now_and_then()
        shown = [cut(answer, k, left_out) for answer in lists]
        return screen_of(user_id, rows, self._catalogue.views, shown, present)

    def snapshot(self, user_id: str) -> Snapshot:
        """Lists, predictions and features of a user, all as they were at one moment.

        Raises
        ------
        StoreUnreachableError
            If the store does not answer: there is no other place for features.
        """
        rows = self._rows([user_id], self._known)[0]
        return snapshot_of(user_id, rows, self._catalogue.views, self.surfaces, self._present())
