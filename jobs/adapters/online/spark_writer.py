"""Redis filled by Spark's workers: each writes the rows of some keys, for nights of very many users.

Workers read the files of the lake themselves; nothing but their names, and who and what leaves, is sent to them.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jobs.adapters.online.contract import Served
from jobs.adapters.online.counts import Counts, Told
from jobs.adapters.online.lake_rows import KeyRange, key_ranges
from jobs.adapters.online.leaving import Leaving
from jobs.adapters.online.publishing import Offer, encode_slices
from jobs.adapters.online.redis_store import RedisStore
from jobs.adapters.online.redis_target import RedisTarget
from jobs.adapters.online.stores import OnlineStore

if TYPE_CHECKING:
    from pyspark import Accumulator
    from pyspark.sql import SparkSession

_LOOK_SECONDS = 0.5  # between two looks at how far the workers are


@dataclass(frozen=True)
class SparkWriter:
    """A `Writer` of `publishing`.

    Attributes
    ----------
    spark
        Starts a session, or gives the one that runs; asked only if rows are written.
    keys_per_part
        Keys that a worker writes before it takes others, about.
    """

    spark: "Callable[[], SparkSession]"
    keys_per_part: int

    def __call__(self, store: OnlineStore, served: Served, offer: Offer, told: Told) -> Counts:
        """Write all parts, as many at once as there are cores; a part that failed is written again by Spark."""
        if not isinstance(store, RedisStore):
            raise TypeError("SQLite has one writer; workers write into Redis only")
        parts = key_ranges(offer.files, self.keys_per_part)
        return store.replace_by(served, lambda target: self._write(target, offer, parts, told))

    def _write(self, target: RedisTarget, offer: Offer, parts: list[KeyRange], told: Told) -> Counts:
        context = self.spark().sparkContext
        leaving = offer.leaving()
        sent = context.broadcast(replace(offer, leaving=_Known(leaving)))
        done = context.accumulator(0)

        # Spark writes broadcasts to disk, and the target knows Redis's password: it goes with the tasks, in memory.
        def write_part(part: KeyRange) -> Counts:
            return target.write(encode_slices(sent.value, part), done.add)

        with ThreadPoolExecutor(1) as waiting:
            job = waiting.submit(context.parallelize(parts, len(parts)).map(write_part).collect)
            seen = 0
            while not job.done():
                wait([job], _LOOK_SECONDS)
                seen = _tell(told, done, seen)
        return sum(job.result(), Counts())


@dataclass(frozen=True)
class _Known:
    """Who and what left, asked for once."""

    leaving: Leaving

    def __call__(self) -> Leaving:
        return self.leaving


def _tell(told: Told, done: "Accumulator[int]", seen: int) -> int:
    now = done.value  # moves on while it is told
    told(now - seen)
    return now
