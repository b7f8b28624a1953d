"""The wheel alone: what it asks for, what is in it, and what it imports."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

_PROJECT = Path(__file__).parents[3]
_CLIENT = _PROJECT / "feature_repo" / "client"
_UV = _PROJECT / ".uv" / "bin" / "uv"  # by which `make setup` installed all that runs here
_FORBIDDEN = ("jobs", "pyspark", "airflow", "lightgbm", "mlflow", "implicit", "great_expectations")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    told = subprocess.run(
        [_UV, "build", "--quiet", "--wheel", "--out-dir", str(folder), str(_CLIENT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return next(folder.glob("*.whl"))


def test_it_needs_feast_and_the_driver(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        [metadata] = [name for name in names if name.endswith("METADATA")]
        text = packed.read(metadata).decode()
    needed = re.findall(r"^Requires-Dist: ([\w\-\[\]]+)", text, re.M)
    always = re.findall(r"^Requires-Dist: (\w+)[^;\n]*$", text, re.M)
    assert always == ["feast", "mmh3"]
    assert {"feast[redis]", "fastapi", "uvicorn"} <= set(needed)
    assert not {re.split(r"[\[-]", name)[0] for name in needed} & set(_FORBIDDEN)
    assert {"nightjar_client/py.typed", "nightjar_client/http/demo.html"} <= set(names)
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"nightjar_client"}


def test_it_imports_nothing_else(wheel: Path) -> None:
    code = f"""
import importlib, pkgutil, sys
sys.path.insert(0, {str(wheel)!r})
sys.modules.update(dict.fromkeys({_FORBIDDEN!r}))
import nightjar_client
assert ".whl" in nightjar_client.__file__, nightjar_client.__file__
for module in pkgutil.walk_packages(nightjar_client.__path__, "nightjar_client."):
    importlib.import_module(module.name)
from nightjar_client import Client
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
