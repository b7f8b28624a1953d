"""The type of a setting by its path, so that a message and an environment variable can go by it."""

from collections.abc import Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel


def type_at(root: type[BaseModel], path: Sequence[int | str]) -> Any:
    """Type of the setting at `path` below `root`, None where there is none.

    Looks through ``X | None``, ``dict[str, X]`` and ``tuple[X, ...]``, and where one of several sections may stand
    goes by the kind that pydantic puts into a path there; what is returned is bare of ``Annotated``, and still says
    whether None is allowed.
    """
    found: Any = root
    for part in path:
        found = _inside(without_none(found), str(part))
    return found


def without_none(annotation: Any) -> Any:
    """The one type that may stand there besides None."""
    if get_origin(annotation) in (Union, UnionType):
        others = [_bare(each) for each in get_args(annotation) if each is not NoneType]
        return others[0] if len(others) == 1 else annotation
    return annotation


def fields_of(annotation: Any) -> tuple[str, ...]:
    """Names of the settings of a section, none where the type is no section."""
    section = without_none(annotation)
    is_section = isinstance(section, type) and issubclass(section, BaseModel)
    return tuple(section.model_fields) if is_section else ()


def as_written(root: type[BaseModel], path: Sequence[int | str]) -> tuple[int | str, ...]:
    """The path as it stands in a file: without the kinds that pydantic puts in where one of several may stand."""
    return tuple(
        part
        for place, part in enumerate(path)
        if _of_kind(without_none(type_at(root, path[:place])), str(part)) is None
    )


def _inside(annotation: Any, part: str) -> Any:
    section = _of_kind(annotation, part)
    if section is not None:
        return section
    if part in fields_of(annotation):
        return _bare(annotation.model_fields[part].annotation)
    arguments = get_args(annotation)
    if get_origin(annotation) is dict:
        return _bare(arguments[1])
    return _bare(arguments[0]) if get_origin(annotation) is tuple else None


def _of_kind(annotation: Any, kind: str) -> Any:
    """The section of that kind among several, None where there is no choice or no such kind."""
    if get_origin(annotation) not in (Union, UnionType):
        return None
    sections = [_bare(each) for each in get_args(annotation) if "kind" in fields_of(_bare(each))]
    return next((each for each in sections if kind in get_args(each.model_fields["kind"].annotation)), None)


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
