"""Spark's Java writes to the same standard error: its lines have the form of ours, and say the same besides."""

import json
import logging
import shlex
from pathlib import Path

from pyspark.logger import PySparkLogger
from pyspark.sql import SparkSession

from jobs.core.logs import current_fields, used_format

_LOGGING = Path(__file__).with_name("log4j2.properties")
_FIELDS = "nightjar.log.fields"
_TWICE = ("DataFrameQueryContextLogger", "SQLQueryContextLogger")


def log_options() -> str:
    """Java's options for the form of now, with the fields of now for what it says before `tell_fields`."""
    options = [f"-Dlog4j2.configurationFile={_LOGGING}", f"-Dnightjar.log.form={used_format()}"]
    # Spark's launcher takes quotes as a shell does.
    return " ".join([*options, *([shlex.quote(f"-D{_FIELDS}={_members()}")] if used_format() == "json" else [])])


def say_errors_once() -> None:
    """PySpark writes what it raises to standard error as well, in a form of its own and with all secrets."""
    for name in _TWICE:
        # A logger of Python's own would not take what PySpark tells it.
        PySparkLogger.getLogger(name).setLevel(logging.CRITICAL + 1)


def tell_fields(session: SparkSession) -> None:
    """Let Java's lines say what ours say from now on; a session outlives the stage that started it."""
    if used_format() == "json":
        session._jvm.java.lang.System.setProperty(_FIELDS, _members())


def _members() -> str:
    """The fields as members of a JSON object that others follow."""
    return "".join(f"{json.dumps(name)}: {json.dumps(value)}, " for name, value in current_fields().items())
