"""What the page says of larger apps: a plan for 1, 10 and 100 million users, and what it takes for granted."""

import textwrap
from collections.abc import Mapping
from typing import Any

from tests.bench.night_growth import DOUBLING, Growth, Speed, growths
from tests.bench.night_needs import ASKED, CORES, GIB, HOURS, ROOM, Plan, plan_of
from tests.bench.night_page import NAMES, SETTINGS, scales_of

LIMIT_SECONDS, LIMIT_GIB = 3600.0, 20e9 / 2**30
"""What a night of a million users may take."""

HEADS = ("users", "apps", "users of each", f"machines of {CORES} cores and {GIB} GiB", "hours of the night",
         "of them in one process", "what an app meets first", "to turn for it", "Redis in all")  # fmt: skip


def needs_section(results: Mapping[str, Any]) -> list[str]:
    """What 1, 10 and 100 million users need, from how the stages grew."""
    found = growths(results)
    if not found:
        return ["Two scales have to be measured first."]
    return [
        f"| {' | '.join(HEADS)} |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | --- | --- | ---: |",
        *(_row(users, plan_of(results, users)) for users in ASKED),
        "",
        *_assumptions(results),
        "",
        *_limits(found),
    ]


def _row(users: int, plan: Plan | None) -> str:
    if plan is None:
        return f"| {users:,} | none: what a stage costs without any users is too much | | | | | | | |"
    what, stage = plan.app.limit
    taken = f"{plan.app.gib[stage]:,.0f} GiB" if what == "memory" else f"{plan.app.seconds[stage] / 3600:,.1f} hours"
    redis = "not measured" if plan.redis_gib is None else f"{plan.redis_gib:,.0f} GiB"
    cells = (
        f"{users:,}", f"{plan.apps:,}", f"{plan.app.users:,}", f"{plan.machines:,}", f"{plan.app.hours:,.1f}",
        f"{plan.app.alone_hours:,.1f}", f"{what}: `{stage}`, {taken}", SETTINGS[stage], redis,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _assumptions(results: Mapping[str, Any]) -> list[str]:
    """What the plan takes for granted, a point each."""
    scales = scales_of(results)
    two, largest = " and ".join(NAMES[scale] for scale in scales[-2:]), NAMES[scales[-1]]
    points = (
        f"**A line.** From the nights of {two} users: each stage costs a fixed part and a part for each user. Beyond"
        f" {largest} users of one app this is extrapolated, not measured, and no night was run on such machines.",
        f"**A night** has {HOURS} hours (`schedule.alert_after_minutes`) and runs its stages one after the other. A"
        f" stage takes at most {ROOM:.0%} of a machine's memory: the rest is for the system and for what a line does"
        " not tell.",
        "**Apps.** What one process cannot do in that is divided into apps, by country for instance: each has a lake,"
        " models, a store and machines of its own, and they run side by side. Of the plans with the fewest machines"
        " it is the one with the fewest apps, since models learn from all users of theirs.",
        "**Cores.** A stage of one process is no faster on more cores than on the two that were measured. The others"
        " use all cores of the app's machines (`spark.master`; `recommender.engine`, `predictions.engine` and"
        " `online.engine: spark`). A driver is on the first of them: while it works alone, workers wait. The memory"
        " of shared stages is taken to be what one process on two cores held for a machine's share of the users.",
        _speed(Speed.of(results)),
        _redis(results),
    )
    return [line for point in points for line in _wrapped(f"- {point}")]


def _speed(speed: Speed) -> str:
    taken = (
        f"twice the cores are taken to be {2 * speed.doubling:.1f} times as fast, a little less than two of Spark's"
        " workers are beside one in [serving](#serving)"
    )
    so = f"so that {CORES} cores are {speed.times(CORES):.1f} times as fast as one process on two. What a stage costs"
    if not speed.second:
        return f"**Workers** were not measured in a night: {taken}, {so} without users stays."
    doubled = "each further doubling is taken to bring as much"
    if speed.doubling == DOUBLING:
        doubled = (
            f"the second had no core of its own beside the driver, so that of more machines it says nothing: {taken}"
        )
    return (
        f"**Workers**, as measured above: two are {speed.second:.2f} times as fast as one, and are reckoned to"
        f" take {speed.cost:.2f} times what one process takes on two cores; {doubled}, {so} without users stays; it"
        " is in the measured times too, which makes workers look slower than they are with more users. The second"
        f" worker took {speed.worker_gib:.1f} GiB, so that {CORES} take {CORES * speed.worker_gib:.0f} GiB of a"
        " machine."
    )


def _redis(results: Mapping[str, Any]) -> str:
    each, users = results.get("night_redis_bytes_per_user"), results.get("night_redis_users")
    if each is None:
        return "**Redis** was not measured (part `redis`)."
    return (
        f"**Redis** takes {each:,.0f} bytes a user, measured with {users:,} who were all active. Its servers, one"
        " for each app, are beside these machines. Copies for safety are not counted, nor what a server needs"
        " while it saves to a disk; seconds of `publish` are those into SQLite."
        " `activity.days` and `lists.online_items` make it smaller."
    )


def _limits(found: Mapping[str, Growth]) -> list[str]:
    """How far one process goes, and which stage ends it."""
    fixed, each = (sum(getattr(one, name) for one in found.values()) for name in ("seconds", "seconds_per_million"))
    in_time = (LIMIT_SECONDS - fixed) / each if each else float("inf")
    rooms = {
        stage: (LIMIT_GIB - one.gib) / one.gib_per_million for stage, one in found.items() if one.gib_per_million
    }
    first = min(rooms, key=lambda stage: rooms[stage], default="")
    text = (
        f"By the same line a night on two cores, one process a stage, takes an hour for {in_time:.1f} million users."
    )
    if first:
        text += f" For {rooms[first]:.1f} million `{first}` is the first to need {LIMIT_GIB:.1f} GiB."
    return _wrapped(text)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, 118, subsequent_indent="  " * text.startswith("- "), break_long_words=False, break_on_hyphens=False
    )
