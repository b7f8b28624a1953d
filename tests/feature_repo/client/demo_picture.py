"""Takes the picture of /demo in the docs: `make demo-picture`, after `make nightly`."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlencode

from chromium import browser

_SECONDS = 90


def main() -> None:
    """Serve the app as of that morning, open the page in Chromium and write what it looks like."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--app", default="sample", help="an app with a generation online [%(default)s]")
    parser.add_argument(
        "--date",
        type=date.fromisoformat,
        required=True,
        help="run date that is online; the page is of the morning after",
    )
    parser.add_argument("--user", default="u00753", help="whose page [%(default)s]")
    parser.add_argument("--context", default="US|web|*", help="of the lists below the own ones [%(default)s]")
    parser.add_argument("--to", type=Path, default=Path("docs/pictures/demo.png"), help="file [%(default)s]")
    args = parser.parse_args()
    query = urlencode({"user": args.user, "context": args.context})
    now = datetime.combine(args.date, time(6), UTC) + timedelta(days=1)
    with _serving(args.app, now.isoformat()) as url, browser() as page:
        page.open(f"{url}/demo?{query}")
        if page.problems or not page.script("document.querySelectorAll('#shelves .card').length"):
            raise SystemExit(
                f"/demo shows nothing of {args.user}: {page.problems or page.script('document.body.innerText')}"
            )
        args.to.parent.mkdir(parents=True, exist_ok=True)
        args.to.write_bytes(page.picture())
    print(args.to)


@contextmanager
def _serving(app: str, now: str) -> Iterator[str]:
    """Address of a `nightjar serve` of that app."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "jobs",
        "serve",
        "--app",
        app,
        "--now",
        now,
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    server = subprocess.Popen(command, start_new_session=True)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(server, f"{url}/readyz")
        yield url
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def _wait_until_ready(server: subprocess.Popen[bytes], url: str) -> None:
    until, told = monotonic() + _SECONDS, "no answer"
    while monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError as error:
            told = str(error)
            sleep(0.2)
    raise SystemExit(f"{url}: {told}; publish a night of that date first, by `make nightly`")


if __name__ == "__main__":
    main()
