"""Reads Feast's SQLite store: one statement an entity, all statements of an answer in one read transaction."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from nightjar_client.errors import StoreUnreachableError
from nightjar_client.keys import entity_key
from nightjar_client.reading import Ask, Rows
from nightjar_client.views import OnlineView

_BUSY_SECONDS = 5.0  # readers wait for a writer only while the store recovers from a crash
_CACHED_STATEMENTS = 256


class _Mine(threading.local):
    """What each thread has for itself."""

    database: sqlite3.Connection | None = None
    identity: tuple[int, int] | None = None
    schema: int | None = None

    def __init__(self) -> None:
        self.tables: set[str] = set()
        self.statements: dict[tuple[str, ...], str] = {}


class SqliteReader:
    """See `Reader`.

    Parameters
    ----------
    path
        The file; opened read-only, by each thread for itself.
    project
        Feast project, the prefix of its tables.
    """

    def __init__(self, path: Path, project: str) -> None:
        self._path = path
        self._project = project
        self._mine = _Mine()

    @contextmanager
    def moment(self) -> Iterator[None]:
        """See `Reader`; one transaction."""
        database = self._database()
        try:
            database.execute("BEGIN")
        except sqlite3.Error as error:
            raise self._unreachable(error) from error
        try:
            yield
        finally:
            if database.in_transaction:
                database.execute("ROLLBACK")

    def read(self, asks: Sequence[Ask]) -> list[Rows]:
        """See `Reader`; to be called inside `moment`."""
        database = self._mine.database
        if database is None:
            raise AssertionError("read is called inside moment")
        try:
            return [self._read_one(database, value, views) for value, views in asks]
        except sqlite3.Error as error:
            raise self._unreachable(error) from error

    def close(self) -> None:
        """See `Reader`; of this thread."""
        if self._mine.database is not None:
            self._mine.database.close()
            self._mine.database = None

    def _read_one(self, database: sqlite3.Connection, value: str, views: Sequence[OnlineView]) -> Rows:
        views = [view for view in views if view.name in self._tables(database)]
        if not views:
            return {}
        found: dict[str, dict[str, bytes]] = {view.name: {} for view in views}
        key = entity_key(views[0].join_key, value)
        statement = self._statement(tuple(view.name for view in views))
        for name, feature, stored in database.execute(statement, {"key": key}):
            found[name][feature] = stored
        return {name: row for name, row in found.items() if row}

    def _statement(self, names: tuple[str, ...]) -> str:
        statements = self._mine.statements
        if names not in statements:
            statements[names] = " UNION ALL ".join(
                f"SELECT {_literal(name)}, feature_name, value FROM {_quoted(f'{self._project}_{name}')} "
                "WHERE entity_key = :key"
                for name in names
            )
        return statements[names]

    def _tables(self, database: sqlite3.Connection) -> set[str]:
        """Views that have a table: `feast apply` and the first publish make them while we are open."""
        version = database.execute("PRAGMA schema_version").fetchone()[0]
        if version != self._mine.schema:
            start = f"{self._project}_"
            names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            self._mine.tables = {name.removeprefix(start) for (name,) in names if name.startswith(start)}
            self._mine.schema = version
        return self._mine.tables

    def _database(self) -> sqlite3.Connection:
        """The connection of this thread; a new one where the file was put anew."""
        try:
            stat = self._path.stat()
            identity = (stat.st_dev, stat.st_ino)
            if self._mine.database is None or self._mine.identity != identity:
                return self._open(identity)
        except (OSError, sqlite3.Error) as error:
            raise self._unreachable(error) from error
        return self._mine.database

    def _open(self, identity: tuple[int, int]) -> sqlite3.Connection:
        self.close()
        opened = sqlite3.connect(
            f"file:{quote(str(self._path))}?mode=ro",
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            cached_statements=_CACHED_STATEMENTS,
        )
        self._mine.database, self._mine.identity, self._mine.schema = opened, identity, None
        self._mine.tables, self._mine.statements = set(), {}
        return opened

    def _unreachable(self, error: Exception) -> StoreUnreachableError:
        return StoreUnreachableError(f"online store {self._path} cannot be read: {error}; publish into it first")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
