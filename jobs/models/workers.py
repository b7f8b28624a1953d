"""Independent pieces of work side by side, with the same results as one after the other."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits

WORKERS = 2  # the machine that a night is measured on has two cores; more would hold more arrays at once

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

    At most `WORKERS` and one of them are held at once.
    """
    begun: deque[Future[Result]] = deque()
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(WORKERS) as pool:
        for task in tasks:
            begun.append(pool.submit(work, task))
            if len(begun) > WORKERS:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
