"""What the logs look like from day to day, so that a change of their columns is noticed."""

from jobs.core.table import Column, Table

LOG_COLUMNS = Table(
    name="log_columns",
    doc="One row per log and column that its files had, as of the end of D.",
    kind="log",
    grain=("source", "column"),
    columns=(
        Column("source", "string", "name of the log"),
        Column("column", "string", "column of the log, as the log names it"),
        Column(
            "kind", "string", "text, number, boolean, time, list, object; several with | between; empty: only nulls"
        ),
        Column("n_seen", "long", "rows that had it, of those looked at on the last day with a file"),
        Column("n_rows", "long", "rows looked at; where a header or a schema names columns, 1000 for each file"),
        Column("change", "string", "since the last day with a file: new, missing, retyped, or empty"),
        Column("kind_before", "string", "kind on the last day before with a file", nullable=True),
    ),
)

DRIFT_TABLES = (LOG_COLUMNS,)
