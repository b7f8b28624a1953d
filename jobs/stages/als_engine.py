"""Makes Spark's ALS known to training where recommender.engine is spark."""

from contextlib import AbstractContextManager, nullcontext

from jobs.models.sources.als_solver import running_engine
from jobs.stages.job import Job


def als_engine(job: Job) -> AbstractContextManager[None]:
    """While it is open, the source ALS finds the engine that the settings name.

    Spark keeps factors of a running fit below ``NIGHTJAR_HOME``, which its workers read the lake from as well.
    """
    if job.night.settings.recommender.engine == "local":
        return nullcontext()
    from jobs.adapters.spark.als import SparkAls

    return running_engine("spark", SparkAls(job.spark, job.home.root / "spark" / "checkpoints"))
