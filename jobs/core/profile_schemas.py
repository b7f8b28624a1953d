"""What a night says of users beside predictions: their group, stage, best hour and next categories."""

from jobs.core.table import Column, Table

SEGMENTS = Table(
    name="segments",
    doc="One row per group of behaviour as learned on D, or on the last day on which enough users were there.",
    kind="model",
    grain=("segment",),
    columns=(
        Column("segment", "string", "id: s1, s2, ...; a group keeps it from night to night, and none is given twice"),
        Column("title", "string", "what sets the group apart, in a few words"),
        Column("traits", "array<string>", "the same, one by one, most telling first"),
        Column("n_users", "long", "active users in it"),
        Column("share", "double", "of all users in a group, four decimals"),
        Column("kept_share", "double", "of yesterday's users in it who still are; 1 for a new group"),
        Column("drift", "double", "root mean square move of its centre since yesterday, in deviations between users"),
        Column("moved_share", "double", "of users with a group on both days: those in another one; same in all rows"),
        Column("is_new", "boolean", "whether no group of yesterday became it"),
        Column("n_named", "long", "ids given so far; same in all rows"),
        Column("habits", "array<string>", "names of the numbers of the centre"),
        Column("centre", "array<double>", "mean of each habit, in deviations from that of all users; parallel"),
    ),
    owner="data-science",
)

USER_SEGMENTS = Table(
    name="user_segments",
    doc="One row per active user: the group of behaviour. Copied on closed days, and where too few are there.",
    kind="output",
    grain=("user_id",),
    columns=(
        Column("user_id", "string", "user"),
        Column("segment", "string", "id in `segments`"),
        Column("certainty", "double", "probability of that group, in (0, 1], four decimals"),
        Column("previous", "string", "id of yesterday's group; empty where the user had none"),
        Column("n_visits", "long", "hours with a visit, all time: what the habits rest on"),
    ),
    owner="data-science",
)

USER_STAGES = Table(
    name="user_stages",
    doc="One row per known user who is not at rest: the stage by the rules of profiles.stages.",
    kind="output",
    grain=("user_id",),
    columns=(
        Column("user_id", "string", "user"),
        Column("stage", "string", "new, activating, regular, power, slipping or lost"),
        Column("rule", "long", "number of the rule that held, from 1"),
    ),
    owner="data-science",
)

SEND_TIMES = Table(
    name="send_times",
    doc="One row per active user: the best hour of the week for a notification, by the user's own clock.",
    kind="output",
    grain=("user_id",),
    columns=(
        Column("user_id", "string", "user"),
        Column("weekday", "long", "0 is Monday"),
        Column("hour", "long", "0 to 23"),
        Column("time_zone", "string", "IANA zone of weekday and hour"),
        Column("expected_gain", "double", "opens there over opens at a random hour, less 1; four decimals"),
        Column("based_on", "string", "own, segment or everybody: what weighs most in it"),
        Column("n_visits", "long", "hours with a visit, all time"),
        Column("n_opened", "long", "hours with a notification opened, all time"),
    ),
    owner="data-science",
)

NEXT_INTERESTS = Table(
    name="next_interests",
    doc="One row per active user: categories that will be touched next, most likely first. None without a catalogue.",
    kind="output",
    grain=("user_id",),
    columns=(
        Column("user_id", "string", "user"),
        Column("categories", "array<string>", "at most profiles.next_interest.categories"),
        Column("shares", "array<double>", "expected share of the next touches, six decimals; parallel"),
        Column("based_on", "string", "own, segment or everybody: what weighs most in it"),
    ),
    owner="data-science",
)

PROFILE_TABLES = (SEGMENTS, USER_SEGMENTS, USER_STAGES, SEND_TIMES, NEXT_INTERESTS)
