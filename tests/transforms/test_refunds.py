"""Each refund finds the purchase that it takes back, or is kept without one."""

from datetime import date, datetime, timedelta

from app import computed, event_frame
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from spark_properties import spark_property

from jobs.adapters.spark.types import contract
from jobs.core.schemas import PURCHASES, REFUNDS
from jobs.transforms.refunds import build_purchases, match_refunds

FIRST = date(2025, 3, 3)
START = datetime(2025, 3, 3)
REFUND_DAYS = 3


def event(name: str, kind: str, day: int, **columns: object) -> dict[str, object]:
    """An event of user u and item i at noon of its day of arrival."""
    noon = START + timedelta(days=day, hours=12)
    return {"event_id": name, "event_type": kind, "run_date": FIRST + timedelta(day), "event_time": noon, **columns}


def match(events: DataFrame, purchases: DataFrame) -> dict[str, tuple[str, str | None]]:
    rows = match_refunds(events, purchases, REFUND_DAYS).selectExpr(*contract(REFUNDS)).collect()
    assert len({row["event_id"] for row in rows}) == len(rows)
    for row in rows:
        assert (row["purchase_time"] is None) == (row["purchase_id"] is None) == (row["matched_by"] == "none")
    return {row["event_id"]: (row["matched_by"], row["purchase_id"]) for row in rows}


def matched(spark: SparkSession, rows: list[dict[str, object]]) -> dict[str, tuple[str, str | None]]:
    events = event_frame(spark, rows)
    return match(events, build_purchases(events))


def test_purchases_are_those_that_a_refund_can_name(spark: SparkSession) -> None:
    rows = [
        event("a", "purchase", 0, quantity=3, order_id="o"),
        event("b", "purchase", 0),
        event("c", "purchase", 0, user_id=None),
        event("d", "add_to_cart", 0),
        event("guest", "purchase", 0, user_id=None, order_id="g"),
        event("of_no_item", "purchase", 0, item_id=None, order_id="g"),
    ]
    bought = build_purchases(event_frame(spark, rows)).selectExpr(*contract(PURCHASES)).collect()
    assert {row["event_id"]: (row["order_id"], row["quantity"]) for row in bought} == {
        "a": ("o", 3),
        "b": (None, 1),
        "guest": ("g", 1),
    }


def test_a_guest_s_purchase_is_found_by_its_order_alone(spark: SparkSession) -> None:
    rows = [
        event("guest", "purchase", 0, user_id=None, order_id="g"),
        event("by_order", "refund", 1, user_id=None, order_id="g"),
        event("signed_in_since", "refund", 1, order_id="g"),
        event("other_item", "refund", 1, user_id=None, order_id="g", item_id="j"),
        event("without_order", "refund", 1, user_id=None),
        event("of_a_user", "refund", 1),
    ]
    assert matched(spark, rows) == {
        "by_order": ("order", "guest"),
        "signed_in_since": ("order", "guest"),
        "other_item": ("none", None),
        "without_order": ("none", None),
        "of_a_user": ("none", None),
    }


def test_by_order_before_the_latest(spark: SparkSession) -> None:
    rows = [
        event("first", "purchase", 0, order_id="o1"),
        event("other_item", "purchase", 1, order_id="o1", item_id="j"),
        event("later", "purchase", 1, order_id="o2"),
        event("by_order", "refund", 2, order_id="o1"),
        event("no_user", "cancel", 2, order_id="o1", user_id=None),
        event("unknown_order", "refund", 2, order_id="o9"),
        event("another_s_order", "refund", 2, order_id="o1", user_id="v"),
        event("without_order", "cancel", 2),
    ]
    assert matched(spark, rows) == {
        "by_order": ("order", "first"),
        "no_user": ("order", "first"),
        "unknown_order": ("latest", "later"),
        "another_s_order": ("none", None),
        "without_order": ("latest", "later"),
    }


def test_the_latest_purchase_that_is_large_enough_and_not_after_it(spark: SparkSession) -> None:
    noon = START + timedelta(hours=12)
    rows = [
        event("large", "purchase", 0, quantity=5),
        event("small", "purchase", 1, quantity=2),
        event("tie_a", "purchase", 1, item_id="t"),
        event("tie_b", "purchase", 1, item_id="t"),
        event("after", "purchase", 2, event_time=noon + timedelta(days=2, seconds=1), quantity=9),
        event("three", "refund", 2, quantity=3),
        event("two", "refund", 2, quantity=2),
        event("six", "refund", 2, quantity=6),
        event("tie", "refund", 2, item_id="t"),
        event("same_moment", "refund", 1, quantity=2),
    ]
    assert matched(spark, rows) == {
        "three": ("latest", "large"),
        "two": ("latest", "small"),
        "six": ("none", None),
        "tie": ("latest", "tie_b"),
        "same_moment": ("latest", "small"),
    }


def test_only_what_had_arrived_and_not_long_before(spark: SparkSession) -> None:
    rows = [
        event("old", "purchase", 0, item_id="a"),
        event("edge", "purchase", 1, item_id="b"),
        event("comes_later", "purchase", 5, item_id="c", event_time=START),
        event("a", "refund", 4, item_id="a"),
        event("b", "refund", 4, item_id="b"),
        event("c", "refund", 4, item_id="c"),
    ]
    assert matched(spark, rows) == {"a": ("none", None), "b": ("latest", "edge"), "c": ("none", None)}


@spark_property(often=9)
@given(
    drawn=st.lists(
        st.tuples(
            st.sampled_from(["purchase", "purchase", "refund"]),
            st.integers(0, 4),
            st.sampled_from(["u", "v"]),
            st.sampled_from(["i", "j"]),
            st.sampled_from([None, "o1", "o2"]),
            st.integers(1, 3),
        ),
        min_size=10,
        max_size=40,
    )
)
def test_nights_one_by_one_and_a_range_agree(spark: SparkSession, drawn: list[tuple[object, ...]]) -> None:
    names = ("user_id", "item_id", "order_id", "quantity")
    rows = [
        event(f"{number}", str(kind), int(str(day)), **dict(zip(names, rest, strict=True)))
        for number, (kind, day, *rest) in enumerate(drawn)
    ]
    events = computed(event_frame(spark, rows))
    purchases = computed(build_purchases(events))
    one_by_one: dict[str, tuple[str, str | None]] = {}
    for day in range(5):
        last = FIRST + timedelta(day)
        window = purchases.filter(purchases.run_date.between(last - timedelta(REFUND_DAYS), last))
        one_by_one |= match(events.filter(events.run_date == last), window)
    assert one_by_one == match(events, purchases)
    assert len(one_by_one) == sum(kind == "refund" for kind, *_ in drawn)
