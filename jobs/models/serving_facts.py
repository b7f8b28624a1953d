"""What a served recommender needs to know besides the model: it lies in a folder within the model's own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from jobs.core.errors import ModelError
from jobs.datasets.history import Goal
from jobs.models.lists import Mask
from jobs.models.storage import read_arrays, read_description, write_arrays, write_description

FOLDER = "serving"


@dataclass(frozen=True)
class ServingFacts:
    """What the night knew of the items when it made the model.

    Attributes
    ----------
    goal
        What counts as reached in a history: as the model was trained.
    available
        Shape (n_items,), bool, over the items of the model: False for one that nobody gets.
    """

    goal: Goal
    available: Mask

    def save(self, folder: Path) -> None:
        """Write them beside a model that was saved into the folder; equal facts give the same bytes."""
        own = folder / FOLDER
        own.mkdir(parents=True, exist_ok=True)
        write_description(own, {"goal": self.goal})
        write_arrays(own, {"available": self.available})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        ModelError
            If a file is missing or unreadable.
        """
        told = read_description(folder / FOLDER)
        if told.get("goal") not in ("purchases", "wants"):
            raise ModelError(f"{folder / FOLDER} names the goal '{told.get('goal')}'; train the model again")
        return cls(told["goal"], read_arrays(folder / FOLDER)["available"])
