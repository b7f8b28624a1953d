"""The days of the sample app, one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from jobs.sample.arrays import Bools, Floats
from jobs.sample.consent import change_consent
from jobs.sample.event_types import EventType, Identity
from jobs.sample.funnel import run_funnel
from jobs.sample.leaving import Hazard, leave
from jobs.sample.notifications import send_notifications
from jobs.sample.places import build_utc_offsets
from jobs.sample.propensity import catalogue_fits
from jobs.sample.refunds import pay_refunds, plan_refunds
from jobs.sample.rows import Rows, concat_rows, order_rows
from jobs.sample.session_rows import build_session_rows
from jobs.sample.sessions import Sessions, open_sessions
from jobs.sample.slots import fill_slots
from jobs.sample.state import State, begin_state
from jobs.sample.streams import Purpose, open_stream
from jobs.sample.world import World


@dataclass(frozen=True)
class SimulatedDay:
    """One day: its clean rows by time, who could have left, and the state at its end."""

    day: int
    rows: Rows
    hazard: Hazard
    state: State

    def only(self, event_type: EventType) -> "SimulatedDay":
        """The day with the rows of one type."""
        return replace(self, rows=self.rows.take(self.rows.type == event_type))


def simulate(world: World) -> Iterator[SimulatedDay]:
    """Simulate every day in order. Day ``d`` is the same whatever the number of days."""
    days = range(world.parameters.days)
    state, fits = begin_state(len(world.users)), catalogue_fits(world.users, world.items, days)
    for day in days:
        simulated = _simulate_day(world, state, fits[:, day], day)
        state = simulated.state
        yield simulated


def _simulate_day(world: World, state: State, fit: Floats, day: int) -> SimulatedDay:
    utc_offsets = build_utc_offsets(world.parameters.date_of(day))
    state, hazard, goodbyes = leave(world, state, fit, day, utc_offsets)
    sessions = open_sessions(world, state, day, utc_offsets)
    session_rows = _play_sessions(world, state, sessions, day)
    # Opt-outs follow the notifications of the day, which were sent while they were still wanted.
    notices = send_notifications(world, state, _who_came(world, sessions), day, utc_offsets)
    state, consents = _ask_consent(world, state, session_rows, day)
    state, refunds = _settle(world, state, session_rows, day)
    rows = order_rows(concat_rows([goodbyes, session_rows, notices, consents, refunds]))
    return SimulatedDay(day, rows, hazard, state)


def _play_sessions(world: World, state: State, sessions: Sessions, day: int) -> Rows:
    slots = fill_slots(world, state, sessions, day)
    rng = open_stream(world.parameters.seed, Purpose.FUNNEL, day)
    return build_session_rows(world, sessions, slots, run_funnel(world, sessions, slots, rng), rng)


def _who_came(world: World, sessions: Sessions) -> Bools:
    came = np.zeros(len(world.users), dtype=np.bool_)
    came[sessions.user[sessions.known]] = True
    return came


def _ask_consent(world: World, state: State, session_rows: Rows, day: int) -> tuple[State, Rows]:
    views = session_rows.take((session_rows.type == EventType.VIEW) & (session_rows.identity == Identity.USER))
    last = views.take(np.lexsort((-views.ms, views.user)))
    user, first = np.unique(last.user, return_index=True)
    rng = open_stream(world.parameters.seed, Purpose.CONSENT, day)
    return change_consent(state, user, last.ms[first], rng)


def _settle(world: World, state: State, session_rows: Rows, day: int) -> tuple[State, Rows]:
    purchases = session_rows.take(session_rows.type == EventType.PURCHASE)
    state = state.remember_purchases(purchases.user, purchases.item, len(world.items))
    rng = open_stream(world.parameters.seed, Purpose.REFUNDS, day)
    return pay_refunds(plan_refunds(state, purchases, day, rng), day)
