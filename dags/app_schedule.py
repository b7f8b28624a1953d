"""The flat `schedule:` block of an app: all that a DAG file may know of the configuration."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from strict_yaml import load_yaml

ENV_PREFIX = "NIGHTJAR__SCHEDULE__"
APP_NAME = re.compile(r"[a-z][a-z0-9_]*")


class ScheduleError(ValueError):
    """A `schedule:` block that no DAG can be built from; the message names the file and the key."""


@dataclass(frozen=True)
class Schedule:
    """When and how patiently an app's nights run.

    Attributes
    ----------
    time_zone
        IANA name; its midnight ends a day.
    first_day
        The app's first day of data; no night is scheduled before it.
    start_after_minutes
        How long a scheduled night waits past midnight for late deliveries.
    deadline_minutes
        A run that takes longer, waiting included, is failed.
    alert_after_minutes
        A run that is not done so long after it was queued alerts; see deadline.py.
    alert_webhook, alert_slack, alert_email, alert_smtp
        By which Airflow connections, and to whom; empty for none.
    task_timeout_minutes
        One try of one stage that takes longer is killed.
    retries
        Further tries of a stage after a failure that a retry may cure.
    retry_delay_seconds
        Pause before a retry.
    pool
        Airflow pool that every stage takes one slot of.
    pool_slots
        Slots that the pool is made with; no task reads it.
    owner
        Team that Airflow shows and alerts.
    """

    time_zone: str
    first_day: date
    start_after_minutes: int
    deadline_minutes: int
    alert_after_minutes: int
    alert_webhook: str
    alert_slack: str
    alert_email: str
    alert_smtp: str
    task_timeout_minutes: int
    retries: int
    retry_delay_seconds: int
    pool: str
    pool_slots: int
    owner: str

    @property
    def zone(self) -> ZoneInfo:
        """The app's time zone."""
        return ZoneInfo(self.time_zone)


KEY_TYPES: dict[str, type] = {field.name: field.type for field in fields(Schedule) if isinstance(field.type, type)}


def app_names(conf: Path) -> list[str]:
    """Names of the apps under ``conf/apps``, sorted.

    Raises
    ------
    ScheduleError
        A file name cannot stand in a DAG id and on a command line.
    """
    names = sorted(path.stem for path in (conf / "apps").glob("*.yaml"))
    for name in names:
        if not APP_NAME.fullmatch(name):
            raise ScheduleError(
                f"{conf / 'apps'}: an app's file is named with small letters, digits and _, got {name!r};"
                " rename the file"
            )
    return names


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
        A key is unknown, missing or of the wrong type, or the time zone does not exist.
    """
    profile = environ.get("NIGHTJAR_PROFILE") or "local"
    values: dict[str, Any] = {}
    for path in (conf / "base.yaml", conf / f"{profile}.yaml", conf / "apps" / f"{app}.yaml"):
        values |= _checked(str(path), _read_block(path))
    values |= _checked("environment", _environment_block(environ))
    missing = sorted(KEY_TYPES.keys() - values.keys())
    if missing:
        raise ScheduleError(f"{conf}: schedule has no {', '.join(missing)}; give a default in base.yaml")
    return Schedule(**values)


def _read_block(path: Path) -> Mapping[str, object]:
    try:
        content = load_yaml(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError as error:
        raise ScheduleError(f"{path}: no such file; set NIGHTJAR_CONF or NIGHTJAR_PROFILE") from error
    except (yaml.YAMLError, ValueError) as error:
        raise ScheduleError(f"{path}: not valid YAML: {error}") from error
    block = content.get("schedule", {}) if isinstance(content, Mapping) else None
    if not isinstance(block, Mapping):
        raise ScheduleError(f"{path}: schedule must be a flat block of keys and values, got {block!r}")
    return block


def _environment_block(environ: Mapping[str, str]) -> dict[str, object]:
    names = [name for name in sorted(environ) if name.startswith(ENV_PREFIX)]
    return {name.removeprefix(ENV_PREFIX).lower(): _value(name, environ[name]) for name in names}


def _value(name: str, text: str) -> object:
    """A text stays a text, as for the stages; other values are YAML."""
    if KEY_TYPES.get(name.removeprefix(ENV_PREFIX).lower()) is str:
        return text
    try:
        return load_yaml(text)
    except (yaml.YAMLError, ValueError) as error:
        raise ScheduleError(f"environment variable {name}: not valid YAML: {error}") from error


def _checked(where: str, block: Mapping[str, object]) -> dict[str, object]:
    for key, value in block.items():
        _check_key(where, str(key))
        _check_value(where, str(key), value)
    return dict(block)


def _check_key(where: str, key: str) -> None:
    if key not in KEY_TYPES:
        near = get_close_matches(key, KEY_TYPES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"valid keys: {', '.join(KEY_TYPES)}"
        raise ScheduleError(f"{where}: schedule has an unknown key {key!r}; {hint}")


def _check_value(where: str, key: str, value: object) -> None:
    expected = KEY_TYPES[key]
    # Not isinstance: true is an int, and a time stamp is a date.
    if type(value) is not expected:
        raise ScheduleError(f"{where}: schedule.{key} must be a {expected.__name__}, got {value!r}")
    if isinstance(value, int) and value < 0:
        raise ScheduleError(f"{where}: schedule.{key} must not be negative, got {value}")
    if key == "time_zone" and not _is_zone(str(value)):
        raise ScheduleError(f"{where}: schedule.time_zone must be an IANA name such as Europe/Paris, got {value!r}")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False
    return True
