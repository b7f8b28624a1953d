"""Who gives a command, as far as the machine knows."""

import getpass


def person() -> str:
    """The user's name, for people to read; empty where the machine has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
