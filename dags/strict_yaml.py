"""YAML in which no key stands twice: what the stages refuse makes no DAG, and nothing here imports theirs."""

from collections.abc import Iterator
from typing import Any

import yaml

_MERGE = "tag:yaml.org,2002:merge"


class RepeatedKeyError(yaml.YAMLError):
    """A key stands twice in one mapping; the message names it and both lines."""


def load_yaml(text: str) -> Any:
    """What a text says, as ``yaml.safe_load`` reads it.

    Raises
    ------
    yaml.YAMLError
        If it is no YAML, or says a key twice.
    ValueError
        If it has a date that no calendar has, such as 2025-02-30.
    """
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        for problem in _repeated(loader, node, "", set()):
            raise RepeatedKeyError(problem)
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _repeated(loader: yaml.SafeLoader, node: yaml.Node | None, path: str, seen: set[int]) -> Iterator[str]:
    """Each key that stands again, dotted; a node that an alias names again is looked at once."""
    if not isinstance(node, yaml.CollectionNode) or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated(loader, item, path, seen)
        return
    first: dict[Any, int] = {}
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode):
            dotted, line = f"{path}{key.value}", key.start_mark.line + 1
            # Keys are the same by their value: `yes` and `true` are one, `a` and 'a' too.
            name = key.value if key.tag == _MERGE else loader.construct_object(key)
            if name in first:
                yield f"`{dotted}` stands twice, on line {first[name]} and on line {line}; keep one of them"
            first[name] = line
            yield from _repeated(loader, value, f"{dotted}.", seen)
