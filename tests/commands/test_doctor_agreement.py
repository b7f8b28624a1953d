"""Doctor finds what the lake, the registries and the store do not say alike."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from lake_rows import put
from served_store import serve

from jobs.adapters.lake import Lake
from jobs.adapters.online.sqlite_store import SqliteStore
from jobs.adapters.tracking import open as tracking
from jobs.commands.checkup import agreement
from jobs.commands.checkup.agreement import look_at_agreement
from jobs.commands.checkup.finding import Finding
from jobs.core.config import load_settings
from jobs.core.errors import OnlineStoreError
from jobs.core.home import Home
from jobs.core.model_schemas import CHAMPIONS
from jobs.core.output_schemas import PUBLISHED

DAY, LATER = date(2025, 3, 1), date(2025, 3, 2)
SETTINGS = load_settings("sample")


class Aliases:
    """MLflow, of which doctor asks nothing but who is champion."""

    def __init__(self, **models: str) -> None:
        self._models = models

    def champion(self, role: str) -> str | None:
        return self._models.get(role)


@pytest.fixture
def app(home: Path) -> Home:
    return Home(home, "sample")


@pytest.fixture
def applied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Feast's registry as it should be."""
    monkeypatch.setattr(agreement, "is_applied", lambda settings, home: True)


def found(app: Home, subject: str) -> Finding:
    [one] = [one for one in look_at_agreement(SETTINGS, app) if one.subject == subject]
    return one


def choose(app: Home, day: date, **models: str) -> None:
    """Champions of a date in the lake."""
    put(Lake(app.lake), CHAMPIONS.name, day, [{"role": role, "model": name} for role, name in models.items()])


def mirror(app: Home, monkeypatch: pytest.MonkeyPatch, **models: str) -> None:
    """Champions in MLflow."""
    app.mlflow.mkdir(parents=True, exist_ok=True)
    (app.mlflow / "mlflow.db").touch()
    monkeypatch.setattr(tracking, "open_tracking", lambda settings, home: Aliases(**models))


def publish(app: Home, day: date, generation: str = "") -> None:
    row = {"view": "churn", "generation": generation or f"{day}-01234567", "outcome": "published", "n_rows": 3}
    put(Lake(app.lake), PUBLISHED.name, day, [row])


def test_before_the_first_night_all_is_well(app: Home) -> None:
    assert {one.state for one in look_at_agreement(SETTINGS, app)} == {"ok"}


def test_an_alias_at_another_model_is_wrong_and_the_others_are_told_apart(
    app: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(app, DAY, churn="churn-b", recommender="als-b", value="value-b")
    choose(app, LATER)  # as a back-fill leaves it
    mirror(app, monkeypatch, churn="churn-b", recommender="als-a")

    assert found(app, "model churn").state == "ok"
    other, absent = found(app, "model recommender"), found(app, "model value")
    assert (other.state, absent.state) == ("wrong", "wrong")
    assert f"champion of {DAY} is als-b, MLflow's alias is at als-a" in other.told
    assert absent.told.endswith("MLflow's alias is at nothing")
    assert other.todo == f"nightjar promote_models --app sample --date {DAY} --again"


def test_champions_without_a_store_of_models_are_wrong(app: Home) -> None:
    choose(app, DAY, churn="churn-b")
    one = found(app, "models")
    assert one.state == "wrong"
    assert "but no store at sqlite:///" in one.told
    assert f"nightjar train_recommender --app sample --date {DAY} --again" in one.todo


@pytest.mark.usefixtures("applied")
def test_another_generation_served_than_published_is_wrong(app: Home) -> None:
    publish(app, DAY)
    assert found(app, "store and lake").told == f"serves nothing, the lake published {DAY}-01234567"

    serve(app, DAY)
    assert found(app, "store and lake").state == "ok"

    publish(app, LATER, f"{LATER}-89abcdef")
    one = found(app, "store and lake")
    assert (one.state, one.todo) == ("wrong", f"nightjar publish --app sample --date {LATER}")
    assert one.told == f"serves {DAY}-01234567, the lake published {LATER}-89abcdef"


@pytest.mark.usefixtures("applied")
def test_a_rollback_that_holds_is_a_note(app: Home) -> None:
    serve(app, DAY)
    store = SqliteStore(app.online / "online.db", app.app)
    served = store.served()
    assert served is not None
    store.replace(served.model_copy(update={"hold": LATER}), [])
    publish(app, LATER)

    one = found(app, "store and lake")
    assert one.state == "note"
    assert f"a rollback that holds up to {LATER}" in one.told


def test_a_generation_that_the_lake_does_not_know_is_a_note(app: Home) -> None:
    serve(app, DAY)
    one = found(app, "store and lake")
    assert (one.state, one.told) == ("note", f"serves {DAY}-01234567, the lake knows of none")


def test_other_definitions_in_the_registry_are_a_note(app: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(app, DAY)
    one = found(app, "Feast views")
    assert (one.state, one.todo) == ("note", f"nightjar publish --app sample --date {DAY}, which applies them")

    monkeypatch.setattr(agreement, "is_applied", lambda settings, home: True)
    assert found(app, "Feast views").state == "ok"


def test_a_registry_that_is_away_hides_nothing_of_the_store(app: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(settings: object, home: object) -> bool:
        raise OnlineStoreError("Feast's registry on db does not answer")

    publish(app, DAY)
    serve(app, DAY, expires_at=datetime(2025, 3, 9, tzinfo=UTC))
    monkeypatch.setattr(agreement, "is_applied", away)

    assert found(app, "store and lake").state == "ok"
    assert found(app, "Feast views").state == "wrong"
