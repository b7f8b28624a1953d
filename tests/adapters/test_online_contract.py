from datetime import date, timedelta

from online_rows import generation

from jobs.adapters.online.contract import Served, decide
from jobs.adapters.online.generation import Generation, StatusMark
from jobs.core.config import load_settings
from jobs.core.night import Night

DAY = date(2025, 3, 3)


def test_an_empty_store_takes_any_date() -> None:
    decision = decide(None, generation(DAY))
    assert decision.outcome == "published"
    assert (decision.served.publish_number, decision.served.highest_date) == (1, DAY)


def test_same_date_same_content_is_nothing_to_do() -> None:
    served = decide(None, generation(DAY)).served
    decision = decide(served, generation(DAY))
    assert decision.outcome == "unchanged"
    assert decision.served == served


def test_same_date_new_content_takes_the_next_number() -> None:
    served = decide(None, generation(DAY)).served
    decision = decide(served, generation(DAY, content="fedcba9876543210"))
    assert decision.outcome == "published"
    assert decision.served.publish_number == 2
    assert decision.served.generation == "2025-03-03-fedcba98"


def test_older_is_measured_against_the_highest_date_ever_served() -> None:
    served = decide(None, generation(DAY)).served.model_copy(update={"run_date": DAY - timedelta(2)})
    decision = decide(served, generation(DAY - timedelta(1)))
    assert decision.outcome == "skipped"
    assert "2025-03-03 has been served" in decision.reason


def test_a_withdrawal_that_did_not_end_is_finished_by_the_same_content_or_the_next_one() -> None:
    half = decide(None, generation(DAY)).served.half_withdrawn()
    decision = decide(half, generation(DAY))
    assert decision.outcome == "published"
    assert (decision.served.publish_number, decision.served.is_half_withdrawn) == (2, False)
    after = half.after_withdrawal(StatusMark(DAY, "later"), changed=False)
    assert (after.publish_number, after.is_half_withdrawn) == (2, False)


def test_a_hold_skips_its_own_date_and_ends_with_a_later_one() -> None:
    rolled_back = decide(None, generation(DAY)).served.model_copy(
        update={"run_date": DAY - timedelta(1), "hold": DAY, "publish_number": 5}
    )
    assert decide(rolled_back, generation(DAY, content="f" * 16)).outcome == "skipped"
    after = decide(rolled_back, generation(DAY + timedelta(1)))
    assert after.outcome == "published"
    assert (after.served.hold, after.served.publish_number) == (None, 6)


def test_fields_are_flat_text_and_read_back_equal() -> None:
    served = decide(None, generation(DAY)).served
    held = served.model_copy(update={"hold": DAY})
    for record in (served, held):
        assert Served.model_validate(record.fields) == record
        assert all(isinstance(value, str) for value in record.fields.values())


def test_expiry_is_a_local_midnight_across_a_change_of_clocks() -> None:
    settings = load_settings("online_retail")
    night = Night(settings, date(2011, 10, 20), date(2011, 10, 20))  # clocks go back on 30 October
    made = Generation.of_night(night, {"churn": "x"}, StatusMark(night.run_date, ""))
    assert made.event_time.isoformat() == "2011-10-20T23:00:00+00:00"
    assert made.expires_at.isoformat() == "2011-11-06T00:00:00+00:00"
