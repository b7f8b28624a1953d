"""A pickle that somebody put in the place of a model is never opened."""

import ast
import pickle
from pathlib import Path

import numpy as np
import pytest

import jobs
from jobs.core.errors import ModelError
from jobs.models.storage import ARRAYS_FILE, read_arrays

PICKLE_READERS = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "shelve", "marshal", "torch"}
SOURCES = sorted(Path(jobs.__file__).parent.rglob("*.py"))


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


@pytest.fixture
def sprung(tmp_path: Path) -> Path:
    return tmp_path / "sprung"


def test_the_trap_would_work(sprung: Path) -> None:
    pickle.loads(pickle.dumps(Trap(sprung)))

    assert sprung.exists()


def test_a_pickle_instead_of_arrays_is_not_opened(tmp_path: Path, sprung: Path) -> None:
    (tmp_path / ARRAYS_FILE).write_bytes(pickle.dumps(Trap(sprung)))

    with pytest.raises(ModelError, match="no readable model arrays"):
        read_arrays(tmp_path)
    assert not sprung.exists()


def test_a_pickle_within_arrays_is_not_opened(tmp_path: Path, sprung: Path) -> None:
    np.savez(tmp_path / ARRAYS_FILE, factors=np.array([Trap(sprung)], dtype=object))

    with pytest.raises(ModelError, match="no readable model arrays"):
        read_arrays(tmp_path)
    assert not sprung.exists()


def test_nothing_of_ours_reads_pickles() -> None:
    assert SOURCES
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            assert not _imported(node) & PICKLE_READERS, source
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert isinstance(node.value, ast.Constant), source
                assert node.value.value is False, source
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("load_model", "read_pickle", "unpickle"), source


def _imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    return {(node.module or "").split(".")[0]} if isinstance(node, ast.ImportFrom) else set()
