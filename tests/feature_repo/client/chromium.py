"""A page in a real headless Chromium, driven over the pipes of its DevTools protocol; needs no package."""

import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",  # as root there is none
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
_SECONDS = 20.0


class Page:
    """One tab.

    Attributes
    ----------
    problems
        What the page threw or the browser logged as an error, in order.
    """

    def __init__(self, commands: BinaryIO, answers: BinaryIO) -> None:
        self._commands, self._answers = commands, answers
        self._numbers = itertools.count(1)
        self._session = ""
        self.problems: list[str] = []
        tab = self._tell("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._tell("Target.attachToTarget", targetId=tab, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._tell(f"{domain}.enable")

    def open(self, url: str) -> None:
        """Go there, and wait until the page says that it has shown all."""
        self._tell("Page.navigate", url=url)
        self.wait(f"location.href.startsWith({json.dumps(url.partition('?')[0])}) && document.body?.dataset.done")

    def script(self, expression: str) -> Any:
        """The value of an expression in the page, as JSON has it."""
        found = self._tell("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise AssertionError(f"{expression}: {found['exceptionDetails']['exception']['description']}")
        return found["result"].get("value")

    def wait(self, expression: str) -> None:
        """Wait until an expression is true."""
        until = time.monotonic() + _SECONDS
        while not self.script(expression):
            if time.monotonic() > until:
                raise AssertionError(f"{expression} is not true after {_SECONDS:g} s; problems: {self.problems}")
            time.sleep(0.02)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self._tell("Input.insertText", text=text)

    def press_enter(self) -> None:
        """Press and release the key."""
        for kind in ("keyDown", "keyUp"):
            self._tell("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13)

    def click(self, selector: str) -> None:
        """Click the middle of an element with the mouse."""
        box = f"document.querySelector({json.dumps(selector)}).getBoundingClientRect()"
        x, y = self.script(f"(box => [box.x + box.width / 2, box.y + box.height / 2])({box})")
        for kind in ("mousePressed", "mouseReleased"):
            self._tell("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def picture(self, width: int = 1200) -> bytes:
        """PNG of the whole page at that width in pixels, however long it is."""
        self._size(width, 800)
        self._size(width, self.script("document.documentElement.scrollHeight"))
        return base64.b64decode(self._tell("Page.captureScreenshot", format="png")["data"])

    def _size(self, width: int, height: int) -> None:
        self._tell(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    def _tell(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        session = {"sessionId": self._session} if self._session else {}
        sent = {"id": number, "method": method, "params": parameters, **session}
        self._commands.write(json.dumps(sent).encode() + b"\0")
        self._commands.flush()
        while (message := self._next()).get("id") != number:
            self._note(message)
        if "error" in message:
            raise AssertionError(f"{method}: {message['error']}")
        return dict(message["result"])

    def _next(self) -> dict[str, Any]:
        text = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            if not byte:
                raise AssertionError("Chromium has ended")
            text += byte
        return dict(json.loads(text))

    def _note(self, message: dict[str, Any]) -> None:
        told = message.get("params", {})
        if message.get("method") == "Runtime.exceptionThrown":
            self.problems.append(told["exceptionDetails"]["exception"]["description"])
        if message.get("method") == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.problems.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")


def program() -> str | None:
    """Chromium of this machine, if there is one."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@contextmanager
def browser() -> Iterator[Page]:
    """A new Chromium without a past; ends with the block."""
    chromium = program()
    if chromium is None:
        raise FileNotFoundError(f"none of {', '.join(PROGRAMS)} is on PATH; install Debian's package chromium")
    (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        # Chromium reads commands from descriptor 3 and answers on 4; the shell puts our pipes there.
        line = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        started = subprocess.Popen(
            ["bash", "-c", line, "bash", chromium, *_FLAGS, f"--user-data-dir={Path(profile)}"],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        with os.fdopen(ours_out, "wb") as commands, os.fdopen(ours_in, "rb") as answers:
            try:
                yield Page(commands, answers)
            finally:
                started.terminate()
                started.wait(_SECONDS)
