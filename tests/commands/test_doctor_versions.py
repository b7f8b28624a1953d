"""Another Python and other packages than the locked ones are found."""

import pytest

from jobs.commands.checkup import versions
from jobs.commands.checkup.finding import Finding
from jobs.commands.checkup.versions import look_at_versions


def found(subject: str) -> Finding:
    [one] = [one for one in look_at_versions() if one.subject == subject]
    return one


def install(monkeypatch: pytest.MonkeyPatch, name: str, version: str) -> None:
    """Let a package have a version, or be absent where that is empty."""
    real = versions._installed
    monkeypatch.setattr(versions, "_installed", lambda asked: version if asked == name else real(asked))


def test_another_python_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found("Python").state == "ok"

    monkeypatch.setattr(versions, "PYTHON", (3, 99))
    one = found("Python")
    assert one.state == "wrong"
    assert "3.99 is needed" in one.told
    assert "make PYTHON=" in one.todo


def test_a_package_of_another_version_is_named_with_the_one_that_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found("packages").state == "ok"

    install(monkeypatch, "pyspark", "9.9.9")
    one = found("packages")
    assert (one.state, one.todo) == ("wrong", "make setup")
    assert "pyspark 9.9.9 (wanted " in one.told


def test_a_package_that_is_missing_is_wrong_but_for_airflow(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "apache-airflow", "")
    one = found("packages")
    assert one.state == "ok"
    assert "apache-airflow absent" in one.told

    install(monkeypatch, "mlflow", "")
    one = found("packages")
    assert one.state == "wrong"
    assert "mlflow missing" in one.told
