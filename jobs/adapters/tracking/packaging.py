"""A model's folder made into an MLflow model that loads without a pickle."""

import shutil
import tempfile
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import mlflow.pyfunc
from mlflow.models import Model, ModelSignature, infer_signature
from mlflow.types.schema import Array, ColSpec, DataType, Schema

from jobs.adapters.tracking.records import ServedModel
from jobs.core.table import Column, ColumnType

# Where the copy of the model's own folder lies inside the packaged model.
DATA_FOLDER = "data/model"

_TYPES: dict[ColumnType, DataType | Array] = {
    "string": DataType.string,
    "long": DataType.long,
    "int": DataType.integer,
    "double": DataType.double,
    "boolean": DataType.boolean,
    "array<string>": Array(DataType.string),
    "array<long>": Array(DataType.long),
    "array<double>": Array(DataType.double),
}


def save_packaged(model: ServedModel, folder: Path, model_id: str, run_id: str) -> None:
    """Write a pyfunc model: files, loader, signature, input example and pinned requirements.

    Parameters
    ----------
    model
        What to package.
    folder
        Target; must not exist.
    model_id, run_id
        MLflow's names of the logged model and its run, which the package carries.
    """
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        # MLflow warns that integer columns cannot hold nulls; the checks of the tables see to that.
        warnings.simplefilter("ignore", category=UserWarning)
        # MLflow keeps the folder's last name, so every model gets the same one.
        staged = shutil.copytree(model.folder, Path(scratch) / Path(DATA_FOLDER).name)
        mlflow.pyfunc.save_model(
            path=str(folder),
            loader_module=model.loader,
            data_path=str(staged),
            mlflow_model=Model(run_id=run_id, model_id=model_id),
            signature=_signature(model),
            input_example=model.example_input,
            pip_requirements=_pinned(model.requirements),
        )


def _signature(model: ServedModel) -> ModelSignature:
    """The columns as they were given, else what MLflow reads off the example."""
    inputs, outputs = model.input_columns, model.output_columns
    found = infer_signature(
        None if inputs else model.example_input,
        None if outputs else model.example_output,
        dict(model.call_params) or None,
    )
    return ModelSignature(
        inputs=_schema(inputs) if inputs else found.inputs,
        outputs=_schema(outputs) if outputs else found.outputs,
        params=found.params,
    )


def _schema(columns: Sequence[Column]) -> Schema:
    return Schema([ColSpec(_TYPES[column.type], column.name, required=not column.nullable) for column in columns])


def _pinned(distributions: Sequence[str]) -> list[str]:
    return [f"{name}=={version(name)}" for name in distributions]
