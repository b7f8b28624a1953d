"""The digest of rows in memory; the same as that of the files they are written to."""

import numpy as np
import pandas as pd
import pyarrow as pa

from jobs.adapters.lake.arrow import arrow_schema
from jobs.adapters.lake.digest import finish, row_hashes
from jobs.core.table import Table


def frame_digest(table: Table, frame: pd.DataFrame) -> str:
    """Digest of a frame with the table's columns; see `jobs/adapters/lake/digest.py`."""
    names = [column.name for column in table.stable_columns]
    rows = pa.Table.from_pandas(frame, schema=arrow_schema(table), preserve_index=False).select(names)
    hashes = row_hashes(table, rows)
    total = int(hashes.astype(object).sum()) if len(hashes) else 0
    return finish(table, len(hashes), total, int(np.bitwise_xor.reduce(hashes)) if len(hashes) else 0)
