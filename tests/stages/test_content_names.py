"""What the names of recommenders and of lists made by rules cover: everything that makes them other ones."""

from types import SimpleNamespace

import pytest

from jobs.core.config import load_settings
from jobs.stages.catalog import STAGES
from jobs.stages.recommend import _rules_hash
from jobs.stages.train_recommender import _training_digest

TABLES = ("user_item_daily", "item_daily", "item_profiles", "user_activity", "user_status", "champions")


def job(stage, other=None, **overrides):
    """A run of a stage whose inputs all have one partition; that of `other` has another content."""
    inputs = {name: [SimpleNamespace(digest="y" if name == other else "x")] for name in TABLES}
    settings = load_settings("sample", overrides=overrides)
    night = SimpleNamespace(settings=settings)
    return SimpleNamespace(stage=STAGES[stage], inputs=inputs, night=night)


def training(*args, **overrides):
    return _training_digest(job("train_recommender", *args, **overrides), "labels")


def rules(*args, **overrides):
    return _rules_hash(job("recommend", *args, **overrides))


@pytest.mark.parametrize("name", [training, rules])
def test_any_table_but_champions_gives_another_name(name):
    named = {table: name(table) for table in TABLES}
    assert named.pop("champions") == name()
    assert name() not in named.values()
    assert len(set(named.values())) == len(named)


@pytest.mark.parametrize("name", [training, rules])
@pytest.mark.parametrize(
    "setting",
    [
        {"lists.blocked": ["i00001"]},
        {"lists.available_days": 30},
        {"lists.exclude_had.for_you": True},
        {"recommender.goal": "wants"},
        {"recommender.history_days": 100},
    ],
)
def test_settings_that_make_other_lists_give_another_name(name, setting):
    assert name(**setting) != name()


def test_how_a_model_is_judged_and_logged_does_not_rename_it():
    assert training(**{"recommender.gate.margin": 0.5, "tracking.hash_key": "other"}) == training()
