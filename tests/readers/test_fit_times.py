from datetime import date

import pytest

from jobs.readers.fit_times import fit_times

SECONDS = ["2010-12-01 08:26:00"]


@pytest.mark.parametrize(
    ("known", "values", "other", "unread"),
    [
        ("yyyy-MM-dd HH:mm:ss", SECONDS, None, ""),
        ("epoch_s", ["1430629200.000"], None, ""),
        ("epoch_ms", SECONDS, "iso", ""),
        ("yyyy-MM-dd", SECONDS, "iso", ""),
        ("epoch_ms", ["soon"], None, "soon"),
        ("yyyyDDD", ["2025060"], None, ""),
        ("epoch_ms", [], None, ""),
    ],
)
def test_the_templates_format_is_kept_where_it_reads_the_sample(
    known: str, values: list[str], other: str | None, unread: str
) -> None:
    fitted = fit_times(known, values, None)
    assert (fitted.other_format, fitted.unread) == (other, unread)


def test_the_day_of_the_file_tells_days_from_months() -> None:
    fitted = fit_times("d/M/yyyy H:mm", ["3/2/2025 10:00"], date(2025, 3, 2))
    assert fitted.other_format == "M/d/yyyy H:mm"
