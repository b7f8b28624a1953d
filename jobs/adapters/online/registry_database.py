"""Feast's registry in a database, looked at without Feast, which takes seconds to import."""

from jobs.core.errors import OnlineStoreError


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
        with create_engine(address, poolclass=NullPool).connect() as connection:
            if not inspect(connection).has_table("feature_views"):
                return False
            query = text("SELECT COUNT(*) FROM feature_views WHERE project_id = :project")
            return bool(connection.execute(query, {"project": project}).scalar())
    except OperationalError as error:
        host = make_url(address).host
        raise OnlineStoreError(
            f"Feast's registry on {host or 'the configured database'} does not answer "
            f"({type(error.orig).__name__}); check online.registry and that the server runs, and run the stage again"
        ) from None
