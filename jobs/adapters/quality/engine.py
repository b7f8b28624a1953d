"""Runs expectations: one ephemeral Great Expectations context per process, quiet and offline."""

import logging
from collections.abc import Iterable, Sequence
from functools import cache
from threading import Lock
from typing import Any

import great_expectations as gx
import pandas as pd

from jobs.adapters.quality.one_pass import screen
from jobs.adapters.quality.portions import telling_rows, whole_rows
from jobs.adapters.quality.prepare import Frame

# Enough to find three different values among repeated ones, without pulling all that fail.
DETAILED = {"result_format": "BASIC", "partial_unexpected_count": 20}

# Tables are written side by side, and the context is one.
_ONE_AT_A_TIME = Lock()

Result = Any  # great_expectations' ExpectationValidationResult; the library is not followed by mypy


def validate(frame: Frame, suite: Sequence[Any]) -> list[Result]:
    """Ask everything for a yes or no, then ask again for details where the answer was no.

    On Spark what no row breaks is found in one pass, in pandas equal rows are asked once; values that fail are only
    looked up for the few expectations that failed.

    Returns
    -------
    list
        One result per expectation, in the order of `suite`.
    """
    results = {} if isinstance(frame, pd.DataFrame) else screen(frame, suite)
    left = [expectation for expectation in suite if _name(expectation.meta) not in results]
    results |= _yes_or_no(frame, left)
    failed = [expectation for expectation in suite if not results[_name(expectation.meta)].success]
    if failed:
        results |= _details(frame, failed)
    return [results[_name(expectation.meta)] for expectation in suite]


def holds(frame: Frame, suite: Sequence[Any]) -> dict[str, bool]:
    """Whether each expectation holds, by its name; without details."""
    return {name: bool(result.success) for name, result in _yes_or_no(frame, suite).items()}


def _yes_or_no(frame: Frame, suite: Sequence[Any]) -> dict[str, Result]:
    portions = telling_rows(frame, suite) if isinstance(frame, pd.DataFrame) else [(frame, suite)]
    return _run(portions, {"result_format": "BOOLEAN_ONLY"})


def _details(frame: Frame, suite: Sequence[Any]) -> dict[str, Result]:
    portions = whole_rows(frame, suite) if isinstance(frame, pd.DataFrame) else [(frame, suite)]
    return _run(portions, DETAILED)


def _run(portions: Iterable[tuple[Frame, Sequence[Any]]], result_format: dict[str, Any]) -> dict[str, Result]:
    results: dict[str, Result] = {}
    for frame, suite in portions:
        results |= _ask(frame, suite, result_format)
    return results


def _ask(frame: Frame, suite: Sequence[Any], result_format: dict[str, Any]) -> dict[str, Result]:
    if not suite:
        return {}
    with _ONE_AT_A_TIME:
        definition = _batch_definition("pandas" if isinstance(frame, pd.DataFrame) else "spark")
        batch = definition.get_batch({"dataframe": frame})
        asked = gx.ExpectationSuite(name="suite", expectations=list(suite))
        answer = batch.validate(asked, result_format=result_format)
    return {_name(result.expectation_config.meta): result for result in answer.results}


def _name(meta: dict[str, str]) -> str:
    return meta["name"]


@cache
def _batch_definition(engine: str) -> Any:
    # The frame is read from files that are cheap to read again; Great Expectations would keep a copy in memory.
    sources = _context().data_sources
    source = sources.add_spark("spark", persist=False) if engine == "spark" else sources.add_pandas("pandas")
    return source.add_dataframe_asset("frame").add_batch_definition_whole_dataframe("frame")


@cache
def _context() -> Any:
    _quiet()
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context


def _quiet() -> None:
    """Great Expectations sets one of its loggers to INFO by itself, which its parent's level does not reach."""
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
