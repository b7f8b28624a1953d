import json
import os
import sqlite3
import subprocess
import sys

import pytest
from small_app import CLOSED, DAY, ITEMS, NEXT, App

from jobs.adapters.lake.arrow import read_pandas
from jobs.adapters.online import Served, open_store
from jobs.adapters.online.digest import online_digest
from jobs.adapters.online.encode import encode_key
from jobs.adapters.online.environment import feast_environment, repo_folder
from jobs.core.errors import MissingPartitionError, OnlineStoreError
from jobs.datasets.tables import table_named
from jobs.features.online import ONLINE_VIEWS, PERSONAL_LISTS
from jobs.stages import serving_views

PLAIN_FEAST = """
import json, sys
from feast import FeatureStore
store = FeatureStore(repo_path=sys.argv[1])
features = ["recs_for_you:items", "recs_for_you:generation", "user_serving:segment", "churn:probability"]
rows = [{"user_id": user} for user in ("u1", "u3", "nobody")]
answer = store.get_online_features(features=features, entity_rows=rows).to_dict()
assert "jobs" not in sys.modules
print(json.dumps(answer))
"""


def served(app: App) -> Served:
    found = open_store(app.settings, app.home).served()
    assert found is not None
    return found


def users_of(app: App, view: str) -> set[str]:
    keys = {key for key, _, _ in open_store(app.settings, app.home).rows(view)}
    return {user for user in ("u1", "u2", "u3", "u4") if encode_key("user_id", user) in keys}


def digest_of(app: App) -> str:
    return online_digest(open_store(app.settings, app.home))


def test_plain_feast_reads_what_was_published(app: App) -> None:
    app.put_night(DAY)
    assert app.run("publish", DAY) == "published"
    done = subprocess.run(
        [sys.executable, "-c", PLAIN_FEAST, str(repo_folder())],
        cwd=app.home.root,
        env={**os.environ, **feast_environment(app.settings, app.home)},
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    name = served(app).generation
    assert name.startswith(f"{DAY}-")
    assert answer["items"] == [list(ITEMS[:20]), None, None]
    assert answer["generation"] == [name, None, None]
    assert answer["segment"] == ["active", "dormant", None]
    assert answer["probability"] == [0.25, None, None]


def test_the_same_content_again_is_unchanged(app: App) -> None:
    app.put_night(DAY)
    app.run("publish", DAY)
    before = digest_of(app)
    assert app.run("publish", DAY) == "unchanged"
    assert served(app).publish_number == 1
    assert digest_of(app) == before
    assert app.run("check_online", DAY) is None


def test_an_emptied_store_is_filled_again_with_the_same_digest(app: App) -> None:
    app.put_night(DAY)
    app.run("publish", DAY)
    before = digest_of(app)
    for file in app.home.online.glob("online.db*"):
        file.unlink()
    with pytest.raises(OnlineStoreError, match=f"serves nothing.*nightjar publish --app sample --date {DAY}"):
        app.run("check_online", DAY)
    assert app.run("publish", DAY) == "published"
    assert digest_of(app) == before


def test_a_replay_with_new_content_takes_the_next_number_and_removes_who_is_gone(app: App) -> None:
    app.put_night(DAY, users=("u1", "u2", "u3", "u4"))
    app.run("publish", DAY)
    app.put_night(DAY, shift=3)
    assert app.run("publish", DAY) == "published"
    assert served(app).publish_number == 2
    assert users_of(app, "recs_for_you") == {"u1", "u2"}
    assert users_of(app, "user_activity") == {"u1", "u2", "u3"}
    app.run("check_online", DAY)


def test_an_older_date_is_skipped_and_its_check_is_green(app: App) -> None:
    app.put_night(DAY)
    app.put_night(NEXT, shift=1)
    app.run("publish", NEXT)
    before = digest_of(app)
    assert app.run("publish", DAY) == "skipped"
    assert app.run("publish", DAY) == "skipped"
    assert app.run("check_online", DAY) == "skipped"
    assert (served(app).run_date, served(app).publish_number) == (NEXT, 1)
    assert digest_of(app) == before
    rows = read_pandas(app.lake, table_named("published"), app.lake.require("published", DAY, "publish"))
    assert set(rows["outcome"]) == {"skipped"}
    assert rows["generation"].str.startswith(str(DAY)).all()


def test_published_counts_the_rows_of_every_view(app: App) -> None:
    app.put_night(DAY)
    app.put_status(DAY, {"u2": "deleted"})
    app.run("publish", DAY)
    rows = read_pandas(app.lake, table_named("published"), app.lake.require("published", DAY, "publish"))
    counts = dict(zip(rows["view"], rows["n_rows"], strict=True))
    assert set(counts) == set(ONLINE_VIEWS)
    assert counts["user_activity"] == 2
    assert counts["user_serving"] == 3
    assert counts["recs_for_you"] == counts["churn"] == 1
    assert counts["user_segment"] == counts["send_time"] == counts["next_interest"] == 1
    assert counts["user_stage"] == 2
    assert counts["segment_for_you"] == 2


def test_a_closed_day_keeps_the_generation_and_lets_leave_who_left(app: App) -> None:
    app.put_night(DAY)
    app.run("publish", DAY)
    app.put_status(CLOSED, {"u1": "opted_out", "u2": "deleted"})
    assert app.run("publish", CLOSED) == "withdrawn"
    assert (served(app).run_date, served(app).publish_number) == (DAY, 2)
    assert users_of(app, "recs_for_you") == users_of(app, "churn") == set()
    assert users_of(app, "user_activity") == {"u1", "u3"}
    assert users_of(app, "user_serving") == {"u1", "u2", "u3"}
    assert app.run("publish", CLOSED) == "unchanged"
    assert app.run("withdraw", CLOSED) == "unchanged"
    assert served(app).publish_number == 2
    assert app.lake.manifest("published", CLOSED) is None
    app.run("check_online", DAY)


def test_a_status_that_changes_nothing_takes_no_number(app: App) -> None:
    app.put_night(DAY)
    app.run("publish", DAY)
    app.put_status(CLOSED, {"u1": "active", "stranger": "opted_out"})
    assert app.run("publish", CLOSED) == "unchanged"
    assert served(app).publish_number == 1


def test_a_replay_does_not_bring_back_who_left_since(app: App) -> None:
    app.put_night(DAY)
    app.run("publish", DAY)
    app.put_status(CLOSED, {"u1": "deleted"})
    app.run("publish", CLOSED)
    app.put_night(DAY, shift=2)
    assert app.run("publish", DAY) == "published"
    assert users_of(app, "recs_for_you") == users_of(app, "user_item_affinity") - {"u3"} == {"u2"}
    app.run("check_online", DAY)


def test_every_surface_is_published_and_opted_out_users_lose_all_lists(app: App) -> None:
    app.put_night(DAY)
    app.put_status(DAY, {"u1": "opted_out"})
    app.run("publish", DAY)
    for view in PERSONAL_LISTS:
        assert users_of(app, view) == {"u2"}
    rows = read_pandas(app.lake, table_named("published"), app.lake.require("published", DAY, "publish"))
    counts = dict(zip(rows["view"], rows["n_rows"], strict=True))
    assert {view: counts[view] for view in counts if view.startswith(("items_", "everybody_"))} == {
        "items_similar": 1,
        "items_bought_together": 1,
        "everybody_for_you": 1,
        "everybody_discover": 1,
        "everybody_trending": 1,
        "everybody_new_for_you": 1,
    }
    app.run("check_online", DAY)


def test_delisted_items_are_on_no_list_and_those_below_move_up(app: App) -> None:
    app.put_night(DAY)
    app.put_items(DAY, delisted=("i00", "i05"))
    app.run("publish", DAY)
    lists = read_pandas(app.lake, table_named("recs_discover"), app.lake.require("recs_discover", DAY, "publish"))
    shown = [item for item in ITEMS if item not in ("i00", "i05")]
    assert [list(items) for items in lists["items"]] == [shown[:20]] * 2
    app.run("check_online", DAY)


def test_on_a_closed_day_delisted_items_leave_what_is_served(app: App) -> None:
    app.put_night(DAY)
    app.run("publish", DAY)
    app.put_status(CLOSED, {})
    app.put_items(CLOSED, delisted=("i03",))
    assert app.run("publish", CLOSED) == "withdrawn"
    assert served(app).publish_number == 2
    assert app.run("withdraw", CLOSED) == "unchanged"
    app.run("check_online", DAY)


def test_a_replay_does_not_bring_back_what_was_delisted_since(app: App) -> None:
    app.put_night(DAY)
    app.run("publish", DAY)
    app.put_status(CLOSED, {"u2": "opted_out"})
    app.put_items(CLOSED, delisted=("i03",))
    app.put_night(DAY, shift=2)
    assert app.run("publish", DAY) == "published"
    table = ONLINE_VIEWS["recs_for_you"].table
    lists = read_pandas(app.lake, table, app.lake.require(table.name, DAY, "publish"))
    assert all("i03" in items for items in lists["items"])
    app.run("check_online", DAY)


def test_withdraw_is_green_where_nothing_is_known_or_served(app: App) -> None:
    assert app.run("withdraw", NEXT) == "nothing is served yet"
    app.put_night(DAY)
    app.run("publish", DAY)
    assert app.run("withdraw", NEXT) == f"nothing known: no user_status of {NEXT} yet"


def test_an_open_day_without_lists_is_an_error(app: App) -> None:
    app.put_status(DAY, {})
    with pytest.raises(MissingPartitionError, match="user_activity"):
        app.run("publish", DAY)


def test_lists_that_are_built_in_parts_are_those_of_one_part(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    app.put_night(DAY, users=("u1", "u2", "u4"))
    app.run("publish", DAY)
    whole = app.lake.require("recs_for_you", DAY, "publish")
    monkeypatch.setattr(serving_views, "_PART_USERS", 1)
    for file in app.home.online.glob("online.db*"):
        file.unlink()
    app.run("publish", DAY)
    parts = app.lake.require("recs_for_you", DAY, "publish")
    assert (parts.rows, parts.digest) == (whole.rows, whole.digest)
    assert parts.attempt > whole.attempt
    assert parts.rows == 3


def test_check_names_what_differs(app: App) -> None:
    app.put_night(DAY)
    app.run("publish", DAY)
    with sqlite3.connect(app.home.online / "online.db") as database:
        database.execute("UPDATE sample_churn SET value = ? WHERE feature_name = 'probability'", (b"",))
    with pytest.raises(OnlineStoreError, match=r"view 'churn', user_id 'u1', feature 'probability'.*0\.25"):
        app.run("check_online", DAY)
    with sqlite3.connect(app.home.online / "online.db") as database:
        database.execute("DELETE FROM sample_churn")
    with pytest.raises(OnlineStoreError, match="view 'churn' has 0 rows online and 2 in the lake"):
        app.run("check_online", DAY)
