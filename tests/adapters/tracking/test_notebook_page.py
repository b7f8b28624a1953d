"""docs/recommendations-in-a-notebook.md: every line of its code is run, and its tables say what there is."""

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from small_past import LAST_DAY, past_of, shop

from jobs.adapters.lake import Lake
from jobs.adapters.lake.histories import read_histories
from jobs.adapters.lake.put import put_partition
from jobs.adapters.tracking.records import ModelRun, ServedModel, TrainingData
from jobs.adapters.tracking.tracking import Tracking
from jobs.core.daily_schemas import USER_ITEM_DAILY
from jobs.core.home import Home
from jobs.core.schemas import USER_STATUS
from jobs.core.state_schemas import USER_STATE
from jobs.models.served_recommender import (
    CALL_PARAMS,
    INPUT_COLUMNS,
    OUTPUT_COLUMNS,
    build_example,
    load_served,
)
from jobs.models.serving_facts import ServingFacts
from jobs.models.single_source import SingleSourceRecommender
from jobs.models.sources.registry import create_source

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/recommendations-in-a-notebook.md").read_text()
DAYS = 30  # of the lake; the rest of the shop's days are left out, which takes a second less a hundred days
NAME = f"single-{LAST_DAY}-0a1b2c3d"
USERS = ["u007", "u001", "nobody"]  # as on the page

BEFORE = "import sys\nsys.modules.update(pyspark=None, airflow=None, feast=None)\n"
AFTER = """
import json
told = {name: value.to_dict("list") for name, value in (("lists", lists), ("long", long), ("answer", answer))}
told |= {"by_name": by_name, "nights": list(nights.index), "bought": [bought, seen]}
json.dump(told, open("told.json", "w"))
"""


def arrived(events):
    """Rows of `user_item_daily` by the day of their arrival: the day of the event."""
    rows = events.assign(
        event_day=events["event_day"].dt.date,
        first_event_time=events["first_event_time"].dt.tz_localize("UTC"),
        weight=Decimal(5),
        n_events=1,
    )
    rows = rows.drop_duplicates(["user_id", "item_id", "event_day"])
    for number in range(DAYS):
        day = LAST_DAY - timedelta(number)
        yield day, rows[rows["event_day"] == day][list(USER_ITEM_DAILY.column_names)]


def write_lake(lake):
    for day, rows in arrived(shop()):
        put_partition(lake, USER_ITEM_DAILY, day, rows, "test")
    for table in (USER_STATUS, USER_STATE):
        put_partition(lake, table, LAST_DAY, pd.DataFrame(columns=list(table.column_names)), "test")


def served_model(folder):
    past = past_of(shop(), LAST_DAY)
    # Own items and popular ones, so that a stranger gets something as well.
    SingleSourceRecommender(create_source("popularity").fit(past), "popularity").save(folder)
    ServingFacts("purchases", past.catalogue.is_available).save(folder)
    example = build_example(past.history, "secret")
    return ServedModel(
        folder=folder,
        loader="jobs.models.served_recommender",
        example_input=example,
        example_output=load_served(folder).predict(example),
        input_columns=INPUT_COLUMNS,
        output_columns=OUTPUT_COLUMNS,
        call_params=CALL_PARAMS,
        requirements=("numpy", "pandas", "scipy"),
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    root = tmp_path_factory.mktemp("home")
    home = Home(root, "sample")
    write_lake(Lake(home.lake))
    home.mlflow.mkdir()
    tracking = Tracking(f"sqlite:///{home.mlflow}/mlflow.db", "sample", home.models)
    data = TrainingData("recommender_training", "d", "lake")
    tags = {"run_date": str(LAST_DAY)}
    tracking.register(ModelRun("recommender", NAME, {}, {"n": 1.0}, tags, data, served_model(root / "model"), "card"))
    tracking.set_champion("recommender", NAME)
    return root


@pytest.fixture(scope="module")
def told(home):
    """What the page's code made, in a process that cannot import Spark, Airflow or Feast."""
    code = BEFORE + "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)) + AFTER
    environment = {**os.environ, "NIGHTJAR_HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=home, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads((home / "told.json").read_text())


def test_lists_are_those_of_the_model(told, home):
    histories = read_histories(home, "sample", USERS, LAST_DAY)
    expected = load_served(home / "model").predict(histories, {"k": 10})
    assert told["lists"] == expected.to_dict("list")
    assert told["lists"]["key"] == USERS
    assert [len(items) for items in told["lists"]["items"]] == [10, 10, 10]


def test_a_row_per_item_has_what_was_never_had(told, home):
    histories = read_histories(home, "sample", USERS, LAST_DAY).set_index("key")
    assert len(told["long"]["key"]) == 5 * len(USERS)
    assert set(told["long"]["reasons"]) == {"popular"}
    for key, item in zip(told["long"]["key"], told["long"]["items"], strict=True):
        assert item not in histories.loc[key, "items"]


def test_an_invented_history_leaves_out_what_was_bought_and_not_what_was_seen(told):
    bought, seen = told["bought"]
    (items,) = told["answer"]["items"]
    assert len(items) == 5
    assert bought not in items
    assert bought != seen


def test_versions_and_nights_are_found(told):
    assert told["by_name"] == {NAME: "models:/sample.recommender/1"}
    assert told["nights"] == [str(LAST_DAY)]


@pytest.mark.parametrize("column", [*INPUT_COLUMNS, *OUTPUT_COLUMNS], ids=lambda column: column.name)
def test_tables_name_every_column(column):
    assert f"| `{column.name}` | `{column.type}` | {column.doc} |" in PAGE


def test_every_parameter_of_a_call_is_told():
    told = dict(re.findall(r"^\| `(\w+)` \| `([\w.]+)`(?: of the app)? \| ", PAGE, re.MULTILINE))
    defaults = {"k": "20", "surface": "for_you", "exclude_had": "lists.exclude_had.for_you"}
    assert {name: told.get(name) for name in CALL_PARAMS} == defaults


def test_the_page_names_the_day_and_the_users_of_this_test():
    assert f"date({LAST_DAY.year}, {LAST_DAY.month}, {LAST_DAY.day})" in PAGE
    assert json.dumps(USERS) in PAGE
