"""After a failed night: today's opt-outs and deletions leave what is still served."""

from jobs.stages.job import Job
from jobs.stages.withdrawal import withdraw_newest


def run(job: Job) -> str:
    """Apply the newest `user_status` to the online store; green where nothing is known or served yet."""
    return withdraw_newest(job)
