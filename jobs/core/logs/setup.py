"""How a process begins to log, and how it goes on when the configuration has been read."""

import logging
import os
from collections.abc import Mapping

from jobs.core.logs.hooks import hook_into_logging
from jobs.core.logs.lines import JsonLines, TextLines
from jobs.core.secrets import known_secrets

FORMAT_VARIABLE = "NIGHTJAR__LOGGING__FORMAT"

# The last one is in use.
_forms = ["text"]


def set_up_logging(environ: Mapping[str, str] = os.environ) -> None:
    """Log warnings of all and information of ours to standard error, and what Python would write there itself.

    The form is that of the environment, else text: what goes wrong before the configuration is read has to be
    said in some form. `use_format` follows when it is.
    """
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("nightjar").setLevel(environ.get("NIGHTJAR_LOG_LEVEL") or "INFO")
    use_format(environ.get(FORMAT_VARIABLE) or "text", environ)
    hook_into_logging()


def use_format(form: str, environ: Mapping[str, str] = os.environ) -> None:
    """Write lines as `text` or `json` from now on."""
    _forms[:] = [form]
    lines = JsonLines if form == "json" else TextLines
    formatter = lines(known_secrets(environ))
    for handler in logging.getLogger().handlers:
        # Whoever captures the log, as tests do, keeps a form of its own.
        if type(handler) is logging.StreamHandler:
            handler.setFormatter(formatter)


def used_format() -> str:
    """The form of lines now, `text` or `json`; for what writes lines without Python's logging."""
    return _forms[-1]
