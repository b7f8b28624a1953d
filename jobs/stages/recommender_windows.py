"""Pasts and label windows of a recommender, out of the lake: for a night's training and for `nightjar evaluate`."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.adapters.lake.days import manifests_between, read_days
from jobs.core.config.model import Settings
from jobs.core.daily_schemas import ITEM_DAILY, USER_ITEM_DAILY
from jobs.core.schemas import ITEM_PROFILES, USER_STATUS
from jobs.core.table import Table
from jobs.datasets.past import Past, Window
from jobs.datasets.recommender_rows import (
    ITEM_COLUMNS,
    PAIR_COLUMNS,
    PLACE_COLUMNS,
    PROFILE_COLUMNS,
    CutRows,
    DailyRows,
    PastRules,
)
from jobs.features import user_activity

log = logging.getLogger("nightjar")


@dataclass(frozen=True)
class RecommenderLog:
    """The daily rows of a span, read once; pasts and windows at any cut within it.

    Attributes
    ----------
    lake, settings
        Of the app.
    rows
        See `DailyRows`.
    """

    lake: Lake
    settings: Settings
    rows: DailyRows

    @classmethod
    def read(
        cls, lake: Lake, settings: Settings, first_cut: date, last_day: date, run_date: date
    ) -> "RecommenderLog":
        """Read all that cuts from the first one on need.

        Parameters
        ----------
        lake, settings
            Of the app.
        first_cut
            The earliest cut; its history begins `recommender.history_days` before.
        last_day
            The last partition that is read: the latest cut, or where the labels of the latest window have closed.
        run_date
            Users who had asked to be deleted by its end are left out.

        Raises
        ------
        MissingPartitionError
            If a partition is not there; those before the oldest one have left the lake, and are no error.
        """
        first = _history_start(settings, first_cut)
        deleted = _deleted(lake, run_date)
        pairs = _read_span(lake, USER_ITEM_DAILY, first, last_day, PAIR_COLUMNS)
        items = _read_span(lake, ITEM_DAILY, first, last_day, ITEM_COLUMNS)
        return cls(lake, settings, DailyRows.without(pairs, items, deleted))

    def to_learn_from(self) -> "RecommenderLog":
        """The same of the users that a night learns from: all, or of more than `recommender.max_users` some."""
        return replace(self, rows=self.rows.drawn(self.settings.recommender.max_users))

    def past(self, cut: date) -> Past:
        """Everything up to the end of a cut."""
        return self.rows.past(cut, self._known(cut), _rules(self.settings))

    def window(self, cut: date, horizon_days: int, newcomers: bool = False) -> Window:
        """A past and its labels; see `DailyRows.window`."""
        late = self.settings.max_late_days
        return self.rows.window(cut, horizon_days, late, self._known(cut), _rules(self.settings), newcomers)

    def _known(self, cut: date) -> CutRows:
        profiles = self.lake.manifest(ITEM_PROFILES.name, cut)
        activity = user_activity.SPEC.table
        places = self.lake.manifest(activity.name, cut)
        if places is None:
            log.warning("no %s of %s: countries and platforms of users are not known then", activity.name, cut)
        return CutRows(
            profiles=read_pandas(self.lake, ITEM_PROFILES, profiles, PROFILE_COLUMNS) if profiles else None,
            places=read_pandas(self.lake, activity, places, PLACE_COLUMNS) if places else _nowhere(),
        )


def read_past(lake: Lake, settings: Settings, cut: date) -> Past:
    """Everything up to the end of a cut, which is the run date, without users deleted by then."""
    return RecommenderLog.read(lake, settings, cut, cut, cut).past(cut)


def read_windows(
    lake: Lake, settings: Settings, cuts: Sequence[date], horizon_days: int, run_date: date
) -> tuple[Past, list[Window]]:
    """The past at the end of a run date, and windows at earlier cuts in their order, from one reading of the lake.

    Their users are those that a night learns from; see `RecommenderLog.to_learn_from`.

    Raises
    ------
    ValueError
        If the labels of a cut have not closed by the run date.
    """
    late = [cut for cut in cuts if labels_close(settings, cut, horizon_days) > run_date]
    if late:
        raise ValueError(f"labels of {horizon_days} days after {max(late)} have not closed by {run_date}")
    read = RecommenderLog.read(lake, settings, min([*cuts, run_date]), run_date, run_date).to_learn_from()
    return read.past(run_date), [read.window(cut, horizon_days) for cut in cuts]


def labels_close(settings: Settings, cut: date, horizon_days: int) -> date:
    """The run date by whose end everything of the label window has arrived."""
    return cut + timedelta(horizon_days + settings.max_late_days)


def _history_start(settings: Settings, cut: date) -> date:
    return max(settings.schedule.first_day, cut - timedelta(settings.recommender.history_days - 1))


def _rules(settings: Settings) -> PastRules:
    return PastRules(settings.recommender.goal, settings.recommender.history_days, settings.lists.available_days)


def _nowhere() -> pd.DataFrame:
    return pd.DataFrame(columns=list(PLACE_COLUMNS), dtype=object)


def _deleted(lake: Lake, run_date: date) -> frozenset[str]:
    manifest = lake.require(USER_STATUS.name, run_date, "clean_events")
    status = read_pandas(lake, USER_STATUS, manifest, ("user_id", "status"))
    return frozenset(status[status["status"] == "deleted"]["user_id"])


def _read_span(lake: Lake, table: Table, first: date, last: date, columns: tuple[str, ...]) -> pd.DataFrame:
    return read_days(lake, table, manifests_between(lake, table, first, last, "clean_events"), columns)
