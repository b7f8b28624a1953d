"""Puts a generation online, or lets today's opt-outs leave it; one process at a time."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from jobs.adapters.console import steps
from jobs.adapters.lake.files import locked
from jobs.adapters.online.contract import Decision, Served, decide, resumed, rolled_back
from jobs.adapters.online.counts import Counts, Told
from jobs.adapters.online.generation import Generation
from jobs.adapters.online.stores import OnlineStore
from jobs.core.errors import OnlineStoreError
from jobs.core.home import Home
from jobs.features.online import ONLINE_VIEWS

if TYPE_CHECKING:
    from jobs.adapters.online.encode import EncodedView
    from jobs.adapters.online.lake_rows import Files, KeyRange
    from jobs.adapters.online.leaving import Leaving

log = logging.getLogger("nightjar")


@contextmanager
def publish_lock(home: Home) -> Iterator[None]:
    """Held while the store or the registry of an app is written; freed when the process dies."""
    with locked(home.online / ".publish.lock"):
        yield


@dataclass(frozen=True)
class Offer:
    """A generation and the rows of it that may be served.

    Attributes
    ----------
    generation
        What is offered.
    files
        Of its rows by view, as the lake wrote them.
    leaving
        Makes who and what left since; called only if rows are written, and then under `publish_lock`: read before it,
        what a newer withdrawal has applied meanwhile would come back.
    """

    generation: Generation
    files: "Files"
    leaving: "Callable[[], Leaving]"


Writer = Callable[[OnlineStore, Served, Offer, Told], Counts]
"""Writes an offer's rows into the store; see `OnlineStore.replace`."""


def write_here(store: OnlineStore, served: Served, offer: Offer, told: Told) -> Counts:
    """In this process, a slice of keys after the other."""
    return store.replace(served, encode_slices(offer), told)


def publish_generation(
    store: OnlineStore,
    home: Home,
    offer: Offer,
    write: Writer = write_here,
    raise_if_overtaken: Callable[[], None] = lambda: None,
) -> Decision:
    """Write a generation where the contract's rules let it in.

    Parameters
    ----------
    store, home, offer, write
        What is written, where and by whom.
    raise_if_overtaken
        Raises where the offer's rows were made of what is not current any more; called when no other publish can be
        at work.

    Raises
    ------
    OnlineStoreError
        If the store cannot be written; what was served stays.
    OvertakenError
        If the lake's tables were made anew since the offer was; what is served stays.
    """
    with publish_lock(home):
        raise_if_overtaken()
        decision = decide(store.served(), offer.generation, store.unfinished())
        if decision.outcome == "published":
            write_generation(store, decision.served, offer, write)
        return decision


def go_back(
    store: OnlineStore, home: Home, offer: Offer, expiry_of: Callable[[date], datetime], write: Writer = write_here
) -> Served:
    """Put a generation of before in the place of what is served, and hold publishes; see `rolled_back`.

    Parameters
    ----------
    expiry_of
        When a generation of the date that is held expires; which date that is, is known under the lock only.

    Raises
    ------
    OnlineStoreError
        If nothing is served, or the store cannot be written.
    """
    with publish_lock(home):
        before = _something(store)
        expires_at = expiry_of(before.highest_date)
        served = rolled_back(before, offer.generation, expires_at)
        stamped = replace(offer, generation=replace(offer.generation, expires_at=expires_at))
        write_generation(store, served, stamped, write)
        return _something(store)


def resume(
    store: OnlineStore, home: Home, newest: Callable[[date], Offer], write: Writer = write_here
) -> Served | None:
    """Serve the newest generation up to the date that is held, and end the hold.

    Parameters
    ----------
    newest
        Makes the offer, given that date. Called under the lock: a publish that has ended the hold meanwhile serves a
        later date, which is not to go.

    Returns
    -------
    Served | None
        What is served afterwards; None where nothing is held.

    Raises
    ------
    OnlineStoreError
        If the store cannot be written.
    """
    with publish_lock(home):
        before = store.served()
        if before is None or before.hold is None:
            return None
        offer = newest(before.hold)
        write_generation(store, resumed(before, offer.generation), offer, write)
        return _something(store)


def _something(store: OnlineStore) -> Served:
    served = store.served()
    if served is None:
        raise OnlineStoreError("the online store serves nothing yet; publish a night first")
    return served


def write_generation(store: OnlineStore, served: Served, offer: Offer, write: Writer = write_here) -> Counts:
    """Write the rows and tell what that did; under `publish_lock`.

    What is served gets the mark of those who are left out now, which may be newer than the offer's.
    """
    from jobs.adapters.online.lake_rows import count_keys

    start = time.perf_counter()
    leaving = offer.leaving()
    served, offer = served.respecting(leaving.mark), replace(offer, leaving=lambda: leaving)
    with steps(f"writing {offer.generation.name}", count_keys(offer.files)) as told:
        counts = write(store, served, offer, told)
    seconds = time.perf_counter() - start
    log.info("publish %d: %s in %.1f s", served.publish_number, counts, seconds)
    return counts


def encode_slices(offer: Offer, within: "KeyRange | None" = None) -> "Iterator[list[EncodedView]]":
    """The offered rows, or those of some keys, less who and what left, as the stores take them."""
    from jobs.adapters.online.encode import encode_view
    from jobs.adapters.online.lake_rows import read_slices

    leaving = offer.leaving()
    for rows in read_slices(offer.files, within=within):
        kept = leaving.apply(rows)
        yield [encode_view(ONLINE_VIEWS[name], table, offer.generation) for name, table in kept.items()]


def withdraw_from_served(
    store: OnlineStore, home: Home, newest: "Callable[[Served], Leaving | None]"
) -> Literal["nothing is served yet", "withdrawn", "unchanged"]:
    """Let who and what left by now change what is served; see `OnlineStore.withdraw`.

    Parameters
    ----------
    newest
        Makes who and what left by now, given what is served; None where that respects it. Called under the lock, as
        `Offer.leaving` is.

    Returns
    -------
    str
        How that ended.
    """
    with publish_lock(home):
        served = store.served()
        if served is None:
            return "nothing is served yet"
        leaving = newest(served)
        if leaving is None:
            return "unchanged"
        changes = store.withdraw(leaving.statuses, leaving.delisted, leaving.mark)
        log.info("withdrawal: %d rows and values of generation %s changed or left", changes, served.generation)
        return "withdrawn" if changes or served.is_half_withdrawn else "unchanged"
