"""Reads rows back with the plain Feast SDK and compares them with the lake."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from jobs.adapters.lake.arrow import arrow_schema
from jobs.adapters.online.encode import stamp_values
from jobs.adapters.online.generation import Generation
from jobs.adapters.online.stores import OnlineStore
from jobs.core.errors import OnlineStoreError
from jobs.features.online import GENERATION, ONLINE_VIEWS, online_columns
from jobs.features.spec import FeatureView

if TYPE_CHECKING:
    from feast import FeatureStore


def check_counts(store: OnlineStore, frames: Mapping[str, pd.DataFrame]) -> None:
    """Compare the number of rows of every view.

    Raises
    ------
    OnlineStoreError
        At the first view that has more or fewer rows than the lake.
    """
    for name in ONLINE_VIEWS:
        got = Counter(feature for _, feature, _ in store.rows(name))[GENERATION.name]
        if got != len(frames[name]):
            raise OnlineStoreError(
                f"view {name!r} has {got:,} rows online and {len(frames[name]):,} in the lake; publish again"
            )


def check_rows(
    client: "FeatureStore", frames: Mapping[str, pd.DataFrame], generation: Generation, n_rows: int
) -> int:
    """Compare a sample of every view's rows, value by value.

    Parameters
    ----------
    client
        Plain Feast.
    frames
        Rows by view, as they should be online.
    generation
        What they should be stamped with.
    n_rows
        Rows of each view; evenly spread over its keys.

    Returns
    -------
    int
        Rows that were compared.

    Raises
    ------
    OnlineStoreError
        At the first value that differs; it names view, key, feature, what was wanted and what was got.
    """
    return sum(_check_view(client, view, frames[name], generation, n_rows) for name, view in ONLINE_VIEWS.items())


def _check_view(
    client: "FeatureStore", view: FeatureView, frame: pd.DataFrame, generation: Generation, n_rows: int
) -> int:
    sample = frame.sort_values(view.key).iloc[:: max(1, -(-len(frame) // n_rows))]
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
