"""The online store in one SQLite file: a publish is one transaction, in the layout of Feast 0.67.

Tables ``<project>_<view>`` are Feast's, ``nightjar_served`` is ours. In write-ahead mode a reader sees the
old generation until the commit and the new one after it; a process that dies in between leaves the old one.
"""

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.adapters.online.contract import Served, Unfinished
from jobs.adapters.online.counts import Counts, Told, tell_nobody
from jobs.adapters.online.generation import StatusMark
from jobs.adapters.online.sqlite_contents import Contents, create_contents, forget_row, mark_changed
from jobs.adapters.online.sqlite_insertion import insertion
from jobs.adapters.online.stores import Row, Slices
from jobs.core.errors import OnlineStoreError
from jobs.features.online import GENERATION, ONLINE_VIEWS, views_withdrawn
from jobs.features.serving import LIST_VIEWS, USER_SERVING

if TYPE_CHECKING:
    from jobs.adapters.online.encode import EncodedView

_BUSY_SECONDS = 60.0  # longest wait for somebody else's write, such as `feast apply` by hand


class SqliteStore:
    """See `OnlineStore`.

    Parameters
    ----------
    path
        The file; its folder is made at the first write.
    project
        Feast project, the prefix of its tables.
    """

    def __init__(self, path: Path, project: str) -> None:
        self._path = path
        self._project = project

    def served(self) -> Served | None:
        """See `OnlineStore`."""
        with self._reading() as database:
            if database is None or not _has_table(database, "nightjar_served"):
                return None
            fields = dict(database.execute("SELECT name, value FROM nightjar_served"))
        return Served.model_validate(fields) if fields else None

    def unfinished(self) -> Unfinished | None:
        """See `OnlineStore`; a transaction leaves nothing half."""
        return None

    def replace(self, served: Served, slices: Slices, told: Told = tell_nobody) -> Counts:
        """See `OnlineStore`; one transaction."""
        counts = Counts()
        with self._writing() as database:
            before = Contents(database)
            for name in ONLINE_VIEWS:
                _renew_table(database, self._table_name(name))
            for views in slices:
                for encoded in views:
                    self._insert(database, encoded)
                    before.count(encoded, counts)
                told(max((len(encoded.keys) for encoded in views), default=0))
            before.finish(counts)
            _write_served(database, served)
        return counts

    def withdraw(self, statuses: Mapping[str, str], delisted: Collection[str], mark: StatusMark) -> int:
        """See `OnlineStore`; one transaction."""
        served = self.served()
        if served is None:
            return 0
        with self._writing() as database:
            create_contents(database)
            changes = sum(self._withdraw_user(database, user, status) for user, status in statuses.items())
            changes += self._withdraw_items(database, delisted) if delisted else 0
            _write_served(database, served.after_withdrawal(mark, changed=changes > 0))
        return changes

    def expire(self, now: datetime) -> int:
        """See `OnlineStore`; one transaction."""
        served = self.served()
        if served is None or served.expires_at > now:
            return 0
        with self._writing() as database:
            create_contents(database)
            [(rows,)] = database.execute("SELECT count(*) FROM nightjar_rows")
            for table in ("nightjar_rows", *map(self._table_name, ONLINE_VIEWS)):
                database.execute(f'DELETE FROM "{table}"')
            _write_served(database, served.emptied())
        return int(rows)

    def count(self, view: str) -> int:
        """See `OnlineStore`."""
        with self._reading() as database:
            if database is None or not _has_table(database, self._table_name(view)):
                return 0
            [(found,)] = database.execute(
                f"SELECT count(*) FROM {self._quoted(view)} WHERE feature_name = ?", (GENERATION.name,)
            )
        return int(found)

    def rows(self, view: str) -> Iterator[Row]:
        """See `OnlineStore`."""
        with self._reading() as database:
            if database is None or not _has_table(database, self._table_name(view)):
                return
            yield from database.execute(
                f"SELECT entity_key, feature_name, value FROM {self._quoted(view)} ORDER BY entity_key, feature_name"
            )

    def _insert(self, database: sqlite3.Connection, encoded: "EncodedView") -> None:
        if encoded.keys:
            database.executemany(*insertion(self._quoted(encoded.view.name), encoded))

    def _withdraw_user(self, database: sqlite3.Connection, user: str, status: str) -> int:
        from jobs.adapters.online.encode import encode_key

        key = encode_key(USER_SERVING.key, user)
        changes = sum(self._delete_row(database, view, key) for view in views_withdrawn(status))
        return changes + self._restate(database, key, status)

    def _restate(self, database: sqlite3.Connection, key: bytes, status: str) -> int:
        from jobs.adapters.online.encode import encode_values

        [(value, text)] = encode_values([status], "string")
        changes = database.execute(
            f"UPDATE {self._quoted(USER_SERVING.name)} SET value = ?, value_text = ? "
            "WHERE entity_key = ? AND feature_name = 'status' AND value <> ?",
            (value, text, key, value),
        ).rowcount
        if changes:
            mark_changed(database, USER_SERVING.name, key)
        return changes

    def _delete_row(self, database: sqlite3.Connection, view: str, key: bytes) -> int:
        changes = database.execute(f"DELETE FROM {self._quoted(view)} WHERE entity_key = ?", (key,)).rowcount
        if changes:
            forget_row(database, view, key)
        return changes

    def _withdraw_items(self, database: sqlite3.Connection, delisted: Collection[str]) -> int:
        from jobs.adapters.online.delisting import ITEMS, names_any

        changes = 0
        for listed in LIST_VIEWS:
            view = listed.view.name
            rows = database.execute(
                f"SELECT entity_key, value FROM {self._quoted(view)} WHERE feature_name = ?", (ITEMS,)
            )
            touched = [key for key, items in rows if names_any(items, delisted)]
            for key in touched:
                self._shorten(database, view, key, delisted)
            changes += len(touched)
        return changes

    def _shorten(self, database: sqlite3.Connection, view: str, key: bytes, delisted: Collection[str]) -> None:
        from jobs.adapters.online.delisting import shortened

        table = self._quoted(view)
        stored = dict(database.execute(f"SELECT feature_name, value FROM {table} WHERE entity_key = ?", (key,)))
        left = shortened(stored, delisted)
        if left is None:
            self._delete_row(database, view, key)
            return
        database.executemany(
            f"UPDATE {table} SET value = ?, value_text = ? WHERE entity_key = ? AND feature_name = ?",
            [(value, text, key, name) for name, (value, text) in left.items()],
        )
        mark_changed(database, view, key)

    def _table_name(self, view: str) -> str:
        return f"{self._project}_{ONLINE_VIEWS[view].name}"

    def _quoted(self, view: str) -> str:
        return f'"{self._table_name(view)}"'

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection, or None where there is no file."""
        if not self._path.is_file():
            yield None
            return
        with self._clear_errors(), closing(self._connect()) as database:
            yield database

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._clear_errors(), closing(self._connect()) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                # A full disk has rolled back by itself.
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise OnlineStoreError(
                f"online store {self._path}: {error}; the generation before stays served; free the disk or "
                "the lock, or remove a damaged file, and publish again"
            ) from error


def _renew_table(database: sqlite3.Connection, name: str) -> None:
    """An empty table with the columns and the key that `feast apply` gives it.

    The rows lie in the key itself, and Feast's index of entity keys, with which that key begins, is left out: a store
    takes half of the room and a publish three quarters of the time.
    """
    database.execute(f'DROP TABLE IF EXISTS "{name}"')
    database.execute(
        f'CREATE TABLE "{name}" (entity_key BLOB, feature_name TEXT, value BLOB, '
        "value_text TEXT, vector_value BLOB, event_ts timestamp, created_ts timestamp, "
        "PRIMARY KEY(entity_key, feature_name)) WITHOUT ROWID"
    )


def _write_served(database: sqlite3.Connection, served: Served) -> None:
    database.execute("CREATE TABLE IF NOT EXISTS nightjar_served (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
    database.execute("DELETE FROM nightjar_served")
    database.executemany("INSERT INTO nightjar_served (name, value) VALUES (?, ?)", served.fields.items())


def _has_table(database: sqlite3.Connection, name: str) -> bool:
    found = database.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,))
    return found.fetchone() is not None
