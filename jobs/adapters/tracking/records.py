"""What a stage hands over to have a model tracked. None of it may hold a user id: runs live for ever."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

Value = str | int | float | bool


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
        A few rows in, and what ``predict`` answers: the signature is read off them.
    call_params
        Defaults of the second argument of ``predict``.
    requirements
        Distributions that loading needs; written with the versions installed here.
    """

    folder: Path
    loader: str
    example_input: pd.DataFrame
    example_output: pd.DataFrame
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
class SourceRun:
    """One candidate source or model that was measured beside the others: a child run."""

    name: str
    params: Mapping[str, Value]
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class ModelRun:
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
    pictures
        File stem to figure.
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
    pictures: Mapping[str, Figure] = field(default_factory=dict)
    sources: Sequence[SourceRun] = ()
