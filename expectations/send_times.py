"""Suite of `send_times`: an hour at which a notification may be sent, better than a random one."""

from great_expectations.expectations.expectation import Expectation

from expectations.shapes import filled, in_range, in_set
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per active user."""
    loud = [hour for hour in range(24) if hour not in settings.profiles.send_time.quiet_hours]
    return [
        in_range("weekday", "0 is Monday", low=0, high=6),
        in_set("hour", loud, "nobody is woken up in profiles.send_time.quiet_hours"),
        filled("time_zone", "an hour without its zone is none"),
        in_range("expected_gain", "the best hour is no worse than a random one", low=0),
        in_set("based_on", ("own", "segment", "everybody"), "what the hour rests on"),
    ]
