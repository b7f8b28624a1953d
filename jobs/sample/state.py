"""What one simulated day hands to the next."""

from dataclasses import dataclass, replace

import numpy as np

from jobs.sample.arrays import NEVER, Bools, Ints
from jobs.sample.rows import Rows
from jobs.sample.users import Users


@dataclass(frozen=True)
class State:
    """The app at the end of a day.

    Attributes
    ----------
    left_day
        (n_users,) first day index without the user; ``NEVER`` while they stay.
    reachable
        (n_users,) False once the app was uninstalled or the account deleted: no notification arrives.
    opted_out
        (n_users,) True while the user wants no notifications.
    bought_pairs
        (n_pairs,) sorted ``user * n_items + item`` of all pairs with a purchase.
    refunds
        Refund rows not yet written; ``refund_due`` has their day indexes.
    refund_due
        (n_refunds,)
    """

    left_day: Ints
    reachable: Bools
    opted_out: Bools
    bought_pairs: Ints
    refunds: Rows
    refund_due: Ints

    def is_member(self, users: Users, day: int) -> Bools:
        """Who has joined by ``day`` and not left by then, (n_users,)."""
        return (users.joined_day <= day) & (self.left_day > day)

    def remember_purchases(self, user: Ints, item: Ints, n_items: int) -> "State":
        """The state with further bought pairs."""
        return replace(self, bought_pairs=np.union1d(self.bought_pairs, user * n_items + item))


def begin_state(n_users: int) -> State:
    """The state before day 0: nobody has left, nothing was bought."""
    nothing = np.empty(0, dtype=np.int64)
    return State(
        left_day=np.full(n_users, NEVER, dtype=np.int64),
        reachable=np.ones(n_users, dtype=np.bool_),
        opted_out=np.zeros(n_users, dtype=np.bool_),
        bought_pairs=nothing,
        refunds=Rows(*(nothing for _ in range(10))),
        refund_due=nothing,
    )
