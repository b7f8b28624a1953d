"""What Python and its libraries would write to standard error by themselves is a line of the log as well."""

import logging
import sys
import threading
from types import TracebackType

log = logging.getLogger("nightjar")


def hook_into_logging() -> None:
    """Log warnings, and exceptions that nobody caught: of the process, of its threads, of what is being deleted.

    Whoever has hooks of its own already, as tests do, keeps them.
    """
    logging.captureWarnings(True)
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _log_crash
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _log_dead_thread
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _log_unraisable


def _log_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log.critical("crashed: %s", error or kind.__name__, exc_info=(kind, error, trace))


def _log_dead_thread(died: threading.ExceptHookArgs) -> None:
    if died.exc_type is SystemExit:
        return
    name, error = died.thread.name if died.thread else "?", died.exc_value or died.exc_type()
    log.error("thread %s died: %s", name, error, exc_info=(died.exc_type, error, died.exc_traceback))


def _log_unraisable(ignored: "sys.UnraisableHookArgs") -> None:
    error = ignored.exc_value or ignored.exc_type()
    what = f"{ignored.err_msg or 'exception ignored in'} {ignored.object!r}"
    log.warning("%s: %s", what, error, exc_info=(ignored.exc_type, error, ignored.exc_traceback))
