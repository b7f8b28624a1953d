"""Refunds and cancellations, each with the purchase that it takes back."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.sql import sql_text
from jobs.transforms.typed_values import REVERSALS

_QUANTITY = "coalesce(quantity, 1L) AS quantity"
_KEY = ("run_date", "event_id")


def build_purchases(events: DataFrame) -> DataFrame:
    """Table `purchases`: one row per purchase that arrived on a run date and that a refund could name.

    That is by its user and item, or by its order and item: guests have no user.
    """
    told = "item_id IS NOT NULL AND coalesce(user_id, order_id) IS NOT NULL"
    bought = events.filter(f"event_type = 'purchase' AND {told}")
    return bought.selectExpr("run_date", "event_id", "user_id", "item_id", "order_id", "event_time", _QUANTITY)


def match_refunds(events: DataFrame, purchases: DataFrame, refund_days: int) -> DataFrame:
    """Table `refunds`: find the purchase that each refund or cancellation takes back.

    Parameters
    ----------
    events
        Clean events of the run dates in question.
    purchases
        `purchases` with their run_date: those of the same run dates and of the `refund_days` before them. More
        changes nothing.
    refund_days
        A purchase counts that arrived on the refund's run date or at most so many days before it.

    Returns
    -------
    DataFrame
        One row per run_date and refund. ``order``: the purchase of the same order and item, and of the same user
        where both name one; a guest's is found by its order alone. ``latest``, where there is none: the latest
        purchase of the same user and item, not after the refund, of at least its quantity. Of equal times the
        largest event_id counts. ``none``: nothing fits. A purchase may be taken back by several refunds.
    """
    kinds = ", ".join(sql_text(kind) for kind in REVERSALS)
    back = events.filter(f"event_type IN ({kinds})").selectExpr(
        "run_date", "event_id", "user_id", "item_id", "order_id", "event_time", _QUANTITY
    )
    best = (
        _by_order(back, purchases, refund_days)
        .unionByName(_by_latest(back, purchases, refund_days))
        .groupBy(*_KEY)
        .agg(F.expr("max(struct(is_order, purchase_time, purchase_id)) AS best"))
    )
    return back.join(best, on=list(_KEY), how="left").selectExpr(
        *_KEY,
        "user_id",
        "item_id",
        "event_time",
        "quantity",
        "CASE WHEN best.is_order THEN 'order' WHEN best IS NOT NULL THEN 'latest' ELSE 'none' END AS matched_by",
        "best.purchase_id AS purchase_id",
        "best.purchase_time AS purchase_time",
    )


def _by_order(back: DataFrame, purchases: DataFrame, refund_days: int) -> DataFrame:
    same = "b.order_id = p.order_id AND b.item_id = p.item_id AND coalesce(b.user_id = p.user_id, true)"
    return _candidates(back, purchases, same, refund_days, is_order=True)


def _by_latest(back: DataFrame, purchases: DataFrame, refund_days: int) -> DataFrame:
    fits = "p.event_time <= b.event_time AND p.quantity >= b.quantity"
    same = f"b.user_id = p.user_id AND b.item_id = p.item_id AND {fits}"
    return _candidates(back, purchases, same, refund_days, is_order=False)


def _candidates(back: DataFrame, purchases: DataFrame, same: str, refund_days: int, is_order: bool) -> DataFrame:
    """Refunds are few and go to every task; the purchases of months stay where they are."""
    in_time = f"p.run_date BETWEEN date_sub(b.run_date, {refund_days}) AND b.run_date"
    joined = purchases.alias("p").join(F.broadcast(back).alias("b"), on=F.expr(f"{same} AND {in_time}"), how="inner")
    return joined.selectExpr(
        *(f"b.{name}" for name in _KEY),
        f"{str(is_order).lower()} AS is_order",
        "p.event_time AS purchase_time",
        "p.event_id AS purchase_id",
    )
