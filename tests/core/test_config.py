"""The configuration is closed: what is misspelled is named, with the nearest valid name."""

import shutil
from pathlib import Path

import pytest

from jobs.core.config import known_apps, load_settings
from jobs.core.config.load import conf_folder
from jobs.core.errors import ConfigError, UsageError


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the configuration with an app of its own, `shop`."""
    folder = tmp_path / "conf"
    shutil.copytree(conf_folder(), folder)
    monkeypatch.setenv("NIGHTJAR_CONF", str(folder))
    write_app(folder)
    return folder


def write_app(folder: Path, text: str = "") -> None:
    (folder / "apps" / "shop.yaml").write_text("app: shop\n" + text, encoding="utf-8")


def message(text: str, folder: Path) -> str:
    """How the configuration with this app file is refused."""
    write_app(folder, text)
    with pytest.raises(ConfigError) as caught:
        load_settings("shop", environ={})
    return str(caught.value)


@pytest.mark.parametrize("app", ["sample", "online_retail"])
def test_the_apps_of_the_repository_load(app: str) -> None:
    assert load_settings(app, environ={}).app == app


def test_layers_win_from_base_to_profile_to_app_to_environment_to_command_line(conf: Path) -> None:
    (conf / "slow.yaml").write_text("{spark: {master: 'local[1]'}, recommender: {k: 5, seed: 8}}")
    write_app(conf, "recommender: {k: 6}\n")
    environ = {
        "NIGHTJAR_PROFILE": "slow",
        "NIGHTJAR__RECOMMENDER__ALS__FACTORS": "32",
        "NIGHTJAR__SPARK__MASTER": "m",
    }
    settings = load_settings("shop", overrides={"recommender.als.alpha": 2.5}, environ=environ)
    recommender = settings.recommender
    assert (recommender.k, recommender.seed, recommender.horizon_days) == (6, 8, 14)
    assert (recommender.als.factors, recommender.als.alpha, settings.spark.master) == (32, 2.5, "m")
    assert load_settings("shop", profile="local", environ=environ).recommender.seed == 7


def test_sections_merge_and_lists_are_replaced(conf: Path) -> None:
    write_app(conf, "events: {weights: {view: 2}, intent: [purchase]}\n")
    events = load_settings("shop", environ={}).events
    assert (events.weights["view"], events.weights["purchase"], events.intent) == (2, 5, ("purchase",))


@pytest.mark.parametrize(
    ("text", "key", "nearest"),
    [
        ("recomender: {k: 5}", "recomender", "'recommender'"),
        ("recommender: {horizon_day: 5}", "recommender.horizon_day", "'horizon_days'"),
        ("recommender: {als: {factor: 5}}", "recommender.als.factor", "'factors'"),
    ],
)
def test_unknown_key_names_the_nearest(conf: Path, text: str, key: str, nearest: str) -> None:
    assert f"{key}: unknown key; the nearest valid name is {nearest}" in message(text, conf)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("schedule: {time_zone: Europe/Londn}", "no such time zone 'Europe/Londn'; use an IANA name"),
        ("recommender: {k: 0}", "recommender.k: Input should be greater than or equal to 1, got 0"),
        ("log: {columns: {user_id: {column: u, extract: '^[0-9]+'}}}", "`extract` needs a group in parentheses"),
        ("log: {columns: {user_id: {column: u, constant: c}}}", "give exactly one of `column` and `constant`"),
        ("log: {path: '${NOT_SET_ANYWHERE}/x'}", "${NOT_SET_ANYWHERE}, which is not set"),
        ("calendar: {closed_weekdays: [saturnday]}", "calendar.closed_weekdays.0"),
        ("log: [", "shop.yaml is not valid YAML"),
    ],
)
def test_a_wrong_value_is_refused_and_shown(conf: Path, text: str, part: str) -> None:
    assert part in message(text, conf)


def test_the_name_in_the_file_is_the_file_s_name(conf: Path) -> None:
    (conf / "apps" / "shop.yaml").write_text("app: store\n")
    with pytest.raises(ConfigError, match=r"shop.yaml: `app` is 'store'; it must be the file's name, 'shop'"):
        load_settings("shop", environ={})


def test_a_file_of_a_list_is_refused(conf: Path) -> None:
    (conf / "apps" / "shop.yaml").write_text("- app\n")
    with pytest.raises(ConfigError, match="must hold keys and values, got a list"):
        load_settings("shop", environ={})


def test_unknown_app_names_the_nearest_and_all(conf: Path) -> None:
    with pytest.raises(UsageError, match=r"no app 'shpo'.*online_retail, sample, shop.*did you mean 'shop'"):
        load_settings("shpo", environ={})
    assert known_apps() == ("online_retail", "sample", "shop")


def test_unknown_profile_says_what_is_missing(conf: Path) -> None:
    with pytest.raises(ConfigError, match=r"no configuration file .*staging.yaml.*NIGHTJAR_PROFILE"):
        load_settings("shop", profile="staging", environ={})


def test_variables_expand_and_home_is_always_one(conf: Path, home: Path) -> None:
    write_app(conf, "log: {path: '${NIGHTJAR_HOME}/in/${KIND}'}\n")
    assert load_settings("shop", environ={"KIND": "web"}).log.path == f"{home}/in/web"
