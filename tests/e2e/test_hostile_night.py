"""A whole night of the tiny app in which many users and most items have hostile ids."""

import io
import json
import tempfile
import zipfile
from collections.abc import Collection, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

import pandas as pd
import pytest
from hostile_ids import HOSTILE_IDS, MARKS
from tiny_app import CLOSED, FIRST, write_app

from jobs.__main__ import main
from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.adapters.online.environment import feature_store
from jobs.commands.rebuild import last_day_stages
from jobs.core.config import load_settings
from jobs.core.home import Home
from jobs.core.output_schemas import RECOMMENDATIONS
from jobs.core.schemas import QUARANTINE
from jobs.datasets.tables import table_named
from nightjar_client import Client

pytestmark = pytest.mark.slow

NIGHT = CLOSED - timedelta(1)
TOLD = ["--app", "tiny", "--date", str(NIGHT)]
MORNING = datetime(2025, 3, 10, 21, tzinfo=UTC)  # six in Tokyo
SCRIPT = "<script>alert(1)</script>"
ORDINARY = "ordinary-user-"

USERS = HOSTILE_IDS
SHOWN = ",".join(user for user in USERS if "," not in user)
# One of each kind; the others stay ids of users alone, so that one can tell which of them is in a file.
ITEMS = (
    "../../../../etc/passwd",
    "..",
    "a/b\\c",
    "o'neil",
    'say "hi"',
    "two\nlines",
    "\u202egnp.exe",
    "😀👩‍👩‍👧‍👦",
    SCRIPT,
    "x" * 10_000,
    "%",
    "null",
)
SECRET = (
    ORDINARY,
    *(user for user in USERS if len(user) > 8 and not any(user in item for item in ITEMS)),
)
"""What tells that a user's id is in a file: shorter ones are in any file by chance, and items may be there."""

PASSWORDS = Path("/etc/passwd")


@dataclass(frozen=True)
class Night:
    """A night that has run.

    Attributes
    ----------
    outer
        Folder around everything.
    home
        Of the app.
    before
        What was outside the home before the night: size and time of each file, and of /etc/passwd.
    digest, shown
        What these commands printed.
    """

    outer: Path
    home: Home
    before: dict[Path, tuple[int, int]]
    digest: str
    shown: str

    def rows(self, name: str) -> pd.DataFrame:
        lake, table = Lake(self.home.lake), table_named(name)
        return read_pandas(lake, table, lake.require(name, NIGHT, "test"))


def hostile_id(plain: str) -> str:
    """The id that stands in the log for one of the tiny app: the first users and items are hostile."""
    number = int(plain[1:])
    if plain.startswith("i"):
        return ITEMS[number] if number < len(ITEMS) else plain
    return USERS[number] if number < len(USERS) else f"{ORDINARY}{number}"


def rename(file: Path) -> None:
    """Put the hostile ids into a day's file; what is no JSON stays."""
    lines = []
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line) if line.endswith("}") else None
        if row:
            row |= {name: hostile_id(row[name]) for name in ("visitorid", "itemid") if name in row}
        lines.append(json.dumps(row, ensure_ascii=False) if row else line)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def files_beside(home: Path, outer: Path) -> dict[Path, tuple[int, int]]:
    """Files outside the home, by size and time; Feast leaves a folder of its own among the temporary ones."""
    files = [path for path in outer.rglob("*") if path.is_file() and home not in path.parents]
    return {
        path: (path.stat().st_size, path.stat().st_mtime_ns)
        for path in [*files, PASSWORDS]
        if not any(folder.name.startswith("feast_metrics_") for folder in path.parents)
    }


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, spark: object) -> Iterator[Night]:
    # So far down that four folders up, where one of the ids would lead, is still below the outer one.
    outer = tmp_path_factory.mktemp("outer")
    root = outer / "a" / "b" / "c" / "d"
    for folder in ("work", "scratch"):
        (root / folder).mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NIGHTJAR_CONF", str(write_app(root)))
        patch.setenv("NIGHTJAR_HOME", str(root / "home"))
        # Wide enough that no line of a command is broken.
        patch.setenv("COLUMNS", "300")
        patch.setenv("TMPDIR", str(root / "scratch"))
        patch.setattr(tempfile, "tempdir", None)
        patch.chdir(root / "work")
        for file in (root / "log").iterdir():
            rename(file)
        before = files_beside(root / "home", outer)
        run_night()
        yield Night(outer, Home(root / "home", "tiny"), before, printed("digest"), printed("show", "--users", SHOWN))


def run_night() -> None:
    """The tables of the past and the night, and then every other stage of the night."""
    assert main(["backfill", "--app", "tiny", "--from", str(FIRST), "--to", str(NIGHT), "--tables-only"]) == 0
    for stage in last_day_stages():
        assert main([stage.name, *TOLD]) == 0, stage.name


def printed(command: str, *more: str) -> str:
    """What a command prints."""
    with redirect_stdout(io.StringIO()) as stream:
        assert main([command, *TOLD, *more]) == 0
    return stream.getvalue()


def files_that_hold(texts: Collection[str], *folders: Path) -> set[Path]:
    """Files with one of the texts in them, however it is written; archives of arrays are opened."""
    wanted = [form for text in texts for form in _written(text)]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {path for path in files if any(form in part for part in _parts(path) for form in wanted)}


def _written(text: str) -> set[bytes]:
    forms = {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], escape(text)}
    return {form.encode(encoding) for form in forms for encoding in ("utf-8", "utf-16-le", "utf-32-le")}


def _parts(path: Path) -> Iterator[bytes]:
    yield path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from map(archive.read, archive.namelist())


def test_no_id_is_refused_or_changed(night: Night) -> None:
    assert set(night.rows("user_activity")["user_id"]) == {hostile_id(f"u{number}") for number in range(40)}
    assert set(night.rows("item_popularity")["item_id"]) == {hostile_id(f"i{number}") for number in range(15)}
    # The dirt of the tiny app. Ids of any length are ids: only the HTTP server refuses long ones.
    assert sorted(night.rows(QUARANTINE.name)["reason"]) == ["too_late", "unknown_event_type", "unparsable"]


def test_users_and_items_have_lists_and_predictions(night: Night) -> None:
    lists = night.rows(RECOMMENDATIONS.name)
    own = lists[lists["entity"] == "user"]
    assert set(USERS) <= set(own["key"])
    assert set(ITEMS) <= set(own["item_id"])
    assert set(ITEMS) <= set(own["anchor"])
    assert set(ITEMS) <= set(lists.loc[lists["entity"] == "item", "key"])
    assert set(USERS) <= set(night.rows("predictions")["user_id"])


def test_apps_read_what_the_lake_has(night: Night) -> None:
    lists = night.rows(RECOMMENDATIONS.name).sort_values("rank")
    wanted = lists.groupby(["entity", "key", "surface"])[["item_id", "anchor"]].agg(tuple)
    client = Client.open(store=feature_store(load_settings("tiny"), night.home), clock=lambda: MORNING)
    for user in USERS:
        for surface in ("for_you", "discover"):
            answer = client.recommendations(user, surface, k=50)
            assert (answer.rung, answer.items, answer.anchors) == ("user", *wanted.loc[("user", user, surface)])
        assert "churn" in client.predictions(user).views
    for item in ITEMS:
        answer = client.similar(item, k=50)
        assert (answer.rung, answer.items) == ("item", wanted.loc[("item", item, "similar"), "item_id"])


def test_no_name_of_a_file_holds_an_id(night: Night) -> None:
    names = [str(path.relative_to(night.outer)) for path in night.outer.rglob("*")]
    assert len(names) > 500
    assert not [name for name in names for mark in (*MARKS, ORDINARY) if mark in name]


def test_nothing_is_written_beside_the_home(night: Night) -> None:
    assert files_beside(night.home.root, night.outer) == night.before


def test_what_is_kept_for_ever_names_no_user(night: Night) -> None:
    kept = (night.home.mlflow, night.home.models, night.home.reports, night.home.runs)
    assert not files_that_hold(SECRET, *kept)
    # What looks for users would find items, in pages and in arrays.
    found = {path.suffix for path in files_that_hold([SCRIPT], *kept)}
    assert {".html", ".json", ".npz"} <= found


def test_pages_take_ids_for_text(night: Night) -> None:
    pages = [path for kind in ("*.html", "*.md") for path in night.home.root.rglob(kind)]
    texts = {path.name: path.read_text(encoding="utf-8") for path in pages}
    assert {"night.html", "index.html", "recommendations.html", "lists.html", "model_card.md"} <= set(texts)
    assert escape(SCRIPT) in texts["lists.html"]
    assert not [name for name, text in texts.items() if "<script" in text or "\u202e" in text]


def test_digest_and_show_print_them(night: Night) -> None:
    assert [line.split()[0] for line in night.digest.splitlines()][-1] == "online"
    for user in ("o'neil", SCRIPT, "\\u202egnp.exe", "two\\u000alines", "x" * 80 + "..."):
        assert f"User {user}  " in night.shown
    assert not [mark for mark in ("\u202e", "\u200f", "\r", "\t", "x" * 81) if mark in night.shown]
