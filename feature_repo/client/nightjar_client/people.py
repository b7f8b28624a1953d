"""All that is predicted and known of a user."""

from collections.abc import Sequence
from typing import Any

from nightjar_client.answers import Predictions, Snapshot
from nightjar_client.errors import StoreUnreachableError
from nightjar_client.lists import Lists
from nightjar_client.person import predictions_of, snapshot_of


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

    def snapshot(self, user_id: str) -> Snapshot:
        """Lists, predictions and features of a user, all as they were at one moment.

        Raises
        ------
        StoreUnreachableError
            If the store does not answer: there is no other place for features.
        """
        rows = self._rows([user_id], self._known)[0]
        return snapshot_of(user_id, rows, self._catalogue.views, self.surfaces, self._present())
