"""The one Spark session of a process."""

import os
import shlex
import sys
from pathlib import Path

from pyspark.sql import SparkSession

from jobs.adapters.spark.class_archive import archive_options, archive_path
from jobs.adapters.spark.java import find_java, java_home
from jobs.adapters.spark.log_lines import log_options, say_errors_once, tell_fields, worker_options
from jobs.adapters.temporary import temporary_folder
from jobs.core.config.spark import SparkSettings
from jobs.core.home import PRIVATE


def spark_session(settings: SparkSettings, home: Path, name: str = "nightjar", record: bool = False) -> SparkSession:
    """Start Spark, or return the session that runs.

    Parameters
    ----------
    settings
        Section `spark` of the configuration.
    home
        ``NIGHTJAR_HOME``; Spark's scratch files and the Java launcher are kept below it.
    name
        Shown in Spark's UI.
    record
        Write Java's class archive when the process ends, instead of using it.
    """
    active = SparkSession.getActiveSession()
    if active is not None:
        tell_fields(active)
        return active
    java = find_java()
    os.environ["JAVA_HOME"] = str(java_home(java, home / "java"))
    if settings.master.startswith("local"):
        # The machine's name may resolve to an address that changes with the network.
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    # Workers otherwise take the first python3 on PATH, which may be another version.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    scratch, temporary = home / "spark", temporary_folder(home)
    for folder in (scratch, temporary):
        folder.mkdir(parents=True, exist_ok=True)
    # Spark's launcher takes quotes as a shell does.
    temporary_option = shlex.quote(f"-Djava.io.tmpdir={temporary}")
    options = {
        "spark.driver.memory": settings.driver_memory,
        "spark.driver.extraJavaOptions": " ".join(
            [log_options(), temporary_option, settings.java_options, archive_options(archive_path(java), record)]
        ),
        # It would look up the caller's line for every column that is built, which takes longer than most queries.
        "spark.python.sql.dataFrameDebugging.enabled": "false",
        # Hadoop sets the rights of files itself, and workers were started under a umask of their own.
        "spark.hadoop.fs.permissions.umask-mode": f"{PRIVATE:03o}",
        "spark.local.dir": str(scratch),
        "spark.sql.ansi.enabled": "true",
        "spark.sql.parquet.compression.codec": "zstd",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(settings.shuffle_partitions),
        "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        # Progress is ours to show; Spark's bar overwrites the log.
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        **worker_options(settings.master),
        **settings.extra,
    }
    say_errors_once()
    builder = SparkSession.builder.master(settings.master).appName(name)
    for key, value in sorted(options.items()):
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    # It may have been there, started by another thread.
    tell_fields(session)
    return session
