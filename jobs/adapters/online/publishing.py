"""Puts a generation online, or lets today's opt-outs leave it; one process at a time."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jobs.adapters.lake.files import locked
from jobs.adapters.online.contract import Decision, decide
from jobs.adapters.online.generation import Generation, StatusMark
from jobs.adapters.online.stores import OnlineStore
from jobs.core.home import Home
from jobs.features.online import ONLINE_VIEWS

if TYPE_CHECKING:
    import pandas as pd

Frames = Mapping[str, "pd.DataFrame"]


@contextmanager
def publish_lock(home: Home) -> Iterator[None]:
    """Held while the store or the registry of an app is written; freed when the process dies."""
    with locked(home.online / ".publish.lock"):
        yield


def publish_generation(
    store: OnlineStore, home: Home, generation: Generation, frames: Callable[[], Frames]
) -> Decision:
    """Write a generation where the contract's rules let it in.

    Parameters
    ----------
    store, home
        The app's store, and where its lock is.
    generation
        What is offered.
    frames
        Makes the rows of every view by its name; called only if they are written.

    Raises
    ------
    OnlineStoreError
        If the store cannot be written; what was served stays.
    """
    with publish_lock(home):
        decision = decide(store.served(), generation)
        if decision.outcome == "published":
            from jobs.adapters.online.encode import encode_view

            rows = frames()
            views = (encode_view(view, rows[name], generation) for name, view in ONLINE_VIEWS.items())
            store.replace(decision.served, views)
        return decision


def withdraw_from_served(
    store: OnlineStore, home: Home, statuses: Mapping[str, str], delisted: Collection[str], mark: StatusMark
) -> int:
    """Let users' statuses and delisted items change what is served; see `OnlineStore.withdraw`."""
    with publish_lock(home):
        return store.withdraw(statuses, delisted, mark)
