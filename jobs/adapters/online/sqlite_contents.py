"""What rows held before, for counting: the table ``nightjar_rows`` beside Feast's."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from jobs.adapters.online.counts import Counts
from jobs.adapters.online.pieces import pieces

if TYPE_CHECKING:
    from jobs.adapters.online.encode import EncodedView

_LOOK_UP = 500  # keys of one question, below SQLite's smallest limit of parameters


class Contents:
    """The contents before and after a publish, within its transaction.

    Rows of the generation are written into a table beside, whose place the old one then leaves.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        create_contents(database)
        [(self._before,)] = database.execute("SELECT count(*) FROM nightjar_rows")
        self._met = 0
        database.execute("DROP TABLE IF EXISTS nightjar_rows_next")
        database.execute(_TABLE.format("nightjar_rows_next"))

    def count(self, encoded: "EncodedView", counts: Counts) -> None:
        """Count rows that are written."""
        name = encoded.view.name
        before = self._contents(name, encoded.keys) if self._before else {}
        for key, content in zip(encoded.keys, encoded.contents, strict=True):
            counts.add(before.get(key), content)
        self._met += len(before)
        rows = zip(encoded.keys, encoded.contents, strict=True)
        self._database.executemany(
            f"INSERT INTO nightjar_rows_next (view, entity_key, content) VALUES ('{name}', ?, ?)", rows
        )

    def finish(self, counts: Counts) -> None:
        """Count what is gone and keep what is there now."""
        counts.removed += self._before - self._met
        self._database.execute("DROP TABLE nightjar_rows")
        self._database.execute("ALTER TABLE nightjar_rows_next RENAME TO nightjar_rows")

    def _contents(self, view: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        return {key: content for part in pieces(keys, _LOOK_UP) for key, content in self._ask(view, part)}

    def _ask(self, view: str, keys: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
        marks = ",".join("?" * len(keys))
        yield from self._database.execute(
            f"SELECT entity_key, content FROM nightjar_rows WHERE view = ? AND entity_key IN ({marks})",
            (view, *keys),
        )


_TABLE = "CREATE TABLE {} (view TEXT, entity_key BLOB, content BLOB, PRIMARY KEY (view, entity_key)) WITHOUT ROWID"


def create_contents(database: sqlite3.Connection) -> None:
    """Make the table where it is not there; a store of before has all rows counted as added once."""
    database.execute(_TABLE.format("IF NOT EXISTS nightjar_rows"))


def forget_row(database: sqlite3.Connection, view: str, key: bytes) -> None:
    """A row left."""
    database.execute("DELETE FROM nightjar_rows WHERE view = ? AND entity_key = ?", (view, key))


def mark_changed(database: sqlite3.Connection, view: str, key: bytes) -> None:
    """A row was changed in place, and holds what no publish wrote."""
    database.execute("UPDATE nightjar_rows SET content = x'' WHERE view = ? AND entity_key = ?", (view, key))
