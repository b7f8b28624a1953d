"""What every line of the log says besides its message: whose night, which stage, which try."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

# Of the process, and not of a thread: the threads of a stage log for the same stage.
_fields: dict[str, str | int] = {}


@contextmanager
def log_context(**fields: str | int) -> Iterator[None]:
    """Add fields to every line that is logged meanwhile, such as app, run_date, stage and attempt."""
    before = dict(_fields)
    _fields.update(fields)
    try:
        yield
    finally:
        _fields.clear()
        _fields.update(before)


def keep_fields(**fields: str | int) -> None:
    """Add fields to every line until the process ends: what dies while it ends is of the same night."""
    _fields.update(fields)


def current_fields() -> Mapping[str, str | int]:
    """The fields of this moment."""
    return dict(_fields)
