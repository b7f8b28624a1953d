"""One small sample for all tests of the folder: 400 users, 200 items, 30 days."""

from dataclasses import dataclass

import pytest

from jobs.sample.folders import Folders
from jobs.sample.generate import WrittenDay, generate
from jobs.sample.parameters import Parameters
from jobs.sample.truth import Truth
from jobs.sample.truth_store import read_truth

SMALL = Parameters(users=400, items=200, days=30, dirt=0.05)


@dataclass(frozen=True)
class Sample:
    parameters: Parameters
    folders: Folders
    days: list[WrittenDay]
    truth: Truth

    def lines(self, day: WrittenDay) -> list[str]:
        return self.folders.log_of(day.day).read_text().splitlines()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    base = tmp_path_factory.mktemp("sample")
    folders = Folders(base / "log", base / "log-truth")
    days = generate(SMALL, folders)
    return Sample(SMALL, folders, days, read_truth(folders.truth))
