from datetime import UTC, datetime

import pytest

from jobs.readers.spark_pattern import parser_of

NOON = datetime(2025, 3, 1, 12, 0, 5)


@pytest.mark.parametrize(
    ("pattern", "text", "wanted"),
    [
        ("yyyy-MM-dd HH:mm:ss", "2025-03-01 12:00:05", NOON),
        ("yyyy-MM-dd'T'HH:mm:ss.SSS", "2025-03-01T12:00:05.250", NOON.replace(microsecond=250_000)),
        ("yyyy-MM-dd HH:mm:ssXXX", "2025-03-01 12:00:05Z", NOON.replace(tzinfo=UTC)),
        ("M/d/yyyy h:mm:ss a", "3/1/2025 12:00:05 PM", NOON),
        ("h 'o''clock%', d.M.yyyy", "9 o'clock%, 1.3.2025", datetime(2025, 3, 1, 9)),
    ],
)
def test_times_are_read(pattern: str, text: str, wanted: datetime) -> None:
    parse = parser_of(pattern)
    assert parse is not None
    assert parse(text) == wanted


@pytest.mark.parametrize("text", ["2025-3-1 12:00:05", "2025-03-01 12:00", "2025-13-01 12:00:05"])
def test_what_spark_would_not_read_is_refused(text: str) -> None:
    parse = parser_of("yyyy-MM-dd HH:mm:ss")
    assert parse is not None
    with pytest.raises(ValueError, match="2025"):
        parse(text)


def test_a_letter_that_is_not_known_is_said() -> None:
    assert parser_of("yyyyDDD") is None
