"""Reads rows back with the plain Feast SDK and compares them with the lake."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from jobs.adapters.lake.arrow import arrow_schema
from jobs.adapters.online.encode import stamp_values
from jobs.adapters.online.generation import Generation
from jobs.adapters.online.stores import OnlineStore
from jobs.core.errors import OnlineStoreError
from jobs.features.online import ONLINE_VIEWS, online_columns
from jobs.features.spec import FeatureView

if TYPE_CHECKING:
    from feast import FeatureStore


@dataclass(frozen=True)
class Wanted:
    """What should be online of a view.

    Attributes
    ----------
    n_rows
        Of all keys.
    sample
        Rows of some of them, as they should be online.
    """

    n_rows: int
    sample: pd.DataFrame


def check_counts(store: OnlineStore, wanted: Mapping[str, Wanted]) -> None:
    """Compare the number of rows of every view.

    Raises
    ------
    OnlineStoreError
        At the first view that has more or fewer rows than the lake.
    """
    for name in ONLINE_VIEWS:
        got, told = store.count(name), wanted[name].n_rows
        if got != told:
            raise OnlineStoreError(f"view {name!r} has {got:,} rows online and {told:,} in the lake; publish again")


def check_rows(client: "FeatureStore", wanted: Mapping[str, Wanted], generation: Generation) -> int:
    """Compare the sample of every view, value by value.

    Parameters
    ----------
    client
        Plain Feast.
    wanted
        By view.
    generation
        What the rows should be stamped with.

    Returns
    -------
    int
        Rows that were compared.

    Raises
    ------
    OnlineStoreError
        At the first value that differs; it names view, key, feature, what was wanted and what was got.
    """
    return sum(_check_view(client, view, wanted[name].sample, generation) for name, view in ONLINE_VIEWS.items())


def _check_view(client: "FeatureStore", view: FeatureView, sample: pd.DataFrame, generation: Generation) -> int:
    if sample.empty:
        return 0
    names = [column.name for column in online_columns(view)]
    got = client.get_online_features(
        features=[f"{view.name}:{name}" for name in names],
        entity_rows=[{view.key: key} for key in sample[view.key]],
    ).to_dict()
    for row, wanted in enumerate(_wanted(view, sample, generation)):
        for name in names:
            _compare(view, wanted[view.key], name, wanted[name], got[name][row])
    return len(sample)


def _wanted(view: FeatureView, sample: pd.DataFrame, generation: Generation) -> Iterator[dict[str, Any]]:
    rows = pa.Table.from_pandas(sample, schema=arrow_schema(view.table), preserve_index=False)
    stamps = stamp_values(generation)
    for row in rows.to_pylist():
        yield {**stamps, **row}


def _compare(view: FeatureView, key: str, feature: str, wanted: Any, got: Any) -> None:
    if got != wanted:
        raise OnlineStoreError(
            f"view {view.name!r}, {view.key} {key!r}, feature {feature!r}: the lake has {wanted!r}, "
            f"Feast reads {got!r}; publish again"
        )
