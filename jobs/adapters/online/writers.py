"""Who writes a generation's rows, as the configuration says."""

from typing import TYPE_CHECKING

from jobs.adapters.online.publishing import Writer, write_here
from jobs.core.config.model import Settings
from jobs.core.home import Home

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def writer_of(settings: Settings, home: Home) -> Writer:
    """One process, this one, or Spark's workers; Spark is started only if rows are written."""
    if settings.online.engine == "local":
        return write_here
    from jobs.adapters.online.spark_writer import SparkWriter

    def spark() -> "SparkSession":
        from jobs.adapters.spark.session import spark_session

        return spark_session(settings.spark, home.root, f"publish {settings.app}")

    return SparkWriter(spark, settings.online.keys_per_part)
