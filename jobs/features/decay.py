"""Exponential decay by whole days, written once for states, features and back-fills."""

from pyspark.sql import Column as Expression
from pyspark.sql import functions as F

# Decimals kept of a decayed sum. Rounding at every step makes the sum the same on every machine and in
# every order of nights: the error of one multiplication is far below the last kept decimal.
SCALE = 6


def decayed_to(value: Expression, since: Expression, until: Expression, half_life_days: int) -> Expression:
    """`value` as of day `since`, decayed to day `until`: value * 2 ** -(days / half-life), rounded.

    Null where `value` is null.
    """
    days = F.datediff(until, since)
    return F.round(value * F.pow(F.lit(2.0), -days / F.lit(float(half_life_days))), SCALE)
