from datetime import date
from pathlib import Path

import pytest
from app_schedule import ScheduleError, app_names, read_schedule
from dag_folders import write_conf


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    return write_conf(tmp_path / "conf", {"shop": "  time_zone: Asia/Tokyo\n  first_day: 2025-02-01\n"})


def test_an_app_overrides_the_base(conf: Path) -> None:
    schedule = read_schedule(conf, "shop", {})

    assert (schedule.time_zone, schedule.first_day, schedule.retries) == ("Asia/Tokyo", date(2025, 2, 1), 2)


def test_the_profile_lies_under_the_app_and_the_environment_over_it(conf: Path) -> None:
    (conf / "big.yaml").write_text("schedule: {time_zone: UTC, retries: 4, pool: night}\n")
    environ = {"NIGHTJAR_PROFILE": "big", "NIGHTJAR__SCHEDULE__POOL": "mine", "NIGHTJAR__LOG__FORMAT": "csv"}

    schedule = read_schedule(conf, "shop", environ)

    assert (schedule.time_zone, schedule.retries, schedule.pool) == ("Asia/Tokyo", 4, "mine")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("retires: 3", r"shop\.yaml: schedule has an unknown key 'retires'; did you mean 'retries'\?"),
        ("cron: daily", "unknown key 'cron'; valid keys: time_zone, "),
        ("retries: three", "schedule.retries must be a int, got 'three'"),
        ("retries: true", "schedule.retries must be a int, got True"),
        ("retries: -1", "must not be negative, got -1"),
        ("time_zone: Mars/Base", "must be an IANA name.* got 'Mars/Base'"),
        ("first_day: 2025-01-01 00:00:00", "first_day must be a date"),
    ],
)
def test_a_wrong_block_is_refused_by_file_and_key(conf: Path, line: str, message: str) -> None:
    (conf / "apps" / "shop.yaml").write_text(f"schedule:\n  {line}\n")

    with pytest.raises(ScheduleError, match=message):
        read_schedule(conf, "shop", {})


@pytest.mark.parametrize("content", ["schedule: [1]\n", "- a\n", "schedule: daily\n"])
def test_a_file_of_another_shape_is_refused(conf: Path, content: str) -> None:
    (conf / "apps" / "shop.yaml").write_text(content)

    with pytest.raises(ScheduleError, match="flat block"):
        read_schedule(conf, "shop", {})


@pytest.mark.parametrize("text", ["schedule: {", "schedule: {first_day: 2025-02-30}"])
def test_text_that_is_not_yaml_is_refused(conf: Path, text: str) -> None:
    (conf / "apps" / "shop.yaml").write_text(text)

    with pytest.raises(ScheduleError, match=r"shop\.yaml: not valid YAML"):
        read_schedule(conf, "shop", {})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("schedule:\n  retries: 1\n  retries: 2\n", "`schedule.retries` stands twice, on line 2 and on line 3"),
        ("log: {a: 1}\nlog: {a: 2}\n", "`log` stands twice, on line 1 and on line 2"),
    ],
)
def test_a_key_that_stands_twice_is_refused_as_the_stages_do(conf: Path, text: str, told: str) -> None:
    (conf / "apps" / "shop.yaml").write_text(text)

    with pytest.raises(ScheduleError, match=rf"shop\.yaml: .*{told}"):
        read_schedule(conf, "shop", {})


def test_a_key_without_a_default_is_named(conf: Path) -> None:
    (conf / "base.yaml").write_text("schedule: {}\n")

    with pytest.raises(
        ScheduleError, match=r"schedule has no alert_after_minutes, .*, deadline_minutes, owner, pool"
    ):
        read_schedule(conf, "shop", {})


def test_an_unknown_profile_is_named(conf: Path) -> None:
    with pytest.raises(ScheduleError, match=r"huge\.yaml: no such file"):
        read_schedule(conf, "shop", {"NIGHTJAR_PROFILE": "huge"})


def test_a_file_name_that_would_not_do_on_a_command_line_is_refused(conf: Path) -> None:
    (conf / "apps" / "a;b.yaml").write_text("app: x\n")

    with pytest.raises(ScheduleError, match="'a;b'; rename the file"):
        app_names(conf)
