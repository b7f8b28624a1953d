"""What each stage reads and writes, in the order of the alphabet; the order of a night is in `dags/`.

The catalog is light: a stage whose outputs are unchanged ends here, before its module is imported.
"""

from dataclasses import replace
from datetime import date, timedelta

from jobs.core.errors import UsageError
from jobs.core.night import Night
from jobs.datasets import predictions, recommender_training
from jobs.features import item_popularity, user_activity
from jobs.features.serving import SERVING_VIEWS
from jobs.stages.reads import Read, at_rest, on, resting, run_date, today, windows, yesterday
from jobs.stages.stage import Stage

_FEATURE_VIEWS = ("user_activity", "item_popularity", "user_item_affinity", "user_category_affinity")
_STATES = ("user_state", "item_state", "user_item_state", "user_habits_state", "context_item_state")
_RESTS = ("user_rest", "item_rest", "user_item_rest", "user_habits_rest", "context_item_rest")
_STATES_OF_LOG = ("user_status", "open_visits", "identities", "item_profiles", "user_profiles")
_SERVING_VIEWS = tuple(SERVING_VIEWS)
_PROFILES = ("user_segments", "segments", "user_stages", "send_times", "next_interests")


def _refundable(night: Night) -> list[date]:
    """Days before the night whose purchases a refund may take back."""
    return [night.first - timedelta(days) for days in range(night.settings.clean.refund_days, 0, -1)]


def _arrived_before(night: Night) -> list[date]:
    """Days before the night on which an event may have arrived that comes late, and again, within it."""
    return [night.first - timedelta(days) for days in range(night.settings.max_late_days, 0, -1)]


def _of_histories(table: str) -> Read:
    """The days that a recommender's histories reach back; those that have left the lake are passed over."""
    days = on(table, lambda night: recommender_training.history_days(night.settings, night.run_date))
    return replace(days, optional=True)


def _of_last_history(table: str) -> Read:
    """The days of the history that ends with the run date."""

    def dates(night: Night) -> list[date]:
        days = night.settings.recommender.history_days
        return [night.run_date - timedelta(n) for n in range(days - 1, -1, -1)]

    return replace(on(table, dates), optional=True)


def _at_cuts(table: str) -> Read:
    """The run date, and the last days of the histories before the label windows."""

    def dates(night: Night) -> list[date]:
        return sorted({night.run_date, *recommender_training.label_cuts(night.settings, night.run_date)})

    return replace(on(table, dates), optional=True)


def _on_open_days(table: str) -> Read:
    """The run date's partition; on a closed day nothing new is made, so nothing is read."""
    return on(table, lambda night: [] if night.is_closed else [night.run_date])


STAGES: dict[str, Stage] = {
    stage.name: stage
    for stage in (
        Stage(
            name="build_features",
            doc="Roll the state forward by a day and derive the feature views from it.",
            reads=(
                windows("user_daily", user_activity.ROLLING.window_lengths),
                windows("item_daily", item_popularity.ROLLING.window_lengths),
                today("user_item_daily"),
                today("user_habits_daily"),
                today("context_item_daily"),
                today("item_profiles"),
                *(yesterday(state) for state in _STATES),
                *(at_rest(rest) for rest in _RESTS),
            ),
            writes=(*_STATES, *_RESTS, *_FEATURE_VIEWS),
            settings=(
                "features",
                "events",
                "retention.pair_state_days",
                "retention.rest_merge_days",
                "activity.days",
                "churn.at_risk_days",
                "lists.available_days",
                "schedule.time_zone",
                "schedule.first_day",
            ),
            ranged=True,
            on_closed_days=True,
        ),
        Stage(
            name="check_online",
            doc="Read a sample back from the online store and compare it with the lake.",
            reads=tuple(run_date(table) for table in (*_FEATURE_VIEWS, *_SERVING_VIEWS, "published")),
            writes=(),
            settings=("online",),
            always=True,
        ),
        Stage(
            name="clean_events",
            doc="Map raw rows to events and profiles; quarantine or count what is none; aggregate the day.",
            reads=(
                today("raw_files"),
                today("raw_events"),
                on("purchases", _refundable),
                on("events", _arrived_before),
                *(yesterday(state) for state in _STATES_OF_LOG),
            ),
            writes=(
                "events",
                "quarantine",
                "ledger",
                "sessions",
                "purchases",
                "refunds",
                *_STATES_OF_LOG,
                "user_daily",
                "item_daily",
                "user_item_daily",
                "context_item_daily",
                "user_habits_daily",
            ),
            settings=(
                "log_meaning",
                "events",
                "predictions.conversion.goal",
                "clean",
                "checks",
                "activity.days",
                "schedule.time_zone",
                "schedule.first_day",
            ),
            ranged=True,
            on_closed_days=True,
        ),
        Stage(
            name="ingest_events",
            doc="Read the day's log files, untouched, into the lake.",
            reads=(yesterday("log_columns", optional=True),),
            writes=("raw_files", "raw_events", "log_columns"),
            settings=("log_reading", "schedule.time_zone", "schedule.first_day"),
            ranged=True,
            on_closed_days=True,
            reads_log=True,
        ),
        Stage(
            name="profile_users",
            doc="Say of users their group and stage, the best hour to reach them, and their next categories.",
            reads=(
                *map(_on_open_days, ("user_activity", "user_habits_state", "user_item_state", "user_status")),
                replace(_on_open_days("item_profiles"), optional=True),
                yesterday("segments", optional=True),
                yesterday("user_segments", optional=True),
            ),
            writes=_PROFILES,
            settings=("profiles", "activity", "features.affinity_half_life_days", "schedule.time_zone"),
            on_closed_days=True,
        ),
        Stage(
            name="promote_models",
            doc="Let the gate decide which models serve, and write it into `champions`.",
            reads=(
                _on_open_days("recommender_challenger"),
                _on_open_days("prediction_challengers"),
                yesterday("champions"),
            ),
            writes=("champions",),
            settings=("recommender.gate", "churn.gate", "predictions"),
            on_closed_days=True,
        ),
        Stage(
            name="publish",
            doc="Put the night's views, lists and predictions into the online store as one generation.",
            reads=(
                resting("user_rest"),
                *map(
                    _on_open_days,
                    (*_FEATURE_VIEWS, "recommendations", "predictions", *_PROFILES, "user_status", "item_profiles"),
                ),
            ),
            writes=(*_SERVING_VIEWS, "published"),
            settings=("online", "lists", "activity", "schedule.time_zone"),
            on_closed_days=True,
            always=True,
        ),
        Stage(
            name="recommend",
            doc="Make the lists of every surface and of every rung of the ladder with the champion.",
            reads=(
                *map(_of_last_history, ("user_item_daily", "item_daily")),
                replace(run_date("item_profiles"), optional=True),
                *map(
                    run_date,
                    ("champions", "context_item_state", "item_popularity", "user_activity", "user_status"),
                ),
            ),
            writes=("recommendations",),
            settings=("lists", "activity", "features", "recommender"),
        ),
        Stage(
            name="report",
            doc="Put the night on one page, with its Data Docs.",
            reads=(run_date("ledger"), run_date("champions")),
            writes=(),
            settings=(),
            on_closed_days=True,
            always=True,
        ),
        Stage(
            name="score_users",
            doc="Predict for every active user with the champions.",
            reads=(run_date("champions"), run_date("user_activity"), run_date("user_status")),
            writes=("predictions",),
            settings=("activity", "churn", "predictions", "tracking"),
        ),
        Stage(
            name="train_predictions",
            doc="Train a challenger of every prediction, judge it on the latest closed label window, register it.",
            reads=(
                on("user_activity", lambda night: predictions.all_cuts(night.settings, night.run_date)),
                on("user_daily", lambda night: predictions.label_days(night.settings, night.run_date)),
                run_date("user_status"),
                yesterday("champions"),
            ),
            writes=("prediction_training", "prediction_challengers"),
            settings=(
                "churn",
                "predictions",
                "events",
                "activity",
                "max_late_days",
                "schedule.first_day",
                "tracking",
            ),
        ),
        Stage(
            name="train_recommender",
            doc="Train the two stages and every source, judge them on the days after a cut, register the better one.",
            reads=(
                *map(_of_histories, ("user_item_daily", "item_daily")),
                *map(_at_cuts, ("item_profiles", "user_activity")),
                run_date("user_status"),
                yesterday("champions"),
            ),
            writes=("recommender_training", "recommender_challenger"),
            settings=("recommender", "lists", "max_late_days", "schedule.first_day", "tracking"),
        ),
        Stage(
            name="withdraw",
            doc="After a failed night: let today's opt-outs, deletions and delistings leave what is still served.",
            reads=(),
            writes=(),
            settings=("online", "lists.blocked"),
            on_closed_days=True,
            always=True,
        ),
    )
}


def stage_named(name: str) -> Stage:
    """The stage of that name.

    Raises
    ------
    UsageError
        If there is none.
    """
    try:
        return STAGES[name]
    except KeyError:
        raise UsageError(f"no stage {name!r}; there is: {', '.join(sorted(STAGES))}") from None


def writer_of(table: str) -> str:
    """Name of the stage that writes a table."""
    return next(stage.name for stage in STAGES.values() if table in stage.writes)
