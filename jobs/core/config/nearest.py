"""What to offer to somebody who wrote a name that does not exist."""

import difflib
from collections.abc import Iterable


def nearest(got: object, valid: Iterable[str]) -> str:
    """``; the nearest valid name is 'x'``, or all valid names where none comes near."""
    names = sorted(valid)
    match = difflib.get_close_matches(str(got), names, n=1, cutoff=0.4)
    return f"; the nearest valid name is {match[0]!r}" if match else f"; valid are: {', '.join(names)}"
