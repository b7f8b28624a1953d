"""Users with their lists side by side as one page of HTML that needs nothing else, also in MLflow's frame."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jobs.core.visible import visible
from jobs.datasets.shown_users import ShownUser

TEMPLATES = Path(__file__).parent / "templates"


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
    environment.filters["visible"] = visible
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
