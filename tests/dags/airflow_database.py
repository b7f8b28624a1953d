"""A database for the metadata of a test's Airflow."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.postgres import find_postgres, running_postgres
from tests.servers.server import NoServerError

NAME = "airflow"


@contextmanager
def airflow_database() -> Iterator[str]:
    """URL of an empty database on a PostgreSQL of its own; "", which is SQLite, where this machine has no PostgreSQL.

    Scheduler, DAG processor, API server and the test's own command lines write at the same time. `backfill create`
    reads in a savepoint before it writes, and SQLite refuses whoever has read what another one has changed since: at
    once, whatever the timeout, with "database is locked". On a busy machine that happens every few runs.
    """
    try:
        find_postgres()
    except NoServerError:
        yield ""
        return
    with running_postgres([NAME]) as postgres:
        yield postgres.url(NAME)
