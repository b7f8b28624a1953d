"""The two forms of a log line: for people, and one JSON object for machines. Neither holds a secret."""

import json
import logging
from datetime import UTC, datetime

from jobs.core.logs.context import current_fields
from jobs.core.secrets import masked


class TextLines(logging.Formatter):
    """``12:31:05 INFO    message``, and a traceback below it where there is one.

    Parameters
    ----------
    secrets
        What is masked wherever it turns up.
    """

    def __init__(self, secrets: tuple[str, ...] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", datefmt="%H:%M:%S")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        # Python ends its warnings with a line break.
        return masked(super().format(record).rstrip("\n"), self._secrets)


class JsonLines(logging.Formatter):
    """One object a line: time (UTC), level, logger, message, what `log_context` says, and error with a traceback.

    Parameters
    ----------
    secrets
        See `TextLines`.
    """

    def __init__(self, secrets: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"time": moment, "level": record.levelname, "logger": record.name}
        line |= current_fields()
        line["message"] = masked(_message(record).rstrip("\n"), self._secrets)
        if record.exc_info:
            line["error"] = masked(self.formatException(record.exc_info), self._secrets)
        return json.dumps(line, ensure_ascii=False, default=str)


def _message(record: logging.LogRecord) -> str:
    """Its text; of a library's call that does not fit its own format, what there is, since logging would print."""
    try:
        return record.getMessage()
    except Exception as error:
        return f"{record.msg} {record.args!r} (not formatted: {error})"
