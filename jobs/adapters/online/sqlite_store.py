"""The online store in one SQLite file: a publish is one transaction, in the layout of Feast 0.67.

Tables ``<project>_<view>`` are Feast's, ``nightjar_served`` is ours. In write-ahead mode a reader sees the
old generation until the commit and the new one after it; a process that dies in between leaves the old one.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.adapters.online.contract import Served
from jobs.adapters.online.generation import StatusMark
from jobs.adapters.online.stores import Row
from jobs.core.errors import OnlineStoreError
from jobs.features.online import ONLINE_VIEWS, views_withdrawn
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

    def replace(self, served: Served, views: Iterable["EncodedView"]) -> None:
        """See `OnlineStore`; one transaction."""
        with self._writing() as database:
            for encoded in views:
                self._replace_view(database, encoded)
            _write_served(database, served)

    def withdraw(self, statuses: Mapping[str, str], delisted: Collection[str], mark: StatusMark) -> int:
        """See `OnlineStore`; one transaction."""
        served = self.served()
        if served is None:
            return 0
        with self._writing() as database:
            changes = sum(self._withdraw_user(database, user, status) for user, status in statuses.items())
            changes += self._withdraw_items(database, delisted) if delisted else 0
            _write_served(database, served.after_withdrawal(mark, changed=changes > 0))
        return changes

    def rows(self, view: str) -> Iterator[Row]:
        """See `OnlineStore`."""
        with self._reading() as database:
            if database is None or not _has_table(database, self._table_name(view)):
                return
            yield from database.execute(
                f"SELECT entity_key, feature_name, value FROM {self._quoted(view)} ORDER BY entity_key, feature_name"
            )

    def _replace_view(self, database: sqlite3.Connection, encoded: "EncodedView") -> None:
        from feast.infra.online_stores.sqlite import adapt_datetime_epoch

        from jobs.adapters.online.encode import naive_utc

        table = self._quoted(encoded.view.name)
        _create_table(database, self._table_name(encoded.view.name))
        database.execute(f"DELETE FROM {table}")
        moment = adapt_datetime_epoch(naive_utc(encoded.event_time))
        names = list(encoded.columns)
        rows = (
            (key, name, value, text, moment)
            for key, *cells in zip(encoded.keys, *encoded.columns.values(), strict=True)
            for name, (value, text) in zip(names, cells, strict=True)
        )
        database.executemany(
            f"INSERT INTO {table} (entity_key, feature_name, value, value_text, event_ts) VALUES (?, ?, ?, ?, ?)",
            rows,
        )

    def _withdraw_user(self, database: sqlite3.Connection, user: str, status: str) -> int:
        from jobs.adapters.online.encode import encode_key, encode_values

        key = encode_key(USER_SERVING.key, user)
        changes = 0
        for view in views_withdrawn(status):
            changes += database.execute(f"DELETE FROM {self._quoted(view)} WHERE entity_key = ?", (key,)).rowcount
        [(value, text)] = encode_values([status], "string")
        return (
            changes
            + database.execute(
                f"UPDATE {self._quoted(USER_SERVING.name)} SET value = ?, value_text = ? "
                "WHERE entity_key = ? AND feature_name = 'status' AND value <> ?",
                (value, text, key, value),
            ).rowcount
        )

    def _withdraw_items(self, database: sqlite3.Connection, delisted: Collection[str]) -> int:
        from jobs.adapters.online.delisting import ITEMS, names_any

        changes = 0
        for listed in LIST_VIEWS:
            table = self._quoted(listed.view.name)
            rows = database.execute(f"SELECT entity_key, value FROM {table} WHERE feature_name = ?", (ITEMS,))
            touched = [key for key, items in rows if names_any(items, delisted)]
            for key in touched:
                self._shorten(database, table, key, delisted)
            changes += len(touched)
        return changes

    def _shorten(self, database: sqlite3.Connection, table: str, key: bytes, delisted: Collection[str]) -> None:
        from jobs.adapters.online.delisting import shortened

        stored = dict(database.execute(f"SELECT feature_name, value FROM {table} WHERE entity_key = ?", (key,)))
        left = shortened(stored, delisted)
        if left is None:
            database.execute(f"DELETE FROM {table} WHERE entity_key = ?", (key,))
            return
        database.executemany(
            f"UPDATE {table} SET value = ?, value_text = ? WHERE entity_key = ? AND feature_name = ?",
            [(value, text, key, name) for name, (value, text) in left.items()],
        )

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


def _create_table(database: sqlite3.Connection, name: str) -> None:
    """As `feast apply` does it, for a store that was emptied since."""
    database.execute(
        f'CREATE TABLE IF NOT EXISTS "{name}" (entity_key BLOB, feature_name TEXT, value BLOB, '
        "value_text TEXT, vector_value BLOB, event_ts timestamp, created_ts timestamp, "
        "PRIMARY KEY(entity_key, feature_name))"
    )
    database.execute(f'CREATE INDEX IF NOT EXISTS "{name}_ek" ON "{name}" (entity_key)')


def _write_served(database: sqlite3.Connection, served: Served) -> None:
    database.execute("CREATE TABLE IF NOT EXISTS nightjar_served (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
    database.execute("DELETE FROM nightjar_served")
    database.executemany("INSERT INTO nightjar_served (name, value) VALUES (?, ?)", served.fields.items())


def _has_table(database: sqlite3.Connection, name: str) -> bool:
    found = database.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,))
    return found.fetchone() is not None
