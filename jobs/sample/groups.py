"""Behaviour groups: the handful of habits that users are drawn around."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """Habits shared by a group of users.

    Attributes
    ----------
    name
        Name in the truth; it never appears in the log.
    share
        Share of all users; the shares add up to 1.
    session_rate
        Mean sessions per day of a typical member.
    leave_daily
        Probability of leaving per day at an ordinary fit of the catalogue.
    slots
        Mean number of further items looked through in a session, after the first.
    thrift
        How much the log of the price lowers the chance of a cart (logits per unit of log price).
    pay
        Probability that a cart is paid for.
    repeat
        Probability, per session and item bought before, of going straight back to that item.
    hour
        Typical local hour of activity, 0 to 24.
    """

    name: str
    share: float
    session_rate: float
    leave_daily: float
    slots: float
    thrift: float
    pay: float
    repeat: float
    hour: float


GROUPS = (
    Group("bargain_hunter", 0.22, 0.14, 0.011, 5.0, 1.0, 0.55, 0.010, 19.0),
    Group("explorer", 0.20, 0.19, 0.007, 6.0, 0.3, 0.45, 0.005, 20.0),
    Group("loyal_repeater", 0.18, 0.20, 0.003, 3.0, 0.2, 0.70, 0.060, 12.0),
    Group("browser", 0.25, 0.13, 0.018, 5.0, 0.5, 0.20, 0.005, 21.5),
    Group("night_owl", 0.15, 0.165, 0.009, 4.0, 0.4, 0.50, 0.020, 1.0),
)
