"""Feast's registry in a database, looked at without Feast, which takes seconds to import."""

from jobs.core.errors import OnlineStoreError
from jobs.core.secrets import MASK

_SECONDS = 10  # to connect; a server in the same network takes milliseconds


def has_project(address: str, project: str) -> bool:
    """Whether the registry holds any feature view of a project.

    Parameters
    ----------
    address
        SQLAlchemy URL of the database; no message repeats it, since it holds a password.
    project
        Feast project.

    Raises
    ------
    OnlineStoreError
        If the database cannot be reached.
    """
    from sqlalchemy import create_engine, inspect, text
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import OperationalError
    from sqlalchemy.pool import NullPool

    try:
        with create_engine(address, poolclass=NullPool, connect_args=_patience(address)).connect() as connection:
            if not inspect(connection).has_table("feature_views"):
                return False
            query = text("SELECT COUNT(*) FROM feature_views WHERE project_id = :project")
            return bool(connection.execute(query, {"project": project}).scalar())
    except OperationalError as error:
        url = make_url(address)
        # Drivers say no password themselves; nobody has to rely on it.
        why = _first_line(error.orig).replace(url.password or MASK, MASK)
        raise OnlineStoreError(
            f"Feast's registry on {url.host or 'the configured database'} does not answer ({why}); "
            "check online.registry and that the server runs, and run the stage again"
        ) from None


def _patience(address: str) -> dict[str, int]:
    """Without it a PostgreSQL behind a firewall is waited for as long as the kernel tries: two minutes."""
    return {"connect_timeout": _SECONDS} if address.startswith("postgresql") else {}


def _first_line(error: BaseException | None) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
