"""Prints the parts of a night on a terminal, or as plain text where there is none."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.adapters.online.read_users import OnlineUser, Recommendation
from jobs.core.visible import visible

# What an app might print under an item; codes are those of the table `recommendations`.
_REASONS = {
    "because_you_had": "because you had {anchor}",
    "similar_to": "similar to {anchor}",
    "bought_together": "bought together with {anchor}",
    "buy_again": "you had it before",
    "due_again": "about time for it again",
    "like_your_taste": "like what you have",
    "popular": "popular",
    "popular_in_context": "popular where you are",
    "popular_in_country": "popular in your country",
    "popular_in_segment": "popular with users like you",
    "trending": "rising",
    "new": "new",
}


_ON_A_SHELF = 5
"""Items that are shown of the other surfaces: enough to see what they are."""

_ID_LENGTH = 80
"""Characters of an id that are shown; a longer one would push everything else off the screen."""


def print_users(console: Console, users: Sequence[OnlineUser], k: int) -> None:
    """Each user's own list and churn probability, as the online store answers."""
    if not users:
        console.print("No user to show: nothing is served yet, or no user is active.", style="yellow")
    for user in users:
        console.print(Text.assemble("\n", (f"User {_shown(user.user_id)}", "bold"), "  ", _standing(user)))
        if user.recommendations:
            console.print(f"{len(user.recommendations)} items by {user.model}", style="dim")
            console.print(_list(user.recommendations[:k]))
        if user.shelves:
            console.print(_shelves(user.shelves, min(k, _ON_A_SHELF)))


def print_night(console: Console, summary: Mapping[str, Any]) -> None:
    """Counts, champions, stages and what is served."""
    closed = ", a closed day" if summary["is_closed"] else ""
    console.print(f"Night of {summary['run_date']}, app {summary['app']}{closed}", style="bold")
    console.print(_counts(summary["counts"]))
    if summary["champions"]:
        console.print(_champions(summary["champions"]))
    if summary["stages"]:
        console.print(_stages(summary["stages"], summary["seconds"]))
    for warning in summary["warnings"]:
        console.print(f"{warning['severity']}: {warning['table']}: {warning['sentence']}", style="yellow")
    for one in summary["accepted"]:
        console.print(f"accepted{_by(one['by'])}: {one['expectation']}: {one['reason']}", style="yellow")
    console.print(served_sentence(summary["online"]), style="bold")


def reason_in_words(reason: str, anchor: str) -> str:
    """A reason as a person reads it; a code without words of its own is shown with spaces."""
    return _REASONS.get(reason, reason.replace("_", " ")).format(anchor=anchor)


def served_sentence(online: Mapping[str, Any]) -> str:
    """Which generation apps read, and how old it is counted from the night that is shown."""
    serving = online["serving"]
    if serving is None:
        return "The online store serves nothing yet."
    age = serving["age_days"]
    if age == 0:
        told = "made this night"
    elif age > 0:
        told = f"{age} {'day' if age == 1 else 'days'} older than this night"
    else:
        told = "of a later night"
    return f"Served: generation {serving['generation']}, {told}, until {serving['expires_at']}"


def _by(person: str) -> str:
    return f" by {person}" if person else ""


def _standing(user: OnlineUser) -> str:
    if user.segment is None:
        return "is not known; an app shows the list of the context or of everybody"
    churn = _churn(user)
    if user.recommendations:
        return f"{user.segment}, {churn}"
    rung = f"segment {user.segment}" if user.status == "active" else "context"
    return f"{user.segment}, {user.status}, {churn}; no list of their own, an app shows that of the {rung}"


def _churn(user: OnlineUser) -> str:
    if user.churn is None:
        return "no churn probability"
    return f"churn probability {user.churn:.3f} ({user.churn_model})"


def _table(*columns: str, right: Sequence[str] = ()) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    return table


def _list(recommendations: Sequence[Recommendation]) -> Table:
    table = _table("rank", "item", "score", "reason", right=("rank", "score"))
    for rank, found in enumerate(recommendations, start=1):
        words = reason_in_words(found.reason, _shown(found.anchor))
        table.add_row(str(rank), _shown(found.item_id), f"{found.score:.4g}", words)
    return table


def _shelves(shelves: Mapping[str, Sequence[Recommendation]], k: int) -> Table:
    """The best items of each other surface; where a row has an anchor, with it."""
    table = _table("other lists", "items", "best items", right=("items",))
    for surface, found in shelves.items():
        table.add_row(surface, str(len(found)), ", ".join(map(_with_anchor, found[:k])))
    return table


def _with_anchor(one: Recommendation) -> str:
    return f"{_shown(one.item_id)} (because of {_shown(one.anchor)})" if one.anchor else _shown(one.item_id)


def _shown(text: str) -> str:
    """An id of the log, with nothing in it that a terminal would take for a command."""
    told = visible(text)
    return told if len(told) <= _ID_LENGTH else f"{told[:_ID_LENGTH]}..."


def _counts(counts: Mapping[str, Any]) -> Table:
    table = _table("rows", "number", "reason", right=("number",))
    table.add_row("raw", f"{counts['raw']:,}", "")
    table.add_row("clean", f"{counts['clean']:,}", "")
    for place in ("quarantined", "duplicate"):
        table.add_row(place, f"{counts[place]:,}", _by_reason(counts[f"{place}_by_reason"]))
    return table


def _by_reason(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{reason.replace('_', ' ')} {n:,}" for reason, n in reasons.items())


def _champions(champions: Sequence[Mapping[str, str]]) -> Table:
    table = _table("role", "champion", "decision", "why")
    for row in champions:
        table.add_row(row["role"], row["model"] or "nobody", row["decision"].replace("_", " "), row["reason"])
    return table


def _stages(stages: Sequence[Mapping[str, Any]], seconds: float) -> Table:
    table = _table("stage", "state", "seconds", "rows", right=("seconds", "rows"))
    for stage in stages:
        rows = sum(stage["rows"].values())
        table.add_row(stage["stage"], stage["state"], f"{stage['seconds']:.1f}", f"{rows:,}" if rows else "")
    table.add_section()
    table.add_row("total", "", f"{seconds:.1f}", "")
    return table
