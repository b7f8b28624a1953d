from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.decoders import decode_timetable
from airflow.serialization.encoders import encode_timetable
from airflow.timetables.base import TimeRestriction
from airflow_server import AirflowServer
from dag_folders import DAGS
from recorder import Recorder

TOKYO = ZoneInfo("Asia/Tokyo")


def test_it_runs_at_noon_of_the_app_s_sundays(bag: DagBag) -> None:
    timetable = decode_timetable(encode_timetable(bag.dags["vacuum_shop"].timetable))
    # Far ahead: without catchup a start that has passed gives the last Sunday before now.
    wednesday = datetime(2125, 3, 7, tzinfo=UTC)

    first = timetable.next_dagrun_info(
        last_automated_data_interval=None, restriction=TimeRestriction(wednesday, None, catchup=False)
    )

    assert first.run_after.astimezone(TOKYO).isoformat() == "2125-03-11T12:00:00+09:00"


def test_it_asks_for_no_date_and_takes_a_slot_of_the_nights(bag: DagBag) -> None:
    [task] = bag.dags["vacuum_shop"].tasks

    assert task.bash_command.endswith(" vacuum --app shop")
    assert task.pool == bag.dags["nightly_shop"].tasks[0].pool


@pytest.mark.slow
def test_airflow_runs_the_command_once_and_without_a_date(conf: Path, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    home = tmp_path / "airflow"
    home.mkdir()
    airflow = AirflowServer(home, DAGS, {"NIGHTJAR_CONF": str(conf), "NIGHTJAR_COMMAND": str(recorder.command)})
    airflow.prepare()

    airflow.run(["dags", "test", "vacuum_shop", "2025-03-09T12:00:00+09:00"])

    assert recorder.calls("shop") == [("vacuum", "")]
