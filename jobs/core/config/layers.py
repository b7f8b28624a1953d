"""What lies on what: files, environment and command line become one tree, and every value knows its source."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from jobs.core.config.model import Settings
from jobs.core.config.shape import type_at, without_none
from jobs.core.config.strict_yaml import load_yaml
from jobs.core.errors import ConfigError

ENV_PREFIX = "NIGHTJAR__"
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
# How YAML writes that there is nothing.
_NULLS = ("", "~", "null")


@dataclass(frozen=True)
class Layer:
    """Settings of one source.

    Attributes
    ----------
    source
        As a message names it: a file, a variable, the command line.
    values
        Keys and values, nested.
    """

    source: str
    values: Mapping[str, Any]


def file_layer(file: Path) -> Layer:
    """What a YAML file says.

    Raises
    ------
    ConfigError
        If there is no such file, it cannot be read, it is no YAML, a key stands twice, or it holds something else
        than keys and values.
    """
    content = _content(file)
    if content is not None and not isinstance(content, dict):
        raise ConfigError(f"{file} must hold keys and values, got a {type(content).__name__}")
    return Layer(str(file), content or {})


def action_layers(file: Path) -> Iterator[Layer]:
    """The rules of actions, as `predictions.actions`; nothing where there is no such file.

    Raises
    ------
    ConfigError
        If it cannot be read, is no YAML, says a key twice, or holds no list.
    """
    if not file.is_file():
        return
    rules = _content(file)
    if not isinstance(rules, list):
        raise ConfigError(f"{file} must hold a list of rules, got a {type(rules).__name__}")
    yield Layer(str(file), {"predictions": {"actions": rules}})


def _content(file: Path) -> Any:
    try:
        return load_yaml(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"no configuration file {file}; set NIGHTJAR_CONF or NIGHTJAR_PROFILE") from None
    except OSError as error:
        raise ConfigError(f"cannot read {file}: {error.strerror}; let this user read it") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{file} is not valid YAML: {error}") from None


def environment_layers(env: Mapping[str, str]) -> Iterator[Layer]:
    """One layer for each ``NIGHTJAR__SECTION__KEY``, by name.

    Raises
    ------
    ConfigError
        If a value is no YAML, where its setting is not a text.
    """
    for name in sorted(env):
        if name.startswith(ENV_PREFIX):
            path = name[len(ENV_PREFIX) :].lower().split("__")
            yield Layer(f"environment variable {name}", _nested(path, _environment_value(name, env[name], path)))


def override_layers(overrides: Mapping[str, Any]) -> Iterator[Layer]:
    """One layer for each dotted key of the command line."""
    for dotted, value in overrides.items():
        yield Layer("the command line", _nested(dotted.split("."), value))


def resolve(layers: Sequence[Layer], env: Mapping[str, str]) -> dict[str, Any]:
    """Lay each layer on those before it, and put the environment's values for ``${NAME}``.

    Raises
    ------
    ConfigError
        If a variable is not set.
    """
    merged: dict[str, Any] = {}
    for layer in layers:
        merged = _merge(merged, layer.values)
    return {key: _expand(value, (key,), env, layers) for key, value in merged.items()}


def _environment_value(name: str, text: str, path: Sequence[str]) -> Any:
    """A text stays as it is: a key of digits is no number."""
    expected = type_at(Settings, path)
    is_null = without_none(expected) is not expected and text.strip() in _NULLS
    if without_none(expected) is str and not is_null:
        return text
    try:
        return load_yaml(text)
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"environment variable {name} is not valid YAML: {text!r}: {error}") from None


def _nested(path: Sequence[str], value: Any) -> dict[str, Any]:
    return {path[0]: _nested(path[1:], value) if len(path) > 1 else value}


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay `over` on `base`; sections merge, everything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def _expand(value: Any, path: tuple[Any, ...], env: Mapping[str, str], layers: Sequence[Layer]) -> Any:
    if isinstance(value, dict):
        return {key: _expand(item, (*path, key), env, layers) for key, item in value.items()}
    if isinstance(value, list):
        return [_expand(item, path, env, layers) for item in value]
    if not isinstance(value, str):
        return value
    missing = next((name for name in _VARIABLE.findall(value) if name not in env), None)
    if missing is not None:
        raise ConfigError(
            f"{_source_of(path, layers)}: `{'.'.join(map(str, path))}` uses ${{{missing}}}, "
            f"which is not set in the environment; set it, or write the value"
        )
    return _VARIABLE.sub(lambda match: env[match[1]], value)


def _source_of(path: Sequence[Any], layers: Sequence[Layer]) -> str:
    return next(layer.source for layer in reversed(layers) if _holds(layer.values, path))


def _holds(values: Any, path: Sequence[Any]) -> bool:
    if not path:
        return True
    return isinstance(values, Mapping) and path[0] in values and _holds(values[path[0]], path[1:])
