"""The tracking store: opened safely, and created at most once however many processes start."""

from pathlib import Path

from mlflow.exceptions import MlflowException
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from mlflow.tracking import MlflowClient

from jobs.adapters.lake.files import locked
from jobs.core.errors import ModelError

SQLITE = "sqlite:///"
SQLITE_MAGIC = b"SQLite format 3\0"  # first bytes of a database file (sqlite.org/fileformat2.html)


def default_artifact_root(uri: str) -> str | None:
    """Beside the database of an SQLite store; None for a server, which has its own."""
    if not uri.startswith(SQLITE):
        return None
    return str(Path(uri.removeprefix(SQLITE)).absolute().parent / "artifacts")


def open_client(uri: str, artifact_root: str | None) -> MlflowClient:
    """Open a tracking store, and create it where it is an SQLite file that does not exist yet.

    Parameters
    ----------
    uri
        ``sqlite:///<path>`` or the address of a tracking server.
    artifact_root
        Where a new SQLite store puts artifacts; a server has its own.

    Raises
    ------
    ModelError
        If the store cannot be opened, or was made by another version of MLflow.
    """
    try:
        if uri.startswith(SQLITE):
            _ensure_sqlite(Path(uri.removeprefix(SQLITE)), artifact_root)
        client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        client.search_experiments(max_results=1)
    except (MlflowException, OSError) as error:
        first_line = str(error).splitlines()[0]
        raise ModelError(f"cannot open the MLflow store {uri}: {first_line}") from error
    return client


def _ensure_sqlite(database: Path, artifact_root: str | None) -> None:
    """Build the database under another name and rename it, so that a killed process leaves nothing half."""
    if database.exists():
        _check_sqlite(database)
        return
    with locked(database.with_name(f"{database.name}.lock")):
        if database.exists():
            return
        building = database.with_name(f".{database.name}.new")
        building.unlink(missing_ok=True)
        store = SqlAlchemyStore(f"{SQLITE}{building}", artifact_root)
        store.engine.dispose()
        building.replace(database)


def _check_sqlite(database: Path) -> None:
    with database.open("rb") as stream:
        found = stream.read(len(SQLITE_MAGIC))
    if found != SQLITE_MAGIC:
        raise ModelError(f"{database} is not an SQLite database; move it away or change tracking.uri")
