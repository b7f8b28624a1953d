"""What a stage hands over to have a model tracked. None of it may hold a user id: runs live for ever.

A run that is compared with another night's says what changed only where names stay: the same metrics, parameters
and files every night, with dots between the parts of a name (`flat_params`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from jobs.core.table import Column

Value = str | int | float | bool


@dataclass(frozen=True, kw_only=True)
class Attachments:
    """What a run keeps besides parameters and numbers; whatever kind of model it is.

    Attributes
    ----------
    steps
        Metric to its values over rounds of training, from the first one on: a curve in MLflow's UI.
    tables
        Path below the run's files, without an ending, to a frame; written as CSV, which the UI shows as a table.
    texts
        Path below the run's files, with its ending, to Markdown, JSON or a page of HTML.
    pictures
        File stem to figure, below ``pictures/``.
    """

    steps: Mapping[str, Sequence[float]] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True)
class ServedModel:
    """The files of a model, and how MLflow turns them into something with a ``predict``.

    Attributes
    ----------
    folder
        What the model's own ``save`` wrote.
    loader
        Dotted module with ``_load_pyfunc(folder)``; it gets a copy of the folder. It is imported by
        whoever loads the model, so its package must be installed there.
    example_input, example_output
        A few rows in, and what ``predict`` answers.
    input_columns, output_columns
        The signature; read off the example where they are not given, which an empty list in it does not allow.
    call_params
        Defaults of the second argument of ``predict``.
    requirements
        Distributions that loading needs; written with the versions installed here.
    """

    folder: Path
    loader: str
    example_input: pd.DataFrame
    example_output: pd.DataFrame
    input_columns: Sequence[Column] = ()
    output_columns: Sequence[Column] = ()
    call_params: Mapping[str, Any] = field(default_factory=dict)
    requirements: Sequence[str] = ("nightjar", "numpy", "pandas")


@dataclass(frozen=True)
class TrainingData:
    """The table a model learned from.

    Attributes
    ----------
    name
        Table of the lake.
    digest
        Digest of its partition.
    source
        Where to find it: the table and its run date.
    """

    name: str
    digest: str
    source: str


@dataclass(frozen=True)
class SourceRun(Attachments):
    """One candidate source or model that was measured beside the others: a child run.

    Attributes
    ----------
    name
        Of the source; the run is called by it.
    params, metrics
        Under the names that they have in the parent.
    note
        Markdown: what it is, and why it is missing where it was left out.
    """

    name: str
    params: Mapping[str, Value]
    metrics: Mapping[str, float]
    note: str = ""


@dataclass(frozen=True)
class ModelRun(Attachments):
    """Everything that is kept about one training.

    Attributes
    ----------
    role
        What it would serve: ``recommender``, ``churn``.
    content_name
        ``<model>-<run date>-<hash>``; equal names mean equal models.
    params, metrics
        As a data scientist compares them between nights.
    tags
        Run date, code commit and the like.
    training_data
        Shown in the data set column of the run.
    model
        The model itself.
    model_card
        Markdown: what it is for, data, numbers, limits.
    sources
        Child runs, in the order in which they are to be listed.
    """

    role: str
    content_name: str
    params: Mapping[str, Value]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    training_data: TrainingData
    model: ServedModel
    model_card: str
    sources: Sequence[SourceRun] = ()


@dataclass(frozen=True, kw_only=True)
class EvaluationRun(Attachments):
    """A comparison that somebody asked for, outside of any night: no model comes of it.

    Attributes
    ----------
    content_name
        What was evaluated; the same name again is another run.
    params, metrics, tags
        As in `ModelRun`.
    sources
        Child runs: every method that was measured.
    """

    content_name: str
    params: Mapping[str, Value]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    sources: Sequence[SourceRun] = ()


def flat_params(nested: Mapping[str, Any], prefix: str = "") -> dict[str, Value]:
    """Nested settings as parameters of a run: ``{"als": {"factors": 64}}`` becomes ``als.factors``.

    What is switched off (None) stays visible as ``off``, so that two nights differ in a value and not in a name.
    Lists become text, in their order.
    """
    flat: dict[str, Value] = {}
    for key, value in nested.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat |= flat_params(value, f"{name}.")
        elif value is None:
            flat[name] = "off"
        else:
            flat[name] = value if isinstance(value, str | int | float | bool) else ", ".join(map(str, value))
    return flat
