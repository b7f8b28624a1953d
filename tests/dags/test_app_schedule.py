from datetime import date
from pathlib import Path

import pytest
from app_schedule import ScheduleError, app_names, read_schedule, read_sound_schedule, refusals
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
        ("retries: -1", "must be from 0 to 1000000, got -1"),
        ("deadline_minutes: 0", "must be from 1 to 1000000, got 0"),
        ("deadline_minutes: 99999999999999", "must be from 1 to 1000000, got 99999999999999"),
        ("time_zone: Mars/Base", "must be an IANA name.* got 'Mars/Base'"),
        ("first_day: 2025-01-01 00:00:00", "first_day must be a date"),
        ("first_day: 0025-01-01", "first_day must lie in 1970 to 2999, got 0025-01-01"),
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


def test_a_file_that_is_none_is_refused(conf: Path) -> None:
    (conf / "apps" / "folder.yaml").mkdir()

    with pytest.raises(ScheduleError, match=r"folder\.yaml: cannot be read"):
        read_schedule(conf, "folder", {})


@pytest.mark.parametrize("name", ["a;b", "Shop (copy)", "a" * 101])
def test_a_file_name_that_would_not_do_is_refused_and_takes_no_other_app_with_it(conf: Path, name: str) -> None:
    (conf / "apps" / f"{name}.yaml").write_text("app: x\n")

    assert app_names(conf) == ["shop"]
    [told] = refusals(conf, {})
    assert f"got {name!r}; rename the file" in told


def test_what_is_wrong_for_all_apps_is_told_once(conf: Path) -> None:
    (conf / "apps" / "other.yaml").write_text("schedule: {retires: 3}\n")
    assert refusals(conf, {}) == [
        f"{conf}/apps/other.yaml: schedule has an unknown key 'retires'; did you mean 'retries'?"
    ]

    (conf / "local.yaml").write_text("schedule: {retries: many}\n")

    assert refusals(conf, {}) == [f"{conf}/local.yaml: schedule.retries must be a int, got 'many'"]


def test_all_is_well(conf: Path) -> None:
    assert refusals(conf, {}) == []


def test_what_is_right_of_a_wrong_schedule_is_kept(conf: Path) -> None:
    (conf / "apps" / "shop.yaml").write_text(
        "schedule: {time_zone: Asia/Tokyo, alert_webhook: ours, deadline_minutes: 0, retires: 3}\n"
    )
    environ = {"NIGHTJAR__SCHEDULE__OWNER": "us", "NIGHTJAR__SCHEDULE__RETRIES": "{"}

    sound = read_sound_schedule(conf, "shop", environ)

    assert (sound.time_zone, sound.alert_webhook, sound.owner) == ("Asia/Tokyo", "ours", "us")
    assert (sound.deadline_minutes, sound.retries) == (60, 2), "of base.yaml"


@pytest.mark.parametrize("content", ["schedule: {", "schedule: daily\n"])
def test_of_a_file_that_cannot_be_read_what_lies_under_it_is_kept(conf: Path, content: str) -> None:
    (conf / "apps" / "shop.yaml").write_text(content)
    (conf / "local.yaml").write_text("schedule: {alert_webhook: ours}\n")

    assert read_sound_schedule(conf, "shop", {}).alert_webhook == "ours"


def test_a_key_that_is_right_nowhere_leaves_no_schedule(conf: Path) -> None:
    (conf / "base.yaml").write_text("schedule: {}\n")

    with pytest.raises(ScheduleError, match="schedule has no alert_after_minutes"):
        read_sound_schedule(conf, "shop", {})
