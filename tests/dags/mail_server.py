"""A real SMTP server, small enough for one mail at a time, that keeps what is sent to it."""

from email import message_from_bytes
from email.message import Message
from socketserver import StreamRequestHandler, ThreadingTCPServer

from tests.dags.in_thread import InThread


class MailServer(InThread):
    """Listens on a free port; takes every mail, without a password and without TLS."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        kept = self.mails

        class Keep(StreamRequestHandler):
            def handle(self) -> None:
                self._say("220 here")
                while line := self.rfile.readline():
                    word = line[:4].upper().strip()
                    if word == b"DATA":
                        self._say("354 go on")
                        kept.append(message_from_bytes(self._mail()))
                    self._say("221 bye" if word == b"QUIT" else "250 ok")
                    if word == b"QUIT":
                        return

            def _mail(self) -> bytes:
                return b"".join(iter(self.rfile.readline, b".\r\n"))

            def _say(self, line: str) -> None:
                self.wfile.write(f"{line}\r\n".encode())

        self._server = ThreadingTCPServer(("127.0.0.1", 0), Keep)
        self.port = int(self._server.server_address[1])
