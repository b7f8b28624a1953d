import numpy as np
import pytest
from threadpoolctl import threadpool_info

from jobs.models.workers import side_by_side


def test_results_come_in_the_order_of_the_tasks() -> None:
    assert side_by_side(lambda task: task * task, range(20)) == [task * task for task in range(20)]


def test_the_first_failure_is_told() -> None:
    def work(task: int) -> int:
        if task >= 3:
            raise ValueError(f"task {task}")
        return task

    with pytest.raises(ValueError, match="task 3"):
        side_by_side(work, range(10))


def test_blas_keeps_to_one_thread() -> None:
    def threads(_: int) -> set[int]:
        np.ones((50, 50)) @ np.ones((50, 50))
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    assert side_by_side(threads, range(4)) == [{1}] * 4
