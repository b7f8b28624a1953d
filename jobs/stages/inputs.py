"""What a stage run reads: the partitions that the stage declared, as Spark or pandas takes them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from jobs.adapters.lake import Lake, Manifest
from jobs.core.home import Home
from jobs.core.night import Night
from jobs.core.schemas import EVENTS, RAW_FILES
from jobs.core.state_schemas import REST_TABLES
from jobs.core.table import Table
from jobs.features.rest import MergeDays
from jobs.stages.provenance import Provenance
from jobs.stages.stage import Stage

# Pandas and Spark take seconds to import: each is imported at its first use.
if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

# Of a log file, packed as Parquet.
_BYTES_PER_ROW = 20
_AT_REST = frozenset(table.name for table in REST_TABLES)


@dataclass
class Inputs:
    """What one run of one stage is made of.

    Attributes
    ----------
    stage, night, home, lake
        What runs, for which dates, and where.
    provenance
        Goes into every manifest.
    inputs
        Current manifests of everything the stage declared to read, by table, ascending by date.
    """

    stage: Stage
    night: Night
    home: Home
    lake: Lake
    provenance: Provenance
    inputs: dict[str, list[Manifest]]

    @cached_property
    def spark(self) -> "SparkSession":
        """The process's Spark session; started at first use, and kept: other threads do not find it active."""
        from jobs.adapters.spark.session import spark_session

        settings = self.night.settings.spark.for_rows(self._rows_to_read())
        return spark_session(settings, self.home.root, f"{self.stage.name} {self.night.run_date}")

    def _rows_to_read(self) -> int:
        """Roughly: rows of tables, and those of kept log files by their bytes.

        Earlier events are only looked up, and so are keys at rest, but for the nights that copy them.
        """
        copies_rest = MergeDays.of(self.night.settings).within(self.night.first, self.night.last)
        looked_up = {EVENTS.name} if copies_rest else {EVENTS.name, *_AT_REST}
        manifests = [found for name, many in self.inputs.items() if name not in looked_up for found in many]
        kept = (self.lake.attempt_folder(manifest) for manifest in self.inputs.get(RAW_FILES.name, []))
        n_bytes = sum(path.stat().st_size for folder in set(kept) for path in folder.rglob("*") if path.is_file())
        return sum(manifest.rows for manifest in manifests) + n_bytes // _BYTES_PER_ROW

    def manifest(self, table: Table, run_date: date) -> Manifest | None:
        """The declared input partition, or None where the stage did not read one."""
        found = self.inputs.get(table.name, [])
        return next((manifest for manifest in found if manifest.run_date == run_date), None)

    def read_spark(self, table: Table) -> "DataFrame":
        """All declared partitions of a table, with their `run_date`."""
        from jobs.adapters.spark.lake_io import read_partitions

        return read_partitions(self.spark, self.lake, table, self.inputs.get(table.name, []))

    def read_pandas(
        self, table: Table, run_date: date | None = None, columns: Sequence[str] | None = None
    ) -> "pd.DataFrame":
        """One declared partition, by default the night's, ordered by its grain; empty where there is none."""
        from jobs.adapters.lake.arrow import empty_pandas, read_pandas

        manifest = self.manifest(table, run_date or self.night.run_date)
        return read_pandas(self.lake, table, manifest, columns) if manifest else empty_pandas(table, columns)

    def read_arrow_where(self, table: Table, wanted: Mapping[str, Sequence[str]]) -> "pa.Table":
        """Rows of the night's declared partition that have one of the wanted values in each column."""
        from jobs.adapters.lake.arrow import arrow_schema, read_arrow_where

        manifest = self.manifest(table, self.night.run_date)
        if manifest is None:
            return arrow_schema(table).empty_table()
        return read_arrow_where(self.lake, table, manifest, wanted, table.column_names)

    def read_arrow_between(
        self, table: Table, equal: Mapping[str, str], key: str, ends: tuple[str, str]
    ) -> "pa.Table":
        """Rows of the night's declared partition in a range of keys; see the function of that name."""
        from jobs.adapters.lake.arrow import arrow_schema, read_arrow_between

        manifest = self.manifest(table, self.night.run_date)
        if manifest is None:
            return arrow_schema(table).empty_table()
        return read_arrow_between(self.lake, table, manifest, equal, key, ends)

    def read_pandas_days(
        self, table: Table, dates: Iterable[date], columns: Sequence[str] | None = None
    ) -> "pd.DataFrame":
        """Several declared partitions, one after the other."""
        import pandas as pd

        from jobs.adapters.lake.arrow import empty_pandas

        parts = [self.read_pandas(table, day, columns) for day in dates]
        filled = [part for part in parts if not part.empty]
        return pd.concat(filled, ignore_index=True) if filled else empty_pandas(table, columns)
