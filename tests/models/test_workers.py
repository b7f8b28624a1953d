from time import sleep

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from jobs.models.workers import WORKERS, in_turn, side_by_side


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


def test_results_in_turn_are_few_at_a_time() -> None:
    begun: list[int] = []

    def work(task: int) -> int:
        begun.append(task)
        return task * task

    found = []
    for result in in_turn(work, range(20)):
        found.append(result)
        assert len(begun) <= len(found) + WORKERS
    assert found == [task * task for task in range(20)]


def test_a_caller_that_stops_has_nothing_more_begun() -> None:
    begun: list[int] = []

    def work(task: int) -> int:
        begun.append(task)
        sleep(0.01)
        return task

    found = in_turn(work, range(20))
    next(found)
    found.close()
    assert len(begun) <= 1 + WORKERS


def test_of_results_in_turn_the_first_failure_is_told() -> None:
    def work(task: int) -> int:
        if task >= 3:
            raise ValueError(f"task {task}")
        return task

    found = in_turn(work, range(10))
    assert [next(found) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="task 3"):
        next(found)
