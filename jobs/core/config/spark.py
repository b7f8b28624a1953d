"""The section `spark`."""

from jobs.core.config.quantities import Positive
from jobs.core.config.section import Section


class LargeSparkSettings(Section):
    """What changes for a stage with much to read."""

    rows: Positive
    driver_memory: str
    java_options: str
    shuffle_partitions: Positive


class SparkSettings(Section):
    """The Spark session."""

    master: str
    driver_memory: str
    java_options: str
    large: LargeSparkSettings
    shuffle_partitions: Positive
    extra: dict[str, str]

    def for_rows(self, rows: int) -> "SparkSettings":
        """The settings of a stage that reads so many rows."""
        if rows < self.large.rows:
            return self
        return self.model_copy(update=self.large.model_dump(exclude={"rows"}))
