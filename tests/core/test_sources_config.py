import inspect
import re

import pytest

from jobs.core.config import load_settings
from jobs.core.config.sources import SOURCE_SECTIONS
from jobs.core.errors import ConfigError
from jobs.models.sources.registry import SOURCES, create_source

INHERITED = {"seed", "engine", "horizon_days"}
"""Of the whole recommender."""


def configured(**overrides):
    dotted = {f"recommender.sources.{key}": value for key, value in overrides.items()}
    return load_settings("sample", environ={}, overrides=dotted).recommender.configured_sources()


def refusal(**overrides):
    with pytest.raises(ConfigError) as caught:
        configured(**overrides)
    return str(caught.value)


def test_every_source_has_a_section_and_every_section_a_source():
    assert set(SOURCE_SECTIONS) == set(SOURCES)


@pytest.mark.parametrize("kind", sorted(SOURCE_SECTIONS))
def test_a_section_names_the_parameters_of_its_source(kind):
    parameters = set(inspect.signature(SOURCES[kind]).parameters)
    assert set(SOURCE_SECTIONS[kind].model_fields) - {"kind"} == parameters - {"seed", "engine"}


@pytest.mark.parametrize("app", ["sample", "online_retail"])
def test_what_is_configured_can_be_made(app):
    sources = load_settings(app, environ={}).recommender.configured_sources()
    assert [source.name for source in sources] == sorted(source.name for source in sources)
    for source in sources:
        made = create_source(source.kind, **source.params)
        assert {**made.params, **source.params} == made.params


def test_what_the_base_explains_is_what_a_source_does_by_itself():
    sources = load_settings("online_retail", environ={}).recommender.configured_sources()
    for source in sources:
        if source.name == source.kind:
            given = {name: value for name, value in source.params.items() if name not in INHERITED}
            own = create_source(source.kind).params
            assert given == {name: own[name] for name in given}, source.name


def test_the_base_names_every_parameter_of_every_source():
    for source in load_settings("online_retail", environ={}).recommender.configured_sources():
        if source.name == source.kind:
            assert set(source.params) >= set(SOURCE_SECTIONS[source.kind].model_fields) - {"kind"}, source.name


def test_null_switches_a_source_off():
    assert "ease" in {source.name for source in configured()}
    assert "ease" not in {source.name for source in configured(ease=None)}


def test_a_second_source_of_a_kind_gets_what_it_is_given_and_the_sources_own_defaults():
    found = {source.name: source for source in configured(item_item_recent={"kind": "item_item", "bm25_b": 0.5})}
    assert found["item_item_recent"].kind == "item_item"
    assert found["item_item_recent"].params == {"bm25_b": 0.5}
    assert found["item_item"].params["bm25_b"] == 0.8


def test_seed_and_horizon_are_those_of_the_recommender():
    overrides = {"recommender.seed": 3, "recommender.horizon_days": 9}
    found = {
        s.name: s for s in load_settings("sample", environ={}, overrides=overrides).recommender.configured_sources()
    }
    assert found["als"].params["seed"] == 3
    assert found["next_days"].params["horizon_days"] == 9


def test_the_environment_reaches_a_parameter():
    environ = {"NIGHTJAR__RECOMMENDER__SOURCES__ALS__FACTORS": "32", "NIGHTJAR__RECOMMENDER__SOURCES__EASE": "null"}
    found = {
        source.name: source for source in load_settings("sample", environ=environ).recommender.configured_sources()
    }
    assert found["als"].params["factors"] == 32
    assert "ease" not in found


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"als.factor": 3}, "recommender.sources.als.factor: unknown key; the nearest valid name is 'factors'"),
        ({"als.factors": 0}, "recommender.sources.als.factors: Input should be greater than or equal to 1, got 0"),
        (
            {"als.signal": "views"},
            "sources.als.signal: Input should be 'goal' or 'interest', got 'views'",
        ),
        ({"mine.ridge": 3}, "mine: no source is of kind 'mine'; .*a source of another name needs `kind`"),
        ({"mine.kind": "eas"}, "mine: no source is of kind 'eas'; the nearest valid name is 'ease'"),
        ({"als": 3}, "recommender.sources.als: "),
    ],
)
def test_what_is_wrong_is_named_as_it_is_written(overrides, message):
    assert re.search(message, refusal(**overrides))
