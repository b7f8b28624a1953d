"""Why a row is no event: rules over one row, each with the code that the quarantine and the ledger show."""

from collections.abc import Iterable

from jobs.core.config.log import LogSettings
from jobs.core.config.model import Settings
from jobs.core.sql import sql_text


def row_rules(settings: Settings, log: LogSettings) -> list[tuple[str, str]]:
    """Codes and SQL conditions over typed rows; the first that holds names the reason.

    The order tells causes before their effects.
    """
    clean = settings.clean
    return [
        ("unparsable", "NOT is_parsed"),
        ("filtered", "NOT is_meant"),
        ("test_traffic", "is_test"),
        ("schema_too_new", _too_new(log)),
        ("unknown_event_type", f"event_type IS NULL OR event_type NOT IN ({_texts(settings.events.weights)})"),
        ("missing_time", "NOT has_time"),
        ("bad_time", "event_time IS NULL OR bad_arrived_at"),
        ("from_the_future", "event_day > run_date"),
        ("too_late", f"datediff(run_date, event_day) > {log.max_late_days}"),
        ("missing_visitor", "coalesce(user_id, anonymous_id, device_id) IS NULL"),
        ("missing_item", f"item_id IS NULL AND event_type IN ({_texts(settings.events.needs_item)})"),
        ("not_a_product", f"item_id RLIKE {sql_text(log.not_products)}" if log.not_products else "false"),
        ("bad_quantity", f"bad_quantity OR quantity <= 0 OR quantity > {clean.max_quantity}"),
        # A purchase must cost something; elsewhere a price may be zero.
        (
            "bad_price",
            f"bad_price OR price < 0 OR price > {clean.max_price} OR (event_type = 'purchase' AND price = 0)",
        ),
        ("bad_currency", "currency NOT RLIKE '^[A-Z]{3}$'"),
        ("bad_value", "bad_value"),
        ("bad_dwell", f"bad_dwell_ms OR dwell_ms < 0 OR dwell_ms > {clean.max_dwell_ms}"),
        ("bad_position", "bad_position OR position < 0"),
        ("bad_propensity", "bad_propensity OR isnan(propensity) OR propensity <= 0 OR propensity > 1"),
    ]


def reason(settings: Settings, log: LogSettings) -> str:
    """SQL for the code of the first rule that refuses a row, or null."""
    cases = " ".join(
        f"WHEN {refuses} THEN '{code}'" for code, refuses in row_rules(settings, log) if refuses != "false"
    )
    return f"CASE {cases} END"


def _too_new(log: LogSettings) -> str:
    if log.max_schema_version is None:
        return "bad_schema_version"
    return f"bad_schema_version OR schema_version > {log.max_schema_version}"


def _texts(names: Iterable[str]) -> str:
    return ", ".join(sql_text(name) for name in sorted(names))
