"""Why an item is on a list: the item of the user's own history that speaks most for it."""

from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError
from jobs.models.lists import NO_ITEM, Lists


@runtime_checkable
class HasItemFactors(Protocol):
    """A model with one vector per item."""

    item_factors: npt.NDArray[np.float32]


def find_anchors(model: HasItemFactors, history: csr_matrix, lists: Lists) -> npt.NDArray[np.int32]:
    """For each recommended item the item had with the largest weight * cosine of item factors.

    An item is never its own anchor, and one that points away (cosine of zero or less) is none. Equal
    values go to the lower position, so to the lower item id.

    Parameters
    ----------
    model
        A fitted model with item factors, shape (n_items, factors).
    history
        Shape (n_users, n_items), float32, positive.
    lists
        Shape (n_users, k), of the same users.

    Returns
    -------
    ndarray
        Shape (n_users, k), int32: positions in the model's items, -1 where nothing speaks for the item.

    Raises
    ------
    ModelError
        If history and lists have another number of rows, or history and model another number of items.
    """
    expected = (len(lists.items), len(model.item_factors))
    if history.shape != expected:
        raise ModelError(f"anchors: history has shape {history.shape}, lists and model ask for {expected}")
    unit = _unit_rows(model.item_factors)
    anchors = np.full(lists.items.shape, NO_ITEM, dtype=np.int32)
    for user, listed in enumerate(lists.items):
        row = slice(history.indptr[user], history.indptr[user + 1])
        had = history.indices[row]
        if len(had):
            anchors[user] = _anchors_of(unit, had, history.data[row], listed)
    return anchors


def _anchors_of(
    unit: npt.NDArray[np.float32],
    had: npt.NDArray[np.int32],
    weights: npt.NDArray[np.float32],
    listed: npt.NDArray[np.int32],
) -> npt.NDArray[np.int32]:
    by_position = np.argsort(had)
    had, weights = had[by_position], weights[by_position]
    # Rounded, so that the last bit of a dot product does not choose between two equals.
    support = np.round(unit[listed] @ unit[had].T * weights, 6)
    support[listed[:, None] == had] = 0
    best = support.argmax(axis=1)
    speaks = (support[np.arange(len(listed)), best] > 0) & (listed != NO_ITEM)
    return np.where(speaks, had[best], NO_ITEM).astype(np.int32)


def _unit_rows(factors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    lengths = np.linalg.norm(factors, axis=1, keepdims=True)
    return np.asarray(factors / np.where(lengths == 0, 1, lengths), dtype=np.float32)
