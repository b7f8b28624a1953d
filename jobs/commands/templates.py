"""The templates of `nightjar init`: files of apps to start from, and how one becomes an app's own."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from jobs.commands.yaml_text import scalar
from jobs.core.config.load import conf_folder
from jobs.readers.fit_template import Fit

# The apps of the repository are templates too, so that there is one file of each.
_APPS = ("online_retail", "sample")
_ENTRY = re.compile(r"    ([\w]+|'[^']*'|\"[^\"]*\"): ?(.*)")


def template_files() -> dict[str, Path]:
    """Files by the name of the template, sorted."""
    folder = conf_folder()
    found = [*(folder / "templates").glob("*.yaml"), *(folder / "apps" / f"{app}.yaml" for app in _APPS)]
    return {path.stem: path for path in sorted(found, key=lambda path: path.stem) if path.is_file()}


def template_lines() -> Iterator[str]:
    """Each template and what it is for: the comment on the first line of its file."""
    for name, path in template_files().items():
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        yield f"  {name:<15} {first.removeprefix('#').strip()}"


def log_section(text: str) -> dict[str, Any]:
    """The section `log` of an app's file."""
    return dict(yaml.safe_load(text)["log"])


def fill_in(text: str, app: str, template: str, settings: Mapping[str, str], fit: Fit) -> str:
    """The app's file.

    Parameters
    ----------
    text
        The template's file.
    app, template
        Names of both.
    settings
        Dotted settings that differ from the template's, as YAML writes their values.
    fit
        What the sample changes; an empty one without a sample.
    """
    first, _, rest = text.partition("\n")
    head = f"# {app}: from the template {template}. {first.removeprefix('#').strip()}\n"
    filled = head + _replace(rest, r"^app: \S+", f"app: {app}")
    for dotted, value in settings.items():
        section, key = dotted.split(".")
        filled = _set(filled, section, key, value)
    if fit.times.other_format:
        filled = _set(filled, "log", "time_format", scalar(fit.times.other_format))
    filled = _without_further_logs(filled)
    filled = _edit_block(filled, "columns", lambda entries: _columns(entries, fit))
    return _edit_block(filled, "event_types", lambda entries: _types(entries, fit))


def _without_further_logs(text: str) -> str:
    """The template's other logs are an example: where the app's own lie, nobody has said."""
    return re.sub(r"^logs:\n(?:(?!\S)[^\n]*\n)*", lambda block: _commented(block[0]), text, flags=re.MULTILINE)


def _commented(block: str) -> str:
    return "".join(f"# {line}" if line.strip() else line for line in block.splitlines(keepends=True))


def _set(text: str, section: str, key: str, value: str) -> str:
    """Give one key of a section another value; a key that is not there goes to its top."""
    match = re.search(rf"^{section}:[^\n]*\n(?:(?!\S)[^\n]*\n)*?  {key}: *", text, re.MULTILINE)
    if match is None:
        return _replace(text, rf"^{section}:[^\n]*\n", f"{section}:\n  {key}: {value}\n")
    rest = text[match.end() :]
    comment = re.search(r" +# [^\n]*", rest.partition("\n")[0])
    line_end = rest.index("\n")
    return text[: match.end()] + value + (comment[0] if comment else "") + rest[line_end:]


def _replace(text: str, pattern: str, by: str) -> str:
    return re.sub(pattern, lambda _: by, text, count=1, flags=re.MULTILINE)


def _edit_block(text: str, key: str, edit: Callable[[list[list[str]]], list[str]]) -> str:
    """Change the entries below a key of `log`; an entry is its line and those that are further in."""
    lines = text.split("\n")
    if f"  {key}:" not in lines:
        return text
    start = lines.index(f"  {key}:") + 1
    end = next((n for n in range(start, len(lines)) if not lines[n].startswith("    ")), len(lines))
    entries: list[list[str]] = []
    for line in lines[start:end]:
        if _ENTRY.fullmatch(line) and not line.startswith("     "):
            entries.append([line])
        else:
            entries[-1].append(line)
    return "\n".join([*lines[:start], *edit(entries), *lines[end:]])


def _columns(entries: list[list[str]], fit: Fit) -> list[str]:
    lines: list[str] = []
    for entry in entries:
        name = _name(entry)
        if name in fit.removed:
            lines += [f"    # not in the sample: {line.strip()}" for line in entry]
        elif name in fit.replaced:
            lines.append(f"    {name}: {_rule_of(entry, name, fit.replaced[name])}")
        else:
            lines += entry
    return lines + [f"    {name}: {scalar(column)}" for name, column in fit.added.items()]


def _rule_of(entry: list[str], name: str, column: str) -> str:
    """The entry's rule, read from another column."""
    rule = yaml.safe_load("\n".join(entry))[name]
    if isinstance(rule, str):
        return scalar(column)
    flow = yaml.safe_dump({**rule, "column": column}, default_flow_style=True, sort_keys=False, width=10**6)
    return str(flow).strip()


def _types(entries: list[list[str]], fit: Fit) -> list[str]:
    known = [f"    {scalar(value)}: {ours}" for value, ours in fit.event_types.known.items()]
    unknown = [
        f"    # {scalar(value)}: OURS    {rows:,} rows of the sample"
        for value, rows in fit.event_types.unknown.items()
    ]
    return [line for entry in entries for line in entry] + known + unknown


def _name(entry: list[str]) -> str:
    match = _ENTRY.fullmatch(entry[0])
    assert match, "an entry begins with its key"
    return match[1]
