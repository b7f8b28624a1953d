"""The same flags give the same bytes, and more days begin with the same bytes."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from jobs.sample.event_types import TYPE_NAMES
from jobs.sample.folders import Folders
from jobs.sample.generate import generate
from jobs.sample.parameters import Parameters

TINY = Parameters(users=60, items=30, days=5, dirt=0.1)

FIELDS = {
    "id", "ts", "type", "user", "anon", "device", "item", "price", "currency", "qty", "dwell_ms", "query", "surface",
    "pos", "platform", "device_class", "app_version", "locale", "country", "tz", "schema",
}  # fmt: skip


def _bytes_of(tmp_path, name: str, parameters: Parameters) -> dict[str, bytes]:
    folders = Folders(tmp_path / name, tmp_path / f"{name}-truth")
    generate(parameters, folders)
    return {path.name: path.read_bytes() for path in sorted(folders.log.iterdir())}


def _records(sample):
    for day in sample.days:
        for line in sample.lines(day):
            try:
                yield json.loads(line)
            except ValueError:
                continue


def test_same_parameters_give_same_bytes(tmp_path):
    assert _bytes_of(tmp_path, "one", TINY) == _bytes_of(tmp_path, "two", TINY)


def test_another_seed_gives_other_bytes(tmp_path):
    assert _bytes_of(tmp_path, "one", TINY) != _bytes_of(tmp_path, "two", replace(TINY, seed=8))


def test_more_days_begin_with_the_same_bytes(tmp_path):
    shorter = _bytes_of(tmp_path, "short", TINY)
    longer = _bytes_of(tmp_path, "long", replace(TINY, days=12))
    assert len(longer) == 12
    assert {name: longer[name] for name in shorter} == shorter


@pytest.mark.parametrize("parameters", [Parameters(1, 1, 3), Parameters(3, 1, 2, dirt=0.5)])
def test_the_smallest_worlds_can_be_written(tmp_path, parameters):
    assert len(_bytes_of(tmp_path, "log", parameters)) == parameters.days


def test_the_log_has_only_its_own_fields(sample):
    assert {field for record in _records(sample) for field in record} == FIELDS


def test_the_log_has_every_usual_event_type(sample):
    counts = Counter(record["type"] for record in _records(sample))
    # A handful of people in thousands; a small sample may have none.
    rare = {"deletion_request", "opt_in", "opt_out"}
    assert set(TYPE_NAMES) - rare <= set(counts)
    assert counts["impression"] > counts["click"] > counts["add_to_cart"] > counts["purchase"] > 0


def test_a_share_of_the_log_is_anonymous_and_some_of_it_signs_in(sample):
    shown = [record for record in _records(sample) if record["type"] == "impression"]
    anonymous = [record for record in shown if "anon" in record and "user" not in record]
    assert 0.04 < len(anonymous) / len(shown) < 0.14
    both = {record["type"] for record in _records(sample) if "anon" in record and "user" in record}
    assert both == {"sign_in"}


def test_nobody_buys_anonymously(sample):
    buying = [record for record in _records(sample) if record["type"] in ("purchase", "add_to_cart")]
    # Without a device, the line is dirt: all its ids were taken away.
    assert all("user" in record for record in buying if "device" in record)


def test_prices_are_fixed_for_an_item(sample):
    prices: dict[str, set[float]] = {}
    for record in _records(sample):
        if "price" in record and "item" in record:
            prices.setdefault(record["item"], set()).add(abs(record["price"]))
    assert all(len(seen) == 1 for seen in prices.values())
