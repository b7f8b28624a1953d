"""Files of a night's views as the lake writes them, with a few rows a row group."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from online_rows import frame

from jobs.adapters.lake.arrow import arrow_schema
from jobs.features.online import ONLINE_VIEWS


def write_files(
    folder: Path, keys: dict[str, tuple[str, ...]], salt: str = "", group: int = 2
) -> dict[str, list[Path]]:
    """One file a view, its keys in the order given; views that are not named have no file."""
    return {name: [_write(folder / f"{salt}{name}.parquet", name, of, salt, group)] for name, of in keys.items()}


def _write(file: Path, name: str, keys: tuple[str, ...], salt: str, group: int) -> Path:
    view = ONLINE_VIEWS[name]
    rows = pa.Table.from_pandas(frame(view, keys, salt), schema=arrow_schema(view.table), preserve_index=False)
    pq.write_table(rows, file, row_group_size=group)
    return file
