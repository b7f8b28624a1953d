"""Who asked to be deleted: nobody trains on them, lists them or predicts of them."""

from jobs.core.schemas import USER_STATUS
from jobs.stages.job import Job


def deleted_users(job: Job) -> frozenset[str]:
    """Users whose status at the end of the run date is `deleted`; `user_status` is a declared input."""
    status = job.read_pandas(USER_STATUS, columns=["user_id", "status"])
    return frozenset(status[status["status"] == "deleted"]["user_id"])
