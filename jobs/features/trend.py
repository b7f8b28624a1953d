"""Trend and life cycle: whether what happens grows or fades, by windows of 7 and of 28 days."""

from jobs.core.config.meaning import FeatureSettings

STAGES = ("new", "rising", "steady", "fading", "resting")


def trend(week: str, month: str) -> str:
    """SQL for events a day of the last 7 days over those of the last 28: 1 is steady, 0 without any, 4 at most."""
    return f"round(coalesce(({week} / 7) / nullif({month} / 28, 0D), 0D), 4)"


def life_cycle(age_days: str, week: str, month: str, settings: FeatureSettings) -> str:
    """SQL for the stage of `STAGES`; the first rule that fits decides.

    Parameters
    ----------
    age_days
        Days since the first event.
    week, month
        Events of the last 7 and 28 days.
    settings
        `new_item_days`, `rising_trend` and `fading_trend`.
    """
    now = trend(week, month)
    return (
        f"CASE WHEN {month} = 0 THEN 'resting' WHEN {age_days} < {settings.new_item_days} THEN 'new' "
        f"WHEN {now} >= {settings.rising_trend}D THEN 'rising' "
        f"WHEN {now} <= {settings.fading_trend}D THEN 'fading' ELSE 'steady' END"
    )
