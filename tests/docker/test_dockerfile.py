"""The Dockerfile: hadolint's rules, and what only this repository can know."""

import re
import subprocess
import sysconfig
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"[a-z/-]+:\d+\.\d+(\.\d+)?-[a-z-]+")

Stages = dict[str, list[tuple[str, str]]]


def run_lines(stages: Stages) -> str:
    return "\n".join(rest for stage in stages.values() for keyword, rest in stage if keyword == "RUN")


def copied_from_context(stages: Stages) -> list[str]:
    """Sources of every COPY that reads the build context, not another stage."""
    copies = [rest.split() for stage in stages.values() for keyword, rest in stage if keyword == "COPY"]
    return [source for words in copies if not words[0].startswith("--from") for source in words[:-1]]


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"
    command = [str(hadolint), "--no-color", str(ROOT / "docker/Dockerfile")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_base_is_a_stage_or_a_pinned_image(stages: Stages) -> None:
    bases = [stage[0][1].split()[0] for stage in stages.values()]
    assert [base for base in bases if base not in stages and not PINNED.fullmatch(base)] == []


def test_the_image_has_the_python_that_the_project_asks_for(stages: Stages) -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert wanted == ">=3.11,<3.12"
    assert stages["runtime"][0][1].startswith("python:3.11.")


@pytest.mark.parametrize("target", ["jobs", "airflow"])
def test_an_image_runs_as_a_user_that_is_not_root(stages: Stages, target: str) -> None:
    users = [rest for keyword, rest in stages[target] if keyword == "USER"]
    assert users == ["10001:10001"]


def test_nothing_is_fetched_but_by_apt_pip_and_uv(stages: Stages) -> None:
    keywords = {keyword for stage in stages.values() for keyword, _ in stage}
    assert "ADD" not in keywords
    assert re.findall(r"\b(?:curl|wget)\b|https?://", run_lines(stages)) == []


def test_apt_installs_no_recommended_packages_and_leaves_no_lists(stages: Stages) -> None:
    runs = run_lines(stages)
    assert runs.count("apt-get install") == runs.count("--no-install-recommends")
    assert runs.count("apt-get update") == runs.count("rm -rf /var/lib/apt/lists/*")


def test_packages_come_from_the_lock_file_only(stages: Stages) -> None:
    runs = run_lines(stages)
    assert runs.count("uv sync") == runs.count("uv sync --locked")
    assert re.findall(r"pip install (?:--\S+ )*([a-z]+)", runs) == ["uv"]


def test_extras_are_extras_of_the_project(stages: Stages) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    used = set(re.findall(r"--extra (\S+)", run_lines(stages)))
    assert used <= set(project["optional-dependencies"])


def test_the_image_is_locked_with_the_makefile_s_uv(stages: Stages) -> None:
    (version,) = re.findall(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert f"uv=={version}" in run_lines(stages)


def test_sources_exist(stages: Stages) -> None:
    assert [source for source in copied_from_context(stages) if not (ROOT / source).exists()] == []


def test_the_build_context_holds_the_sources_and_nothing_else(stages: Stages) -> None:
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignore
    assert {line[1:] for line in ignore if line.startswith("!")} == set(copied_from_context(stages))
