"""Draws that depend on ids and a seed alone: the same whatever the order, the batch or the machine."""

from zlib import crc32

import numpy as np
import numpy.typing as npt

from jobs.datasets.history import Ids

Hashes = npt.NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def id_hashes(ids: Ids, seed: int) -> Hashes:
    """Shape (n,), uint64: one number per id, evenly spread."""
    raw = np.array([crc32(one.encode("utf-8")) for one in ids.tolist()], dtype=np.uint64)
    return _mixed(raw + np.array([seed], dtype=np.uint64) * _GOLDEN)


def pair_shares(first: Hashes, second: Hashes) -> npt.NDArray[np.float64]:
    """Shape (n,), from 0 up to 1: an even draw for each pair of hashes, the order within a pair counts."""
    return _mixed(first * _GOLDEN + second).astype(np.float64) / 2.0**64


def sample_positions(ids: Ids, seed: int, most: int) -> npt.NDArray[np.int64]:
    """At most so many positions, ascending; which ones depends on the ids, not on their places."""
    if len(ids) <= most:
        return np.arange(len(ids))
    chosen = np.lexsort((ids, id_hashes(ids, seed)))[:most]
    return np.sort(chosen)


def _mixed(values: Hashes) -> Hashes:
    """The finaliser of splitmix64; products wrap around."""
    values = (values ^ (values >> np.uint64(30))) * _FIRST
    values = (values ^ (values >> np.uint64(27))) * _SECOND
    return values ^ (values >> np.uint64(31))
