from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowRescheduleException
from app_schedule import Schedule
from turn import deliveries_end, wait_for_turn


def a_schedule(time_zone: str = "UTC", start_after_minutes: int = 90) -> Schedule:
    return Schedule(
        time_zone=time_zone,
        first_day=date(2025, 1, 1),
        start_after_minutes=start_after_minutes,
        deadline_minutes=300,
        alert_after_minutes=240,
        alert_webhook="",
        alert_slack="",
        alert_email="",
        alert_smtp="smtp_default",
        task_timeout_minutes=120,
        retries=2,
        retry_delay_seconds=60,
        pool="default_pool",
        pool_slots=8,
        owner="data-platform",
    )


def a_context(run_type: str, day: date, before: str | None = None) -> dict[str, object]:
    """A run for a day, and the state of the run before it."""
    previous = SimpleNamespace(run_id="before", state=before) if before else None
    run = SimpleNamespace(
        run_type=run_type,
        run_id="r",
        conf={"run_date": day.isoformat()},
        logical_date=None,
        run_after=datetime.now(UTC),
        start_date=datetime.now(UTC),
    )
    task = SimpleNamespace(execution_timeout=timedelta(hours=2))
    return {"dag_run": run, "task": task, "ti": SimpleNamespace(get_previous_dagrun=lambda: previous)}


def today() -> date:
    return datetime.now(UTC).date()


def test_late_deliveries_are_awaited_from_the_local_midnight_that_ends_the_day() -> None:
    context = a_context("scheduled", date(2025, 3, 5))

    assert deliveries_end(context, a_schedule("Asia/Tokyo")) == datetime(2025, 3, 5, 16, 30, tzinfo=UTC)


def test_a_wait_across_a_change_of_clocks_keeps_its_length() -> None:
    context = a_context("scheduled", date(2025, 3, 8))

    end = deliveries_end(context, a_schedule("America/New_York", start_after_minutes=180))

    assert end == datetime(2025, 3, 9, 8, tzinfo=UTC)


def test_a_scheduled_night_waits_for_late_deliveries() -> None:
    with pytest.raises(AirflowRescheduleException) as caught:
        wait_for_turn(a_context("scheduled", today()), schedule=a_schedule())

    midnight = datetime.combine(today() + timedelta(days=1), datetime.min.time(), tzinfo=UTC)
    assert caught.value.reschedule_date == midnight + timedelta(minutes=90)


@pytest.mark.parametrize("run_type", ["manual", "backfill"])
def test_runs_that_somebody_asked_for_do_not_wait_for_deliveries(run_type: str) -> None:
    wait_for_turn(a_context(run_type, today()), schedule=a_schedule())


def test_a_past_day_does_not_wait() -> None:
    wait_for_turn(a_context("scheduled", date(2025, 3, 5)), schedule=a_schedule())


@pytest.mark.parametrize("run_type", ["scheduled", "backfill"])
def test_a_night_waits_while_the_night_before_runs(run_type: str) -> None:
    with pytest.raises(AirflowRescheduleException):
        wait_for_turn(a_context(run_type, date(2025, 3, 5), before="running"), schedule=a_schedule())


@pytest.mark.parametrize("before", ["success", "failed", "queued"])
def test_a_run_that_is_not_running_is_not_waited_for(before: str) -> None:
    wait_for_turn(a_context("scheduled", date(2025, 3, 5), before=before), schedule=a_schedule())


def test_a_run_by_hand_does_not_wait_for_the_night_before() -> None:
    wait_for_turn(a_context("manual", date(2025, 3, 5), before="running"), schedule=a_schedule())


def test_a_night_waits_no_longer_than_to_its_deadline() -> None:
    context = a_context("scheduled", today(), before="running")
    context["dag_run"].start_date -= timedelta(minutes=300)
    context["dag_run"].run_after -= timedelta(minutes=300)

    with pytest.raises(AirflowFailException, match=r"deadline \(300 minutes\) has passed"):
        wait_for_turn(context, schedule=a_schedule())
