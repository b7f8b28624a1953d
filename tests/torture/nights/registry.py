"""What MLflow's registry says, read from its database: by none of the code that wrote it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

_VERSIONS = """
SELECT v.name, t.value, count(*) FROM model_versions v
LEFT JOIN model_version_tags t ON t.name = v.name AND t.version = v.version AND t.key = 'content_name'
WHERE v.current_stage <> 'Deleted_Internal'
GROUP BY v.name, t.value
"""
_ALIASES = """
SELECT a.name, a.alias, t.value FROM registered_model_aliases a
LEFT JOIN model_version_tags t ON t.name = a.name AND t.version = a.version AND t.key = 'content_name'
"""


def registry_of_file(database: Path) -> str:
    """Of the embedded default; empty where nothing was ever tracked."""
    import sqlite3

    if not database.is_file():
        return ""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return _told(connection.execute(query).fetchall() for query in (_VERSIONS, _ALIASES))
    finally:
        connection.close()


def registry_of_server(url: str) -> str:
    """Of a PostgreSQL, by its plain URL."""
    import psycopg2

    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            return _told(_rows(cursor, query) for query in (_VERSIONS, _ALIASES))
    finally:
        connection.close()


def _rows(cursor: Any, query: str) -> list[tuple[Any, ...]]:
    cursor.execute(query)
    found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _told(answers: Iterable[Iterable[tuple[Any, ...]]]) -> str:
    """Versions of each model by content name and how many, and where the aliases are."""
    return "; ".join(" ".join(sorted(":".join(map(str, row)) for row in rows)) for rows in answers)
