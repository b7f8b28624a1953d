"""What lists are like, whoever is right: how much of the catalogue they show, how new, how varied, how repetitive.

Lists have shape (n_users, k), int32: item positions, best first, -1 where a list is shorter.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.datasets.past import Past
from jobs.evaluation.ranking import NO_ITEM, Items, PerUser, find_hits

N_DIRECTIONS = 128
"""Of the projection of items: one pair's cosine is off by a tenth; a mean over lists by a tenth of itself at most,
and by the same for every method, since all share the projection. Exact cosines of a large catalogue do not fit."""

_BLOCK_USERS = 1_000  # memory of a block: this times k times `N_DIRECTIONS` floats


@dataclass(frozen=True)
class ItemFacts:
    """What lists are held against, as it was at the end of the cut.

    Attributes
    ----------
    information
        Shape (n_items,), float64: bits of self-information; see `self_information`.
    category
        Shape (n_items,), int32: a number per category, -1 where it is not known.
    vectors
        Shape (n_items, `N_DIRECTIONS`), float32: unit vectors whose products are cosines of co-occurrence; zero for
        an item that nobody had.
    is_available
        Shape (n_items,), bool: what may be recommended.
    """

    information: npt.NDArray[np.float64]
    category: npt.NDArray[np.int32]
    vectors: npt.NDArray[np.float32]
    is_available: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, past: Past) -> "ItemFacts":
        """From everything up to the end of the cut."""
        had = past.history.only_goals().matrix()
        names, number = np.unique(past.catalogue.category, return_inverse=True)
        return cls(
            information=self_information(had),
            category=np.where(names[number] == "", -1, number).astype(np.int32),
            vectors=project_items(had),
            is_available=past.catalogue.is_available,
        )


def self_information(had: csr_matrix) -> npt.NDArray[np.float64]:
    """Bits that it tells of a user to have the item (Zhou et al., 2010): -log2 of the share of users who had it.

    One user is added to both counts, so that an item that nobody had is the newest of all and not infinite.

    Parameters
    ----------
    had
        Shape (n_users, n_items): a stored entry is an item that the user had before the cut.
    """
    n_had = np.bincount(had.indices, minlength=had.shape[1])
    n_known = int((np.diff(had.indptr) > 0).sum())
    return np.asarray(-np.log2((n_had + 1.0) / (n_known + 1.0)))


def project_items(had: csr_matrix, seed: int = 0) -> npt.NDArray[np.float32]:
    """Unit vectors of items, whose products are nearly the cosines of their columns (random signs; Achlioptas, 2003).

    Parameters
    ----------
    had
        Shape (n_users, n_items).
    seed
        Of the signs.
    """
    signs = np.random.default_rng(seed).integers(0, 2, (had.shape[0], N_DIRECTIONS)).astype(np.float32) * 2 - 1
    binary = csr_matrix((np.ones(had.nnz, np.float32), had.indices, had.indptr), shape=had.shape)
    vectors = np.asarray(binary.T @ signs, dtype=np.float32)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0))


def compute_gini(lists: Items, is_available: npt.NDArray[np.bool_]) -> float:
    """How unequally the catalogue is shown (Gini, 1912; as in Fleder and Hosanagar, 2009).

    0: every available item is on as many lists; near 1: one item is on all. Items that are on no list count as well;
    one that is listed although it is not available counts too. 0 without any list.
    """
    shown = np.bincount(lists[lists != NO_ITEM].ravel(), minlength=len(is_available))
    counts = np.sort(shown[is_available | (shown > 0)]).astype(np.float64)
    if not counts.sum():
        return 0.0
    ranks = np.arange(1, len(counts) + 1)
    return float((2 * ranks - len(counts) - 1) @ counts / (len(counts) * counts.sum()))


def compute_equal_lists(lists: Items) -> float:
    """Share of users with the list that most of them have; 1: it says the same of everybody. 0 without users."""
    if not len(lists):
        return 0.0
    rows = np.ascontiguousarray(lists).view(np.dtype((np.void, lists.itemsize * lists.shape[1]))).ravel()
    return float(np.unique(rows, return_counts=True)[1].max() / len(lists))


def compute_novelty(lists: Items, information: npt.NDArray[np.float64]) -> PerUser:
    """Mean self-information of each user's items (Zhou et al., 2010), bits; not a number for an empty list."""
    listed = lists != NO_ITEM
    return _ratio((information[lists] * listed).sum(axis=1), listed.sum(axis=1))


def compute_repeats(lists: Items, had: csr_matrix) -> PerUser:
    """Share of each user's items that the user had before; ``had`` as in `self_information`."""
    return _ratio(find_hits(lists, had).sum(axis=1), (lists != NO_ITEM).sum(axis=1))


def compute_diversity(lists: Items, vectors: npt.NDArray[np.float32]) -> PerUser:
    """One less the mean cosine of co-occurrence over pairs of a list (intra-list; Ziegler et al., 2005).

    Items without a vector are left out; not a number where fewer than two have one.
    """
    # Position -1, no item, finds the last row.
    padded = np.vstack([vectors, np.zeros((1, vectors.shape[1]), np.float32)])
    is_known = np.asarray(padded.any(axis=1), dtype=np.bool_)
    parts = [_block_diversity(lists[rows], padded, is_known) for rows in _blocks(len(lists))]
    return np.concatenate([np.empty(0), *parts])


def compute_category_diversity(lists: Items, category: npt.NDArray[np.int32]) -> PerUser:
    """Share of the pairs of a list that are of two categories (Smyth and McClave, 2001, with 0 or 1 as distance).

    Items of no known category are left out; not a number where fewer than two have one.
    """
    parts = [_block_categories(lists[rows], category) for rows in _blocks(len(lists))]
    return np.concatenate([np.empty(0), *parts])


def _block_diversity(lists: Items, vectors: npt.NDArray[np.float32], is_known: npt.NDArray[np.bool_]) -> PerUser:
    # The square of a sum of unit vectors is their number and twice the cosines of all pairs.
    total = np.square(vectors[lists].sum(axis=1), dtype=np.float64).sum(axis=1)
    n_known = is_known[lists].sum(axis=1)
    return np.asarray(1.0 - _ratio(total - n_known, n_known * (n_known - 1)))


def _block_categories(lists: Items, category: npt.NDArray[np.int32]) -> PerUser:
    found = np.where(lists != NO_ITEM, category[lists], -1)
    known = found >= 0
    n_known = known.sum(axis=1)
    same = (found[:, :, None] == found[:, None, :]) & known[:, :, None]
    return np.asarray(1.0 - _ratio(same.sum(axis=(1, 2)) - n_known, n_known * (n_known - 1)))


def _blocks(n_users: int) -> list[slice]:
    return [slice(start, start + _BLOCK_USERS) for start in range(0, n_users, _BLOCK_USERS)]


def _ratio(total: npt.NDArray[np.generic], count: npt.NDArray[np.integer]) -> PerUser:
    empty = np.full(len(total), np.nan)
    return np.asarray(np.divide(total, count, out=empty, where=count > 0))
