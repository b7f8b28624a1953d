"""No secret stands in a file of the configuration: files are copied, committed and built into images."""

from collections.abc import Iterator, Mapping
from typing import Any

from jobs.core.config.layers import Layer
from jobs.core.errors import ConfigError
from jobs.core.secrets import holds_secret

# Where addresses and passwords of servers stand; a log's columns may be named as they like.
_SECTIONS = ("online", "tracking", "spark", "schedule")


def refuse_secrets(layer: Layer) -> Layer:
    """The layer itself, if it holds none.

    Raises
    ------
    ConfigError
        If it does; the message names the key and not the secret.
    """
    for section in _SECTIONS:
        for key, text in _texts(section, layer.values.get(section)):
            if holds_secret(text) or (key.endswith(("password", "secret")) and holds_secret(f"password={text}")):
                variable = f"NIGHTJAR__{key.upper().replace('.', '__')}"
                raise ConfigError(
                    f"{layer.source}: `{key}` holds a password; set {variable} in the environment instead, "
                    "or write ${NAME} in its place and set NAME"
                )
    return layer


def _texts(key: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _texts(f"{key}.{name}", item)
    elif isinstance(value, str):
        yield key, value
