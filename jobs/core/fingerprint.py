"""Fingerprints of code and settings: what must be equal for a stage to call its output unchanged."""

import ast
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

_ROOT = Path(__file__).resolve().parents[2]
_OURS = ("jobs", "expectations")
# Another version of these may give another result of the same code.
_LIBRARIES = ("implicit", "lightgbm", "numpy", "pandas", "pyarrow", "pyspark", "scipy")


def hash_of(value: Any) -> str:
    """Short SHA-256 of a JSON-able value; the order of keys does not matter."""
    text = json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def settings_fingerprint(settings: BaseModel, dotted: Iterable[str]) -> str:
    """Hash of the settings under some dotted names."""
    return hash_of({name: setting(settings, name) for name in sorted(dotted)})


def setting(settings: BaseModel, dotted: str) -> Any:
    """Value of a setting or a section as plain data, by its dotted name."""
    value: Any = settings
    for part in dotted.split("."):
        value = getattr(value, part)
    return to_jsonable_python(value)


def code_fingerprint(module: str) -> str:
    """Hash of the code behind a module.

    It covers the module's source, that of all of our modules that it imports, directly or not, and the installed
    versions of the computing libraries that any of these imports.
    """
    files = sorted(_closure(module))
    sources = {str(file.relative_to(_ROOT)): _source_hash(file) for file in files}
    imported = {name.partition(".")[0] for file in files for name in _imports(file)}
    return hash_of([sources, {name: _installed(name) for name in _LIBRARIES if name in imported}])


def _closure(module: str) -> set[Path]:
    found: set[Path] = set()
    waiting = [_file_of(module)]
    while waiting:
        file = waiting.pop()
        if file is not None and file not in found:
            found.add(file)
            waiting += [_file_of(name) for name in _imports(file)]
    return found


def _file_of(module: str) -> Path | None:
    if module.partition(".")[0] not in _OURS:
        return None
    path = _ROOT.joinpath(*module.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((candidate for candidate in candidates if candidate.is_file()), None)


@cache
def _imports(file: Path) -> tuple[str, ...]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return tuple(sorted(names))


@cache
def _installed(library: str) -> str:
    """Version of a library; empty where an environment does without it."""
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


@cache
def _source_hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
