"""Names out of a log as text that people can look at, whatever is in them."""

import unicodedata

_JOINERS = "\u200c\u200d"  # between letters of Persian or parts of an emoji, where they turn nothing
_MARKDOWN = {
    "\\": "\\\\",
    "|": "\\|",
    "<": "&lt;",
    ">": "&gt;",
    "&": "&amp;",
    "`": "\\`",
    "*": "\\*",
    "[": "\\[",
    "]": "\\]",
}


def visible(text: str) -> str:
    r"""Text without what nobody sees: a mark that turns the direction of writing could turn what stands beside it.

    Each such character is shown by its number, U+202E as ``\u202e``; what is left is escaped by the template.
    """
    return "".join(one if one in _JOINERS or _is_seen(one) else f"\\u{ord(one):04x}" for one in text)


def in_markdown(text: str) -> str:
    """The same, as one cell of a table in Markdown: nothing in it is a mark of the page, or HTML."""
    return "".join(_MARKDOWN.get(one, one) for one in visible(text))


def _is_seen(one: str) -> bool:
    # Cc: control characters; Cf: marks of direction and the like; Cs: half of a pair; Co, Cn: nobody's.
    return unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Cn")
