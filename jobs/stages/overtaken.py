"""Whether a stage run that took long, or stood still, may still say what the tables are.

Airflow may start a second copy of a task beside a living first, and an operator may correct a night while a stage of
it runs. A run that planned before the correction must not put its results in the place of those made after it.
"""

from collections.abc import Iterable

from jobs.adapters.lake import Manifest
from jobs.core.errors import OvertakenError
from jobs.stages.inputs import Inputs


def raise_if_inputs_changed(run: Inputs) -> None:
    """End a run whose planned inputs are not the current ones any more.

    Content counts: an input that was made again and came out the same is the same.

    Raises
    ------
    OvertakenError
        It names the first input that differs.
    """
    for planned in (manifest for table in sorted(run.inputs) for manifest in run.inputs[table]):
        current = run.lake.manifest(planned.table, planned.run_date)
        if current is None or current.digest != planned.digest:
            what = "is gone" if current is None else "was made anew"
            raise overtaken(run, f"its input {planned.table!r} of run_date={planned.run_date} {what} since it began")


def raise_if_outputs_newer(run: Inputs, made: Iterable[Manifest]) -> None:
    """End a run where a later attempt of something else is current for any of its tables.

    Later attempts made of the very same inputs, settings and code are no harm: their rows are the same.

    Parameters
    ----------
    made
        What the run wants to make current.

    Raises
    ------
    OvertakenError
        It names the first table.
    """
    for manifest in made:
        current = run.lake.manifest(manifest.table, manifest.run_date)
        if current and current.attempt > manifest.attempt and current.fingerprint != manifest.fingerprint:
            partition = f"{manifest.table!r} of run_date={manifest.run_date}"
            raise overtaken(run, f"a later run has made table {partition} of something else")


def overtaken(run: Inputs, why: str) -> OvertakenError:
    """The error of a run that was overtaken; it says why, and which command runs it again."""
    night, app = run.night, run.night.settings.app
    # What builds many dates in one go is a back-fill, and the stage's own command builds one.
    again = f"nightjar {run.stage.name} --app {app} --date {night.run_date}"
    if night.first != night.last:
        again = f"nightjar backfill --app {app} --from {night.first} --to {night.last}"
    return OvertakenError(
        f"stage {run.stage.name!r} of {night.run_date} was overtaken: {why}; nothing of this run counts; run again: "
        f"{again}"
    )
