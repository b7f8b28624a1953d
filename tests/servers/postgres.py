"""A real PostgreSQL in a folder of its own, from Debian's package or another on this machine."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from tempfile import mkdtemp

from tests.servers.server import HOST, NoServerError, Server, free_port, listens

ROLE = "nightjar"


class Postgres:
    """One PostgreSQL.

    Attributes
    ----------
    server
        Its process.
    port
        Where it listens, on the loopback address.
    password
        Of its one role; made anew for every server, so that a test may look for it in what is written.
    """

    def __init__(self, folder: Path, binaries: Path) -> None:
        self.port = free_port()
        self.password = secrets.token_hex(12)
        self._data = folder / "data"
        user = _user(folder)
        _initialise(binaries, folder, self._data, self.password, user)
        options = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            # What a killed process has committed survives without it; only a lost machine would need it.
            "fsync": "off",
        }
        command = [str(binaries / "postgres"), "-D", str(self._data)]
        command += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        # SIGTERM would wait for clients to leave.
        self.server = Server("postgres", command, folder, lambda _: _answers(self), user=user, farewell=signal.SIGINT)

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database."""
        return f"postgresql+psycopg2://{ROLE}:{self.password}@{HOST}:{self.port}/{database}"

    def plain_url(self, database: str) -> str:
        """URL of a database, as PostgreSQL's own driver takes it."""
        return _plain(self.url(database))

    def create(self, databases: Sequence[str]) -> None:
        """Create empty databases."""
        import psycopg2

        connection = psycopg2.connect(_plain(self.url("postgres")))
        connection.autocommit = True
        with connection.cursor() as cursor:
            for name in databases:
                cursor.execute(f'CREATE DATABASE "{name}"')
        connection.close()

    def tables(self, database: str) -> Iterator[tuple[str, str]]:
        """Name of every table of a database, and all its rows as text."""
        import psycopg2

        connection = psycopg2.connect(_plain(self.url(database)))
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
            for (name,) in cursor.fetchall():
                rows = StringIO()
                cursor.copy_expert(f'COPY "{name}" TO STDOUT', rows)
                yield name, rows.getvalue()
        connection.close()

    def fill(self, database: str, rows: Mapping[str, str]) -> None:
        """Let a database hold these rows of its tables, as `tables` gives them, and no others."""
        import psycopg2

        names = [name for name, _ in self.tables(database)]
        connection = psycopg2.connect(_plain(self.url(database)))
        with connection, connection.cursor() as cursor:
            # No foreign key is looked at: tables come in any order.
            cursor.execute("SET session_replication_role = replica")
            for name in names:
                cursor.execute(f'TRUNCATE "{name}" CASCADE')
            for name, text in rows.items():
                cursor.copy_expert(f'COPY "{name}" FROM STDIN', StringIO(text))
        connection.close()


@contextmanager
def running_postgres(databases: Sequence[str]) -> Iterator[Postgres]:
    """A started server with some databases; its folder goes with it.

    Raises
    ------
    NoServerError
        If there is none on this machine.
    """
    binaries = find_postgres()
    # Not pytest's folder: that one is closed to the user that the server has to run as.
    folder = Path(mkdtemp(prefix="nightjar-postgres-"))
    try:
        postgres = Postgres(folder, binaries)
        postgres.server.start()
        try:
            postgres.create(databases)
            yield postgres
        finally:
            postgres.server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_postgres() -> Path:
    """Folder of `initdb` and `postgres`."""
    on_path = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    for found in [*([Path(on_path).resolve()] if on_path else []), *installed]:
        if (found.parent / "postgres").is_file():
            return found.parent
    raise NoServerError("no PostgreSQL server here; install one: apt-get install postgresql")


def _user(folder: Path) -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    user = "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"
    shutil.chown(folder, user)
    return user


def _initialise(binaries: Path, folder: Path, data: Path, password: str, user: str | None) -> None:
    file = folder / "password"
    file.write_text(password + "\n")
    if user:
        shutil.chown(file, user)
    command = [str(binaries / "initdb"), "-D", str(data), "-U", ROLE, "--auth=scram-sha-256", f"--pwfile={file}"]
    command += ["--no-sync", "--encoding=UTF8", "--locale=C"]
    done = subprocess.run(command, user=user, cwd=folder, capture_output=True, text=True, check=False)
    file.unlink()
    assert done.returncode == 0, done.stdout + done.stderr


def _answers(postgres: Postgres) -> bool:
    import psycopg2

    if not listens(postgres.port):
        return False
    try:
        psycopg2.connect(_plain(postgres.url("postgres"))).close()
    except psycopg2.OperationalError:
        return False
    return True


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg2", "postgresql")
