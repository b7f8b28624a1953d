import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console
from served_store import serve

from jobs.__main__ import main
from jobs.adapters.lake import Acceptance, AcceptedChecks, Lake
from jobs.adapters.lake.put import put_partition
from jobs.adapters.online.read_users import OnlineUser, Recommendation
from jobs.adapters.run_log import RunLog
from jobs.commands.show import show
from jobs.commands.show_page import reason_in_words
from jobs.core.config import Settings, load_settings
from jobs.core.errors import MissingPartitionError
from jobs.core.home import Home
from jobs.core.surfaces import ANCHORED_REASONS, REASONS
from jobs.datasets.tables import table_named

DAY = date(2025, 3, 3)
MODEL = "als-2025-03-03-0f3c9a1e"
SETTINGS = load_settings("sample")


def put(lake: Lake, name: str, day: date, rows: list[tuple[object, ...]]) -> None:
    """Make a partition current."""
    table = table_named(name)
    frame = pd.DataFrame(rows, columns=list(table.column_names))
    put_partition(lake, table, day, frame, "test")


def activity_row(user: str, activity: float, tenure: int, since: int) -> tuple[object, ...]:
    given = {"user_id": user, "activity": activity, "tenure_days": tenure, "days_since_event": since}
    fill = {
        "long": 1,
        "double": 1.0,
        "string": None,
        "timestamp": pd.Timestamp("2025-03-04", tz="UTC"),
        "date": DAY,
        "array<long>": [1],
    }
    return tuple(given.get(column.name, fill[column.type]) for column in table_named("user_activity").columns)


@pytest.fixture
def night(home: Path) -> Home:
    """A night of DAY: u1 and u2 are active, u3 is dormant, u4 opted out."""
    app = Home(home, "sample")
    lake = Lake(app.lake)
    put(lake, "champions", date(2025, 3, 2), [])
    put(lake, "champions", DAY, [("recommender", MODEL, "als", "{}", MODEL, "promoted", "better", "{}", "gate")])
    put(lake, "champions", date(2025, 3, 4), [])
    places = [("raw", "", 9000), ("clean", "", 8000), ("quarantined", "bad_time", 600), ("duplicate", "exact", 400)]
    put(lake, "ledger", DAY, [("app", *place) for place in places])
    users = [("u1", 9.0, 90, 0), ("u2", 2.0, 3, 0), ("u3", 50.0, 300, 200), ("u4", 60.0, 1, 0)]
    put(lake, "user_activity", DAY, [activity_row(*user) for user in users])
    put(lake, "user_status", DAY, [("u4", "opted_out", pd.Timestamp("2025-03-03", tz="UTC"))])
    RunLog(app.app_folder / "runs", DAY).append("clean_events", "unchanged", 1.25, {"events": 8000})
    serve(app, DAY)
    return app


def read(settings: Settings, home: Home, users: Sequence[str]) -> list[OnlineUser]:
    """Every user has a list of eleven, but u3 has none and `nobody` is not known."""
    items = tuple(Recommendation(f"[i{n}]", 1 / n, "because_you_had", "i99") for n in range(1, 12))
    shelves = {"discover": (Recommendation("i50", 1, "new", ""), Recommendation("i51", 1, "because_you_had", "i9"))}
    known = OnlineUser("", "active", "active", items, MODEL, 0.125, "churn_lightgbm-2025-03-03-aaaa", shelves)
    answers = {
        "u3": OnlineUser("", "dormant", "active", (), None, None, None),
        "nobody": OnlineUser("", None, None, (), None, None, None),
    }
    return [OnlineUser(**{**vars(answers.get(user, known)), "user_id": user}) for user in users]


def text(day: date | None = None, users: list[str] | None = None, k: int = 10, width: int = 100) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, markup=False, highlight=False, emoji=False)
    show(console, SETTINGS, day, users, k, read)
    return stream.getvalue()


def test_the_newest_night_with_champions_is_shown(night: Home) -> None:
    assert f"Night of {DAY}, app sample" in text()


def test_active_users_are_chosen_and_others_not(night: Home) -> None:
    shown = [line.split()[1] for line in text().splitlines() if line.startswith("User ")]
    assert shown == ["u1", "u2"]


def test_a_list_has_rank_item_score_reason_and_model(night: Home) -> None:
    shown = text(users=["u1"])
    assert "churn probability 0.125 (churn_lightgbm-2025-03-03-aaaa)" in shown
    assert f"11 items by {MODEL}" in shown
    assert ["10", "[i10]", "0.1", "because", "you", "had", "i99"] in [line.split() for line in shown.splitlines()]
    assert "[i11]" not in shown
    assert "[i2]" not in text(users=["u1"], k=1)


def test_other_surfaces_are_a_line_each(night: Home) -> None:
    assert "discover 2 i50, i51 (because of i9)" in [
        " ".join(line.split()) for line in text(users=["u1"]).splitlines()
    ]
    assert "i51" not in text(users=["u1"], k=1)


def test_ids_are_text_and_never_commands_of_a_terminal(night: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = "\x1b[2J\u202egnp.exe\r\n\x9b31m" + "x" * 10_000
    found = (Recommendation(hostile, 1.0, "because_you_had", hostile),)
    evil = OnlineUser(hostile, "active", "active", found, MODEL, 0.5, "churn-1", {"discover": found})
    stream = io.StringIO()
    console = Console(file=stream, width=200, markup=False, highlight=False, emoji=False)
    show(console, SETTINGS, None, [hostile], 10, lambda *_: [evil])
    shown = stream.getvalue()
    assert not [mark for mark in ("\x1b", "\u202e", "\r", "\x9b", "x" * 80) if mark in shown]
    assert shown.count("\\u001b[2J\\u202egnp.exe\\u000d\\u000a\\u009b31mxxxxx") == 5


def test_a_user_without_a_list_is_told_what_an_app_shows(night: Home) -> None:
    shown = " ".join(text(users=["u3", "nobody"]).split())
    assert "u3 dormant, active, no churn probability; no list of their own, an app shows that of the segment" in shown
    assert "nobody is not known" in shown


def test_counts_champions_seconds_and_generation_are_shown(night: Home) -> None:
    lines = [line.split() for line in text().splitlines()]
    assert ["quarantined", "600", "bad", "time", "600"] in lines
    assert ["duplicate", "400", "exact", "400"] in lines
    assert ["recommender", MODEL, "promoted", "better"] in lines
    assert ["clean_events", "unchanged", "1.2", "8,000"] in lines
    assert "generation 2025-03-03-01234567, made this night" in text()


def test_what_was_accepted_is_told(night: Home) -> None:
    release = Acceptance(first=DAY, last=DAY, expectation="events.volume", reason="a strike", by="ann")
    AcceptedChecks(night.lake).record([release])
    assert "accepted by ann: events.volume: a strike" in text()


def test_the_age_of_an_older_generation_is_told(night: Home) -> None:
    serve(night, date(2025, 3, 1))
    assert "2 days older than this night" in text()


def test_commands_stay_on_one_line_however_narrow_the_terminal(night: Home) -> None:
    page = night.reports / str(DAY) / "night.html"
    page.parent.mkdir(parents=True)
    page.touch()
    shown = text(width=40).splitlines()
    assert 'eval "$(nightjar env --app sample)"' in shown
    assert f"# the report: {page}" in shown
    command = next(line for line in shown if "mlflow ui" in line)
    assert command.startswith(
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false mlflow ui --workers 1 --backend-store-uri sqlite:///"
    )
    tables = [line for line in shown if "://" not in line and "export" not in line and "report" not in line]
    assert max(map(len, tables)) <= 40


def test_nothing_served_still_shows_the_night(night: Home) -> None:
    (night.online / "online.db").unlink()
    shown = text()
    assert "The online store serves nothing yet." in shown
    assert "No user to show" in shown


def test_without_a_night_the_command_to_run_is_named(home: Path) -> None:
    with pytest.raises(MissingPartitionError, match="nightjar backfill --app sample --from 2025-01-01"):
        text()


def test_a_date_that_did_not_run_is_named(night: Home) -> None:
    with pytest.raises(MissingPartitionError, match=r"run_date=2025-04-01.*run the night of app 'sample'"):
        text(day=date(2025, 4, 1))


def test_every_reason_has_words_of_its_own() -> None:
    words = [reason_in_words(reason, "i1") for reason in REASONS]
    assert len(set(words)) == len(REASONS)
    assert all(("i1" in words) == (reason in ANCHORED_REASONS) for reason, words in zip(REASONS, words, strict=True))


@pytest.mark.parametrize(
    ("reason", "wanted"),
    [
        ("because_you_had", "because you had i1"),
        ("bought_together", "bought together with i1"),
        ("popular", "popular"),
        ("new_to_you", "new to you"),
    ],
)
def test_reasons_are_words(reason: str, wanted: str) -> None:
    assert reason_in_words(reason, "i1") == wanted


@pytest.mark.parametrize("k", ["0", "-1", "ten"])
def test_a_list_has_at_least_one_item(k: str) -> None:
    with pytest.raises(SystemExit):
        main(["show", "--app", "sample", "--k", k])
