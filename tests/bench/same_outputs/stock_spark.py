"""A Spark session as one would start it on the same machine, with what it takes to find Java and Python."""

import os
import sys
from pathlib import Path

from pyspark.sql import SparkSession

from jobs.adapters.spark.java import find_java, java_home


def stock_session(folder: Path) -> SparkSession:
    """All cores, four gigabytes, as many parts as suit two cores."""
    os.environ["JAVA_HOME"] = str(java_home(find_java(), folder / "java"))
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.master("local[*]").appName("stock")
    options = {
        "spark.driver.memory": "4g",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.session.timeZone": "UTC",
        "spark.local.dir": str(folder / "spark"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    for name, value in options.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
