"""A command that ends in every way in which a line comes to standard error without our logger; see test_log_lines.py.

Run as a program it is the command line with this command in it.
"""

import argparse
import gc
import logging
import os
import sys
import threading
import warnings
from pathlib import Path

from jobs.commands.arguments import add_app, add_date, settings_of
from jobs.commands.registry import COMMANDS, Command

SECRET = os.environ.get("PLANTED", "")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_app(parser)
    add_date(parser)
    parser.add_argument("--spark", type=Path, help="start Spark as well; its home")


def run(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    logging.getLogger("some.library").warning("%d of them, said %s", 3)
    warnings.warn(f"an old call with {SECRET}\nsays so", UserWarning, stacklevel=1)
    thread = threading.Thread(target=die, args=("in a thread",), name="helper")
    thread.start()
    thread.join()
    Undeletable()
    gc.collect()
    if args.spark:
        fail_in_spark(settings.spark, args.spark)
    return die("in the end")


def die(where: str) -> int:
    raise ValueError(f"died {where} of {SECRET}")


class Undeletable:
    def __del__(self) -> None:
        die("while it was deleted")


def fail_in_spark(settings, home: Path) -> None:
    from jobs.adapters.spark.session import spark_session
    from jobs.core.logs import log_context

    quick = settings.model_copy(update={"master": "local[1]", "driver_memory": "1g"})
    session = spark_session(quick, home)
    java = session._jvm
    logger = java.org.apache.logging.log4j.LogManager.getLogger("org.apache.parquet.Writer")
    logger.error(
        'a "quoted" word,\na \\ and a line\u2028break: ärger 🦉', java.java.lang.RuntimeException("of\nJava")
    )
    cause = java.java.lang.RuntimeException(f"s3://{SECRET[:4]}@b")
    logger.error("at postgresql://feast:%s@db/feast".replace("%s", SECRET[:4]), cause)
    session.range(1).mapInPandas(warn_on_worker, "id bigint").collect()
    with log_context(stage="next_stage", run_date="2025-03-02"):
        logger = java.org.apache.logging.log4j.LogManager.getLogger("next")
        spark_session(quick, home)
        logger.fatal("without an exception")
        session.range(1).mapInPandas(warn_on_worker, "id bigint").collect()
    spark_session(quick, home).sql("SELECT 1 / (id - id) FROM range(3)").collect()


def warn_on_worker(parts):
    warnings.warn(f"on a worker, {SECRET}", UserWarning, stacklevel=1)
    yield from parts


if __name__ == "__main__":
    from jobs.__main__ import main

    COMMANDS["die"] = Command("Die in many ways.", __name__)
    code = main()
    # After the command's end, as what runs at the exit of a process does.
    late = threading.Thread(target=die, args=("late",), name="late")
    late.start()
    late.join()
    print(code)
    sys.exit(die("at the exit"))
