"""Times of events: from the log's text to UTC, and to the app's local day."""

from pyspark.sql import Column as Expression
from pyspark.sql import functions as F

# Spark alone would take more for a time: a bare year, and a bare `10:30`, which it puts on the day of the clock.
_ISO_DATE, _ISO_TIME = r"\d{4}-\d{2}-\d{2}", r"[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?"
_ISO_LOCAL = f"^{_ISO_DATE}({_ISO_TIME})?$"
_ISO_WITH_OFFSET = f"^{_ISO_DATE}{_ISO_TIME} ?(Z|UTC|[+-]\\d{{2}}(:?\\d{{2}})?)$"
# Java's own texts leave out seconds that are zero, which Spark does not read before an offset.
_WITHOUT_SECONDS = f"^({_ISO_DATE}[T ]\\d{{2}}:\\d{{2}})( ?[ZU+-].*)$"
# Pattern letters of java.time that stand for a zone or an offset.
_ZONE_LETTERS = set("VzOXxZ")
# Years 1 and 9999 in seconds of the epoch; a number beyond them is no time, and Spark would fail on it.
_FIRST_S, _LAST_S = -62_135_596_800, 253_402_300_799
_MICROS_PER_UNIT = {"epoch_s": 1_000_000, "epoch_ms": 1_000}


def to_utc(text: Expression, time_format: str, time_zone: str) -> Expression:
    """Timestamp in UTC; null where the text is no time.

    Parameters
    ----------
    text
        As the log has it.
    time_format
        ``iso`` (a date, or a date and a time, with or without an offset), ``epoch_s``, ``epoch_ms`` (both may
        have decimals) or a Spark pattern.
    time_zone
        Of texts that carry no offset. An hour that a clock change repeats is taken as its first one; one that
        it leaves out is moved by the length of the gap.
    """
    if time_format in _MICROS_PER_UNIT:
        micros = text.try_cast("decimal(24,6)") * _MICROS_PER_UNIT[time_format]
        is_time = micros.between(_FIRST_S * 1_000_000, _LAST_S * 1_000_000)
        return F.when(is_time, F.timestamp_micros(micros.cast("long")))
    if time_format == "iso":
        parsed = F.try_to_timestamp(F.regexp_replace(text, _WITHOUT_SECONDS, "$1:00$2"))
        local = F.when(text.rlike(_ISO_LOCAL), F.to_utc_timestamp(parsed, time_zone))
        return F.when(text.rlike(_ISO_WITH_OFFSET), parsed).otherwise(local)
    parsed = F.try_to_timestamp(text, F.lit(time_format))
    return parsed if _ZONE_LETTERS & set(_unquoted(time_format)) else F.to_utc_timestamp(parsed, time_zone)


def local_day(time: Expression, time_zone: str) -> Expression:
    """The local day of a UTC time."""
    return F.to_date(F.from_utc_timestamp(time, time_zone))


def _unquoted(pattern: str) -> str:
    """The pattern without its literal texts in single quotes."""
    return "".join(pattern.split("'")[::2])
