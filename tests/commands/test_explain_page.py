import io

from rich.console import Console

from jobs.commands.explain_page import print_fate
from jobs.commands.row_fate import Fate, RawRow

HOSTILE = "\x1b[2J\u202egnp.exe\x9b31m"


def test_what_a_row_says_is_text_and_never_a_command_of_a_terminal() -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=200, markup=False, highlight=False, emoji=False)
    values = {"item_id": HOSTILE, "user_id": HOSTILE}
    fate = Fate(RawRow("app", "", "{}", 1), "events", "clean", "", f"it is the event {HOSTILE}", values, values)

    for key in ("a key", None):
        print_fate(console, fate, key)

    shown = stream.getvalue()
    assert not [mark for mark in ("\x1b", "\u202e", "\x9b") if mark in shown]
    # With hashes the item twice and the event, without them the user twice too.
    assert shown.count("\\u001b[2J\\u202egnp.exe\\u009b31m") == 3 + 5
