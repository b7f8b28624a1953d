"""Make a whole sample: simulate, soil and write each day with its profiles, then write the truth."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from jobs.sample.dirt import SoiledDay, soil
from jobs.sample.event_types import EventType
from jobs.sample.files import write_lines
from jobs.sample.folders import Folders
from jobs.sample.marker import begin, finish
from jobs.sample.parameters import Parameters
from jobs.sample.profiles import build_item_profiles, build_user_profiles
from jobs.sample.records import build_records, to_line
from jobs.sample.simulate import SimulatedDay, simulate
from jobs.sample.streams import Purpose, open_stream
from jobs.sample.truth import Truth
from jobs.sample.truth_store import write_truth
from jobs.sample.world import World, draw_world


@dataclass(frozen=True)
class WrittenDay:
    """One finished daily file: its date, its lines, and how many of them are of each kind of dirt."""

    day: date
    lines: int
    dirt: dict[str, int]


def generate(
    parameters: Parameters, folders: Folders, on_day: Callable[[WrittenDay], None] = lambda _day: None
) -> list[WrittenDay]:
    """Write the log and its truth; ``on_day`` hears of each file as soon as it stands there."""
    begin(folders, parameters)
    world = draw_world(parameters)
    simulated: list[SimulatedDay] = []
    written: list[WrittenDay] = []
    profile_files: list[Path] = []
    for today, soiled in soil_days(world):
        day = parameters.date_of(today.day)
        write_lines(folders.log_of(day), soiled.lines)
        profile_files += write_profiles(folders, world, today.day)
        simulated.append(today)
        written.append(WrittenDay(day, len(soiled.lines), soiled.counts))
        on_day(written[-1])
    truth_files = write_truth(
        folders, build_truth(world, simulated), [day.hazard for day in simulated], [day.dirt for day in written]
    )
    finish(folders, parameters, [*(folders.log_of(day.day) for day in written), *profile_files, *truth_files])
    return written


def write_profiles(folders: Folders, world: World, day: int) -> list[Path]:
    """Write what changed on a day in the catalogue and among the users; the paths of the files that it took."""
    today = world.parameters.date_of(day)
    told = {
        folders.items_of(today): build_item_profiles(world.items, day),
        folders.users_of(today): build_user_profiles(world.users, world.parameters, day),
    }
    changed = {path: profiles for path, profiles in told.items() if profiles}
    for path, profiles in changed.items():
        write_lines(path, [to_line(profile) for profile in profiles])
    return list(changed)


def soil_days(world: World) -> Iterator[tuple[SimulatedDay, SoiledDay]]:
    """Each simulated day, with only its purchases left of its rows, and its file."""
    parameters, held = world.parameters, list[str]()
    for simulated in simulate(world):
        soiled = soil(
            build_records(world, simulated.day, simulated.rows),
            held,
            parameters.date_of(simulated.day),
            parameters.dirt,
            open_stream(parameters.seed, Purpose.DIRT, simulated.day),
        )
        held = soiled.held
        yield simulated.only(EventType.PURCHASE), soiled


def build_truth(world: World, days: Sequence[SimulatedDay]) -> Truth:
    """Gather what became of the world from all its days, the first of them day index 0."""
    return Truth(
        world=world,
        left_day=days[-1].state.left_day,
        bought_user=np.concatenate([day.rows.user for day in days]),
        bought_item=np.concatenate([day.rows.item for day in days]),
        bought_day=np.repeat([day.day for day in days], [len(day.rows) for day in days]),
    )
