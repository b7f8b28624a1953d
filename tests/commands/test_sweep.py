"""Whoever places files below a home is killed where they are about to appear; a sweep has to find what is left.

What is compared is the whole home, and not what `nightjar vacuum` knows.
"""

import gzip
import os
import re
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NoReturn

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lake_rows import age, put

from jobs.__main__ import main
from jobs.adapters.lake import Lake
from jobs.adapters.lake.accepted import Acceptance, AcceptedChecks
from jobs.adapters.lake.expose import expose_current
from jobs.adapters.online import registry
from jobs.adapters.report_page.page import write_page
from jobs.adapters.running import noted_as_running
from jobs.adapters.spark.java import java_home
from jobs.adapters.temporary import temporary_files_below
from jobs.core.config import load_settings
from jobs.core.home import Home
from jobs.stages.scratch import Scratch

DAY = date(2025, 6, 30)
KILLED = 99
STATUS = {"user_id": "u1", "status": "deleted", "since": pd.Timestamp("2025-01-01", tz="UTC")}
JOBS = Path(__file__).parents[2] / "jobs"

# A file gets its place, is begun beside it, or is kept in a folder of its own for a while.
PLACES = re.compile(
    r"\b(write_atomic|write_synced|mkdtemp)\(|TemporaryDirectory\(.*dir=|tempfile.tempdir ="
    r"|\w\.(replace|rename)\(\w+(\.\w+)*\)$",
    re.MULTILINE,
)
ELSEWHERE = {
    "sample/files.py",  # a person's sample of a log, wherever they want it
    "commands/init.py",  # the configuration
}

Act = Callable[[Home], None]


@pytest.fixture
def app(home: Path) -> Home:
    """A home after a night, long ago, as far as its tables go; Feast has seen none yet."""
    app = Home(home, "sample")
    lake = Lake(app.lake)
    put(lake, "user_status", DAY, [STATUS])
    put(lake, "user_activity", DAY, [{"user_id": "u1"}])
    age(home, 200)
    return app


def put_again(app: Home) -> None:
    put(Lake(app.lake), "user_status", DAY, [STATUS])


def begin_an_attempt(app: Home) -> None:
    attempt = Lake(app.lake).begin("user_status")
    attempt.partition(DAY).mkdir()
    (attempt.partition(DAY) / "part-0.parquet").write_bytes(b"half")
    die()


def show_a_view(app: Home) -> None:
    expose_current(Lake(app.lake), "user_activity", DAY, app.offline / "user_activity")


def accept_a_check(app: Home) -> None:
    AcceptedChecks(app.lake).record([Acceptance(first=DAY, last=DAY, expectation="events.volume", reason="strike")])


def run_a_stage(app: Home) -> None:
    with noted_as_running(app.running, "recommend", DAY):
        die()


def keep_a_moment(app: Home) -> None:
    with temporary_files_below(app.root):
        (Path(tempfile.mkdtemp()) / "model").write_bytes(b"x")
        die()


def run_a_stage_on_another_host(app: Home) -> None:
    socket.gethostname = lambda: "a-container-that-is-gone"
    with noted_as_running(app.running, "recommend", DAY):
        die()


def begin_a_note(app: Home) -> None:
    with noted_as_running(app.running, "recommend", DAY):
        pass


def write_a_report(app: Home) -> None:
    write_page({}, app.reports / f"{DAY}", app.reports / f"{DAY}" / "index.html")


def apply_definitions(app: Home) -> None:
    def write(_: object, told: Mapping[str, str]) -> None:
        Path(told["NIGHTJAR_FEAST_REGISTRY"]).write_bytes(b"new")

    registry._run_feast = write
    registry.apply_registry(load_settings("sample"), app)


def launch_java(app: Home) -> None:
    java_home(Path("/usr/bin/java"), app.root / "java")


def compute_a_frame(app: Home) -> None:
    (Scratch(app, "recommend").folder() / "0").write_bytes(b"x")
    die()


def unpack_a_log(app: Home) -> None:
    from jobs.readers.parquet import plain_file

    plain = app.root.parent / "day.parquet"
    pq.write_table(pa.table({"a": [1]}), plain)
    packed = plain.with_name("day.parquet.gz")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    plain_file(packed)


def run_spark(app: Home) -> None:
    for name in ("blockmgr-1/00/shuffle", "spark-2/userFiles/x", "checkpoints/0a1b/rdd-3/part-0"):
        path = app.root / "spark" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
    die()


def make_a_store(app: Home) -> None:
    from jobs.adapters.tracking.store import open_client

    open_client(f"sqlite:///{app.mlflow}/mlflow.db", str(app.mlflow / "artifacts"))


def fetch_a_model(app: Home) -> None:
    from jobs.adapters.tracking.tracking import Tracking

    registered = app.root.parent / "registered"
    registered.mkdir()
    (registered / "factors").write_bytes(b"x")
    tracking = object.__new__(Tracking)  # without a store, which takes seconds to make
    tracking._uri = ""
    tracking._fetch(registered.as_uri(), app.models / "sample.recommender" / f"als-{DAY}-0000")


ACTS: dict[Act, str] = {
    put_again: "adapters/lake/store.py",
    begin_an_attempt: "adapters/lake/store.py",
    show_a_view: "adapters/lake/expose.py",
    accept_a_check: "adapters/lake/accepted.py",
    run_a_stage: "adapters/running.py",
    keep_a_moment: "adapters/temporary.py",
    run_a_stage_on_another_host: "adapters/running.py",
    begin_a_note: "adapters/running.py",
    write_a_report: "adapters/report_page/page.py",
    apply_definitions: "adapters/online/registry.py",
    launch_java: "adapters/spark/java.py",
    compute_a_frame: "stages/scratch.py",
    unpack_a_log: "readers/parquet.py",
    run_spark: "adapters/spark/als.py",
    make_a_store: "adapters/tracking/store.py",
    fetch_a_model: "adapters/tracking/tracking.py",
}


def die(*_: object) -> NoReturn:
    """As SIGKILL does: nothing is tidied up."""
    os._exit(KILLED)


def kill_where_it_places(act: Act, app: Home) -> None:
    """Do it in a process that dies before a file gets its place."""
    child = os.fork()
    if not child:
        try:
            Path.replace = Path.rename = die  # type: ignore[assignment]  # takes whatever it is called with
            act(app)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


def everything(home: Path) -> set[str]:
    """Files, and folders of tables and of Spark that hold none.

    Locks have fixed names and stay; so does a table's highest attempt, so that no later one gets its number.
    """
    return {str(path.relative_to(home)) for path in _leaves(home) if not path.name.endswith(".lock")}


def _leaves(home: Path) -> Iterator[Path]:
    for path in home.rglob("*"):
        is_counted = path.is_relative_to(home / "apps" / "sample" / "lake") or path.parent == home / "spark"
        is_counted &= path.name != "checkpoints" and not _is_highest_attempt(path)
        if path.is_file() or (is_counted and not any(path.iterdir())):
            yield path


def _is_highest_attempt(path: Path) -> bool:
    return path.parent.name == "data" and path == max(path.parent.iterdir())


def vacuum() -> None:
    assert main(["vacuum", "--app", "sample"]) == 0


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_a_sweep_long_after_leaves_the_home_as_it_was_before(act: Act, app: Home) -> None:
    undisturbed = everything(app.root)
    kill_where_it_places(act, app)
    disturbed = everything(app.root)
    assert disturbed > undisturbed
    if act is not show_a_view:  # a link is as old as the file that it shows; the table's lock says that nobody shows
        vacuum()
        assert everything(app.root) == disturbed, "what is young may belong to somebody"
    age(app.root, 100)
    vacuum()
    assert everything(app.root) == undisturbed


def test_a_stage_that_lives_keeps_its_note_however_long_it_works(app: Home) -> None:
    with noted_as_running(app.running, "recommend", DAY):
        age(app.root, 1000)
        vacuum()
        assert len(list(app.running.iterdir())) == 1


def test_whoever_places_files_is_killed_here() -> None:
    """A file that is new in this list needs an act above, and what it leaves a line in `nightjar vacuum`."""
    placing = {str(file.relative_to(JOBS)) for file in JOBS.rglob("*.py") if PLACES.search(file.read_text())}
    by_hand = {"adapters/lake/files.py"}  # which the others place their files with
    assert placing - ELSEWHERE - by_hand <= set(ACTS.values())
