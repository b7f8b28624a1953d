"""Users who switch notifications off, and some who switch them on again."""

from dataclasses import replace

import numpy as np

from jobs.sample.arrays import Ints
from jobs.sample.event_types import EventType
from jobs.sample.rows import Rows, build_rows, concat_rows
from jobs.sample.state import State

OPT_OUT_SHARE = 0.0012
OPT_IN_SHARE = 0.05
"""Chances that a session switches notifications off, and on where they are off."""


def change_consent(state: State, user: Ints, ms: Ints, rng: np.random.Generator) -> tuple[State, Rows]:
    """Let users change their mind, at most once a day.

    Parameters
    ----------
    state
        At the start of the day.
    user, ms
        (n,) users known today, each once, and the moment at which they are in the app.

    Returns
    -------
    State
        With ``opted_out`` changed.
    Rows
        One ``opt_out`` or ``opt_in`` for each change.
    """
    luck = rng.random(len(user))
    out = state.opted_out[user]
    leaves, returns = ~out & (luck < OPT_OUT_SHARE), out & (luck < OPT_IN_SHARE)
    opted_out = state.opted_out.copy()
    opted_out[user[leaves]], opted_out[user[returns]] = True, False
    rows = concat_rows(
        [
            build_rows(EventType.OPT_OUT, user[leaves], ms[leaves]),
            build_rows(EventType.OPT_IN, user[returns], ms[returns]),
        ]
    )
    return replace(state, opted_out=opted_out), rows
