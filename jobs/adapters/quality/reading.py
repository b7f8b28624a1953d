"""Reads Great Expectations' results into failures that a person understands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from jobs.adapters.quality.engine import Result
from jobs.adapters.quality.outcome import Failure
from jobs.adapters.quality.privacy import shown, shown_row

MAX_EXAMPLES = 3
MAX_DATES = 5


def read_failures(
    results: Iterable[Result], hash_key: str, dates_of: Mapping[str, tuple[date, ...]], run_dates: Sequence[date]
) -> tuple[Failure, ...]:
    """The results that failed, critical ones first, otherwise in their order.

    Parameters
    ----------
    results
        Great Expectations' results, detailed where they failed.
    hash_key
        Key of the hashes that stand for personal values.
    dates_of
        Run dates on which an expectation fails, by its name; all of them where it is not named.
    run_dates
        Of the frame.
    """
    failures = []
    for result in results:
        if not result.success:
            dates = dates_of.get(result.expectation_config.meta["name"], tuple(run_dates))
            failures.append(_read(result, hash_key, dates, len(run_dates)))
    return tuple(sorted(failures, key=lambda failure: failure.severity != "critical"))


def _read(result: Result, hash_key: str, dates: tuple[date, ...], n_dates: int) -> Failure:
    config = result.expectation_config
    columns = _columns(config.kwargs)
    n_rows = int(result.result.get("unexpected_count") or 0)
    examples = tuple(_examples(columns, result.result.get("partial_unexpected_list") or (), hash_key))
    observed = _observed(result)
    name = config.meta["name"]
    found = _found(n_rows, examples, observed)
    return Failure(
        expectation=name,
        # An expectation that could not be asked was not passed, whatever it would have said.
        severity="critical" if _raised(result) else config.severity.value,
        column=", ".join(columns),
        n_rows=n_rows,
        examples=examples,
        observed=observed,
        run_dates=dates,
        sentence=f"{name}: {found}{_when(dates, n_dates)} ({config.meta['notes']})",
    )


def _when(dates: Sequence[date], n_dates: int) -> str:
    """The dates on which it fails, where there are several to choose from."""
    if n_dates == 1:
        return ""
    if len(dates) == n_dates > MAX_DATES:
        return ", on every date"
    more = f" and {len(dates) - MAX_DATES} more" if len(dates) > MAX_DATES else ""
    return f", on {', '.join(map(str, dates[:MAX_DATES]))}{more}"


def _columns(kwargs: Mapping[str, Any]) -> tuple[str, ...]:
    if "column" in kwargs:
        return (kwargs["column"],)
    if "column_A" in kwargs:
        return (kwargs["column_A"], kwargs["column_B"])
    return tuple(name for name in kwargs.get("column_list", ()) if "unexpected" not in name)


def _examples(columns: Sequence[str], values: Iterable[Any], hash_key: str) -> list[str]:
    """Up to three different values; of several columns, ``name=value`` for each."""
    texts = (_text(columns, value, hash_key) for value in values if value is not None)
    return list(dict.fromkeys(texts))[:MAX_EXAMPLES]


def _text(columns: Sequence[str], value: Any, hash_key: str) -> str:
    if isinstance(value, Mapping):
        return shown_row(value, hash_key)
    if len(columns) > 1:
        return shown_row(dict(zip(columns, value, strict=True)), hash_key)
    return shown(columns[0], value, hash_key) if columns else str(value)


def _observed(result: Result) -> str:
    messages = list(_exceptions(result.exception_info))
    if messages:
        return messages[0]
    observed = result.result.get("observed_value")
    if isinstance(observed, list):
        return _difference(result.expectation_config.kwargs.get("column_list", ()), observed)
    return "" if observed is None else str(observed)


def _difference(expected: Sequence[str], observed: Sequence[Any]) -> str:
    """What two lists of columns do not share; a list of other values as it is."""
    if not expected:
        return ", ".join(map(str, observed))
    missing = [f"no {name}" for name in expected if name not in observed]
    extra = [f"also {name}" for name in observed if name not in expected]
    return ", ".join([*missing, *extra]) or f"another order: {', '.join(observed)}"


def _raised(result: Result) -> bool:
    return any(True for _ in _exceptions(result.exception_info))


def _exceptions(info: Mapping[str, Any]) -> Iterator[str]:
    """Messages of exceptions; the library nests them by metric where a metric raised."""
    nested = [info] if "raised_exception" in info else list(info.values())
    return (str(entry["exception_message"]) for entry in nested if entry["raised_exception"])


def _found(n_rows: int, examples: Sequence[str], observed: str) -> str:
    rows = f"{n_rows} row{'' if n_rows == 1 else 's'}" if n_rows else ""
    such = f"such as {'; '.join(examples)}" if examples else ""
    seen = f"found {observed}" if observed else ""
    return ", ".join(part for part in (rows, such, seen) if part) or "does not hold"
