"""Which Java Spark gets; every launcher is really started."""

import shutil
import subprocess
from pathlib import Path

import pytest

from jobs.adapters.spark.java import find_java, java_home

SUPPORTED_FAKE = 'echo \'openjdk version "17.0.1" fake\' >&2; for a; do echo "got $a" >&2; done'
OLD_FAKE = "echo 'java version \"1.8.0_200\"' >&2"


def fake_java(folder: Path, script: str) -> Path:
    """A `java` that does what a script says; returns its folder."""
    folder.mkdir(parents=True)
    (folder / "java").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "java").chmod(0o755)
    return folder


def start(home: Path, *arguments: str) -> str:
    """What the launcher's Java says to ``-version``."""
    done = subprocess.run([home / "bin" / "java", *arguments], capture_output=True, text=True, timeout=60, check=True)
    return done.stderr


@pytest.fixture(autouse=True)
def no_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any Java."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


def test_java_of_path_and_no_incubator_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(fake_java(tmp_path / "with 'quotes' and $signs", SUPPORTED_FAKE)))
    answer = start(
        java_home(find_java(), tmp_path / "shim"), "-Xmx1g", "--add-modules=jdk.incubator.vector", "-cp", "a b"
    )
    assert "17.0.1" in answer
    assert [line for line in answer.splitlines() if "got" in line] == ["got -Xmx1g", "got -cp", "got a b"]


def test_java_home_comes_before_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_java(tmp_path / "jdk" / "bin", "echo 'version \"21\" of home' >&2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    monkeypatch.setenv("PATH", str(fake_java(tmp_path / "path", SUPPORTED_FAKE)))
    assert "of home" in start(java_home(find_java(), tmp_path / "shim"), "-version")


def test_without_a_java_the_wheel_s_one_starts(tmp_path: Path) -> None:
    answer = start(java_home(find_java(), tmp_path / "shim"), "--add-modules=jdk.incubator.vector", "-version")
    assert 'version "21' in answer


@pytest.mark.parametrize("script", [OLD_FAKE, "echo 'version \"25\"' >&2", "echo no java here >&2", "exit 1"])
def test_an_unsupported_java_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setenv("PATH", str(fake_java(tmp_path / "path", script)))
    assert 'version "21' in start(java_home(find_java(), tmp_path / "shim"), "-version")


def test_containers_of_one_process_number_put_the_launcher_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java, replace = fake_java(tmp_path / "path", SUPPORTED_FAKE) / "java", Path.replace

    def overtaken(self: Path, target: Path) -> Path:
        monkeypatch.setattr(Path, "replace", replace)
        java_home(java, tmp_path / "shim")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", overtaken)
    assert "17.0.1" in start(java_home(java, tmp_path / "shim"))
    assert [path.name for path in (tmp_path / "shim" / "bin").iterdir()] == ["java"]


def test_launchers_never_start_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(fake_java(tmp_path / "path", SUPPORTED_FAKE)))
    one = java_home(find_java(), tmp_path / "one")
    (tmp_path / "link").symlink_to(one)
    for inherited, shim in [("one", "one"), ("link", "one"), ("one", "two"), ("two", "one")]:
        monkeypatch.setenv("JAVA_HOME", str(tmp_path / inherited))
        assert "17.0.1" in start(java_home(find_java(), tmp_path / shim), "-version")
    assert shutil.which("java") in (tmp_path / "one" / "bin" / "java").read_text().replace("'", "")
