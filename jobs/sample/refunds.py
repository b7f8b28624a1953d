"""Purchases that are given back some days later."""

from dataclasses import replace

import numpy as np

from jobs.sample.arrays import ABSENT
from jobs.sample.event_types import EventType
from jobs.sample.rows import Rows, build_rows, concat_rows
from jobs.sample.state import State

REFUND_SHARE = 0.05
REFUND_DAYS = (1, 10)
"""Days between a purchase and its refund, both ends included."""


def plan_refunds(state: State, purchases: Rows, day: int, rng: np.random.Generator) -> State:
    """Note for later which of the day's purchases come back, and when."""
    chosen = purchases.take(rng.random(len(purchases)) < REFUND_SHARE)
    refunds = build_rows(EventType.REFUND, chosen.user, chosen.ms, item=chosen.item, qty=chosen.qty, surface=ABSENT)
    due = day + rng.integers(REFUND_DAYS[0], REFUND_DAYS[1] + 1, len(chosen))
    return replace(
        state,
        refunds=concat_rows([state.refunds, refunds]),
        refund_due=np.concatenate([state.refund_due, due]),
    )


def pay_refunds(state: State, day: int) -> tuple[State, Rows]:
    """Take out the refunds of ``day``; users who have left by then keep what they bought."""
    today = state.refund_due == day
    due = state.refunds.take(today)
    rest = replace(state, refunds=state.refunds.take(~today), refund_due=state.refund_due[~today])
    return rest, due.take(state.left_day[due.user] > day)
