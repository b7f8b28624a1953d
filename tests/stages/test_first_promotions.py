"""What the gate answers on the first nights, which have no holdout yet."""

import pytest

from jobs.core.config import load_settings
from jobs.stages.champions import recipe_json
from jobs.stages.promote_models import _ask_gate

OWN = recipe_json("single", {"source": "popularity", "params": {"half_life_days": 14}})
OTHER = recipe_json("single", {"source": "popularity", "params": {"half_life_days": 28}})


@pytest.mark.parametrize(("yesterday", "promote"), [(None, True), (OWN, True), (OTHER, False)])
def test_without_a_holdout_only_the_champions_own_recipe_takes_its_place(yesterday, promote):
    champion = None if yesterday is None else {"model": "m", "recipe": yesterday}
    name = "" if champion is None else "m"
    challenger = {"metrics": "{}", "champion": name, "champion_metrics": "{}", "paired": "", "recipe": OWN}
    assert _ask_gate(load_settings("sample").recommender.gate, challenger, champion).promote is promote
