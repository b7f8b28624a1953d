"""Do the lake, the registries and the store say the same?"""

from datetime import date

from jobs.adapters.lake import Lake, Manifest
from jobs.adapters.lake.arrow import read_pandas
from jobs.adapters.online import open_store
from jobs.adapters.online.registry import is_applied
from jobs.adapters.tracking.uri import tracking_uri
from jobs.commands.checkup.finding import Finding, Findings, no_crash
from jobs.core.config import Settings
from jobs.core.home import Home
from jobs.core.model_schemas import CHAMPIONS
from jobs.core.output_schemas import PUBLISHED

_LOOK_AT_TABLES = "nightjar status --app {app}, then run the stage that it names"


def look_at_agreement(settings: Settings, home: Home) -> Findings:
    """Champions against MLflow, Feast's registry against the views, the store against what the lake published."""
    lake, findings, todo = Lake(home.lake), Findings(), _LOOK_AT_TABLES.format(app=settings.app)
    with no_crash(findings, "models", todo):
        findings += _models(settings, home, lake)
    with no_crash(findings, "store and lake", todo):
        findings += _store(settings, home, lake)
    with no_crash(findings, "Feast views", todo):
        findings += _feast(settings, home, lake)
    return findings


def _models(settings: Settings, home: Home, lake: Lake) -> Findings:
    """Every champion is a registered model whose alias points at it."""
    champions = _newest(lake, CHAMPIONS.name)
    if champions is None:
        return [Finding("models", "ok", "no night has chosen a champion yet")]
    from jobs.adapters.tracking.open import open_tracking

    if not settings.tracking.uri and not (home.mlflow / "mlflow.db").is_file():
        told = f"champions of {champions.run_date}, but no store at {tracking_uri(settings, home)}"
        return [Finding("models", "wrong", told, f"bring it back, or run {_night(settings, champions.run_date)}")]
    tracking = open_tracking(settings, home)
    rows = read_pandas(lake, CHAMPIONS, champions, ["role", "model"])
    return [
        _model(settings, champions.run_date, role, model, tracking.champion(role))
        for role, model in sorted(zip(rows["role"], rows["model"], strict=True))
    ]


def _model(settings: Settings, day: date, role: str, model: str, alias: str | None) -> Finding:
    subject = f"model {role}"
    if alias == model:
        return Finding(subject, "ok", f"{model} is champion in the lake and in MLflow")
    told = f"the lake's champion of {day} is {model}, MLflow's alias is at {alias or 'nothing'}"
    return Finding(subject, "wrong", told, f"nightjar promote_models --app {settings.app} --date {day} --again")


def _store(settings: Settings, home: Home, lake: Lake) -> Findings:
    served, published = open_store(settings, home).served(), _newest(lake, PUBLISHED.name)
    if published is None:
        told = (
            "nothing was published yet" if served is None else f"serves {served.generation}, the lake knows of none"
        )
        return [Finding("store and lake", "ok" if served is None else "note", told)]
    name = str(read_pandas(lake, PUBLISHED, published, ["generation"])["generation"].iloc[0])
    again = _publish(settings, published.run_date)
    return [_served(name, served.generation if served else "", served.hold if served else None, again)]


def _served(published: str, served: str, hold: date | None, again: str) -> Finding:
    if served == published:
        return Finding("store and lake", "ok", f"{served} is the newest that was published")
    if hold:
        return Finding("store and lake", "note", f"{served} is served by a rollback that holds up to {hold}")
    told = f"serves {served or 'nothing'}, the lake published {published}"
    return Finding("store and lake", "wrong", told, again)


def _feast(settings: Settings, home: Home, lake: Lake) -> Findings:
    published = _newest(lake, PUBLISHED.name)
    if published is None:
        return []
    if is_applied(settings, home):
        return [Finding("Feast views", "ok", "the registry holds them as they are defined")]
    told = "the registry was applied from other definitions, or for another store"
    return [Finding("Feast views", "note", told, f"{_publish(settings, published.run_date)}, which applies them")]


def _publish(settings: Settings, day: date) -> str:
    return f"nightjar publish --app {settings.app} --date {day}"


def _newest(lake: Lake, table: str) -> Manifest | None:
    """The newest partition with rows: back-fills leave empty ones."""
    found = (lake.manifest(table, day) for day in reversed(lake.run_dates(table)))
    return next((manifest for manifest in found if manifest and manifest.rows), None)


def _night(settings: Settings, day: date) -> str:
    return f"nightjar train_recommender --app {settings.app} --date {day} --again, and train_predictions likewise"
