"""The same day D however a run is started, in three time zones, under one real Airflow."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from airflow_database import airflow_database
from airflow_server import AirflowServer, wait_until
from dag_folders import DAGS, write_conf
from hook_server import HookServer
from recorder import Recorder

pytestmark = pytest.mark.slow

LATE = "late"
ZONES = {"in_utc": "UTC", "in_tokyo": "Asia/Tokyo", "in_new_york": "America/New_York"}
STAGES = 12
SLOTS = 3

TESTED, WITH_CONF, WITH_LOGICAL_DATE = date(2025, 3, 3), date(2025, 3, 5), date(2025, 3, 12)
FAILED = date(2025, 3, 20)
NAMED_IN = "in_tokyo"
# The second day of New York has 23 hours.
BACK_FILLED = {
    "in_utc": [date(2025, 3, 8)],
    "in_tokyo": [date(2025, 3, 8)],
    "in_new_york": [date(2025, 3, 8), date(2025, 3, 9)],
}


def midnight(day: date, app: str, hour: int = 0) -> str:
    """A local time of an app's day, with its offset, as a command line takes it."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(ZONES[app])).isoformat()


def yesterdays() -> dict[str, str]:
    """The day that has just ended, for each app."""
    return {app: (datetime.now(ZoneInfo(zone)).date() - timedelta(days=1)).isoformat() for app, zone in ZONES.items()}


def run_in_one_process(app: str) -> list[str]:
    """The command line that runs a night without a scheduler."""
    return ["dags", "test", f"nightly_{app}", midnight(TESTED, app, hour=1)]


def start_by_hand(app: str) -> list[list[str]]:
    """Command lines that hand runs for given days to the scheduler; a day that is named is the same in any zone."""
    dag = f"nightly_{app}"
    first, last = midnight(BACK_FILLED[app][0], app), midnight(BACK_FILLED[app][-1], app)
    named = ["dags", "trigger", dag, "--conf", json.dumps({"run_date": WITH_CONF.isoformat()})]
    return [
        *([named] if app == NAMED_IN else []),
        ["dags", "trigger", dag, "--logical-date", midnight(WITH_LOGICAL_DATE, app, hour=23)],
        ["backfill", "create", "--dag-id", dag, "--from-date", first, "--to-date", last],
    ]


def given_days(app: str) -> set[str]:
    """Days for which a whole run is started by hand."""
    named = [WITH_CONF] if app == NAMED_IN else []
    return {day.isoformat() for day in (TESTED, WITH_LOGICAL_DATE, *named, *BACK_FILLED[app])}


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    return Recorder(tmp_path_factory.mktemp("record"))


@pytest.fixture(scope="module")
def hook() -> Iterator[HookServer]:
    with HookServer().started() as server:
        yield server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, record: Recorder, hook: HookServer) -> Iterator[AirflowServer]:
    folder = tmp_path_factory.mktemp("server")
    apps = {app: f"  time_zone: {zone}\n" for app, zone in ZONES.items()}
    conf = write_conf(folder / "conf", {**apps, LATE: "  alert_after_minutes: 0\n  alert_webhook: night_hook\n"})
    home = folder / "airflow"
    home.mkdir()
    variables = {"NIGHTJAR_CONF": str(conf), "NIGHTJAR_COMMAND": str(record.command)}
    variables["AIRFLOW_CONN_NIGHT_HOOK"] = json.dumps({"conn_type": "http", "host": hook.address})
    with airflow_database() as database, AirflowServer(home, DAGS, variables, database, SLOTS).started() as running:
        yield running


def test_a_failed_night_withdraws_and_stays_failed(server: AirflowServer, record: Recorder) -> None:
    day = FAILED
    failing = {"FAILING_STAGE": "recommend", "FAILING_CODE": "7"}

    printed = server.fails(["dags", "test", "nightly_in_tokyo", midnight(day, "in_tokyo")], failing)

    stages = record.stages("in_tokyo", day.isoformat())
    assert "DagRun failed" in printed
    assert stages.count("recommend") == 1, "exit code 7 is not retried"
    assert "publish" not in stages
    assert stages.count("withdraw") == 1


def test_every_way_to_start_a_run_gives_the_same_day(server: AirflowServer, record: Recorder) -> None:
    before = yesterdays()
    # All while the DAGs are paused: a scheduler would take a tested run for one of its own.
    server.run(*[line for app in ZONES for line in (run_in_one_process(app), *start_by_hand(app))])
    server.run(*[["dags", "unpause", f"nightly_{app}"] for app in ZONES])

    wait_until(
        lambda: all(record.nights(app) > len(given_days(app)) for app in ZONES),
        seconds=1800,
        what="all nights to end",
    )

    after = yesterdays()
    for app in ZONES:
        days, newest = record.days(app, but=FAILED), {before[app], after[app]}
        assert given_days(app) < days <= given_days(app) | newest
        # A midnight that came meanwhile began a night that may still be under way.
        for day in days - (newest - {before[app]}):
            stages = record.stages(app, day)
            assert len(stages) == STAGES
            assert (stages[0], stages[-1]) == ("ingest_events", "report")


def test_a_back_fill_runs_its_days_in_order(record: Recorder) -> None:
    first, last = (day.isoformat() for day in BACK_FILLED["in_new_york"])

    days = [day for _, day in record.calls("in_new_york") if day in (first, last)]

    assert days == [first] * STAGES + [last] * STAGES


def test_nights_of_several_apps_run_at_the_same_time_within_their_pool(record: Recorder) -> None:
    at_once = list(record.at_once())

    assert max(map(len, at_once)) <= SLOTS
    assert max(len({app for _, app, _ in calls}) for calls in at_once) > 1


def test_a_run_without_logical_date_and_run_date_says_what_to_pass(server: AirflowServer) -> None:
    server.run(["dags", "trigger", "nightly_in_utc", "--run-id", "no_day"])

    wait_until(
        lambda: server.run_state("nightly_in_utc", "no_day") == "failed",
        seconds=600,
        what="the run to fail",
    )

    run_logs = server.home / "logs" / "dag_id=nightly_in_utc" / "run_id=no_day"
    [log] = run_logs.glob("task_id=ingest_events/*.log")  # one try only
    assert "trigger it again with --conf" in log.read_text()


def test_a_night_that_is_not_done_by_its_deadline_alerts(server: AirflowServer, hook: HookServer) -> None:
    # Its last night is due at once, and late as soon as it is queued.
    server.run(["dags", "unpause", f"nightly_{LATE}"])

    wait_until(lambda: bool(hook.posts), seconds=600, what="the alert of a late night")

    _, facts = hook.posts[0]
    assert (facts["app"], facts["dag_id"]) == (LATE, f"nightly_{LATE}")
