"""An order in which every stage finds its inputs, derived from what stages read and write.

A night's order is the DAG's; a back-fill, which has no DAG, takes this one.
"""

from collections.abc import Iterable
from graphlib import TopologicalSorter

from jobs.stages.catalog import STAGES, writer_of
from jobs.stages.stage import Stage

# Stages that read what is outside the lake name whom they follow.
_FOLLOWS = {"clean_events": ("ingest_events",), "check_online": ("publish",), "report": ("check_online",)}

# A challenger is compared with yesterday's champion: that is another night's output.
_READ_OF_YESTERDAY = {"train_recommender": "promote_models", "train_predictions": "promote_models"}


def in_order(stages: Iterable[Stage]) -> list[Stage]:
    """Stages so that writers come before readers; by name where nothing else decides.

    Some stages come in the order that they have among all: what lies between two of them still decides.
    """
    asked = {stage.name for stage in stages}
    return [STAGES[name] for name in _order_of_all() if name in asked]


def _order_of_all() -> list[str]:
    sorter = TopologicalSorter({stage.name: _before(stage) for stage in STAGES.values()})
    sorter.prepare()
    ordered: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered += ready
        sorter.done(*ready)
    return ordered


def _before(stage: Stage) -> set[str]:
    """Names of the stages that have to end first."""
    writers = {writer_of(read.table) for read in stage.reads}
    return {*writers, *_FOLLOWS.get(stage.name, ())} - {stage.name, _READ_OF_YESTERDAY.get(stage.name, "")}
