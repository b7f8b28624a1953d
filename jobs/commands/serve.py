"""`nightjar serve`: recommendations and predictions over HTTP."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from jobs.adapters.online.environment import feast_environment, repo_folder
from jobs.adapters.online.registry import has_registry
from jobs.commands.arguments import add_app, settings_of
from jobs.core.config.load import home_folder
from jobs.core.config.model import Settings
from jobs.core.errors import OnlineStoreError, UsageError
from jobs.core.home import Home

EXAMPLES = """examples:
  nightjar serve --app sample
  nightjar serve --app sample --now 2025-03-02T06:00     an old log, as if it were that morning
  NIGHTJAR_API_KEY=secret nightjar serve --app sample --host 0.0.0.0 --port 8080
"""
_SERVER = "nightjar_client.http.app:create_app"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app, and where to listen."""
    add_app(parser)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on [%(default)s]")
    parser.add_argument("--port", type=int, default=8600, help="port to listen on [%(default)s]")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes [one a core: %(default)s]")
    parser.add_argument("--now", metavar="TIME", help="answer as if it were then, UTC [the clock's]")


def run(args: argparse.Namespace) -> int:
    """Become the server; ends with it."""
    settings = settings_of(args)
    home = Home(home_folder(), settings.app)
    environment = serve_environment(settings, home, args.now)
    command = [sys.executable, "-m", "uvicorn", _SERVER, "--factory", "--host", args.host, "--port", str(args.port)]
    command += ["--workers", str(args.workers), "--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    _require_server()
    _require_registry(settings, home)
    with tempfile.TemporaryDirectory(prefix="nightjar-metrics-") as metrics:
        return _spawn(command, {**os.environ, **environment, "PROMETHEUS_MULTIPROC_DIR": metrics})


def serve_environment(settings: Settings, home: Home, now: str | None = None) -> dict[str, str]:
    """What the server's processes read; see nightjar_client/http/settings.py. The API key stays where it is."""
    chosen = settings.serve
    return {
        **feast_environment(settings, home),
        "NIGHTJAR_SERVE_REPO": str(repo_folder()),
        "NIGHTJAR_SERVE_FALLBACK": "\n".join(settings.lists.fallback),
        "NIGHTJAR_SERVE_STALE_HOURS": str(chosen.stale_hours),
        "NIGHTJAR_SERVE_READY_HOURS": str(chosen.ready_hours),
        **({"NIGHTJAR_SERVE_NOW": now} if now else {}),
    }


def _spawn(command: list[str], environment: dict[str, str]) -> int:
    import signal
    import subprocess

    child = subprocess.Popen(command, env=environment, cwd=Path.cwd())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _: child.send_signal(got))
    return child.wait()


def _require_registry(settings: Settings, home: Home) -> None:
    if not has_registry(settings, home):
        raise OnlineStoreError(
            f"app {settings.app!r} has no registry of Feast yet; the first publish writes it: publish a night first"
        )


def _require_server() -> None:
    from importlib.util import find_spec

    if any(find_spec(name) is None for name in ("nightjar_client", "uvicorn", "orjson", "prometheus_client")):
        raise UsageError("nightjar serve needs the extra `serve`; install nightjar[serve]")
