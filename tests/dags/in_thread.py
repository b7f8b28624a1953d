"""A server that answers in a thread of this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer
from threading import Thread
from typing import Self


class InThread:
    """Whoever is one sets `_server`."""

    _server: BaseServer

    @contextmanager
    def started(self) -> Iterator[Self]:
        """Serve until the end of the block."""
        thread = Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()
