"""What every recommender has in common: it answers histories with candidates, and lives in a folder.

A recommender keeps its knowledge in arrays over items and in trees; it holds nothing about any user, whose history
comes with each call. Lists of every surface are cut from its candidates elsewhere.
"""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from jobs.core.errors import ModelError
from jobs.datasets.history import History, Ids
from jobs.models.candidates import Candidates
from jobs.models.lists import Mask
from jobs.models.storage import read_description, write_description


class Recommender(ABC):
    """Gives each user some items with scores.

    Attributes
    ----------
    name
        Its kind: the key in the registry, and the stem of its content name.
    """

    name: ClassVar[str]

    @property
    @abstractmethod
    def params(self) -> dict[str, Any]:
        """All settings that shaped it, as JSON has them: what a log or a content hash names."""

    @property
    @abstractmethod
    def items(self) -> Ids:
        """Shape (n_items,): the items it knows, ascending."""

    @property
    @abstractmethod
    def reasons(self) -> dict[str, str]:
        """Code of the reason that items of each candidate source are shown with, by the source's name."""

    def candidates(self, history: History, available: Mask | None = None) -> Candidates:
        """Items for each user of a history.

        Parameters
        ----------
        history
            Of any users, over the recommender's own items, up to the end of the cut that it was fitted to.
        available
            Shape (n_items,), bool: False for an item that nobody gets. By default all may be had.

        Raises
        ------
        ModelError
            If it is not fitted, the history is over other items, or the mask has another length.
        """
        if not np.array_equal(history.items, self.items):
            raise ModelError(
                f"recommender '{self.name}' knows {len(self.items)} items, the history is over {len(history.items)}; "
                "align it with History.aligned_to(recommender.items)"
            )
        if available is None:
            available = np.ones(len(self.items), dtype=np.bool_)
        if available.shape != self.items.shape:
            raise ModelError(
                f"recommender '{self.name}' knows {len(self.items)} items, `available` has shape {available.shape}; "
                "give one value per item of recommender.items"
            )
        return self._candidates(history, available)

    def save(self, folder: Path) -> None:
        """Write it into a folder; the same recommender gives the same content, and no pickle."""
        folder.mkdir(parents=True, exist_ok=True)
        write_description(folder, {"model": self.name, "params": self.params})
        self._save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        ModelError
            If a file is missing or unreadable, or the folder holds another kind or format.
        """
        description = read_description(folder)
        if description["model"] != cls.name:
            raise ModelError(f"{folder} holds a recommender '{description['model']}', not '{cls.name}'")
        return cls._load(folder, description["params"])

    @abstractmethod
    def _candidates(self, history: History, available: Mask) -> Candidates:
        """Rows in the order user, item; arguments are checked."""

    @abstractmethod
    def _save(self, folder: Path) -> None:
        """Write all but the description."""

    @classmethod
    @abstractmethod
    def _load(cls, folder: Path, params: dict[str, Any]) -> Self:
        """Read all but the description."""
