import io
import json
import logging
import re
from urllib.parse import quote, quote_plus

import pytest

from jobs.core.config.layers import Layer
from jobs.core.config.no_secrets import refuse_secrets
from jobs.core.errors import ConfigError
from jobs.core.logs import log_context
from jobs.core.logs.lines import JsonLines, TextLines
from jobs.core.secrets import holds_secret, known_secrets, masked

SECRET = "pl4nted-s3cret"


@pytest.mark.parametrize(
    "text",
    [
        f"cannot open postgresql://nightjar:{SECRET}@db:5432/mlflow",
        f"token in https://{SECRET}@host/path",
        f"redis:6379,password={SECRET},ssl=true",
        f"{{'spark.hadoop.fs.s3a.secret.key': '{SECRET}'}}",
        f"Password: {SECRET}",
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str) -> None:
    assert holds_secret(text)
    assert SECRET not in masked(text)


def test_a_secret_of_the_environment_is_masked_wherever_it_turns_up() -> None:
    known = known_secrets({"NIGHTJAR__ONLINE__REDIS": f"redis:6379,password={SECRET}", "PATH": "/usr/bin"})

    assert known == (SECRET,)
    assert masked(f"WRONGPASS {SECRET} is refused", known) == "WRONGPASS *** is refused"


@pytest.mark.parametrize(
    "text",
    [
        "redis://u:pa/ss@h:6379/0 is refused",
        "cannot open postgresql://nightjar:pa@ss@db/mlflow",
        "cannot open postgresql://nightjar:12x/pass@db/mlflow",
    ],
)
def test_a_password_that_nobody_encoded_is_masked_in_an_address(text: str) -> None:
    assert holds_secret(text)
    assert not re.search("pa|ss@", masked(text))


@pytest.mark.parametrize("address", ["redis://u:%s@db:6379", "postgresql://feast:%s@db/feast?sslmode=require"])
@pytest.mark.parametrize("written", ["p%40ss%2Fw0rd", "p%40ss/w0rd", "p@ss/w0rd", "p%40ss%2fw0rd"])
def test_a_password_of_an_address_is_known_as_drivers_tell_it(address: str, written: str) -> None:
    known = known_secrets({"NIGHTJAR__ONLINE__REGISTRY": address % written})

    for told in (written, "p@ss/w0rd", "p%40ss%2Fw0rd"):
        assert masked(f"FATAL: {told} is wrong", known) == "FATAL: *** is wrong"


def test_a_password_of_its_own_variable_is_known_within_an_address_and_as_python_prints_it() -> None:
    password = "p@ss/w'r\\d+ 1"
    known = known_secrets({"MLFLOW_TRACKING_PASSWORD": password})

    for told in (password, quote(password, safe=""), quote_plus(password), repr(("user", password))):
        assert not re.search(r"p(@|%40)ss", masked(f"no answer: {told}", known))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("AIRFLOW__CORE__FERNET_KEY", f"newer-{SECRET},{SECRET}", f"cannot decrypt with {SECRET}"),
        ("REDIS_AUTH", SECRET, f"AUTH {SECRET}: WRONGPASS"),
        ("BASIC_AUTH", f"nightjar:{SECRET}", f"401 for {SECRET}"),
        ("SLACK_WEBHOOK_URL", f"https://hooks.slack.com/services/{SECRET}", f"refused: /services/{SECRET}"),
        ("SMTP_CREDENTIAL", SECRET, f"535 {SECRET}"),
        ("PG_PWD", SECRET, f"for {SECRET}"),
        ("AIRFLOW_CONN_HOOK", f'{{"conn_type": "http", "password": "a,&{SECRET}"}}', f"no: a,&{SECRET}"),
        ("NIGHTJAR__SPARK__MASTER", f"spark://u:p4ssw0rd@h1,spark://u:{SECRET}@h2", f"no: {SECRET}"),
    ],
)
def test_variables_whose_names_say_that_they_are_secret_are_known(name: str, value: str, told: str) -> None:
    assert SECRET not in masked(told, known_secrets({name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_AUTH", ""),
        ("REDIS_AUTH", "no"),
        ("SPARK_AUTH", "required"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "/etc/nightjar/google.json"),
        ("NIGHTJAR__SCHEDULE__ALERT_WEBHOOK", "night_hook"),
        ("NIGHTJAR__TRACKING__URI", "http://mlflow:50000/users/@me"),
        ("SSH_AUTH_SOCK", "/tmp/agent.sock"),
        ("OLDPWD", "/srv/nightjar"),
    ],
)
def test_variables_that_hold_no_secret_are_not_known(name: str, value: str) -> None:
    assert known_secrets({name: value}) == ()


def test_what_is_no_secret_stays() -> None:
    text = "clean_events sample 2025-03-01: done in 1.2 s; rows: events 8,282; http://mlflow:5000/users/@me"

    assert masked(text) == text
    assert not holds_secret(text)


@pytest.mark.parametrize("lines", [TextLines, JsonLines])
def test_no_line_and_no_traceback_holds_a_secret(lines: type[logging.Formatter]) -> None:
    written = _logged(lines((SECRET,)))

    assert "failed" in written
    assert "Traceback" in written
    assert SECRET not in written


def test_a_json_line_says_whose_night_which_stage_and_which_try() -> None:
    with log_context(app="shop", run_date="2025-03-01", stage="publish", attempt=2):
        [line] = map(json.loads, _logged(JsonLines()).splitlines())

    assert {key: line[key] for key in ("app", "run_date", "stage", "attempt", "level")} == {
        "app": "shop",
        "run_date": "2025-03-01",
        "stage": "publish",
        "attempt": 2,
        "level": "ERROR",
    }
    assert "run_date" not in json.loads(_logged(JsonLines()))


@pytest.mark.parametrize("redis", [f"redis:6379,password={SECRET}", f"redis://u:{SECRET}@redis:6379"])
def test_a_secret_in_a_file_is_refused_and_not_told(redis: str) -> None:
    with pytest.raises(ConfigError, match="NIGHTJAR__ONLINE__REDIS") as raised:
        refuse_secrets(Layer("conf/apps/shop.yaml", {"online": {"redis": redis}}))
    assert SECRET not in str(raised.value)


def test_a_variable_in_its_place_is_taken() -> None:
    layer = Layer("conf/apps/shop.yaml", {"online": {"redis": "redis:6379,password=${REDIS_PASSWORD}"}})

    assert refuse_secrets(layer) is layer


def _logged(formatter: logging.Formatter) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.getLogger("test_secrets")
    logger.propagate = False
    logger.handlers = [handler]
    try:
        raise ValueError(f"password={SECRET}")
    except ValueError:
        logger.exception("failed with %s", f"//u:{SECRET}@h")
    return stream.getvalue()
