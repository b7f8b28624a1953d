"""Python and the packages: are they those that the code was tested with?"""

import sys
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from jobs.commands.checkup.finding import Finding, Findings

PYTHON = (3, 11)
_INSTALL = "make setup"


def look_at_versions() -> Findings:
    """Python, and every package that the project names and this environment has."""
    return [_python(), _packages()]


def _python() -> Finding:
    found = sys.version_info[:2]
    told = f"{'.'.join(map(str, sys.version_info[:3]))}, {sys.executable}"
    if found == PYTHON:
        return Finding("Python", "ok", told)
    wanted = ".".join(map(str, PYTHON))
    return Finding("Python", "wrong", f"{told}; {wanted} is needed", f"make PYTHON=/path/to/python{wanted} setup")


def _packages() -> Finding:
    """An extra that is not installed is no fault: an image of the jobs has no Airflow."""
    wanted = [Requirement(line) for line in requires("nightjar") or []]
    found = {str(one): _installed(one.name) for one in wanted}
    other = [
        f"{one.name} {found[str(one)]} (wanted {one.specifier})"
        for one in wanted
        if found[str(one)] and not one.specifier.contains(found[str(one)], prereleases=True)
    ]
    if other:
        return Finding("packages", "wrong", f"not as locked: {', '.join(sorted(set(other)))}", _INSTALL)
    names = ("pyspark", "mlflow", "feast", "lightgbm", "implicit", "apache-airflow")
    told = ", ".join(f"{name} {_installed(name) or 'absent'}" for name in names)
    missing = [name for name in names[:-1] if not _installed(name)]
    if missing:
        return Finding("packages", "wrong", f"{', '.join(missing)} missing", _INSTALL)
    return Finding("packages", "ok", told)


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
