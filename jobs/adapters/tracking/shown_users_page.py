"""Users with their lists side by side as one page of HTML that needs nothing else, also in MLflow's frame."""

import unicodedata
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jobs.datasets.shown_users import ShownUser

TEMPLATES = Path(__file__).parent / "templates"

_JOINERS = "\u200c\u200d"  # between letters of Persian or parts of an emoji, where they turn nothing


def render_shown_users(users: Sequence[ShownUser], title: str, cut: date, horizon_days: int) -> str:
    """The page.

    Parameters
    ----------
    users
        In the order in which they are shown; all with the same methods.
    title
        What the lists are of: the content name of the model.
    cut
        Last day that the methods knew of.
    horizon_days
        Days after it in which the users wanted something.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = plain
    methods = list(users[0].lists) if users else []
    longest = [len(items) for user in users for items in (user.had, user.wanted, *user.lists.values())]
    return environment.get_template("shown_users.j2").render(
        users=users,
        hits={method: sum(user.n_hits[method] for user in users) for method in methods},
        n_wanted=sum(user.n_wanted for user in users),
        title=title,
        cut=cut,
        horizon_days=horizon_days,
        k=max(longest, default=0),
    )


def plain(text: str) -> str:
    r"""Text without what nobody sees: a mark that turns the direction of writing could turn what stands beside it.

    Each such character is shown by its number, U+202E as ``\u202e``; what is left is escaped by the template.
    """
    return "".join(one if one in _JOINERS or _is_seen(one) else f"\\u{ord(one):04x}" for one in text)


def _is_seen(one: str) -> bool:
    # Cc: control characters; Cf: marks of direction and the like; Cs: half of a pair; Co, Cn: nobody's.
    return unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Cn")
