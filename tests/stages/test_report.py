import json
import shutil
from datetime import date

import pandas as pd
import pytest
from small_app import CLOSED, DAY, App

from jobs.adapters.quality import audit
from jobs.core.errors import MissingPartitionError
from jobs.core.model_schemas import CHAMPIONS
from jobs.core.night import Night
from jobs.core.schemas import LEDGER
from jobs.stages.check_pages import CHECKS_FILE, failed_checks
from jobs.stages.night_facts import manifests_of


@pytest.fixture(autouse=True)
def _no_earlier_report(app: App) -> None:
    shutil.rmtree(app.home.reports, ignore_errors=True)


def ledger(*rows: tuple[str, str, int]) -> pd.DataFrame:
    return pd.DataFrame([("app", *row) for row in rows], columns=list(LEDGER.column_names))


def put_champion(app: App, day: date, decision: str) -> None:
    row = ("recommender", "als-a", "als", "{}", "als-a", decision, "a reason", "{}", "gate")
    app.put("champions", day, pd.DataFrame([row], columns=list(CHAMPIONS.column_names)))


def test_a_closed_day_has_a_page_without_a_generation(app: App) -> None:
    app.put("ledger", CLOSED, ledger())
    put_champion(app, CLOSED, "copied")
    assert app.run("report", CLOSED) is None
    folder = app.home.reports / str(CLOSED)
    summary = json.loads((folder / "night.json").read_text(encoding="utf-8"))
    assert summary["is_closed"] is True
    assert summary["online"] == {"outcome": "", "generation": "", "views": {}, "serving": None}
    assert summary["tables"] == {"champions": 1, "ledger": 0}
    assert "The calendar calls this day closed" in (folder / "night.html").read_text(encoding="utf-8")


def test_the_page_leads_to_the_checks_of_every_table(app: App) -> None:
    rows = ledger(("raw", "", 9), ("clean", "", 8))
    app.put("ledger", DAY, rows)
    assert failed_checks(app.lake, "ledger", DAY) is None
    put_champion(app, DAY, "promoted")
    found = {each.table: each for each in manifests_of(app.lake, Night(app.settings, DAY, DAY))}
    audited = audit(rows, LEDGER, app.settings, (DAY,))
    document = json.dumps(audited.document)
    (app.lake.attempt_folder(found["ledger"]) / CHECKS_FILE).write_text(document, encoding="utf-8")
    failed = {failure.expectation for failure in audited.failures}
    assert failed_checks(app.lake, "ledger", DAY) == failed != set()
    app.run("report", DAY)
    folder = app.home.reports / str(DAY)
    assert "ledger.html" in (folder / "data_docs" / "index.html").read_text(encoding="utf-8")
    assert json.loads((folder / "night.json").read_text(encoding="utf-8"))["counts"]["raw"] == 9


def test_a_day_that_did_not_run_has_no_page(app: App) -> None:
    with pytest.raises(MissingPartitionError, match="ledger"):
        app.run("report", DAY)
    assert not (app.home.reports / str(DAY)).exists()
