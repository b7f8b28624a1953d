"""Fingerprints change with what a stage depends on, and with nothing else."""

from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

from jobs.core import fingerprint
from jobs.core.config import load_settings
from jobs.core.config.log import ColumnRule
from jobs.core.fingerprint import code_fingerprint, hash_of, setting, settings_fingerprint

SOURCES = {
    "jobs/__init__.py": "",
    "jobs/stage.py": "from jobs.pack import thing\n\ndef run():\n    from jobs.lazy import late\n",
    "jobs/pack/__init__.py": "from jobs.pack.inner import thing\n",
    "jobs/pack/inner.py": "import json\n\nthing = 1\n",
    "jobs/lazy.py": "import expectations.rules\n\nlate = 1\n",
    "jobs/other.py": "x = 1\n",
    "expectations/rules.py": "import jobs.stage\n",
}


@pytest.fixture
def code_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The fingerprint of `jobs.stage` in a tree of its own, with some files changed."""

    def code(**changed: str) -> str:
        root = tmp_path / str(len(list(tmp_path.iterdir())))
        replaced = {f"{module.replace('__', '/')}.py": text for module, text in changed.items()}
        for name, text in {**SOURCES, **replaced}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        monkeypatch.setattr(fingerprint, "_ROOT", root)
        return code_fingerprint("jobs.stage")

    return code


def test_the_same_code_elsewhere_is_the_same(code_of: Callable[..., str]) -> None:
    assert code_of() == code_of()


@pytest.mark.parametrize("module", ["jobs__stage", "jobs__pack__inner", "jobs__lazy", "expectations__rules"])
def test_a_change_in_what_is_imported_counts(code_of: Callable[..., str], module: str) -> None:
    source = SOURCES[module.replace("__", "/") + ".py"]
    assert code_of(**{module: source + "# changed\n"}) != code_of()


def test_a_change_elsewhere_does_not_count(code_of: Callable[..., str]) -> None:
    assert code_of(jobs__other="x = 2\n") == code_of()


def test_versions_of_imported_libraries_count(code_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    uses_numpy = {"jobs__pack__inner": "import numpy.linalg\n\nthing = 1\n"}
    without, with_numpy = code_of(), code_of(**uses_numpy)
    monkeypatch.setattr(fingerprint, "_installed", lambda library: "another")
    assert code_of(**uses_numpy) != with_numpy
    assert code_of() == without


def test_the_installed_version_is_taken_and_a_missing_library_is_none() -> None:
    assert fingerprint._installed("numpy") == numpy.__version__
    assert fingerprint._installed("no_such_library") == ""


def test_our_stages_reach_their_transforms() -> None:
    reached = {file.name for file in fingerprint._closure("jobs.stages.clean_events")}
    assert {"clean_events.py", "cleaning.py", "times.py", "job.py"} <= reached


def test_order_of_keys_does_not_matter_but_values_do() -> None:
    assert hash_of({"a": 1, "b": [1, 2]}) == hash_of({"b": [1, 2], "a": 1})
    assert hash_of({"a": 1, "b": [1, 2]}) != hash_of({"a": 1, "b": [2, 1]})


def test_only_the_named_settings_count() -> None:
    settings = load_settings("sample")
    other = settings.model_copy(update={"lists": settings.lists.model_copy(update={"lake_items": 7})})
    names = ("features", "recommender.k")
    assert settings_fingerprint(settings, names) == settings_fingerprint(other, names[::-1])
    assert settings_fingerprint(settings, ["lists"]) != settings_fingerprint(other, ["lists"])
    assert settings_fingerprint(settings, ["lists.lake_items"]) != settings_fingerprint(other, ["lists.lake_items"])
    assert setting(settings, "lists.lake_items") == 50


def test_the_order_of_patterns_counts() -> None:
    settings = load_settings("sample")

    def fingerprint_of(patterns: dict[str, str], name: str) -> str:
        columns = {**settings.log.columns, "event_type": ColumnRule(column="type", patterns=patterns)}
        log = settings.log.model_copy(update={"columns": columns})
        return settings_fingerprint(settings.model_copy(update={"log": log}), [name])

    for name in ("log", "log.columns"):
        one, other = fingerprint_of({"^C": "c", "^": "o"}, name), fingerprint_of({"^": "o", "^C": "c"}, name)
        assert one != other
        assert one == fingerprint_of({"^C": "c", "^": "o"}, name)
