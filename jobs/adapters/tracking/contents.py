"""What is written into one run: parameters, numbers and curves, tables, texts and pictures."""

import time
from collections.abc import Iterator, Mapping, Sequence

from mlflow.entities import Metric, Param
from mlflow.tracking import MlflowClient

from jobs.adapters.tracking.records import Attachments, Value

PICTURE_DPI = 110
FLOATS = "%.6g"  # of a table: digits that a reader needs, and that do not differ between machines


def write_values(
    client: MlflowClient,
    run_id: str,
    params: Mapping[str, Value],
    metrics: Mapping[str, float],
    model_id: str | None = None,
) -> None:
    """Write parameters and metrics, sorted by name.

    Parameters
    ----------
    client
        An open store.
    run_id
        A running run.
    params, metrics
        Any number; the client cuts them into batches.
    model_id
        MLflow's name of a logged model that the metrics are of as well.
    """
    now = _milliseconds()
    as_text = [Param(name, str(value)) for name, value in sorted(params.items())]
    measured = [
        Metric(name, float(value), now, step=0, model_id=model_id, run_id=run_id)
        for name, value in sorted(metrics.items())
    ]
    client.log_batch(run_id, metrics=measured, params=as_text)


def write_attachments(client: MlflowClient, run_id: str, kept: Attachments) -> None:
    """Write curves and files. A name that comes twice, as a table and as a text, is overwritten by the later one."""
    curves = list(_points(kept.steps))
    if curves:
        client.log_batch(run_id, metrics=curves)
    for path, frame in kept.tables.items():
        client.log_text(run_id, frame.to_csv(index=False, float_format=FLOATS, lineterminator="\n"), f"{path}.csv")
    for path, text in kept.texts.items():
        client.log_text(run_id, text, path)
    for name, figure in kept.pictures.items():
        client.log_figure(run_id, figure, f"pictures/{name}.png", save_kwargs={"dpi": PICTURE_DPI})


def _points(steps: Mapping[str, Sequence[float]]) -> Iterator[Metric]:
    now = _milliseconds()
    for name, values in sorted(steps.items()):
        yield from (Metric(name, float(value), now, step) for step, value in enumerate(values, start=1))


def _milliseconds() -> int:
    return int(time.time() * 1000)
