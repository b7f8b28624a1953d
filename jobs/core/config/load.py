"""Reads base.yaml, the profile, the app's file and the environment, in that order, into `Settings`."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from jobs.core.config.explain import explain
from jobs.core.config.layers import environment_layers, file_layer, override_layers, resolve
from jobs.core.config.model import Settings
from jobs.core.config.no_secrets import refuse_secrets
from jobs.core.errors import ConfigError, UsageError


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
    layers = [
        *(refuse_secrets(file_layer(file)) for file in (folder / "base.yaml", profile_file, app_file)),
        *environment_layers(env),
        *override_layers(overrides or {}),
    ]
    try:
        settings = Settings.model_validate(resolve(layers, {**env, "NIGHTJAR_HOME": str(home_folder())}))
    except ValidationError as error:
        raise ConfigError(explain(error, app_file)) from None
    if settings.app != app:
        raise ConfigError(f"{app_file}: `app` is {settings.app!r}; it must be the file's name, {app!r}")
    return settings


def _unknown_app(app: str) -> str:
    nearest = difflib.get_close_matches(app, known_apps(), n=1)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
    return f"no app {app!r} in {conf_folder() / 'apps'} (there is: {', '.join(known_apps())}){hint}"
