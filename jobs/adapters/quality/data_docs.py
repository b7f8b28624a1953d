"""Renders stored validation documents as pages that a browser shows without a network.

Great Expectations turns results into words and tables; its own page would load styles from five hosts,
so the frame around them and the index are ours.
"""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from great_expectations.core.expectation_validation_result import expectationSuiteValidationResultSchema
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView

TEMPLATES = Path(__file__).parent / "templates"


def render(documents: Sequence[Mapping[str, Any]], folder: Path) -> Path:
    """Write one page per table and an index of all of them.

    Parameters
    ----------
    documents
        The documents of one night's audits, in the order in which the index lists them. Of two of the
        same table the later one keeps the page.
    folder
        Made if missing; pages of the same name are replaced.

    Returns
    -------
    Path
        The index, ``<folder>/index.html``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    view = DefaultJinjaPageView(custom_views_directory=str(TEMPLATES))
    summaries = [_summary(document["meta"], document) for document in documents]
    for document, summary in zip(documents, summaries, strict=True):
        (folder / summary["page"]).write_text(_table_page(view, document, summary), encoding="utf-8")
    index = folder / "index.html"
    index.write_text(view.env.get_template("night_page.j2").render(summaries=summaries), encoding="utf-8")
    return index


def _table_page(view: Any, document: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    found = [{**one, "result": _as_text(one["result"])} for one in document["results"]]
    results = expectationSuiteValidationResultSchema.load({**document, "results": found})
    content = ValidationResultsPageRenderer(run_info_at_end=True).render(results)
    return str(view.render(content, template="table_page.j2", summary=summary))


def _as_text(found: Any) -> Any:
    """What was found, with nothing in it that is HTML: the library puts values into its pages as they are."""
    if isinstance(found, Mapping):
        return {name: _as_text(value) for name, value in found.items()}
    if isinstance(found, list | tuple):
        return [_as_text(value) for value in found]
    return escape(found) if isinstance(found, str) else found


def _summary(meta: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    first, last = meta["first_run_date"], meta["last_run_date"]
    return {
        "page": f"{meta['table']}.html",
        "table": meta["table"],
        "dates": first if first == last else f"{first} to {last}",
        "rows": f"{meta['rows']:,}",
        "checks": document["statistics"]["evaluated_expectations"],
        "verdict": _verdict(meta),
        **{name: meta[name] for name in ("critical", "released", "warnings", "failures")},
    }


def _verdict(meta: Mapping[str, Any]) -> str:
    """The worst that happened to the table."""
    if meta["critical"]:
        return "stopped"
    if meta["released"]:
        return "released"
    return "warnings" if meta["warnings"] else "passed"
