"""Writes the summary of a night as JSON and as one page that a browser shows without a network."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jobs.adapters.lake.files import write_atomic

TEMPLATES = Path(__file__).parent / "templates"


def write_page(summary: Mapping[str, Any], folder: Path, docs: Path) -> Path:
    """Write ``night.json`` and ``night.html``.

    Parameters
    ----------
    summary
        As `jobs.datasets.night_summary.summarise` gives it.
    folder
        Made if missing; an earlier page of the night is replaced.
    docs
        Index of the Data Docs, somewhere below `folder`; the page links to it by its relative path.

    Returns
    -------
    Path
        The page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / "night.json", json.dumps(summary, indent=1, ensure_ascii=False) + "\n")
    page = folder / "night.html"
    write_atomic(page, _render(summary, docs.relative_to(folder).as_posix()))
    return page


def _render(summary: Mapping[str, Any], docs: str) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    return environment.get_template("night.j2").render(night=summary, docs=docs)


def _count(number: int) -> str:
    return f"{number:,}"


def _seconds(number: float) -> str:
    """Tenths below a minute, minutes and seconds above."""
    return f"{number:.1f} s" if number < 60 else f"{int(number // 60)} min {int(number % 60):02d} s"


def _words(code: str) -> str:
    return code.replace("_", " ")


def _percent(part: float, whole: float) -> float:
    """Share in percent for a width; 0 of nothing."""
    return round(100 * part / whole, 3) if whole else 0.0


def _day(text: str) -> str:
    """``Saturday, 1 March 2025``."""
    day = date.fromisoformat(text)
    return f"{day:%A}, {day.day} {day:%B %Y}"


def _moment(text: str) -> str:
    """``9 March 2025, 00:00 UTC``."""
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


FILTERS: dict[str, Callable[..., Any]] = {
    "count": _count,
    "seconds": _seconds,
    "words": _words,
    "percent": _percent,
    "day": _day,
    "moment": _moment,
}
