"""Habits of users, rolled: hours by the own clock, messages opened, the funnel. No feature view; profiles read it."""

from jobs.core.habit_schemas import USER_HABITS_REST, USER_HABITS_STATE
from jobs.features.measures import Decayed, Histogram, Latest, Total
from jobs.features.rolling_state import RollingState

HOURS = 24

_N_VISITS = "aggregate(visit_hours, 0L, (total, one) -> total + one)"
# weekday() is 0 on Monday.
_WEEKDAYS = f"array({', '.join(f'IF(weekday(local_day) = {day}, {_N_VISITS}, 0L)' for day in range(7))})"

ROLLING = RollingState(
    table=USER_HABITS_STATE,
    rest_table=USER_HABITS_REST,
    measures=(
        Histogram("visit_hours", of="visit_hours", size=HOURS),
        Histogram("weekdays", of=_WEEKDAYS, size=7),
        Histogram("sent_hours", of="sent_hours", size=HOURS),
        Histogram("opened_hours", of="opened_hours", size=HOURS),
        Total("n_shown"),
        Total("n_opened"),
        Total("n_wanted"),
        Total("n_bought"),
        Decayed("visits", of=_N_VISITS, as_of="visits_day", half_life="features.user_half_life_days"),
        Latest("time_zone", order=("local_day",)),
    ),
    # As long as a user has a row of user_activity, there are habits beside it.
    rest_after=("activity.days", "churn.at_risk_days"),
)
