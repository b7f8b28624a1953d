"""A real HTTP server that keeps what is posted to it."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.dags.in_thread import InThread


class HookServer(InThread):
    """Listens on a free port; a path that begins with /broken is answered with 500, /busy at first with 503."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, Any]]] = []
        kept = self.posts

        class Keep(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kept.append((self.path, json.loads(body)))
                is_first = [path for path, _ in kept].count(self.path) == 1
                answers = {"broken": 500, "busy": 503 if is_first else 204}
                self.send_response(answers.get(self.path.split("/")[1], 204))
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Keep)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
