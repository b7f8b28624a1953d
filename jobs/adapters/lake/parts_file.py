"""The file of a table's run date, written a part of its rows at a time: nobody holds all of them."""

from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.adapters.lake.arrow import ROWS_PER_GROUP, arrow_schema
from jobs.adapters.lake.store import Attempt
from jobs.core.table import Table


class PartsFile:
    """One run date of one attempt.

    Parameters
    ----------
    table, attempt, run_date
        What is written. A date without rows gets no file.
    """

    def __init__(self, table: Table, attempt: Attempt, run_date: date) -> None:
        self.table, self.attempt, self.run_date = table, attempt, run_date
        self._schema = arrow_schema(table)
        self._writer: pq.ParquetWriter | None = None

    def add(self, part: pd.DataFrame | pa.Table) -> None:
        """Write some rows: a frame's in the order of the grain, those of an Arrow table, which has it, as they are.

        Parts whose keys ascend from one to the next make a file that is ordered as a whole, which a publish reads
        without holding it.
        """
        if len(part):
            rows = self.rows(part) if isinstance(part, pd.DataFrame) else part.select(self._schema.names)
            self._open().write_table(rows.cast(self._schema), row_group_size=ROWS_PER_GROUP)

    def rows(self, part: pd.DataFrame) -> pa.Table:
        """Rows as they are written, which costs: for whoever makes several parts at once."""
        rows = pa.Table.from_pandas(part, schema=self._schema, preserve_index=False)
        return rows.sort_by([(name, "ascending") for name in self.table.grain]) if self.table.grain else rows

    def close(self) -> None:
        """Finish the file; nothing can be added any more."""
        if self._writer is not None:
            self._writer.close()

    def _open(self) -> pq.ParquetWriter:
        if self._writer is None:
            folder = self.attempt.partition(self.run_date)
            folder.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(folder / "part-00000.parquet", self._schema, compression="zstd")
        return self._writer
