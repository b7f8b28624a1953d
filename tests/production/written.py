"""Where a text stands among all that a deployment has written: files of all kinds, and rows of its databases."""

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.servers.deployment import DATABASES
from tests.servers.postgres import Postgres


def places_that_hold(text: str, roots: Iterable[Path], postgres: Postgres) -> list[str]:
    """Files, members of archives and tables with the text in them; hexadecimal bytea is read as what it says."""
    files = [f"{path}" for root in roots for path in sorted(root.rglob("*")) if _holds(path, text.encode())]
    return files + [f"{database}.{table}" for database, table, rows in _tables(postgres) if _in_rows(text, rows)]


def _holds(path: Path, text: bytes) -> bool:
    if not path.is_file() or path.is_symlink():
        return False
    if text in path.read_bytes():
        return True
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(text in archive.read(name) for name in archive.namelist())


def _tables(postgres: Postgres) -> Iterator[tuple[str, str, str]]:
    for database in DATABASES:
        for table, rows in postgres.tables(database):
            yield database, table, rows


def _in_rows(text: str, rows: str) -> bool:
    return text in rows or text.encode().hex() in rows
