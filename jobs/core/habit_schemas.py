"""When a user comes by the own clock, which messages were opened, how far the funnel was gone: daily, and rolled."""

from dataclasses import replace

from jobs.core.table import Column, Table

_FUNNEL = (
    Column("n_shown", "long", "events of a type in events.funnel.shown"),
    Column("n_opened", "long", "events of a type in events.funnel.opened"),
    Column("n_wanted", "long", "events of a type in events.funnel.wanted"),
    Column("n_bought", "long", "purchases; refunds and cancellations do not count"),
)

USER_HABITS_DAILY = Table(
    name="user_habits_daily",
    doc="One row per user and day of the user's own time zone, over the events that arrived on D.",
    kind="aggregate",
    grain=("user_id", "local_day"),
    columns=(
        Column("user_id", "string", "user"),
        Column("local_day", "date", "day of the events in the user's own time zone"),
        Column("visit_hours", "array<long>", "by own hour, 24 of 1 or 0: whether the user was there in it"),
        Column("sent_hours", "array<long>", "by own hour, 24 of 1 or 0: whether a notification was sent in it"),
        Column("opened_hours", "array<long>", "by own hour, 24 of 1 or 0: whether a notification was opened in it"),
        *_FUNNEL,
        Column("time_zone", "string", "IANA zone of the day's last event that had one", nullable=True),
    ),
)

USER_HABITS_STATE = Table(
    name="user_habits_state",
    doc="One row per known user with an arrival of late, as of the end of D; the others are in `user_habits_rest`.",
    kind="state",
    grain=("user_id",),
    columns=(
        Column("user_id", "string", "user"),
        Column("visit_hours", "array<long>", "hours with a visit by own hour, 24 counts, all time"),
        Column("weekdays", "array<long>", "hours with a visit by own weekday, 7 counts from Monday on, all time"),
        Column("sent_hours", "array<long>", "hours with a notification sent by own hour, 24 counts, all time"),
        Column("opened_hours", "array<long>", "hours with a notification opened by own hour, 24 counts, all time"),
        *(replace(column, doc=f"{column.doc}; all time") for column in _FUNNEL),
        Column("visits", "double", "hours with a visit, decayed with features.user_half_life_days, as of visits_day"),
        Column("visits_day", "date", "last day on which anything arrived; visits is as of it"),
        Column("time_zone", "string", "IANA zone last seen", nullable=True),
    ),
    state_version=1,
    shaped_by=(
        "features.user_half_life_days",
        "events.intent",
        "events.exposure",
        "events.funnel",
        "schedule.time_zone",
        "activity.days",
        "churn.at_risk_days",
    ),
)

USER_HABITS_REST = replace(
    USER_HABITS_STATE,
    name="user_habits_rest",
    doc="One row per user whose rest begins on D, on a merge day per user at rest; see features/rest.py.",
    shaped_by=(*USER_HABITS_STATE.shaped_by, "schedule.first_day", "retention.rest_merge_days"),
)
