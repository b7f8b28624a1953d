"""What every recommender has in common; a new one writes the hooks and nothing else.

`fit`, `recommend`, `save` and `load` check their arguments here, once. A model keeps its knowledge in
arrays over items and holds nothing about any user: histories come with each call.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError
from jobs.datasets.interactions import Ids, Interactions
from jobs.models.lists import NO_ITEM, Lists, Mask, Scores, top_k
from jobs.models.storage import Arrays, read_arrays, read_description, write_arrays, write_description

# Rows scored at once: 2048 users by 30,000 items take about 1 GB with their sort keys.
BATCH_USERS = 2048


class Recommender(ABC):
    """A model that ranks items for a user's history.

    Subclasses set ``name`` and write ``_fit``, ``_score``, ``_arrays`` and ``_restore``; the keyword
    arguments of their constructor are their parameters, returned by ``params``.

    Attributes
    ----------
    name
        Its key in the registry and the stem of its content name.
    needs_history
        Whether a user without any known item gets an empty list. A model that ranks all items the
        same for everybody says False.
    """

    name: ClassVar[str]
    needs_history: ClassVar[bool] = True

    _items: Ids | None = None

    @property
    @abstractmethod
    def params(self) -> dict[str, float | int | str]:
        """The constructor's keyword arguments: what a log or a content hash names."""

    @property
    def items(self) -> Ids:
        """Shape (n_items,): the items it knows, ascending; columns of histories and positions in lists."""
        if self._items is None:
            raise ModelError(f"model '{self.name}' is not fitted; call fit or load first")
        return self._items

    def fit(self, interactions: Interactions, popularity: Mapping[str, float] | None = None) -> Self:
        """Learn from what users have had.

        Parameters
        ----------
        interactions
            Training interactions, strictly before the label window.
        popularity
            Weight per item id from the item popularity table, for models that rank by it; the sum of
            each item's interactions where it is not given. Other models ignore it.

        Raises
        ------
        ModelError
            If there is no interaction, or too little for this model.
        """
        if interactions.weights.nnz == 0:
            raise ModelError(f"model '{self.name}' has no interactions to learn from; check the training set")
        self._fit(interactions, _popularity_of(interactions, popularity))
        self._items = interactions.items
        return self

    def recommend(
        self,
        history: csr_matrix,
        k: int,
        exclude: csr_matrix | None = None,
        available: Mask | None = None,
    ) -> Lists:
        """Rank items for each row of histories.

        Parameters
        ----------
        history
            Shape (n_users, n_items), float32, over ``items``: any users, seen in training or not.
        k
            Length of a list, at least 1.
        exclude
            Shape (n_users, n_items): items a user must not get, usually those already had.
        available
            Shape (n_items,), bool: False for an item that nobody gets.

        Returns
        -------
        Lists
            Shape (n_users, k), no item twice in a row, shorter lists padded with -1.

        Raises
        ------
        ModelError
            If the model is not fitted, k is below 1, or a shape is another one.
        """
        self._check(history, k, exclude, available)
        if history.shape[0] == 0:
            return Lists(np.empty((0, k), np.int32), np.empty((0, k), np.float32))
        starts = range(0, history.shape[0], BATCH_USERS)
        batches = [self._recommend(history, k, exclude, available, slice(s, s + BATCH_USERS)) for s in starts]
        return Lists(
            items=np.concatenate([batch.items for batch in batches]),
            scores=np.concatenate([batch.scores for batch in batches]),
        )

    def save(self, folder: Path) -> None:
        """Write ``model.json`` and ``arrays.npz``; the same model gives the same bytes."""
        arrays = {"items": self.items, **self._arrays()}
        folder.mkdir(parents=True, exist_ok=True)
        write_description(folder, {"model": self.name, "params": self.params})
        write_arrays(folder, arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        ModelError
            If a file is missing or unreadable, or the folder holds another model or format.
        """
        description = read_description(folder)
        if description["model"] != cls.name:
            raise ModelError(f"{folder} holds the model '{description['model']}', not '{cls.name}'")
        model = cls(**description["params"])
        arrays = read_arrays(folder)
        model._items = arrays.pop("items")
        model._restore(arrays)
        return model

    def _recommend(
        self, history: csr_matrix, k: int, exclude: csr_matrix | None, available: Mask | None, rows: slice
    ) -> Lists:
        batch = history[rows]
        lists = top_k(self._score(batch), k, None if exclude is None else exclude[rows], available)
        if self.needs_history:
            unknown = np.diff(batch.indptr) == 0
            lists.items[unknown] = NO_ITEM
            lists.scores[unknown] = 0
        return lists

    def _check(self, history: csr_matrix, k: int, exclude: csr_matrix | None, available: Mask | None) -> None:
        n_items = len(self.items)
        if k < 1:
            raise ModelError(f"model '{self.name}': k must be at least 1; got {k}")
        if history.shape[1] != n_items:
            raise ModelError(
                f"model '{self.name}': history has {history.shape[1]} columns, the model {n_items} items; "
                "align it with Interactions.aligned_to(model.items)"
            )
        if exclude is not None and exclude.shape != history.shape:
            raise ModelError(f"model '{self.name}': exclude has shape {exclude.shape}, history {history.shape}")
        if available is not None and (available.shape != (n_items,) or available.dtype != np.bool_):
            raise ModelError(
                f"model '{self.name}': available must be bool of shape ({n_items},); "
                f"got {available.dtype} of shape {available.shape}"
            )

    @abstractmethod
    def _fit(self, interactions: Interactions, popularity: Scores) -> None:
        """Learn. ``popularity`` has shape (n_items,) over ``interactions.items``."""

    @abstractmethod
    def _score(self, history: csr_matrix) -> Scores:
        """Shape (n, n_items), float32: higher is better, minus infinity for no candidate."""

    @abstractmethod
    def _arrays(self) -> Arrays:
        """What `_restore` needs besides params and items. Arrays of numbers or strings, none over users."""

    @abstractmethod
    def _restore(self, arrays: Arrays) -> None:
        """Take back what `_arrays` gave; ``items`` is already there."""


def _popularity_of(interactions: Interactions, given: Mapping[str, float] | None) -> Scores:
    if given is None:
        return np.asarray(interactions.weights.sum(axis=0), dtype=np.float32).ravel()
    return np.array([given.get(item, 0.0) for item in interactions.items.tolist()], dtype=np.float32)
