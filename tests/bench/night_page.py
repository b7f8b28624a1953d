"""What the page says of nights besides their table: stages by scale, a picture of them, and what larger apps need."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jobs.core.config.load import project_folder
from tests.bench.night_needs import ASKED, CORES, GIB, HOURS, SCALES, Growth, Needs, growths, needs_of
from tests.bench.night_whole import STAGES_OF_NIGHT

NAMES = {"10k": "10 thousand", "100k": "100 thousand", "1m": "1 million"}
COLOURS = ("#9a9a9a", "#31688e", "#35b779")
PICTURE = project_folder() / "docs" / "pictures" / "night.png"
LIMIT_SECONDS, LIMIT_GIB = 3600.0, 20e9 / 2**30
"""What a night of a million users may take."""

SETTINGS = {
    "ingest_events": "`spark.master`, `spark.large.shuffle_partitions`",
    "clean_events": "`spark.master`, `spark.large.shuffle_partitions`",
    "build_features": "`spark.master`, `activity.days` (who rests is not rolled)",
    "train_recommender": "`recommender.max_users`, `recommender.ranker.windows`, `recommender.engine: spark`",
    "train_predictions": "`predictions.max_users`, `churn.cuts`",
    "profile_users": "`activity.days`, `features.pair_days`",
    "promote_models": "",
    "recommend": "`recommender.engine: spark`, `recommender.ranker.new_items`, `lists.lake_items`",
    "score_users": "`predictions.engine: spark`",
    "publish": "`online.store: redis` with `online.engine: spark`, `lists.online_items`",
    "check_online": "`online.check_rows`",
    "report": "",
}
"""The setting to turn where a stage becomes too slow or too large."""


def scales_of(results: Mapping[str, Any]) -> list[str]:
    """Scales that were measured, ascending."""
    return [scale for scale in SCALES if f"night_{scale}_users" in results]


def stages_section(results: Mapping[str, Any]) -> list[str]:
    """The table of stages: seconds and memory by scale, and what a million users more cost."""
    scales, found = scales_of(results), growths(results)
    heads = [f"{NAMES[scale]} users" for scale in scales]
    lines = [
        f"| stage | {' | '.join([*heads, 'a million users more', 'to turn'])} |",
        f"| --- | {'---: | ' * (len(scales) + 1)}--- |",
    ]
    for stage in STAGES_OF_NIGHT:
        cells = [_cell(results, scale, stage) for scale in scales]
        growth = found.get(stage)
        more = f"{growth.seconds_per_million:,.0f} s, {growth.gib_per_million:.1f} GiB" if growth else ""
        lines.append(f"| `{stage}` | {' | '.join([*cells, more, SETTINGS[stage]])} |")
    return [*lines, "", f"![Seconds and memory by stage and number of users](pictures/{PICTURE.name})"]


def needs_section(results: Mapping[str, Any]) -> list[str]:
    """What 10 and 100 million users need, from how the stages grew."""
    found, scales = growths(results), scales_of(results)
    if not found:
        return ["Two scales have to be measured first."]
    told = [needs_of(results, users) for users in ASKED]
    largest = NAMES[scales[-1]]
    return [
        f"Worked out from the nights of {' and '.join(NAMES[scale] for scale in scales[-2:])} users: each stage",
        f"costs a fixed part and a part for each user. Beyond {largest} users this is extrapolated, not measured.",
        "",
        f"| users | hours on two cores | of them in one process | machines of {CORES} cores and {GIB} GiB, the "
        f"driver's not counted, for a night of {HOURS} hours | largest stage of one process | online store |",
        "| ---: | ---: | ---: | ---: | --- | ---: |",
        *map(_needs_row, told),
        "",
        *_limits(found),
    ]


def _needs_row(needs: Needs) -> str:
    machines = f"none: one process needs more {needs.missing}" if needs.missing else str(needs.machines)
    where = f"`{needs.largest}`, {needs.gib:,.0f} GiB"
    return (
        f"| {needs.users:,} | {needs.hours:,.1f} | {needs.alone_hours:,.1f} | {machines} | {where} "
        f"| {needs.store_gib:,.0f} GiB |"
    )


def _limits(found: Mapping[str, Growth]) -> list[str]:
    """How far one process goes, and which stage ends it."""
    fixed, each = (sum(getattr(one, name) for one in found.values()) for name in ("seconds", "seconds_per_million"))
    in_time = (LIMIT_SECONDS - fixed) / each if each else float("inf")
    rooms = {
        stage: (LIMIT_GIB - one.gib) / one.gib_per_million for stage, one in found.items() if one.gib_per_million
    }
    first = min(rooms, key=lambda stage: rooms[stage], default="")
    lines = [f"By the same reckoning a night with one process a stage takes an hour for {in_time:.1f} million users."]
    if first:
        lines.append(f"For {rooms[first]:.1f} million `{first}` is the first to need {LIMIT_GIB:.1f} GiB.")
    lines.append(
        "Where one process takes longer than a night, or more memory than a machine has, people go into several"
    )
    lines.append(
        "apps, by country for instance: each has a lake, models and a store of its own, and they run side by side."
    )
    return lines


def _cell(results: Mapping[str, Any], scale: str, stage: str) -> str:
    seconds, gib = (results[f"night_{scale}_{stage}_{name}"] for name in ("seconds", "peak_gib"))
    return f"{seconds:,.0f} s, {gib:.1f} GiB"


def draw(results: Mapping[str, Any], file: Path = PICTURE) -> None:
    """Seconds and memory by stage, a bar for each scale."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullFormatter

    scales = scales_of(results)
    figure = Figure(figsize=(9, 5.2), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, name, label in zip(panels, ("seconds", "peak_gib"), ("seconds", "largest memory, GiB"), strict=True):
        height = 0.8 / max(1, len(scales))
        for number, scale in enumerate(scales):
            values = [results[f"night_{scale}_{stage}_{name}"] for stage in STAGES_OF_NIGHT]
            places = [place + number * height for place in range(len(values))]
            axes.barh(places, values, height, label=f"{NAMES[scale]} users", color=COLOURS[number])
        axes.set(xlabel=label, xscale="log" if name == "seconds" else "linear")
        axes.xaxis.set_major_formatter("{x:,g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_yticks([place + 0.4 - height / 2 for place in range(len(STAGES_OF_NIGHT))], STAGES_OF_NIGHT)
    panels[0].invert_yaxis()
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(scales), frameon=False
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110, metadata={"Software": None})
