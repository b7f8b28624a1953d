"""Which of a user's events speak for an item, and how loudly."""

from typing import Literal, get_args

import numpy as np

from jobs.core.errors import ModelError
from jobs.datasets.history import History, Values

Signal = Literal["goal", "interest"]
"""`goal`: only reaching the goal. `interest`: every event with a positive weight, so that looking counts a little."""


def signal_of(history: History, signal: Signal) -> Values:
    """Shape (n_rows,), float32, 0 or more: how much each row of a history speaks for its item."""
    if signal == "goal":
        return history.goal
    return np.maximum(history.counts["weight"], np.float32(0))


def checked_signal(source: str, signal: Signal) -> Signal:
    """The signal, if it is one.

    Raises
    ------
    ModelError
        If there is no such signal.
    """
    if signal not in get_args(Signal):
        raise ModelError(f"source '{source}': signal must be one of {get_args(Signal)}; got '{signal}'")
    return signal
