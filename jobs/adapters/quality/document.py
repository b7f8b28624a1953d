"""The small validation document that is stored with a partition and rendered as Data Docs."""

from collections.abc import Iterable, Sequence
from typing import Any

import great_expectations as gx

from jobs.adapters.quality.engine import Result
from jobs.adapters.quality.outcome import Audit, Failure

# Of a result, only numbers: the library's own lists of values may hold ids of users.
KEPT = ("element_count", "unexpected_count", "unexpected_percent", "missing_count", "missing_percent")

COLUMNS = "expect_table_columns_to_match_ordered_list"  # its observed value orders the renderer's page

BY_ROW = ("expect_column_value", "expect_column_pair_values_", "expect_compound_columns_")


def build_document(audit: Audit, results: Sequence[Result]) -> dict[str, Any]:
    """The audit as JSON-able values in the shape that Great Expectations' renderers read.

    Nothing in it depends on a clock: equal frames give equal documents, as far as Spark gives the
    same examples.

    Returns
    -------
    dict
        `success` says whether the night may go on, which is more lenient than the library's own:
        a warning or a released failure does not change it.
    """
    by_name = {failure.expectation: failure for failure in audit.failures}
    entries = [_entry(result, by_name.get(result.expectation_config.meta["name"])) for result in results]
    return {
        "suite_name": audit.table,
        "success": not audit.critical,
        "results": entries,
        "statistics": _statistics(entries),
        "meta": {
            "great_expectations_version": gx.__version__,
            "table": audit.table,
            "first_run_date": str(audit.run_dates[0]),
            "last_run_date": str(audit.run_dates[-1]),
            "n_run_dates": len(audit.run_dates),
            "rows": audit.rows,
            "critical": len(audit.critical),
            "released": sum(failure.severity == "critical" for failure in audit.reported),
            "warnings": sum(failure.severity != "critical" for failure in audit.reported),
            "failures": [_told(audit, failure) for failure in audit.failures],
        },
    }


def _told(audit: Audit, failure: Failure) -> dict[str, str]:
    released = failure.severity == "critical" and failure in audit.reported
    return {"verdict": "released" if released else failure.severity, "sentence": failure.sentence}


def _entry(result: Result, failure: Failure | None) -> dict[str, Any]:
    config = result.to_json_dict()["expectation_config"]
    config["kwargs"].pop("batch_id", None)
    found = {name: result.result[name] for name in KEPT if name in result.result}
    if result.success and _by_row(config):
        found = {"unexpected_count": 0, "unexpected_percent": 0.0}
    if failure is not None:
        config["severity"] = failure.severity
        found |= {"partial_unexpected_list": list(failure.examples)} if failure.examples else {}
        found |= {"observed_value": failure.observed} if failure.observed else {}
    if config["type"] == COLUMNS:
        found["observed_value"] = result.result.get("observed_value") or config["kwargs"]["column_list"]
    return {
        "success": bool(result.success),
        "expectation_config": config,
        "result": found,
        "meta": {},
        "exception_info": {"raised_exception": False, "exception_message": None, "exception_traceback": None},
    }


def _by_row(config: dict[str, Any]) -> bool:
    """Whether a bare yes means that no row breaks the expectation; one with `mostly` lets some through."""
    return config["type"].startswith(BY_ROW) and "mostly" not in config["kwargs"]


def _statistics(entries: Iterable[dict[str, Any]]) -> dict[str, Any]:
    outcomes = [entry["success"] for entry in entries]
    passed = sum(outcomes)
    return {
        "evaluated_expectations": len(outcomes),
        "successful_expectations": passed,
        "unsuccessful_expectations": len(outcomes) - passed,
        "success_percent": 100.0 * passed / len(outcomes),
    }
