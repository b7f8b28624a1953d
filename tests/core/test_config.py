"""The configuration is closed: what is misspelled is named, with the nearest valid name."""

import re
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


MAPPED = "log: {columns: {event_type: what, event_time: at, user_id: who}}\n"


def write_app(folder: Path, text: str = "") -> None:
    """An app of a few lines; its log is mapped unless the lines do so."""
    head = "app: shop\n" if text.startswith("log:") else "app: shop\n" + MAPPED
    (folder / "apps" / "shop.yaml").write_text(head + text, encoding="utf-8")


def rule(text: str) -> str:
    """A log whose `user_id` is read by this rule."""
    return f"log: {{columns: {{event_type: what, event_time: at, user_id: {text}}}}}"


def several(text: str, name: str = "web") -> str:
    """An app with two logs, of which one says this beyond what both share."""
    return (
        f"log: {{columns: {{event_type: what, event_time: at, user_id: who}}}}\nlogs: {{app: {{}}, {name}: {text}}}"
    )


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
    (conf / "slow.yaml").write_text("{spark: {master: 'local[1]'}, recommender: {horizon_days: 5, seed: 8}}")
    write_app(conf, "recommender: {horizon_days: 6}\n")
    environ = {
        "NIGHTJAR_PROFILE": "slow",
        "NIGHTJAR__RECOMMENDER__RANKER__NUM_LEAVES": "32",
        "NIGHTJAR__SPARK__MASTER": "m",
    }
    settings = load_settings("shop", overrides={"recommender.ranker.lambda_l2": 2.5}, environ=environ)
    recommender = settings.recommender
    assert (recommender.horizon_days, recommender.seed, recommender.k) == (6, 8, 10)
    assert (recommender.ranker.num_leaves, recommender.ranker.lambda_l2, settings.spark.master) == (32, 2.5, "m")
    assert load_settings("shop", profile="local", environ=environ).recommender.seed == 7


def test_a_gate_that_asks_for_what_is_not_measured_is_refused(conf: Path) -> None:
    write_app(conf, "recommender: {k: 20}\n")
    with pytest.raises(ConfigError, match=r"metrics at k = 20, got .*ndcg_at_10"):
        load_settings("shop", environ={})


def test_sections_merge_and_lists_are_replaced(conf: Path) -> None:
    write_app(conf, "events: {weights: {view: 2}, needs_item: [purchase]}\n")
    events = load_settings("shop", environ={}).events
    assert (events.weights["view"], events.weights["purchase"], events.needs_item) == (2, 5, ("purchase",))


@pytest.mark.parametrize(
    ("text", "key", "nearest"),
    [
        ("recomender: {k: 5}", "recomender", "'recommender'"),
        ("recommender: {horizon_day: 5}", "recommender.horizon_day", "'horizon_days'"),
        ("recommender: {ranker: {num_leave: 5}}", "recommender.ranker.num_leave", "'num_leaves'"),
        (rule("{colum: u}"), "log.columns.user_id.colum", "'column'"),
    ],
)
def test_unknown_key_names_the_nearest(conf: Path, text: str, key: str, nearest: str) -> None:
    assert f"{key}: unknown key; the nearest valid name is {nearest}" in message(text, conf)


def test_an_unknown_key_like_no_other_lists_all(conf: Path) -> None:
    text = message(rule("{column: u, zzz: 1}"), conf)
    assert "log.columns.user_id.zzz: unknown key; valid are: column, constant, extract, patterns" in text


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (
            "recommender: {k: 5}\nchurn: {}\nrecommender: {k: 6}\n",
            "`recommender` stands twice, on line 3 and on line 5",
        ),
        ("recommender:\n  k: 5\n  'k': 6\n", "`recommender.k` stands twice, on line 4 and on line 5"),
        ("churn: {a: [{b: 1, b: 2}]}\n", "`churn.a.b` stands twice, on line 3 and on line 3"),
        ("events: {weights: {yes: 1, true: 2}}\n", "`events.weights.true` stands twice"),
    ],
)
def test_a_key_that_stands_twice_is_refused_with_both_lines(conf: Path, text: str, part: str) -> None:
    told = message(text, conf)
    assert part in told
    assert str(conf / "apps" / "shop.yaml") in told
    with pytest.raises(ConfigError, match=r"NIGHTJAR__RECOMMENDER is not valid .* `k` stands twice"):
        load_settings("sample", environ={"NIGHTJAR__RECOMMENDER": "{k: 5, k: 6}"})


def test_rules_of_actions_are_read_as_strictly(conf: Path) -> None:
    write_app(conf, "")
    (conf / "actions.yaml").write_text("- {action: call, of: churn, of: value, when: {churn: {above: 0.6}}}\n")
    with pytest.raises(ConfigError, match=r"actions\.yaml is not valid YAML: `of` stands twice"):
        load_settings("shop", environ={})


@pytest.mark.parametrize("content", [b"app: \xff\n", b"schedule: {first_day: 2025-02-30}\n", b"app: [\n"])
def test_a_file_that_is_no_yaml_is_refused_by_name(conf: Path, content: bytes) -> None:
    (conf / "apps" / "shop.yaml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"shop\.yaml is not valid YAML: "):
        load_settings("shop", environ={})


def test_a_merged_key_may_be_said_again(conf: Path) -> None:
    write_app(conf, "churn: {<<: {horizon_days: 3}, horizon_days: 4}\n")
    assert load_settings("shop", environ={}).churn.horizon_days == 4


@pytest.mark.parametrize("text", ["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "M/d/yyyy H:mm", "yyyyDDD", "epoch_ms", "iso"])
def test_formats_of_times_that_tell_a_day_are_taken(conf: Path, text: str) -> None:
    write_app(conf)
    assert load_settings("shop", overrides={"log.time_format": text}, environ={}).log.time_format == text


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("schedule: {time_zone: Europe/Londn}", "no such time zone 'Europe/Londn'; use an IANA name"),
        ("recommender: {k: 0}", "recommender.k: Input should be greater than or equal to 1, got 0"),
        (rule("{column: u, extract: '^[0-9]+'}"), "`extract` needs a group in parentheses"),
        (rule("{column: u, constant: c}"), "log.columns.user_id: give exactly one of `column` and `constant`"),
        (rule("{column: u, extract: '('}"), "log.columns.user_id.extract: '(' is no regular expression: missing )"),
        (rule("{column: u, patterns: {'[': x}}"), "'[' is no regular expression: unterminated character set"),
        ("log: {not_products: '*'}", "log.not_products: '*' is no regular expression: nothing to repeat"),
        (
            "log: {columns: {event_tme: ts}}",
            "log.columns: no column 'event_tme' in a log of events; the nearest valid name is 'event_time'",
        ),
        ("log: {columns: {session_id: s}}", "log.columns: no column 'session_id' in a log of events"),
        (several("{event_id_from: [user]}"), "logs.web.event_id_from: no column 'user' in a log of events"),
        (several("{test_traffic: {user: x}}"), "logs.web.test_traffic: no column 'user' in a log of events"),
        (several("{kind: items}"), "logs.web.columns: no column 'event_type' in a log of items"),
        (
            several("{kind: items, day_from: event_time, columns: {item_id: i}}"),
            "logs.web: day_from: a log of items has no event time; name its files by their day",
        ),
        (several("{kind: item}"), "logs.web.kind: Input should be 'events', 'items' or 'users', got 'item'"),
        (several("{columns: {event_type: e}}"), "logs.web.columns: no rule for event_time; name the log's column"),
        (several("{event_types: {a: purchse}}"), "logs.web.event_types.a: no event type 'purchse'"),
        (several("{filters: [{column: a, match: b}]}"), "logs.web.filters.0.match: unknown key; the nearest"),
        (several("{filters: [{column: a, matches: '('}]}"), "logs.web.filters.0.matches: '(' is no regular"),
        (several("{}", "Web"), "'Web' is no name of a log; use lower case and digits"),
        (several("{}", "a__b"), "'a__b' is no name of a log"),
        (rule("{column: u, values: [a]}"), "log.columns.user_id.values: Input should be a valid dictionary"),
        ("events: {exposure: [view]}", "belongs to one of events.intent, exposure, negative and lifecycle"),
        ("log: {columns: {event_time: ts}}", "log.columns: no rule for event_type; name the log's column"),
        (
            "log: {columns: {event_type: e, event_time: t, item_id: i}}",
            "log.columns: no rule for any of user_id, anonymous_id, device_id; name the log's column",
        ),
        ("log: {columns: {}}", "log.columns: no rule for event_type and event_time"),
        ("log: {time_zone: Europe}", "log.time_zone: no such time zone 'Europe'"),
        ("log: {extension: ''}", "log.extension: '' is no ending of a file's name"),
        ("log: {extension: .csv}", "write it without the first dot"),
        ("log: {time_format: epoch_us}", "log.time_format: 'epoch_us' is no format of times; use iso, epoch_s"),
        ("log: {time_format: 'HH:mm'}", "a Spark pattern with year, month and day"),
        ("log: {time_format: \"'yyyy-MM-dd'\"}", "is no format of times"),
        (
            "log: {columns: {event_type: e, event_time: t, user_id: u}, event_types: {a: purchse}}",
            "log.event_types.a: no event type 'purchse' in events.weights; the nearest valid name is 'purchase'",
        ),
        ("events: {intent: [serch]}", "events.intent: no event type 'serch' in events.weights; the nearest"),
        ("events: {needs_item: [vieww]}", "events.needs_item: no event type 'vieww' in events.weights"),
        ("calendar: {closed_weekdays: [saturnday]}", "calendar.closed_weekdays.0"),
        ("log: [", "shop.yaml is not valid YAML"),
    ],
)
def test_a_wrong_value_is_refused_and_shown(conf: Path, text: str, part: str) -> None:
    assert part in message(text, conf)


def test_the_name_in_the_file_is_the_file_s_name(conf: Path) -> None:
    (conf / "apps" / "shop.yaml").write_text("app: store\n" + MAPPED)
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
    write_app(conf, MAPPED.replace("{columns", "{path: '${NIGHTJAR_HOME}/in/${KIND}', columns"))
    assert load_settings("shop", environ={"KIND": "web"}).log.path == f"{home}/in/web"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("base.yaml", "  uri: null ", "  uri: ${NOT_SET_ANYWHERE} "),
        ("apps/shop.yaml", "app: shop\n", "app: shop\ntracking:\n  uri: ${NOT_SET_ANYWHERE}\n"),
    ],
)
def test_a_missing_variable_is_named_with_key_and_file(conf: Path, name: str, old: str, new: str) -> None:
    file = conf / name
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    says = f"{re.escape(str(file))}: `tracking.uri` uses .{{NOT_SET_ANYWHERE}}, which is not set"
    with pytest.raises(ConfigError, match=says):
        load_settings("shop", environ={})


def test_a_value_that_is_replaced_needs_no_variable(conf: Path) -> None:
    write_app(conf, "tracking: {uri: '${NOT_SET_ANYWHERE}'}\n")
    assert load_settings("shop", environ={"NIGHTJAR__TRACKING__URI": "http://m"}).tracking.uri == "http://m"


def test_a_variable_in_the_environment_that_is_missing_names_its_variable(conf: Path) -> None:
    with pytest.raises(ConfigError, match=r"environment variable NIGHTJAR__LOG__PATH: `log\.path` uses"):
        load_settings("shop", environ={"NIGHTJAR__LOG__PATH": "${NOT_SET_ANYWHERE}"})


def test_an_environment_value_that_is_no_yaml_names_its_variable(conf: Path) -> None:
    with pytest.raises(ConfigError, match=r"environment variable NIGHTJAR__RECOMMENDER__K is not valid YAML: '\['"):
        load_settings("shop", environ={"NIGHTJAR__RECOMMENDER__K": "["})


def test_texts_of_the_environment_stay_texts(conf: Path) -> None:
    environ = {
        "NIGHTJAR__TRACKING__HASH_KEY": "12345",
        "NIGHTJAR__SPARK__DRIVER_MEMORY": "2e9",
        "NIGHTJAR__LOG__EVENT_TYPES__LOOK": "view",
        "NIGHTJAR__LOG__COLUMNS__USER_ID__EXTRACT": "[0-9]: (.)",
        "NIGHTJAR__LOG__COLUMNS__USER_ID__COLUMN": "7",
        "NIGHTJAR__TRACKING__URI": "null",
        "NIGHTJAR__CHURN__AT_RISK_DAYS": "30",
    }
    settings = load_settings("shop", environ=environ)
    assert (settings.tracking.hash_key, settings.spark.driver_memory, settings.tracking.uri) == ("12345", "2e9", None)
    rule_of_user = settings.log.columns["user_id"]
    assert (rule_of_user.column, rule_of_user.extract) == ("7", "[0-9]: (.)")
    assert (settings.log.event_types, settings.churn.at_risk_days) == ({"look": "view"}, 30)


def test_several_logs_are_what_they_share_and_what_each_says(conf: Path) -> None:
    write_app(conf, several("{format: csv, max_late_days: 3, columns: {event_type: e, event_time: t, user_id: u}}"))
    settings = load_settings("shop", environ={"NIGHTJAR__LOGS__WEB__PATH": "/in/web"})
    app, web = settings.sources["app"], settings.sources["web"]
    assert list(settings.sources) == ["app", "web"]
    assert (app.name, app.format, app.path, app.columns["event_type"].column) == ("app", "jsonlines", None, "what")
    assert (web.name, web.format, web.path, web.columns["event_type"].column) == ("web", "csv", "/in/web", "e")
    assert (settings.max_late_days, settings.key_of("web")) == (3, "logs.web")


def test_a_log_with_a_path_is_one_beside_the_others(conf: Path) -> None:
    text = MAPPED.replace("{columns", "{path: /in/app, max_late_days: 2, filters: [{column: a, matches: x}], columns")
    write_app(conf, text + "logs: {items: {kind: items, path: /in/items, columns: {item_id: id}}, web: {path: /w}}\n")
    settings = load_settings("shop", environ={})
    assert {name: log.path for name, log in settings.sources.items()} == {
        "log": "/in/app",
        "items": "/in/items",
        "web": "/w",
    }
    items, web = settings.sources["items"], settings.sources["web"]
    assert (items.max_late_days, items.event_types, items.filters) == (2, {}, ())
    assert (web.event_types, len(web.filters)) == (settings.log.event_types, 1)
    assert (settings.key_of("log"), settings.key_of("items")) == ("log", "logs.items")


def test_two_logs_of_one_name_are_refused(conf: Path) -> None:
    write_app(conf, MAPPED.replace("{columns", "{path: /in/app, columns") + "logs: {log: {path: /in/other}}\n")
    with pytest.raises(ConfigError, match=r"logs.log: `log` has that name already; give log.name another one"):
        load_settings("shop", environ={})


def test_one_log_is_called_as_it_is_named(conf: Path) -> None:
    write_app(conf, MAPPED.replace("{columns", "{name: web, columns"))
    settings = load_settings("shop", environ={})
    assert (list(settings.sources), settings.key_of("web")) == (["web"], "log")


def test_columns_that_a_mapping_reads_are_those_of_rules_and_filters(conf: Path) -> None:
    filters = "filters: [{column: shop, matches: x}, {column: what, matches: y}]"
    write_app(conf, MAPPED.replace("{columns", f"{{{filters}, columns"))
    assert load_settings("shop", environ={}).log.source_columns == ("at", "shop", "what", "who")


def test_what_is_served_must_outlive_the_longest_run_of_closed_days(conf: Path) -> None:
    # Saturday and Sunday, then three holidays, of which the last is worked.
    closed = "calendar: {closed_weekdays: [saturday, sunday], closed_days: [%s], open_days: [2025-03-05]}\n"
    text = closed % "2025-03-03, 2025-03-04, 2025-03-05"
    assert "longest run of closed days, 4 days, or what is served expires within it; got 4" in message(
        text + "online: {ttl_days: 4}\n", conf
    )
    write_app(conf, text + "online: {ttl_days: 5}\n")
    assert load_settings("shop", environ={}).calendar.longest_closed_run() == 4


def test_workers_write_into_redis_only(conf: Path) -> None:
    assert "spark writes into Redis only" in message("online: {engine: spark}\n", conf)
    write_app(conf, "online: {engine: spark, store: redis}\n")
    assert load_settings("shop", environ={}).online.engine == "spark"


@pytest.mark.parametrize(
    ("weekdays", "longest"), [("", 0), ("sunday", 1), ("sunday, monday", 2), ("monday, wednesday", 1)]
)
def test_closed_weekdays_alone_make_runs(conf: Path, weekdays: str, longest: int) -> None:
    write_app(conf, f"calendar: {{closed_weekdays: [{weekdays}]}}\n")
    assert load_settings("shop", environ={}).calendar.longest_closed_run() == longest
