"""The flat `schedule:` block of an app: all that a DAG file may know of the configuration."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from schedule_keys import KEY_TYPES, Schedule, ScheduleError, check
from strict_yaml import load_yaml

ENV_PREFIX = "NIGHTJAR__SCHEDULE__"
APP_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")  # a tag of Airflow has a hundred characters

Layer = tuple[str, Callable[[], Mapping[str, object]]]
"""Where values of a schedule come from, as a message names it, and what reads them."""


def app_names(conf: Path) -> list[str]:
    """Names of the apps under ``conf/apps`` that can stand in a DAG id and on a command line, sorted."""
    return [name for name in _file_names(conf) if APP_NAME.fullmatch(name)]


def refusals(conf: Path, environ: Mapping[str, str]) -> list[str]:
    """What is wrong with the apps' names and schedules, each thing once; empty where all is well."""
    wrong = [
        f"{conf / 'apps'}: an app's file is named with small letters, digits and _, at most 100 and a letter first,"
        f" got {name!r}; rename the file"
        for name in _file_names(conf)
        if not APP_NAME.fullmatch(name)
    ]
    for app in app_names(conf):
        try:
            read_schedule(conf, app, environ)
        except ScheduleError as error:
            wrong.append(str(error))
    return list(dict.fromkeys(wrong))


def read_schedule(conf: Path, app: str, environ: Mapping[str, str]) -> Schedule:
    """Read an app's schedule as the stages resolve it: base, profile, app, environment; the last one wins.

    Parameters
    ----------
    conf
        The configuration folder.
    app
        Name of a file in ``conf/apps``.
    environ
        ``NIGHTJAR_PROFILE`` (default ``local``) names the profile;
        ``NIGHTJAR__SCHEDULE__<KEY>`` overrides a key.

    Raises
    ------
    ScheduleError
        A key is unknown, missing or of the wrong type or size, or the time zone does not exist.
    """
    values: dict[str, Any] = {}
    for where, read in _layers(conf, app, environ):
        for key, value in read().items():
            check(where, str(key), value)
            values[str(key)] = value
    return _complete(conf, values)


def read_sound_schedule(conf: Path, app: str, environ: Mapping[str, str]) -> Schedule:
    """What is right of a schedule that `read_schedule` refuses, for a DAG that only says what is wrong.

    A key that is wrong in one place has the value of the place below. No stage may run by it, since its time zone,
    and so its days, may not be the app's; but for `withdraw`, which takes what is newest whatever the day.

    Raises
    ------
    ScheduleError
        A key is right nowhere.
    """
    values: dict[str, Any] = {}
    for where, read in _layers(conf, app, environ):
        block: Mapping[str, object] = {}
        with suppress(ScheduleError):
            block = read()
        for key, value in block.items():
            with suppress(ScheduleError):
                check(where, str(key), value)
                values[str(key)] = value
    return _complete(conf, values)


def _file_names(conf: Path) -> list[str]:
    return sorted(path.stem for path in (conf / "apps").glob("*.yaml"))


def _layers(conf: Path, app: str, environ: Mapping[str, str]) -> list[Layer]:
    profile = environ.get("NIGHTJAR_PROFILE") or "local"
    files = (conf / "base.yaml", conf / f"{profile}.yaml", conf / "apps" / f"{app}.yaml")
    names = [name for name in sorted(environ) if name.startswith(ENV_PREFIX)]
    return [
        *((str(path), partial(_read_block, path)) for path in files),
        *((f"environment variable {name}", partial(_read_variable, name, environ[name])) for name in names),
    ]


def _complete(conf: Path, values: dict[str, Any]) -> Schedule:
    missing = sorted(KEY_TYPES.keys() - values.keys())
    if missing:
        raise ScheduleError(f"{conf}: schedule has no {', '.join(missing)}; give a default in base.yaml")
    return Schedule(**values)


def _read_block(path: Path) -> Mapping[str, object]:
    try:
        content = load_yaml(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError as error:
        raise ScheduleError(f"{path}: no such file; set NIGHTJAR_CONF or NIGHTJAR_PROFILE") from error
    except OSError as error:
        raise ScheduleError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise ScheduleError(f"{path}: not valid YAML: {error}") from error
    block = content.get("schedule", {}) if isinstance(content, Mapping) else None
    if not isinstance(block, Mapping):
        raise ScheduleError(f"{path}: schedule must be a flat block of keys and values, got {block!r}")
    return block


def _read_variable(name: str, text: str) -> Mapping[str, object]:
    """A text stays a text, as for the stages; other values are YAML."""
    key = name.removeprefix(ENV_PREFIX).lower()
    if KEY_TYPES.get(key) is str:
        return {key: text}
    try:
        return {key: load_yaml(text)}
    except (yaml.YAMLError, ValueError) as error:
        raise ScheduleError(f"environment variable {name}: not valid YAML: {error}") from error
