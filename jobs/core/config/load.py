"""Reads base.yaml, the profile, the app's file and the environment, in that order, into `Settings`."""

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from jobs.core.config.model import Settings
from jobs.core.errors import ConfigError, UsageError

ENV_PREFIX = "NIGHTJAR__"
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def project_folder() -> Path:
    """The folder that holds `jobs/`, `conf/` and `feature_repo/`."""
    return Path(__file__).resolve().parents[3]


def conf_folder() -> Path:
    """The configuration folder: ``NIGHTJAR_CONF``, else `conf/` beside `jobs/`."""
    return Path(os.environ.get("NIGHTJAR_CONF") or project_folder() / "conf").resolve()


def home_folder() -> Path:
    """Where everything is written: ``NIGHTJAR_HOME``, else `.nightjar/` in the project."""
    return Path(os.environ.get("NIGHTJAR_HOME") or project_folder() / ".nightjar").resolve()


def known_apps() -> tuple[str, ...]:
    """Names of the apps that have a file, sorted."""
    return tuple(sorted(path.stem for path in (conf_folder() / "apps").glob("*.yaml")))


def load_settings(
    app: str,
    profile: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Resolve the configuration of one app.

    Parameters
    ----------
    app
        Name of a file in `conf/apps/`.
    profile
        ``local`` or ``production``; by default ``NIGHTJAR_PROFILE``, else ``local``.
    overrides
        Dotted keys from the command line; they win over everything.
    environ
        By default the process's environment.

    Raises
    ------
    UsageError
        If there is no such app.
    ConfigError
        If a file is not YAML, a key is unknown, or a value is not valid.
    """
    env = os.environ if environ is None else environ
    folder = conf_folder()
    app_file = folder / "apps" / f"{app}.yaml"
    if not app_file.is_file():
        raise UsageError(_unknown_app(app))
    profile_file = folder / f"{profile or env.get('NIGHTJAR_PROFILE') or 'local'}.yaml"
    merged: dict[str, Any] = {}
    for file in (folder / "base.yaml", profile_file, app_file):
        merged = _merge(merged, _read_yaml(file))
    for dotted, value in (*_from_environment(env), *(overrides or {}).items()):
        merged = _merge(merged, _nested(dotted, value))
    try:
        settings = Settings.model_validate(_expand(merged, {**env, "NIGHTJAR_HOME": str(home_folder())}))
    except ValidationError as error:
        raise ConfigError(_explain(error, app_file)) from None
    if settings.app != app:
        raise ConfigError(f"{app_file}: `app` is {settings.app!r}; it must be the file's name, {app!r}")
    return settings


def _unknown_app(app: str) -> str:
    nearest = difflib.get_close_matches(app, known_apps(), n=1)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
    return f"no app {app!r} in {conf_folder() / 'apps'} (there is: {', '.join(known_apps())}){hint}"


def _read_yaml(file: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"no configuration file {file}; set NIGHTJAR_CONF or NIGHTJAR_PROFILE") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{file} is not valid YAML: {error}") from None
    if content is not None and not isinstance(content, dict):
        raise ConfigError(f"{file} must hold keys and values, got a {type(content).__name__}")
    return content or {}


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay `over` on `base`; sections merge, everything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def _from_environment(env: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for name in sorted(env):
        if name.startswith(ENV_PREFIX):
            yield name[len(ENV_PREFIX) :].lower().replace("__", "."), yaml.safe_load(env[name])


def _nested(dotted: str, value: Any) -> dict[str, Any]:
    head, _, rest = dotted.partition(".")
    return {head: _nested(rest, value) if rest else value}


def _expand(value: Any, env: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _expand(item, env) for key, item in value.items()}
    if isinstance(value, list):
        return [_expand(item, env) for item in value]
    return _VARIABLE.sub(lambda match: _variable(match[1], env), value) if isinstance(value, str) else value


def _variable(name: str, env: Mapping[str, str]) -> str:
    if name not in env:
        raise ConfigError(f"the configuration uses ${{{name}}}, which is not set in the environment")
    return env[name]


def _explain(error: ValidationError, app_file: Path) -> str:
    lines = [f"the configuration of {app_file.stem!r} is wrong ({app_file.parent.parent}/*.yaml):"]
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            lines.append(f"  {key}: unknown key{_nearest(problem['loc'])}")
        else:
            lines.append(f"  {key}: {problem['msg']}, got {problem.get('input')!r}")
    return "\n".join(lines)


def _nearest(location: tuple[int | str, ...]) -> str:
    model: type[BaseModel] | None = Settings
    for part in location[:-1]:
        field = model.model_fields.get(str(part)) if model else None
        annotation = field.annotation if field else None
        model = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
    names = sorted(model.model_fields) if model else []
    match = difflib.get_close_matches(str(location[-1]), names, n=1, cutoff=0.4)
    return f"; the nearest valid name is {match[0]!r}" if match else f"; valid are: {', '.join(names)}"
