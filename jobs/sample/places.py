"""Countries of the sample app, with their share, locale and time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np

from jobs.sample.arrays import Floats


@dataclass(frozen=True)
class Place:
    """One country and its share of the users; one time zone each keeps local time simple."""

    country: str
    locale: str
    time_zone: str
    share: float


PLACES = (
    Place("GB", "en-GB", "Europe/London", 0.25),
    Place("US", "en-US", "America/New_York", 0.27),
    Place("DE", "de-DE", "Europe/Berlin", 0.18),
    Place("FR", "fr-FR", "Europe/Paris", 0.12),
    Place("JP", "ja-JP", "Asia/Tokyo", 0.10),
    Place("BR", "pt-BR", "America/Sao_Paulo", 0.08),
)


def build_utc_offsets(day: date) -> Floats:
    """Hours ahead of UTC at noon UTC of ``day``, shape (number of places,), in the order of ``PLACES``."""
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    offsets = [noon.astimezone(ZoneInfo(place.time_zone)).utcoffset() for place in PLACES]
    return np.array([offset.total_seconds() / 3600 if offset else 0.0 for offset in offsets])
