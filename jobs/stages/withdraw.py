"""After a failed night: today's opt-outs, deletions and delistings leave what is still served."""

from jobs.stages.job import Job
from jobs.stages.withdrawal import withdraw_newest


def run(job: Job) -> str:
    """Apply the newest `user_status` and `item_profiles` to the online store; green where nothing is served yet."""
    return withdraw_newest(job)
