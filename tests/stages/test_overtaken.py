"""A stage run that stood still while the night was corrected: nothing of it counts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from small_app import CLOSED, DAY, App

from jobs.adapters.lake.arrow import read_pandas
from jobs.adapters.online import Served, open_store
from jobs.core.errors import OvertakenError
from jobs.core.night import Night
from jobs.datasets.tables import table_named
from jobs.stages.catalog import stage_named
from jobs.stages.job import Job
from jobs.stages.overtaken import overtaken
from jobs.stages.plan import plan_stage
from jobs.stages.profile_users import run as profile_users
from jobs.stages.provenance import Provenance
from jobs.stages.publish import run as publish

PROFILES = ("segments", "user_segments", "user_stages", "send_times", "next_interests")


def planned(app: App, stage_name: str, day: date) -> Job:
    stage, night = stage_named(stage_name), Night(app.settings, day, day)
    plan = plan_stage(stage, night, app.lake)
    return Job(stage, night, app.home, app.lake, plan.provenance, plan.inputs, plan.files)


def put_segments(app: App, name: str) -> None:
    """Yesterday's tables of `profile_users`, which a closed day copies forward, with everybody in one segment."""
    app.put_profiles(DAY, ("u1", "u2"))
    for table in ("segments", "user_segments"):
        app.put(table, DAY, read(app, table, DAY).assign(segment=name))


def read(app: App, table: str, day: date) -> pd.DataFrame:
    return read_pandas(app.lake, table_named(table), app.lake.require(table, day, "test"))


def attempts(app: App) -> list[int]:
    return [app.lake.require(table, CLOSED, "test").attempt for table in PROFILES]


def stand_still_after_the_first_table(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> None:
    """What the first write of a job is followed by, once."""
    write = Job.write_pandas

    def write_and_stand_still(job: Job, *args: object, **more: object) -> str:
        digest = write(job, *args, **more)  # type: ignore[arg-type]
        monkeypatch.setattr(Job, "write_pandas", write)
        meanwhile()
        return digest

    monkeypatch.setattr(Job, "write_pandas", write_and_stand_still)


def test_tables_of_old_inputs_do_not_replace_some_of_those_of_the_corrected_ones(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_segments(app, "old")
    slow = planned(app, "profile_users", CLOSED)

    def correct() -> None:
        put_segments(app, "corrected")
        app.run("profile_users", CLOSED)

    stand_still_after_the_first_table(monkeypatch, correct)
    profile_users(slow)
    corrected = attempts(app)

    with pytest.raises(OvertakenError, match=r"input 'segments' of run_date=2025-03-03 was made anew.*run again"):
        slow.commit()

    assert attempts(app) == corrected
    named = {name for table in ("segments", "user_segments") for name in read(app, table, CLOSED)["segment"]}
    assert named == {"corrected"}
    assert not list(app.lake.root.glob("*/manifests/.*.tmp"))


def test_an_input_that_came_out_the_same_again_stops_nobody(app: App) -> None:
    put_segments(app, "s1")
    slow = planned(app, "profile_users", CLOSED)
    profile_users(slow)
    put_segments(app, "s1")

    assert slow.commit()["user_segments"] == 2


def test_an_input_that_is_gone_stops_a_run(app: App) -> None:
    put_segments(app, "s1")
    slow = planned(app, "profile_users", CLOSED)
    profile_users(slow)
    app.lake.retire("segments", DAY)

    with pytest.raises(OvertakenError, match="'segments' of run_date=2025-03-03 is gone"):
        slow.commit()


def test_a_back_fill_is_run_again_as_one(app: App) -> None:
    night = Night(app.settings, DAY, CLOSED)
    stage = stage_named("build_features")
    job = Job(stage, night, app.home, app.lake, Provenance(stage.name, {}, "s", "c", "f"), {})

    told = str(overtaken(job, "why"))

    assert told.endswith("run again: nightjar backfill --app sample --from 2025-03-03 --to 2025-03-04")


def test_a_run_of_older_code_places_nothing_beside_tables_of_newer(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    put_segments(app, "s1")
    older = planned(app, "profile_users", CLOSED)
    older.provenance = replace(older.provenance, fingerprint="older")
    stand_still_after_the_first_table(monkeypatch, lambda: app.run("profile_users", CLOSED))
    profile_users(older)
    newer = attempts(app)

    with pytest.raises(OvertakenError, match="a later run has made table"):
        older.commit()

    assert attempts(app) == newer


def test_a_copy_that_made_the_same_stays_aside_without_an_error(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    put_segments(app, "s1")
    copy = planned(app, "profile_users", CLOSED)
    stand_still_after_the_first_table(monkeypatch, lambda: app.run("profile_users", CLOSED))
    profile_users(copy)

    copy.commit()

    fingerprints = {app.lake.require(table, CLOSED, "test").fingerprint for table in PROFILES}
    assert fingerprints == {copy.provenance.fingerprint}


def test_a_publish_of_old_lists_changes_nothing_online(app: App) -> None:
    app.put_night(DAY)
    slow = planned(app, "publish", DAY)
    app.put_night(DAY, shift=5)
    app.run("publish", DAY)
    corrected = served(app)

    with pytest.raises(OvertakenError, match="input 'recommendations' of run_date=2025-03-03 was made anew"):
        publish(slow)

    assert served(app) == corrected


def served(app: App) -> Served:
    found = open_store(app.settings, app.home).served()
    assert found is not None
    return found
