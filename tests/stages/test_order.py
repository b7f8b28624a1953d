"""Whoever writes a table comes before whoever reads it, whichever stages are asked for."""

import pytest

from jobs.stages.catalog import STAGES, stage_named
from jobs.stages.order import in_order


def names(*asked: str) -> list[str]:
    return [stage.name for stage in in_order(stage_named(name) for name in asked)]


def test_every_stage_comes_once_and_after_those_that_write_what_it_reads() -> None:
    ordered = names(*STAGES)
    assert sorted(ordered) == sorted(STAGES)
    pairs = [
        ("ingest_events", "clean_events"),
        ("clean_events", "build_features"),
        ("build_features", "train_churn"),
        ("train_recommender", "promote_models"),
        ("train_churn", "promote_models"),
        ("promote_models", "recommend"),
        ("recommend", "publish"),
        ("score_users", "publish"),
        ("build_features", "profile_users"),
        ("profile_users", "publish"),
        ("publish", "check_online"),
        ("check_online", "report"),
    ]
    assert [pair for pair in pairs if ordered.index(pair[0]) > ordered.index(pair[1])] == []


@pytest.mark.parametrize(
    ("asked", "ordered"),
    [
        (["clean_events"], ["clean_events"]),
        (["report", "recommend", "promote_models"], ["promote_models", "recommend", "report"]),
        (["build_features", "ingest_events"], ["ingest_events", "build_features"]),
        (["train_recommender", "train_churn"], ["train_churn", "train_recommender"]),
        ([], []),
    ],
)
def test_some_stages_are_ordered_without_the_others(asked: list[str], ordered: list[str]) -> None:
    assert names(*asked) == ordered
    assert names(*reversed(asked)) == ordered
