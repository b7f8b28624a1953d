"""What every candidate source has in common; a new one writes the hooks and nothing else.

`fit`, `score`, `save` and `load` check their arguments here, once. A source keeps its knowledge in arrays over items
and holds nothing about any user: histories come with each call.
"""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from jobs.core.errors import ModelError
from jobs.datasets.history import History, Ids
from jobs.datasets.past import Past
from jobs.models.lists import Scores
from jobs.models.storage import Arrays, read_arrays, read_description, write_arrays, write_description

Params = dict[str, float | int | str]


class Source(ABC):
    """Says for each user how much speaks for each item.

    Subclasses set ``name`` and write ``params``, ``_fit``, ``_score``, ``_arrays`` and ``_restore``; the keyword
    arguments of their constructor are their parameters.

    Attributes
    ----------
    name
        Its key in the registry, and in configuration, lists and runs.
    needs_history
        Whether it says nothing of a user without any row in the history.
    reason
        Code of the reason that its items are shown with, where it is the one that speaks most for them.
    is_probability
        Whether its score is the probability that the user reaches the goal with the item within the horizon.
    fit_effort
        About how many tenths of a second a fit to some thousand users and items takes; says no more than which fits
        to begin first.
    """

    name: ClassVar[str]
    needs_history: ClassVar[bool] = True
    reason: ClassVar[str] = "like_your_taste"
    is_probability: ClassVar[bool] = False
    fit_effort: ClassVar[int] = 1

    _items: Ids | None = None

    @property
    @abstractmethod
    def params(self) -> Params:
        """The constructor's keyword arguments: what a log or a content hash names."""

    @property
    def items(self) -> Ids:
        """Shape (n_items,): the items it knows, ascending; columns of its scores."""
        if self._items is None:
            raise ModelError(f"source '{self.name}' is not fitted; call fit or load first")
        return self._items

    def fit(self, past: Past) -> Self:
        """Learn from everything up to the end of a cut.

        Raises
        ------
        ModelError
            If there is too little to learn from, or too much for this source. Such a source is left out of a night.
        """
        if not len(past.history.user):
            raise ModelError(f"source '{self.name}' has no history to learn from")
        self._fit(past)
        self._items = past.items
        return self

    def score(self, history: History) -> Scores:
        """How much speaks for each item, for each user of a history.

        Parameters
        ----------
        history
            Of any users, over the source's own items (`History.aligned_to`), up to the end of the same cut.

        Returns
        -------
        ndarray
            Shape (n_users, n_items), float32, finite: the higher the better, 0 or less where nothing speaks for the
            item. Scores of two sources are not comparable.

        Raises
        ------
        ModelError
            If the source is not fitted, the history is over other items, or scores have a wrong shape or are none.
        """
        if not np.array_equal(history.items, self.items):
            raise ModelError(
                f"source '{self.name}' knows {len(self.items)} items, the history is over {len(history.items)}; "
                "align it with History.aligned_to(source.items)"
            )
        scores = np.asarray(self._score(history), dtype=np.float32)
        if scores.shape != history.shape or not np.isfinite(scores).all():
            wrong = f"shape {scores.shape}" if scores.shape != history.shape else "scores that are not finite"
            raise ModelError(f"source '{self.name}' gave {wrong} for {history.shape} users, items; mend its _score")
        if self.needs_history:
            unknown = np.diff(history.indptr) == 0
            if unknown.any():
                scores = np.where(unknown[:, None], np.float32(0), scores)
        return scores

    def save(self, folder: Path) -> None:
        """Write ``model.json`` and ``arrays.npz``; the same source gives the same content."""
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
            If a file is missing or unreadable, or the folder holds another source or format.
        """
        description = read_description(folder)
        if description["model"] != cls.name:
            raise ModelError(f"{folder} holds '{description['model']}', not '{cls.name}'")
        source = cls(**description["params"])
        arrays = read_arrays(folder)
        source._items = arrays.pop("items")
        source._restore(arrays)
        return source

    @abstractmethod
    def _fit(self, past: Past) -> None:
        """Learn. All parts of ``past`` are over ``past.items``."""

    @abstractmethod
    def _score(self, history: History) -> Scores:
        """Shape (n_users, n_items), float32, finite."""

    @abstractmethod
    def _arrays(self) -> Arrays:
        """What `_restore` needs besides params and items. Arrays of numbers or strings, none over users."""

    @abstractmethod
    def _restore(self, arrays: Arrays) -> None:
        """Take back what `_arrays` gave; ``items`` is already there."""
