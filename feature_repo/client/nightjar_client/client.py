"""The client: what an app asks for a user or an item."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nightjar_client.online import utc_now
from nightjar_client.open import open_repo, reader_of
from nightjar_client.people import People
from nightjar_client.views import Catalogue

if TYPE_CHECKING:
    from feast import FeatureStore


class Client(People):
    """Reads one app's online store. Threads may share one; processes open their own."""

    @classmethod
    def open(
        cls,
        repo: str | Path | None = None,
        *,
        store: "FeatureStore | None" = None,
        fallback: Sequence[str] = (),
        stale_hours: float = 36.0,
        clock: Callable[[], datetime] = utc_now,
    ) -> "Client":
        """Open the store that a Feast repo names; reads the registry once and keeps the lists for everybody.

        Parameters
        ----------
        repo
            Folder of `feature_store.yaml`; Feast takes the file that FEAST_FS_YAML_FILE_PATH names instead.
        store
            An open `FeatureStore`, instead of `repo`.
        fallback, stale_hours, clock
            See `Lists`.
        """
        store = store or open_repo(repo)
        client = cls(reader_of(store), Catalogue.of(store), fallback, stale_hours, clock)
        client.keep_overall()
        return client
