"""Keys of contexts, the most exact first."""

from collections.abc import Mapping

Context = str | Mapping[str, str] | None
"""``country|platform|daypart``, those parts by name, or nothing known."""

_PARTS = ("country", "platform", "daypart")
_ANY = "*"


def context_keys(context: Context) -> tuple[str, ...]:
    """Keys under which a list may stand.

    Parameters
    ----------
    context
        ``country|platform|daypart`` or those parts by name; a missing part is `*`. What is no context is none.

    Returns
    -------
    Distinct keys: the context itself, then with parts left open, from the last part on.
    """
    if context is None:
        return ()
    if isinstance(context, Mapping):
        parts = [str(context.get(name) or _ANY) for name in _PARTS]
    else:
        parts = [part or _ANY for part in str(context).split("|")][: len(_PARTS)]
        parts += [_ANY] * (len(_PARTS) - len(parts))
    country, platform, daypart = parts
    keys = (
        (country, platform, daypart),
        (country, platform, _ANY),
        (country, _ANY, _ANY),
        (_ANY, platform, _ANY),
    )
    return tuple(dict.fromkeys("|".join(key) for key in keys))
