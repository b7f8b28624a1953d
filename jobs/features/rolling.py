"""Rolling state: yesterday's state, what arrived since, and what leaves its windows.

One night and a back-fill end in the same rows. A night applies one step to every key; a back-fill puts a key's
changes (arrivals, and what leaves a window some days later) in the order of their days and folds them with the
same step; between two changes a state stays as it is. Sums are integers or decimals and decayed values are
rounded at each step. A key without an arrival for long leaves the state for its rest table, see `rest.py`.

The expressions are SQL text: built as column objects they would cost thousands of calls into Java.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from pyspark.sql import DataFrame

from jobs.features import changes, fold
from jobs.features.measures import Step, Window
from jobs.features.rest import RestRule
from jobs.features.rolling_state import RollingState


@dataclass(frozen=True)
class Roll:
    """One state rolled over a range of days.

    Attributes
    ----------
    state
        What to roll.
    before
        The state's columns, keys at work at the end of the day before `first`; empty before the first data.
    rested
        The rest table's columns, of the partitions that `MergeDays.to_look_up` names for `first`; a key may stand
        there more than once, and may have returned since.
    daily
        One or more rows per key and `run_date` (day of arrival) with what the measures read, for the days of the
        range and for those before it that leave a window within it; other days do not count.
    first, last
        Both included.
    half_lives
        Days, by dotted name of the setting.
    rest
        When a key rests.
    """

    state: RollingState
    before: DataFrame
    rested: DataFrame
    daily: DataFrame
    first: date
    last: date
    half_lives: Mapping[str, int]
    rest: RestRule

    def at_work(self, keep_from: date | None = None) -> DataFrame:
        """The state at the end of every day, from `keep_from` on.

        Returns
        -------
        DataFrame
            One row per key at work and `run_date`: the table's columns and `run_date`.
        """
        if self._is_night:
            return self._tonight(self._merges_tonight(False)).filter(f"{self._rests_for} < {self.rest.days}")
        return fold.at_work(self.state, self._folded, self.rest, self.last, keep_from or self.first)

    def at_rest(self, keep_from: date | None = None) -> DataFrame:
        """The rest table of every day, from `keep_from` on.

        Returns
        -------
        DataFrame
            One row per key whose rest begins on `run_date`, and on a merge day one per key that rests then: the
            table's columns and `run_date`.
        """
        if not self._is_night:
            return fold.at_rest(self.state, self._folded, self.rest, self.last, keep_from or self.first)
        if self._has_merge:
            return self._tonight(self._merges_tonight(True)).filter(f"{self._rests_for} >= {self.rest.days}")
        return self._resting_from_tonight()

    @property
    def _is_night(self) -> bool:
        return self.first == self.last

    @property
    def _has_merge(self) -> bool:
        return self.rest.merges.within(self.first, self.last)

    @property
    def _rests_for(self) -> str:
        """SQL for the days since the last arrival."""
        return f"datediff(run_date, {self.state.as_of})"

    def _merges_tonight(self, all_rested: bool) -> DataFrame:
        """One row per key: the state before as `s_<column>`, the change as `c_<field>`; either may be null."""
        changed = changes.of_night(self.state, self.daily, self.first)
        rested = self._rested_by_key(all_rested)
        grain = list(self.state.table.grain)
        woken = changed.join(rested, on=grain, how="full_outer" if all_rested else "left")
        before = self.before.selectExpr(*grain, *(f"{name} AS s_{name}" for name in self.state.columns))
        return woken.join(before, on=grain, how="full_outer")

    def _rested_by_key(self, all_rested: bool) -> DataFrame:
        """One row per key that rested: its newest columns as `rested`; by default only keys that return."""
        grain = self.state.table.grain
        rows = self.rested
        if not all_rested:
            arriving = self.daily.filter(f"run_date BETWEEN DATE'{self.first}' AND DATE'{self.last}'").select(*grain)
            rows = rows.join(arriving, on=list(grain), how="left_semi")
        return fold.newest(self.state, rows)

    def _tonight(self, joined: DataFrame) -> DataFrame:
        """One row per key: the state after tonight's change."""
        is_rested = f"s_{self.state.as_of} IS NULL"
        start = joined.selectExpr(
            *self.state.table.grain,
            *(f"IF({is_rested}, rested.{name}, s_{name}) AS s_{name}" for name in self.state.columns),
            *(f"c_{name}" for name in changes.field_names(self.state)),
        )
        at = Step("s_", "c_", f"DATE'{self.last}'", self.half_lives)
        return start.selectExpr(
            f"DATE'{self.last}' AS run_date", *self.state.table.grain, *fold.columns_after(self.state, at)
        )

    def _resting_from_tonight(self) -> DataFrame:
        """Keys whose last arrival is just old enough, and that did not return: their windows are empty now."""
        grain = list(self.state.table.grain)
        since = self.last - timedelta(self.rest.days)
        arriving = self.daily.filter(f"run_date = DATE'{self.last}'").select(*grain)
        due = self.before.filter(f"{self.state.as_of} = DATE'{since}'").join(arriving, on=grain, how="left_anti")
        empty = {measure.column for measure in self.state.measures if isinstance(measure, Window)}
        types = fold.column_types(self.state)
        columns = (f"CAST(0 AS {types[name]}) AS {name}" if name in empty else name for name in self.state.columns)
        return due.selectExpr(f"DATE'{self.last}' AS run_date", *grain, *columns)

    @cached_property
    def _folded(self) -> DataFrame:
        """One row per key: its states; kept, since two tables are spread from it."""
        changed = changes.of_range(self.state, self.daily, self.first, self.last)
        rested = self._rested_by_key(self._has_merge)
        grain = list(self.state.table.grain)
        woken = changed.join(rested, on=grain, how="full_outer" if self._has_merge else "left")
        before = self.before.selectExpr(*grain, f"struct({', '.join(self.state.columns)}) AS before")
        joined = woken.join(before, on=grain, how="full_outer")
        return fold.fold(self.state, joined, self.half_lives, self.first).persist()
