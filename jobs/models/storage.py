"""A model's folder: a description in JSON and arrays in an archive, with no pickle in either."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from jobs.core.errors import ModelError

Arrays = dict[str, npt.NDArray[Any]]

DESCRIPTION_FILE = "model.json"
ARRAYS_FILE = "arrays.npz"
FORMAT = 1


def write_description(folder: Path, description: Mapping[str, Any]) -> None:
    """Write ``model.json``: what the model is called and how it was made; equal content, equal bytes."""
    text = json.dumps({"format": FORMAT, **description}, indent=2, sort_keys=True)
    (folder / DESCRIPTION_FILE).write_text(text + "\n", encoding="utf-8")


def write_arrays(folder: Path, arrays: Arrays) -> None:
    """Write ``arrays.npz``; arrays of objects are refused, for they would need a pickle."""
    np.savez(folder / ARRAYS_FILE, allow_pickle=False, **arrays)


def read_description(folder: Path) -> dict[str, Any]:
    """The name and parameters of the model in a folder.

    Raises
    ------
    ModelError
        If there is no model in the folder, or one of another format.
    """
    path = folder / DESCRIPTION_FILE
    try:
        description: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"no readable model in {folder}: {error}; train it again") from error
    found = description.get("format")
    if found != FORMAT:
        raise ModelError(f"{path} has format {found}, this code reads {FORMAT}; train it again")
    return description


def read_arrays(folder: Path) -> Arrays:
    """All arrays of the model in a folder, by name.

    Raises
    ------
    ModelError
        If the archive is missing, broken, or holds pickled objects.
    """
    path = folder / ARRAYS_FILE
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise ModelError(f"no readable model arrays in {path}: {error}; train it again") from error
