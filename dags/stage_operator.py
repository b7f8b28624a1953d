"""The one helper that turns a stage into a task, and what an app's tasks share."""

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowTaskTimeout
from app_schedule import Schedule

# Exit codes of the command that a second try would only meet again. The DAG side knows them as numbers
# because it never imports jobs; all others, and signals, are retried.
NOT_CURED_BY_RETRY = {
    2: "wrong call",
    3: "wrong configuration",
    4: "missing or unreadable input",
    5: "a partition that the stage needs is missing",
    6: "state of another version",
    7: "critical checks failed",
}

OF_THE_NIGHT = "--date {{ run_date(dag_run) }}"


class StageOperator(BashOperator):
    """Run `nightjar <stage> --app <app> --date <run date>`, or a command with other options.

    The words before the stage come from the environment variable NIGHTJAR_COMMAND (default `nightjar`),
    so that the pipeline can live in another environment or image than Airflow. The date is the DAG's
    macro `run_date`, which yields a checked date and never the text that somebody typed.

    Parameters
    ----------
    stage
        Command of `nightjar`, and id of the task.
    app
        Name of the app, already checked to be a plain word.
    options
        What stands after the app, with macros that yield checked text only; default: the run date. May be empty.

    Attributes
    ----------
    why_final
        Why a try that `execution_timeout` ends is the last one; empty where another may follow. See time_left.py.
    """

    why_final: str = ""

    def __init__(self, *, stage: str, app: str, options: str = OF_THE_NIGHT, **kwargs: Any) -> None:
        super().__init__(
            task_id=stage,
            # exec: the shell makes way, so that an exit code or a signal is the command's own.
            bash_command=f"exec ${{NIGHTJAR_COMMAND:-nightjar}} {stage} --app {app} {options}".rstrip(),
            append_env=True,
            skip_on_exit_code=None,
            do_xcom_push=False,
            **kwargs,
        )

    def execute(self, context: Context) -> None:
        """Run the stage; fail without a retry where a retry cannot help."""
        try:
            super().execute(context)
        except AirflowTaskTimeout as error:
            if not self.why_final:
                raise
            self.on_kill()  # as Airflow does after the error that this one replaces
            raise AirflowFailException(f"{self.task_id} was ended: {self.why_final}") from error
        except AirflowException as error:
            process = self.subprocess_hook.sub_process
            reason = NOT_CURED_BY_RETRY.get(process.returncode) if process else None
            if reason is None:
                raise
            raise AirflowFailException(
                f"{self.task_id}: {reason} (exit code {process.returncode}); no retry can cure it."
                " The last lines of this log say what to do"
            ) from error


def task_defaults(schedule: Schedule) -> dict[str, Any]:
    """Arguments that every task of an app shares, but for the pool, in which a rollback does not wait."""
    return {
        "owner": schedule.owner,
        "retries": schedule.retries,
        "retry_delay": timedelta(seconds=schedule.retry_delay_seconds),
        "execution_timeout": timedelta(minutes=schedule.task_timeout_minutes),
    }
