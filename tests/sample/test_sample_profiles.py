"""The logs of profiles: everything an event is about was told by its day, and nothing before its time."""

import json

from jobs.sample.arrays import NEVER
from jobs.sample.items import compute_appeal, name_item


def _rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def _known(sample, path_of):
    """Profiles as of the end of each day."""
    known = {}
    for written in sample.days:
        known |= {row["id"]: row for row in _rows(path_of(written.day))}
        yield written, dict(known)


def test_each_item_of_an_event_is_in_the_catalogue_of_its_day(sample):
    for written, known in _known(sample, sample.folders.items_of):
        for line in sample.lines(written):
            if line.endswith("}"):
                item = json.loads(line).get("item")
                assert item is None or item in known


def test_available_are_the_items_on_sale(sample):
    items = sample.truth.world.items
    for number, (_, known) in enumerate(_known(sample, sample.folders.items_of)):
        on_sale = {name_item(position) for position in (compute_appeal(items, number) > 0).nonzero()[0]}
        assert {name for name, row in known.items() if row["available"]} == on_sale
        assert {name for name, row in known.items()} == {
            name_item(position) for position in (items.launch_day <= number).nonzero()[0]
        }


def test_an_item_that_goes_is_told_again(sample):
    items = sample.truth.world.items
    leaves = [day for day in items.retire_day.tolist() if 0 < day < len(sample.days)]
    told = sum(not row["available"] for day in sample.days for row in _rows(sample.folders.items_of(day.day)))
    assert told == len(leaves) > 0
    assert NEVER in items.retire_day


def test_users_are_told_on_the_day_they_join(sample):
    joined = sample.truth.world.users.joined_day
    for number, (written, known) in enumerate(_known(sample, sample.folders.users_of)):
        assert len(known) == int((joined <= number).sum())
        if number:
            assert {row["joined"] for row in _rows(sample.folders.users_of(written.day))} <= {str(written.day)}


def test_days_without_news_have_no_file(sample):
    files = [sample.folders.items_of(day.day).is_file() for day in sample.days]
    assert files[0]
    assert not all(files)
