"""Log lines: their form, what each of them says, and how a process begins to write them."""

from jobs.core.logs.context import current_fields, keep_fields, log_context
from jobs.core.logs.setup import FORMAT_VARIABLE, set_up_logging, use_format, used_format

__all__ = [
    "FORMAT_VARIABLE",
    "current_fields",
    "keep_fields",
    "log_context",
    "set_up_logging",
    "use_format",
    "used_format",
]
