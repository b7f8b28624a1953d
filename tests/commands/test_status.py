import io
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from lake_rows import put
from rich.console import Console
from served_store import serve

from jobs.__main__ import main
from jobs.adapters.lake import Lake
from jobs.adapters.lake.put import put_partition
from jobs.adapters.run_log import RunLog
from jobs.adapters.running import noted_as_running, running_stages
from jobs.commands.status import Asked, show_status
from jobs.core.config import load_settings
from jobs.core.config.load import project_folder
from jobs.core.home import Home
from jobs.core.model_schemas import CHAMPIONS
from jobs.core.output_schemas import PUBLISHED
from jobs.core.schemas import LEDGER

DAY, BEFORE = date(2025, 3, 3), date(2025, 3, 2)
SETTINGS, NEWEST = load_settings("sample"), Asked()


@pytest.fixture
def app(home: Path) -> Home:
    return Home(home, "sample")


def shown(now: datetime, width: int = 200, asked: Asked = NEWEST) -> str:
    stream = io.StringIO()
    show_status(Console(file=stream, width=width, markup=False), SETTINGS, asked, now)
    return stream.getvalue()


def lines_of(page: str, first: str) -> list[list[str]]:
    """The words of the lines that begin with a word."""
    return [line.split() for line in page.splitlines() if line.split()[:1] == [first]]


def decide(app: Home, day: date, **decisions: str) -> None:
    """A partition of champions: what was decided of each role, and why."""
    rows = [
        {"role": role, "model": f"{role}-{day}-89abcdef", "decision": decision, "reason": f"because of {role}"}
        for role, decision in decisions.items()
    ]
    put(Lake(app.lake), CHAMPIONS.name, day, rows)


def publish(app: Home, day: date) -> None:
    row = {"view": "churn", "generation": f"{day}-01234567", "outcome": "published", "n_rows": 3}
    put(Lake(app.lake), PUBLISHED.name, day, [row])


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
    for words in ("ingest_events", "train_recommender", "12,000,000", "Stages of 2025-03-03", "nothing"):
        assert words in page
    [line] = lines_of(page, str(DAY))
    age = str((datetime.now(UTC).date() - DAY).days - 1)
    assert line == [str(DAY), age, "days", "2002", "-", "-", "up", "to"]


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


def test_the_gate_of_each_night_is_a_few_words_of_its_line_and_the_newest_is_told_role_by_role(app: Home) -> None:
    serve(app, DAY, 4, datetime(2025, 3, 10, tzinfo=UTC))
    for day in (BEFORE, DAY):
        RunLog(app.runs, day).append("promote_models", "done", 2.0, {"champions": 3})
        publish(app, day)
    decide(app, BEFORE, churn="promoted", recommender="promoted", value="refused", return_visit="by_hand")
    decide(app, DAY, churn="refused", recommender="copied")

    page = shown(datetime(2025, 3, 4, 6, tzinfo=UTC))

    [newest], [older] = lines_of(page, str(DAY)), lines_of(page, str(BEFORE))
    assert newest[1:3] == ["0", "days"]
    assert " ".join(newest).endswith(f"1 refused, 1 copied {DAY}-01234567")
    assert older[1:3] == ["1", "day"]
    assert " ".join(older).endswith(f"2 promoted, 1 by hand, 1 refused {BEFORE}-01234567")
    assert f"Gate of {DAY}" in page
    assert lines_of(page, "churn") == [["churn", f"churn-{DAY}-89abcdef", "refused", "because", "of", "churn"]]
    assert f"Gate of {BEFORE}" not in page


def test_a_night_without_champions_has_no_gate(app: Home) -> None:
    RunLog(app.runs, DAY).append("clean_events", "failed", 2.0, {})

    assert "Gate of" not in shown(datetime(2025, 3, 4, tzinfo=UTC))


def test_80_columns_have_room_for_seconds_rows_gate_and_generation(app: Home) -> None:
    RunLog(app.runs, DAY).append("publish", "done", 2345.0, {})
    put(Lake(app.lake), LEDGER.name, DAY, [{"source": "app", "place": "raw", "reason": "", "n_rows": 12_000_000}])
    publish(app, DAY)
    decide(app, DAY, churn="promoted", value="refused")

    page = shown(datetime(2025, 3, 4, tzinfo=UTC), width=80)

    assert max(map(len, page.splitlines())) <= 80
    for words in ("2345", "12,000,000", "1 promoted, 1", f"{DAY}-01234567", "0 days", "because of churn"):
        assert words in page
    # The reason is below the champion, not beside it in a column of a few letters.
    assert lines_of(page, "churn") == [["churn", "promoted", f"churn-{DAY}-89abcdef"]]


def test_an_older_night_is_shown_with_its_stages_and_decisions(app: Home) -> None:
    for day, stage in ((BEFORE, "recommend"), (DAY, "publish")):
        RunLog(app.runs, day).append(stage, "done", 7.5, {"recommendations": 4711})
        decide(app, day, churn="promoted")

    page = shown(datetime(2025, 3, 4, tzinfo=UTC), asked=Asked(day=BEFORE))

    assert lines_of(page, str(DAY)) == []
    assert f"Gate of {BEFORE}" in page
    assert f"Stages of {BEFORE}" in page
    [stage] = lines_of(page, "recommend")
    assert stage[:4] == ["recommend", "done", "7.5", "4,711"]
    assert "publish" not in page


def test_a_date_of_a_back_fill_has_rows_though_no_stage_was_noted_for_it(app: Home) -> None:
    put(Lake(app.lake), LEDGER.name, BEFORE, [{"source": "app", "place": "raw", "reason": "", "n_rows": 4711}])
    RunLog(app.runs, DAY).append("publish", "done", 7.5, {})

    page = shown(datetime(2025, 3, 4, tzinfo=UTC), asked=Asked(day=BEFORE))

    assert "no run noted" in page
    assert "4,711" in page
    assert "Stages of" not in page


def test_a_night_that_never_was_is_told_with_those_that_are_there(
    app: Home, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for day in (BEFORE, DAY):
        RunLog(app.runs, day).append("publish", "done", 7.5, {})

    assert main(["status", "--app", "sample", "--date", "2025-03-09"]) == 5
    told = f"no night 2025-03-09 in {app.app_folder}; the nights it has are from {BEFORE} to {DAY}"
    assert told in caplog.text
    assert main(["status", "--date", "2025-03-09"]) == 0
    assert told in capsys.readouterr().out


def test_stages_of_every_night_are_shown_where_they_are_asked_for(
    app: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    for day in (BEFORE, DAY):
        RunLog(app.runs, day).append("publish", "done", 7.5, {})

    assert main(["status", "--app", "sample", "--stages"]) == 0
    page = capsys.readouterr().out
    assert page.index(f"Stages of {DAY}") < page.index(f"Stages of {BEFORE}")
    assert main(["status", "--app", "sample"]) == 0
    assert f"Stages of {BEFORE}" not in capsys.readouterr().out


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
