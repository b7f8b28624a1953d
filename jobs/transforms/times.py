"""Times of events: from the log's text to UTC, and to the app's local day."""

from functools import reduce
from operator import and_

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
        return F.when(_is_plain(text), F.try_to_timestamp(text)).otherwise(_any_iso(text, time_zone))
    parsed = F.try_to_timestamp(text, F.lit(time_format))
    return parsed if _ZONE_LETTERS & set(_unquoted(time_format)) else _from_local(parsed, time_zone)


def local_day(time: Expression, time_zone: str) -> Expression:
    """The local day of a UTC time."""
    return F.to_date(time if time_zone == "UTC" else F.from_utc_timestamp(time, time_zone))


def _from_local(time: Expression, time_zone: str) -> Expression:
    return time if time_zone == "UTC" else F.to_utc_timestamp(time, time_zone)


def _is_plain(text: Expression) -> Expression:
    """Whether a text is ISO to the second or finer and ends in `Z`, which most logs write.

    Looking at some of its characters takes a fraction of the time of the regular expressions; whether the others are
    digits is for Spark to say.
    """
    places = {5: "-", 8: "-", 14: ":", 17: ":"}
    marks = [F.substring(text, place, 1) == mark for place, mark in places.items()]
    ends = (F.length(text) == 20) | ((F.substring(text, 20, 1) == ".") & _is_digit(text, 21) & _is_digit(text, -2))
    whole = F.substring(text, 11, 1).isin("T", " ") & _is_digit(text, 19) & (F.substring(text, -1, 1) == "Z")
    return reduce(and_, [*marks, whole, ends])


def _is_digit(text: Expression, place: int) -> Expression:
    return F.substring(text, place, 1).between("0", "9")


def _any_iso(text: Expression, time_zone: str) -> Expression:
    parsed = F.try_to_timestamp(F.regexp_replace(text, _WITHOUT_SECONDS, "$1:00$2"))
    local = F.when(text.rlike(_ISO_LOCAL), _from_local(parsed, time_zone))
    return F.when(text.rlike(_ISO_WITH_OFFSET), parsed).otherwise(local)


def _unquoted(pattern: str) -> str:
    """The pattern without its literal texts in single quotes."""
    return "".join(pattern.split("'")[::2])
