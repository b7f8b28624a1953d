import io
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console
from served_store import serve

from jobs.__main__ import main
from jobs.adapters.lake import Lake
from jobs.adapters.lake.put import put_partition
from jobs.adapters.run_log import RunLog
from jobs.adapters.running import noted_as_running, running_stages
from jobs.commands.status import show_status
from jobs.core.config import load_settings
from jobs.core.config.load import project_folder
from jobs.core.home import Home
from jobs.core.schemas import LEDGER

DAY, BEFORE = date(2025, 3, 3), date(2025, 3, 2)
SETTINGS = load_settings("sample")


@pytest.fixture
def app(home: Path) -> Home:
    return Home(home, "sample")


def shown(now: datetime, width: int = 200) -> str:
    stream = io.StringIO()
    show_status(Console(file=stream, width=width, markup=False), SETTINGS, 7, now)
    return stream.getvalue()


def test_an_app_that_never_ran_says_so(app: Home) -> None:
    assert "No night has run yet" in shown(datetime(2025, 3, 4, tzinfo=UTC))


def test_a_store_that_refuses_is_told_without_the_password(app: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTJAR__ONLINE__REGISTRY", "postgresql://feast:p%40ss%2Fw0rd@db/feast")
    monkeypatch.setattr("jobs.commands.status.served_now", lambda *_: (None, "p@ss/w0rd is refused"))
    assert "*** is refused" in shown(datetime(2025, 3, 4, tzinfo=UTC))


def test_a_failed_night_is_named_with_its_stage_and_yesterdays_generation_with_its_age(app: Home) -> None:
    serve(app, BEFORE, 4, datetime(2025, 3, 10, tzinfo=UTC))
    RunLog(app.runs, BEFORE).append("clean_events", "done", 2.0, {"events": 8282})
    RunLog(app.runs, DAY).append("clean_events", "done", 2.0, {"events": 8282})
    RunLog(app.runs, DAY).append("recommend", "failed", 3.0, {})

    page = shown(datetime(2025, 3, 4, 6, tzinfo=UTC))

    assert f"Serves {BEFORE}-01234567, publish number 4, 1 day old, until 2025-03-10" in page
    assert "failed in recommend" in page
    assert "8,282" in page
    assert page.index(str(DAY)) < page.index(f"{BEFORE} ", page.index(str(DAY)))


def test_in_80_columns_no_word_is_broken_and_what_is_not_known_is_a_dash(app: Home) -> None:
    serve(app, BEFORE, 4, datetime(2025, 3, 10, tzinfo=UTC))
    counted = pd.DataFrame(
        {"source": ["app"] * 2, "place": ["raw", "clean"], "reason": [""] * 2, "n_rows": [12_000_000] * 2}
    )
    put_partition(Lake(app.lake), LEDGER, BEFORE, counted.reindex(columns=list(LEDGER.column_names)), "clean_events")
    RunLog(app.runs, BEFORE).append("train_recommender", "failed", 2000.0, {"training_sets": 20_000_000})
    RunLog(app.runs, DAY).append("train_recommender", "unchanged", 2000.0, {"training_sets": 20_000_000})
    RunLog(app.runs, DAY).append("ingest_events", "done, nothing to do", 2.0, {"raw_events": 20_000_000})

    page = shown(datetime.now(UTC), width=80)

    assert max(map(len, page.splitlines())) <= 80
    for words in ("up to ingest_events", "train_recommender", "12,000,000", "Stages of 2025-03-03", "nothing"):
        assert words in page
    [line] = [line for line in page.splitlines() if line.split()[:1] == [str(DAY)]]
    assert line.split() == [str(DAY), "up", "to", "ingest_events", "-", "-"]


def test_a_killed_stage_stands_among_the_others(app: Home) -> None:
    RunLog(app.runs, DAY).append("clean_events", "done", 2.0, {"events": 8282})
    RunLog(app.runs, DAY).append("publish", "failed", 3.0, {})
    with noted_as_running(app.running, "publish", DAY):
        [one] = running_stages(app.running)
        assert "running, began" in shown(datetime.now(UTC))
        text = one.file.read_text().replace(f'"born": "{one.born}"', '"born": "another"')
    one.file.write_text(text)

    page = shown(datetime.now(UTC))

    assert "killed in publish" in page
    [line] = [line for line in page.splitlines() if line.split()[:1] == ["publish"]]
    assert f"killed, began {one.since:%Y-%m-%d %H:%M}" in line
    assert page.index("clean_events") < page.index(line)


def test_what_has_expired_is_told(app: Home) -> None:
    serve(app, BEFORE, 4, datetime(2025, 3, 10, tzinfo=UTC))

    assert "expired" in shown(datetime(2025, 3, 11, tzinfo=UTC))


def test_a_broken_app_is_told_in_a_line_and_hides_no_other(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    conf = tmp_path / "conf"
    shutil.copytree(project_folder() / "conf", conf)
    monkeypatch.setenv("NIGHTJAR_CONF", str(conf))
    (conf / "apps" / "online_retail.yaml").write_text("app: online_retail\nlog: {pth: x}\n", encoding="utf-8")
    for name in ("online_retail", "sample"):
        RunLog(Home(home, name).runs, DAY).append("publish", "failed", 1.0, {})

    assert main(["status"]) == 3
    said = capsys.readouterr().out
    [line] = [line for line in said.splitlines() if line.startswith("App online_retail")]
    assert "log.pth: unknown key" in line
    assert "nightjar doctor --app online_retail" in line
    assert "App sample  " in said
    assert main(["status", "--app", "online_retail"]) == 3
    assert main(["status", "--app", "sample"]) == 0
