"""Keeps secrets out of what is written: logs, error messages, notes of runs.

A secret reaches the process in its environment alone, in a variable of its own or within an address. What looks
like one in a text is masked, and so is every secret that the environment is known to hold, wherever it turns up
and in whatever form: as it is, percent-encoded for an address, or as Python prints it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote

MASK = "***"

_NAME = r"[\w.]*(?:password|passwd|secret|token|api_key|access_key|hash_key|fernet_key)[\w.]*"
# What stands between a scheme and an @: with a password or without, for a token may stand for a user. A slash ends
# it, but in a password that nobody encoded; what has only a port before its slash holds none.
_IN_ADDRESS = re.compile(r"(?P<before>\w://)(?P<secret>[^\s/'\"]+|[^\s/@:'\"]*:(?!\d{1,5}[/?#])[^\s@'\"]+)(?=@)")
_OPTION = re.compile(rf"(?P<before>\b{_NAME}['\"]?\s*[=:]\s*['\"]?)(?P<secret>[^\s,;&'\"]+)", re.IGNORECASE)

# Only names of variables: in a text, words such as "credentials: missing" stand for no secret.
_VARIABLE = re.compile(
    rf"{_NAME}|airflow_conn_\w+|(?:\w+_)?auth|\w+_(?:pwd|pass)|\w*(?:passphrase|private_key)\w*", re.IGNORECASE
)
_CREDENTIAL = re.compile(r"\w*credential\w*", re.IGNORECASE)
_WEBHOOK = re.compile(r"\w*webhook\w*", re.IGNORECASE)
# The rest is looked at and not taken: another address may follow in it.
_ADDRESS = re.compile(r"\w://(?=(?P<rest>\S+))")
_PORT = re.compile(r"\d{1,5}([/?#].*)?")
# What libraries leave as it is when they encode a password: none of it, paths, SQLAlchemy's addresses.
_LEFT_BY_ENCODERS = ("", "/", " +")

# Shorter ones would mask parts of innocent words.
_SHORTEST = 6
# Of variables that switch something on rather than hold a secret.
_SWITCHES = frozenset({"default", "disabled", "enabled", "optional", "required"})


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
    """Secrets that variables hold, in all their forms, longest first: one may be a part of another."""
    held = {secret for name, value in environ.items() for secret in _of_variable(name, value)}
    forms = {form for secret in held if _is_worth_masking(secret) for form in _forms(secret)}
    return tuple(sorted(forms, key=lambda one: (-len(one), one)))


def _is_worth_masking(secret: str) -> bool:
    return len(secret) >= _SHORTEST and secret.lower() not in _SWITCHES


def _forms(secret: str) -> Iterator[str]:
    """As an address has it, as a driver says it, as an error prints it."""
    plain = unquote(secret)
    for one in {secret, plain} if _is_worth_masking(plain) else {secret}:
        yield from (one, repr(one)[1:-1], quote_plus(one), *(quote(one, safe=left) for left in _LEFT_BY_ENCODERS))


def _of_variable(name: str, value: str) -> Iterator[str]:
    yield from _of_name(name, value)
    yield from _of_addresses(value)
    for match in _OPTION.finditer(value):
        yield match["secret"]
    for key, text in _texts(value):
        yield from _of_name(key, text)
        yield from _of_addresses(text)


def _of_name(name: str, value: str) -> Iterator[str]:
    """What a variable holds whose name says that it is secret."""
    if _VARIABLE.fullmatch(name):
        # Fernet keys stand side by side while one takes the place of another; of a user and a password each is told.
        yield from (value, *value.split(","), value.partition(":")[2])
    # Else mostly the path of a file, which an error has to name.
    if _CREDENTIAL.fullmatch(name) and not value.startswith(("/", "~", ".")):
        yield value
    # Else the name of a connection. A client's errors name what stands behind the host.
    if _WEBHOOK.fullmatch(name) and "://" in value:
        yield from (value, value.split("://", 1)[1].partition("/")[2])


def _of_addresses(value: str) -> Iterator[str]:
    """Passwords and tokens of all addresses in a value; up to each @, for a password may have one too."""
    for match in _ADDRESS.finditer(value):
        for at in re.finditer("@", match["rest"]):
            user, _, password = match["rest"][: at.start()].partition(":")
            if not _PORT.fullmatch(password):
                yield password or user


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Keys and texts of a value in JSON, as Airflow's connections and Spark's further options are."""
    if isinstance(value, str) and not key:
        try:
            value = json.loads(value)
        except ValueError:
            return
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _texts(item, str(name))
    elif isinstance(value, str):
        yield key, value
