"""Times of events: from the log's text to UTC, and to the app's local day."""

from pyspark.sql import Column as Expression
from pyspark.sql import functions as F

_OFFSET = r"(Z|[+-]\d{2}(:?\d{2})?)$"
# Pattern letters of java.time that stand for a zone or an offset.
_ZONE_LETTERS = set("VzOXxZ")
# Years 1 and 9999 in milliseconds of the epoch; a number beyond them is no time, and Spark would fail on it.
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_000


def to_utc(text: Expression, time_format: str, time_zone: str) -> Expression:
    """Timestamp in UTC; null where the text is no time.

    Parameters
    ----------
    text
        As the log has it.
    time_format
        ``iso``, ``epoch_s``, ``epoch_ms`` or a Spark pattern.
    time_zone
        Of texts that carry no offset. An hour that a clock change repeats is taken as its first one.
    """
    if time_format in ("epoch_s", "epoch_ms"):
        per_unit = 1000 if time_format == "epoch_s" else 1
        number = text.try_cast("long")
        return F.when(
            number.between(_FIRST_MS // per_unit, _LAST_MS // per_unit), F.timestamp_millis(number * per_unit)
        )
    if time_format == "iso":
        parsed = F.try_to_timestamp(text)
        return F.when(text.rlike(_OFFSET) & text.contains(":"), parsed).otherwise(
            F.to_utc_timestamp(parsed, time_zone)
        )
    parsed = F.try_to_timestamp(text, F.lit(time_format))
    return parsed if _ZONE_LETTERS & set(_unquoted(time_format)) else F.to_utc_timestamp(parsed, time_zone)


def local_day(time: Expression, time_zone: str) -> Expression:
    """The local day of a UTC time."""
    return F.to_date(F.from_utc_timestamp(time, time_zone))


def _unquoted(pattern: str) -> str:
    """The pattern without its literal texts in single quotes."""
    return "".join(pattern.split("'")[::2])
