"""Values of users never stand in a check's result: those results are kept and shown."""

from collections.abc import Mapping
from typing import Any

from jobs.datasets.pseudonyms import pseudonym

# Ids of people and their devices, what contains them, and what people typed.
PERSONAL = frozenset({"user_id", "anonymous_id", "device_id", "session_id", "key", "raw", "search_query"})


def shown(column: str, value: Any, hash_key: str) -> str:
    """One value as text; a personal one as the keyed hash that stands for it elsewhere too."""
    if column in PERSONAL and value:
        return f"#{pseudonym(str(value), hash_key)}"
    return repr(value) if isinstance(value, str) else str(value)


def shown_row(values: Mapping[str, Any], hash_key: str) -> str:
    """Several columns of one row: ``item_id=i3, user_id=#90a3ed9e32b2aaf4``."""
    return ", ".join(f"{column}={shown(column, value, hash_key)}" for column, value in values.items())
