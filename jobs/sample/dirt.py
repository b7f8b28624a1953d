"""A measured share of dirt among the clean lines of a day.

Dirt never changes a clean record: a bad line is one line more, and a late one is the same line a day later.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from jobs.sample.arrays import Ints
from jobs.sample.records import Record, name_event, to_line
from jobs.sample.spoil import KINDS, LATE, LATE_WEIGHT, Kind, Template

FARTHEST_LINES = 50
"""A bad line stands at most this many lines after its template, as the retries of a phone do."""


@dataclass(frozen=True)
class SoiledDay:
    """The file of one day.

    Attributes
    ----------
    lines
        In the order of the file.
    held
        Clean lines that arrive in the next day's file instead.
    counts
        Lines of this file per kind of dirt; ``late`` counts those held back the day before.
    """

    lines: list[str]
    held: list[str]
    counts: dict[str, int]


def soil(
    records: Sequence[Record], arrived: Sequence[str], day: date, share: float, rng: np.random.Generator
) -> SoiledDay:
    """Mix dirt into a day.

    Parameters
    ----------
    records
        Clean records of the day, by time.
    arrived
        Lines held back from the day before.
    day
        Date of the file.
    share
        Dirt as a share of ``records``; kinds that no record can serve stay below theirs.
    rng
        The day's own stream.
    """
    wanted = _draw_counts(len(records), share, rng)
    order = rng.permutation(len(records))
    held, free = order[: wanted[LATE]], order[wanted[LATE] :]
    chosen = _choose_templates(records, free, wanted)
    bad = _spoil_all(records, chosen, day, rng)
    kept = np.setdiff1d(np.arange(len(records)), held)
    lines = _merge(
        [(to_line(records[position]), float(position)) for position in kept.tolist()],
        [(line, position + rng.integers(1, FARTHEST_LINES) + 0.5) for line, position in bad],
        [(line, rng.uniform(0, len(records))) for line in arrived],
    )
    counts = {LATE: len(arrived), **{name: len(positions) for name, positions in chosen.items()}}
    return SoiledDay(lines, [to_line(records[position]) for position in sorted(held.tolist())], counts)


def _draw_counts(n_records: int, share: float, rng: np.random.Generator) -> dict[str, int]:
    names = [LATE, *KINDS]
    weights = np.array([LATE_WEIGHT, *(kind.weight for kind in KINDS.values())])
    counts = rng.multinomial(round(share * n_records), weights / weights.sum())
    return dict(zip(names, counts.tolist(), strict=True))


def _choose_templates(records: Sequence[Record], free: Ints, wanted: dict[str, int]) -> dict[str, list[int]]:
    """Give each kind its records, none of them twice: two bad copies of one line could not be told apart."""
    rest = free.tolist()
    chosen: dict[str, list[int]] = {}
    # The pickiest first: they find few records that suit them.
    for name in sorted(KINDS, key=lambda name: (KINDS[name].weight, name)):
        chosen[name] = _first_suitable(records, rest, KINDS[name], wanted[name])
        taken = set(chosen[name])
        rest = [position for position in rest if position not in taken]
    return {name: chosen[name] for name in KINDS}


def _first_suitable(records: Sequence[Record], candidates: Iterable[int], kind: Kind, count: int) -> list[int]:
    suitable: list[int] = []
    for position in candidates:
        if len(suitable) == count:
            break
        if kind.applies(records[position]):
            suitable.append(position)
    return suitable


def _spoil_all(
    records: Sequence[Record], chosen: dict[str, list[int]], day: date, rng: np.random.Generator
) -> list[tuple[str, int]]:
    jobs = [(KINDS[name], position) for name, positions in chosen.items() for position in positions]
    draws = rng.integers(0, 2**31, len(jobs)).tolist()
    return [
        (kind.spoil(Template(records[position], name_event(day, len(records) + number), draw)), position)
        for number, ((kind, position), draw) in enumerate(zip(jobs, draws, strict=True))
    ]


def _merge(*parts: list[tuple[str, float]]) -> list[str]:
    placed = [line for part in parts for line in part]
    return [line for line, _ in sorted(placed, key=lambda line: line[1])]
