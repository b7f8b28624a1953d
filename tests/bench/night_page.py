"""What the page says of nights besides their table: stages by scale, a picture of them, and what workers bring."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jobs.core.config.load import project_folder
from tests.bench.night_growth import SCALES, growths
from tests.bench.night_whole import STAGES_OF_NIGHT
from tests.bench.night_workers import STAGES, WORKERS

NAMES = {"10k": "10 thousand", "100k": "100 thousand", "1m": "1 million"}
COLOURS = ("#9a9a9a", "#31688e", "#35b779")
PICTURE = project_folder() / "docs" / "pictures" / "night.png"

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


def workers_section(results: Mapping[str, Any]) -> list[str]:
    """The table of shared stages by number of workers, or that they were not measured."""
    scale = next((scale for scale in reversed(SCALES) if f"night_{scale}_workers_1_seconds" in results), None)
    if scale is None:
        return ["Not measured."]
    lines = [
        f"| stage, {NAMES[scale]} users | {' | '.join(f'workers: {number}' for number in WORKERS)} |",
        f"| --- | {'---: | ' * len(WORKERS)}".rstrip(),
    ]
    for stage in STAGES:
        cells = [f"{results[f'night_{scale}_workers_{number}_{stage}_seconds']:,.0f} s" for number in WORKERS]
        lines.append(f"| `{stage}` | {' | '.join(cells)} |")
    sums = [
        f"{results[f'night_{scale}_workers_{number}_seconds']:,.0f} s, "
        f"{results[f'night_{scale}_workers_{number}_peak_gib']:.1f} GiB"
        for number in WORKERS
    ]
    return [*lines, f"| all, and the largest memory | {' | '.join(sums)} |"]


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
