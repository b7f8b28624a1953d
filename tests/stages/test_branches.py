from threading import Event
from time import sleep

import pytest

from jobs.stages.branches import AT_ONCE, Beside, run_branches


def nothing() -> None:
    return None


def test_results_are_in_the_order_of_the_branches() -> None:
    assert run_branches([lambda number=number: number for number in range(9)], nothing) == list(range(9))


def test_branches_run_at_the_same_time() -> None:
    first, second = Event(), Event()

    def one() -> bool:
        first.set()
        return second.wait(10)

    def other() -> bool:
        second.set()
        return first.wait(10)

    assert run_branches([one, other], nothing) == [True, True]


def test_branches_may_have_branches() -> None:
    def many() -> list[int]:
        return run_branches([lambda: 1, lambda: 2], nothing)

    assert run_branches([many] * (2 * AT_ONCE), nothing) == [[1, 2]] * (2 * AT_ONCE)


def test_the_first_failure_calls_off_what_still_runs_and_begins_nothing_more() -> None:
    is_off, begun = Event(), []

    def waits() -> None:
        assert is_off.wait(10), "nobody called it off"
        raise RuntimeError("called off")

    def fails() -> None:
        raise ValueError("the disk is full")

    def more() -> None:
        begun.append(1)

    with pytest.raises(ValueError, match="the disk is full"):
        run_branches([waits, *[waits] * (AT_ONCE - 2), fails, *[more] * 9], is_off.set)
    assert len(begun) < 9


def test_the_failure_is_told_also_where_nothing_can_be_called_off() -> None:
    def dead() -> None:
        raise ConnectionRefusedError

    def fails() -> None:
        raise ValueError("Java is gone")

    with pytest.raises(ValueError, match="Java is gone"):
        run_branches([fails], dead)


def test_what_runs_beside_keeps_its_order_and_is_waited_for() -> None:
    done: list[int] = []

    def work(number: int) -> None:
        sleep(0.02 if number == 0 else 0)
        done.append(number)

    beside = Beside()
    for number in range(5):
        beside.begin(lambda number=number: work(number))
    beside.finish()
    assert done == list(range(5))


def test_the_first_failure_beside_is_told_at_the_end() -> None:
    def fails(number: int) -> None:
        raise ValueError(f"piece {number}")

    beside = Beside()
    for number in range(3):
        beside.begin(lambda number=number: fails(number))
    with pytest.raises(ValueError, match="piece 0"):
        beside.finish()


def test_what_is_abandoned_is_over_and_begins_nothing_more() -> None:
    done: list[int] = []

    def work(number: int) -> None:
        sleep(0.05)
        done.append(number)

    beside = Beside()
    for number in range(20):
        beside.begin(lambda number=number: work(number))
    beside.abandon()
    known = list(done)
    sleep(0.15)
    assert done == known
    assert len(done) < 20


def test_nothing_beside_is_no_thread() -> None:
    beside = Beside()
    beside.finish()
    beside.abandon()
