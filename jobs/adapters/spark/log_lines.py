"""Spark's Java and its Python workers write to the stage's standard error: in the form of our own lines."""

import json
import logging
import shlex
from pathlib import Path

from pyspark.logger import PySparkLogger
from pyspark.sql import SparkSession

from jobs.adapters.spark.worker_lines import FIELDS_VARIABLE
from jobs.core.logs import FORMAT_VARIABLE, current_fields, used_format

_LOGGING = Path(__file__).with_name("log4j2.properties")
_FIELDS = "nightjar.log.fields"
_TWICE = ("DataFrameQueryContextLogger", "SQLQueryContextLogger")


def log_options() -> str:
    """Java's options for the form of now, with the fields of now for what it says before `tell_fields`."""
    options = [f"-Dlog4j2.configurationFile={_LOGGING}", f"-Dnightjar.log.form={used_format()}"]
    # Spark's launcher takes quotes as a shell does.
    return " ".join([*options, *([shlex.quote(f"-D{_FIELDS}={_members()}")] if used_format() == "json" else [])])


def worker_options(master: str) -> dict[str, str]:
    """Spark's options for the lines of Python's workers; those of a cluster do not come here."""
    is_ours = used_format() == "json" and master.startswith("local")
    return {"spark.python.daemon.module": "jobs.adapters.spark.worker_lines"} if is_ours else {}


def say_errors_once() -> None:
    """PySpark writes what it raises to standard error as well, in a form of its own and with all secrets."""
    for name in _TWICE:
        # A logger of Python's own would not take what PySpark tells it.
        PySparkLogger.getLogger(name).setLevel(logging.CRITICAL + 1)


def tell_fields(session: SparkSession) -> None:
    """Let all lines say what ours say from now on; a session outlives the stage that started it."""
    if used_format() == "json" and session._jvm:
        session._jvm.java.lang.System.setProperty(_FIELDS, _members())
        # Read for every frame that needs workers; other variables than before make Spark start another daemon.
        told = {FORMAT_VARIABLE: used_format(), FIELDS_VARIABLE: json.dumps(current_fields())}
        session.sparkContext.environment.update(told)


def _members() -> str:
    """The fields as members of a JSON object that others follow."""
    return "".join(f"{json.dumps(name)}: {json.dumps(value)}, " for name, value in current_fields().items())
