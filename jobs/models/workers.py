"""Independent pieces of work side by side, with the same results as one after the other."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits

WORKERS = 2
"""The machine that a night is measured on has two cores; more would hold more arrays at once. Tasks may have tasks of
their own side by side: two parts of users have four of them."""

Task = TypeVar("Task")
Result = TypeVar("Result")


def side_by_side(work: Callable[[Task], Result], tasks: Iterable[Task]) -> list[Result]:
    """The result of each task, in the order of the tasks.

    NumPy, SciPy and LightGBM let other threads run while they compute. BLAS keeps to one thread meanwhile: its own
    would compete with ours, and would sum in another order.

    Raises
    ------
    Exception
        The first one in the order of the tasks; those that have not begun are not begun.
    """
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(work, tasks))


def in_turn(work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """The same for results that are large: one at a time, in the order of the tasks, while the next are being made.

    Besides what the caller holds, at most `WORKERS` and one of them are held at once. Where a task fails or the
    caller stops, nothing more is begun.
    """
    begun: deque[Future[Result]] = deque()
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(WORKERS) as pool:
        try:
            for task in tasks:
                begun.append(pool.submit(work, task))
                if len(begun) > WORKERS:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for left in begun:
                left.cancel()
