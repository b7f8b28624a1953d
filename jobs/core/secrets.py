"""Keeps secrets out of what is written: logs, error messages, notes of runs.

A secret reaches the process in its environment alone, in a variable of its own or within an address. What looks
like one in a text is masked, and so is every secret that the environment is known to hold, wherever it turns up.
"""

import re
from collections.abc import Iterator, Mapping

MASK = "***"

_NAME = r"[\w.]*(?:password|passwd|secret|token|api_key|access_key|hash_key)[\w.]*"
# What stands between a scheme and an @: with a password or without, for a token may stand for a user.
_IN_ADDRESS = re.compile(r"(?P<before>\w://)(?P<secret>[^\s/@'\"]+)(?=@)")
_OPTION = re.compile(rf"(?P<before>\b{_NAME}['\"]?\s*[=:]\s*['\"]?)(?P<secret>[^\s,;&'\"]+)", re.IGNORECASE)
_VARIABLE = re.compile(rf"{_NAME}|airflow_conn_\w+", re.IGNORECASE)

# Shorter ones would mask parts of innocent words.
_SHORTEST = 6


def masked(text: str, known: tuple[str, ...] = ()) -> str:
    """The text with a mask in the place of each secret.

    Parameters
    ----------
    text
        Of a log line, an error or a traceback.
    known
        Secrets as `known_secrets` found them.
    """
    for secret in known:
        text = text.replace(secret, MASK)
    for pattern in (_IN_ADDRESS, _OPTION):
        text = pattern.sub(rf"\g<before>{MASK}", text)
    return text


def holds_secret(text: str) -> bool:
    """Whether a text has the form of an address or an option with a secret in it."""
    found = [*_IN_ADDRESS.finditer(text), *_OPTION.finditer(text)]
    # ${NAME} is expanded from the environment later, so that the file itself holds none.
    return any(not match["secret"].split(":")[-1].startswith("${") for match in found)


def known_secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Secrets that variables hold, longest first: one may be a part of another."""
    found = {secret for name, value in environ.items() for secret in _of_variable(name, value)}
    return tuple(sorted((one for one in found if len(one) >= _SHORTEST), key=lambda one: (-len(one), one)))


def _of_variable(name: str, value: str) -> Iterator[str]:
    if _VARIABLE.fullmatch(name):
        yield value
    for match in _IN_ADDRESS.finditer(value):
        yield match["secret"].partition(":")[2] or match["secret"]
    for match in _OPTION.finditer(value):
        yield match["secret"]
