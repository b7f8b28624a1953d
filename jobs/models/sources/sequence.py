"""What follows what: items that users had, and those that they had next."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError
from jobs.datasets.history import History
from jobs.datasets.past import Past
from jobs.models.lists import Scores
from jobs.models.sources.item_trend import ItemTrend
from jobs.models.sources.limits import TINY, check_at_least
from jobs.models.sources.neighbours import neighbour_arrays, neighbours_from, neighbours_of_product
from jobs.models.sources.signal import Signal, checked_signal, signal_of
from jobs.models.sources.source import Params, Source
from jobs.models.sources.unit_lengths import unit_columns, unit_rows
from jobs.models.storage import Arrays

MICROSECONDS_A_DAY = 86_400_000_000


class Sequence(Source):
    """Score of an item: sum over what the user had of its decayed signal times how often the item follows it.

    A step is all that a user began at one moment; it is followed by the user's next steps, of the same visit or of
    later days, each counting less by the gap in time. What was before each step, decayed and brought to length 1, and
    the step itself are two columns for each item; how much one leads to another is their cosine: a chain of first
    order with skips (the transitions of Rendle et al., 2010, without the factors).

    Parameters
    ----------
    n_neighbours
        Followers kept for each item, at most.
    gap_half_life_days
        What lies so many days before a step counts half for it.
    history_half_life_days
        The same for what the user had, when it is scored.
    half_life_days
        After so many days a step counts half in counting what follows what.
    max_steps
        Steps before each step that are looked at, at most.
    trend_half_life_days, trend_base_half_life_days, trend_power
        Of the `ItemTrend` that scores are multiplied with; power 0 for none.
    signal
        ``goal`` or ``interest``; see `Signal`.
    """

    name = "sequence"
    reason = "because_you_had"

    neighbours: csr_matrix
    _trend_factor: Scores

    def __init__(
        self,
        n_neighbours: int = 200,
        gap_half_life_days: float = 30.0,
        history_half_life_days: float = 90.0,
        half_life_days: float = 120.0,
        max_steps: int = 5,
        trend_half_life_days: float = 15.0,
        trend_base_half_life_days: float = 120.0,
        trend_power: float = 1.0,
        signal: Signal = "goal",
    ) -> None:
        check_at_least(self.name, 1, n_neighbours=n_neighbours, max_steps=max_steps)
        check_at_least(self.name, TINY, gap_half_life_days=gap_half_life_days, half_life_days=half_life_days)
        check_at_least(self.name, TINY, history_half_life_days=history_half_life_days)
        self.n_neighbours = n_neighbours
        self.gap_half_life_days = gap_half_life_days
        self.history_half_life_days = history_half_life_days
        self.half_life_days = half_life_days
        self.max_steps = max_steps
        self.trend = ItemTrend(trend_half_life_days, trend_base_half_life_days, trend_power)
        self.trend.check(self.name)
        self.signal: Signal = checked_signal(self.name, signal)

    @property
    def params(self) -> Params:
        """Parameters of the constructor."""
        return {
            "n_neighbours": self.n_neighbours,
            "gap_half_life_days": self.gap_half_life_days,
            "history_half_life_days": self.history_half_life_days,
            "half_life_days": self.half_life_days,
            "max_steps": self.max_steps,
            "trend_half_life_days": self.trend.half_life_days,
            "trend_base_half_life_days": self.trend.base_half_life_days,
            "trend_power": self.trend.power,
            "signal": self.signal,
        }

    def _fit(self, past: Past) -> None:
        steps, user, day = _steps(past.history, self.signal)
        before = _links(user, day, self.gap_half_life_days, self.max_steps) @ steps
        if not before.nnz:
            raise ModelError(f"source 'sequence': no user had one item after another up to {past.history.cut}")
        newest = day.max(initial=0.0)
        weight = np.exp2(-(newest - day) / self.half_life_days)
        followed = unit_columns(unit_rows(before).multiply(weight[:, None]).tocsr())
        following = unit_columns(steps.multiply(weight[:, None]).tocsr())
        self.neighbours = neighbours_of_product(followed, following, self.n_neighbours)
        self._trend_factor = self.trend.of(past.history)

    def _score(self, history: History) -> Scores:
        had = history.matrix(signal_of(history, self.signal), self.history_half_life_days)
        return np.asarray((had @ self.neighbours).toarray() * self._trend_factor, dtype=np.float32)

    def _arrays(self) -> Arrays:
        return {"trend_factor": self._trend_factor, **neighbour_arrays(self.neighbours)}

    def _restore(self, arrays: Arrays) -> None:
        self._trend_factor = arrays["trend_factor"]
        self.neighbours = neighbours_from(arrays)


def _steps(history: History, signal: Signal) -> tuple[csr_matrix, npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """What users did, step by step.

    Returns
    -------
    tuple
        Steps x items, 1 where an item is in a step, over the root of the step's size; then the user and the day (with
        its fraction) of each step. Steps are in the order user, time.
    """
    speaks = signal_of(history, signal) > 0
    user, item, moment = history.user[speaks], history.item[speaks], history.moment[speaks]
    order = np.lexsort((item, moment, user))
    user, item, moment = user[order], item[order], moment[order]
    is_first = np.ones(len(user), dtype=np.bool_)
    is_first[1:] = (user[1:] != user[:-1]) | (moment[1:] != moment[:-1])
    step = np.cumsum(is_first) - 1
    size = np.bincount(step)
    steps = csr_matrix((1 / np.sqrt(size[step]), (step, item)), shape=(len(size), len(history.items)))
    return steps, user[is_first], moment[is_first] / MICROSECONDS_A_DAY


def _links(
    user: npt.NDArray[np.int32], day: npt.NDArray[np.float64], half_life_days: float, max_steps: int
) -> csr_matrix:
    """Shape (n_steps, n_steps): how much each earlier step of the same user counts for a step."""
    later, earlier, weight = [], [], []
    for lag in range(1, min(max_steps, len(user) - 1) + 1):
        at = np.flatnonzero(user[lag:] == user[:-lag]) + lag
        later.append(at)
        earlier.append(at - lag)
        weight.append(np.exp2(-(day[at] - day[at - lag]) / half_life_days))
    if not later:
        return csr_matrix((len(user), len(user)))
    return csr_matrix(
        (np.concatenate(weight), (np.concatenate(later), np.concatenate(earlier))), shape=(len(user), len(user))
    )
