"""The one rule that gives the same run date however a run was started."""

from datetime import date
from zoneinfo import ZoneInfo

from airflow.sdk.exceptions import AirflowFailException
from airflow.sdk.types import DagRunProtocol


def run_date(dag_run: DagRunProtocol, *, zone: ZoneInfo) -> date:
    """Day D of a run: `conf["run_date"]` if given, else the date of the logical date in the app's zone.

    `ds` and the data interval would not do. `ds` is a UTC date, a day off in Tokyo, and does not exist
    in a run without a logical date; the interval of a manual run lies before its logical date.

    Parameters
    ----------
    dag_run
        The run, as a template sees it.
    zone
        The app's time zone.

    Raises
    ------
    AirflowFailException
        The run has neither, or `run_date` is not a date. No retry can cure it.
    """
    given = (dag_run.conf or {}).get("run_date")
    if given:
        return _parse(given)
    if dag_run.logical_date is None:
        raise AirflowFailException(
            f"run {dag_run.run_id!r} has neither a logical date nor a run_date, so its day is unknown;"
            ' trigger it again with --conf \'{"run_date": "YYYY-MM-DD"}\' or with --logical-date'
        )
    return dag_run.logical_date.astimezone(zone).date()


def _parse(given: object) -> date:
    try:
        day = date.fromisoformat(str(given))
    except ValueError:
        day = None
    # fromisoformat also takes 20250301 and 2025-W09-6; one spelling keeps commands and logs alike.
    if day is None or day.isoformat() != given:
        raise AirflowFailException(
            f"run_date in the run's conf must be a day as YYYY-MM-DD, got {given!r}; trigger it again"
        )
    return day
