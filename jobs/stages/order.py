"""An order in which every stage finds its inputs, derived from what stages read and write.

A night's order is the DAG's; a back-fill, which has no DAG, takes this one.
"""

from collections.abc import Iterable
from graphlib import TopologicalSorter

from jobs.stages.catalog import Stage

# Stages that read what is outside the lake name whom they follow.
_FOLLOWS = {"clean_events": ("ingest_events",), "check_online": ("publish",), "report": ("check_online",)}


def in_order(stages: Iterable[Stage]) -> list[Stage]:
    """Stages so that writers come before readers; by name where nothing else decides."""
    by_name = {stage.name: stage for stage in sorted(stages, key=lambda stage: stage.name)}
    writer = {table: stage.name for stage in by_name.values() for table in stage.writes}
    before = {
        stage.name: {writer[read.table] for read in stage.reads if read.table in writer} - {stage.name}
        | set(_FOLLOWS.get(stage.name, ()))
        for stage in by_name.values()
    }
    # A challenger is compared with yesterday's champion: that is another night's output.
    for name in ("train_recommender", "train_churn"):
        before[name].discard("promote_models")
    return [by_name[name] for name in TopologicalSorter(before).static_order()]
