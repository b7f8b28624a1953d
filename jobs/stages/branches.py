"""Parts of a stage side by side: those that do not need each other, and work that nothing waits for until its end."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any

AT_ONCE = 3
"""Two cores are kept busy by so many: Spark plans one branch while it computes another."""

Work = Callable[[], Any]


def run_branches(branches: Sequence[Work], call_off: Callable[[], None]) -> list[Any]:
    """Run all branches, the first ones first, at most `AT_ONCE` at a time; their results, when all have ended.

    Parameters
    ----------
    branches
        Each a part of the work; they may run branches of their own.
    call_off
        Ends what the others compute as soon as one fails, so that nobody waits for what will be thrown away.

    Raises
    ------
    Exception
        Of the branch that failed first.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        begun = [pool.submit(branch) for branch in branches]
        try:
            ended, _ = wait(begun, return_when=FIRST_EXCEPTION)
            _raise_first([each for each in begun if each in ended])
            return [each.result() for each in begun]
        except BaseException:
            for each in begun:
                each.cancel()
            # A Java that died can call nothing off, and is itself the reason.
            with suppress(Exception):
                call_off()
            raise


class Beside:
    """Work whose results only the stage's end asks for: one piece at a time, in the order in which it was given."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._begun: list[Future[Any]] = []

    def begin(self, work: Work) -> None:
        """Do it when what was given before is done."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1)
        self._begun.append(self._pool.submit(work))

    def finish(self) -> None:
        """Wait until all is done.

        Raises
        ------
        Exception
            Of the first piece that failed.
        """
        wait(self._begun)
        _raise_first(self._begun)

    def abandon(self) -> None:
        """Begin nothing more; wait for the piece at work."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _raise_first(ended: Sequence["Future[Any]"]) -> None:
    for each in ended:
        each.result()
