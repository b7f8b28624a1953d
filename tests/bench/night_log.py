"""The log of a night's bench: the sample's own days, copied until there are enough users.

Each copy has its own users, visitors, devices and event ids; the catalogue is shared, as a larger app has more users
and not more items. The base is made once by the sample's generator, and its days cost an hour for a million users.
"""

import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jobs.sample.folders import Folders
from jobs.sample.generate import generate
from jobs.sample.marker import is_unchanged
from jobs.sample.parameters import Parameters
from tests.bench.events_data import copy_day, copy_of

BASE = Parameters(users=14_000, items=5_000, days=10)
"""Ten thousand of them have had an event by the last day, which is the night: 24 events each."""


@dataclass(frozen=True)
class NightLog:
    """A finished log.

    Attributes
    ----------
    folders
        Of the events (Parquet) and of the profiles (JSON lines).
    events
        Of all its days.
    first, night
        Its first day, and its last: the night's.
    """

    folders: Folders
    events: int
    first: date
    night: date


def make_log(root: Path, copies: int, base: Parameters = BASE) -> NightLog:
    """The log of so many copies, made unless it is there."""
    source = _make_base(root, base)
    folder = root / "night-logs" / f"{base.users}x{copies}"
    log = Folders(log=folder / "log", truth=folder / "truth")
    told = folder / "events.json"
    if not told.is_file():
        told.parent.mkdir(parents=True, exist_ok=True)
        told.write_text(json.dumps(_copy(source, log, copies, base)))
    return NightLog(log, json.loads(told.read_text()), base.first_day, base.date_of(base.days - 1))


def _make_base(root: Path, base: Parameters) -> Folders:
    folders = Folders(log=root / "night-base" / "log", truth=root / "night-base" / "truth")
    if not is_unchanged(folders, base):
        generate(base, folders)
    return folders


def _copy(source: Folders, log: Folders, copies: int, base: Parameters) -> int:
    """Write every day's files; returns the number of events."""
    shutil.rmtree(log.items, ignore_errors=True)
    shutil.copytree(source.items, log.items)
    log.users.mkdir(parents=True, exist_ok=True)
    days = [base.date_of(number) for number in range(base.days)]
    for day in days:
        if source.users_of(day).is_file():
            _copy_profiles(source.users_of(day), log.users_of(day), copies)
    return sum(copy_day(source.log_of(day), day, copies, log.log / f"{day}.parquet") for day in days)


def _copy_profiles(source: Path, target: Path, copies: int) -> None:
    users = [json.loads(line) for line in source.read_text().splitlines()]
    with target.open("w") as file:
        for copy in range(copies):
            file.writelines(json.dumps({**user, "id": copy_of(user["id"], copy)}) + "\n" for user in users)
