"""Rows of `recommendations`, as whole columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.core.output_schemas import RECOMMENDATIONS

_DIGITS = 6
_EXACT_POWER = 22


def empty() -> pd.DataFrame:
    """No rows."""
    return pd.DataFrame(columns=list(RECOMMENDATIONS.column_names))


def of_columns(score: npt.NDArray[np.float64], **columns: Any) -> pd.DataFrame:
    """Rows out of whole columns.

    Parameters
    ----------
    score
        Shape (n_rows,); rounded here.
    columns
        The other columns of `recommendations`: arrays of that shape, or one value for all.
    """
    return pd.DataFrame({"score": significant(score), **columns})[list(RECOMMENDATIONS.column_names)]


def last_resort(items: Sequence[str], model: str) -> pd.DataFrame:
    """The configured list that everybody gets while nothing is popular yet; scores fall with the rank."""
    ranks = np.arange(1, len(items) + 1)
    return of_columns(
        score=1.0 / ranks,
        entity="everybody",
        key="everybody",
        surface="for_you",
        rank=ranks,
        item_id=np.array(items, dtype=object),
        reason="popular",
        anchor="",
        source="popularity",
        model=model,
    )


def joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All rows one after the other."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else empty()


def significant(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Values rounded to six significant digits: what is stored does not hang on the last bits of a sum.

    Below 1e-17 nothing is left of a value, which no score needs.
    """
    exact = np.asarray(values, dtype=np.float64)
    magnitude = np.abs(exact)
    digits = _DIGITS - 1 - np.floor(np.log10(np.where(magnitude > 0, magnitude, 1)))
    # A whole power of ten up to 22 is exact, so that one division gives the number nearest to the decimal.
    scale = 10.0 ** np.clip(np.abs(digits), 0, _EXACT_POWER)
    rounded = np.where(digits >= 0, np.rint(exact * scale) / scale, np.rint(exact / scale) * scale)
    return np.where(np.abs(digits) <= _EXACT_POWER, rounded, 0.0) + 0.0
