"""Exponential decay by whole days, written once for states, features and back-fills."""

# Decimals kept of a decayed sum. Rounding at every step makes the sum the same on every machine and in
# every order of nights: the error of one multiplication is far below the last kept decimal.
SCALE = 6


def decayed_to(value: str, since: str, until: str, half_life_days: int) -> str:
    """SQL for `value` as of day `since`, decayed to day `until`; null where `value` is null.

    ``value * 2 ** -(days / half-life)``, rounded.
    """
    return f"round({value} * power(2D, -datediff({until}, {since}) / {half_life_days}D), {SCALE})"
