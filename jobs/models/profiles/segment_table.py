"""Tonight's groups as rows: who is in them, what they are like, and how far they moved since yesterday."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.models.profiles.behaviour import Behaviour
from jobs.models.profiles.mixture import one_hot
from jobs.models.profiles.segment_identity import Identity, match_groups
from jobs.models.profiles.segment_words import name_traits
from jobs.models.profiles.segments import Grouping

Floats = npt.NDArray[np.float64]

DIGITS = 4


def build_segment_tables(
    behaviour: Behaviour, hours: Floats, grouping: Grouping, previous: "pd.Series[str]", yesterday: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of `segments` and of `user_segments`.

    Parameters
    ----------
    behaviour
        Of n users.
    hours
        Shape (n, 24): hours with a visit.
    grouping
        Of the same users.
    previous
        Shape (n,): yesterday's id of each; empty where there was none.
    yesterday
        Rows of `segments` of the day before; may be empty.
    """
    n_named = int(yesterday["n_named"].max()) if len(yesterday) else 0
    identity = match_groups(grouping.label, grouping.n_groups, previous, n_named)
    segment = np.array(identity.names, dtype=object)[grouping.label]
    users = pd.DataFrame(
        {
            "user_id": behaviour.users,
            "segment": segment,
            "certainty": grouping.certainty.round(DIGITS).clip(10.0**-DIGITS),
            "previous": previous.to_numpy(dtype=object),
            "n_visits": behaviour.visits.astype("int64"),
        }
    )
    return _segments(behaviour, hours, grouping, identity, users, yesterday), users


def _segments(
    behaviour: Behaviour,
    hours: Floats,
    grouping: Grouping,
    identity: Identity,
    users: pd.DataFrame,
    yesterday: pd.DataFrame,
) -> pd.DataFrame:
    told = behaviour.told
    member = one_hot(grouping.label, grouping.n_groups)
    size = member.sum(axis=0)
    centres = (member.T @ told.to_numpy(dtype="float64") / size[:, None]).round(DIGITS) + 0.0
    names = tuple(map(str, told.columns))
    busiest = (member.T @ hours).argmax(axis=1)
    traits = [name_traits(names, centre, int(hour)) for centre, hour in zip(centres, busiest, strict=True)]
    rows = pd.DataFrame(
        {
            "segment": identity.names,
            "title": [", ".join(one[:2]) for one in traits],
            "traits": traits,
            "n_users": size.astype("int64"),
            "share": (size / size.sum()).round(DIGITS),
            "kept_share": _kept(users, identity),
            "drift": _drift(identity.names, names, centres, yesterday),
            "moved_share": _moved(users),
            "is_new": identity.is_new,
            "n_named": identity.n_named,
            "habits": [list(names) for _ in traits],
            "centre": centres.tolist(),
        }
    )
    return rows.sort_values("segment", key=lambda ids: ids.str[1:].astype(int), ignore_index=True)


def _kept(users: pd.DataFrame, identity: Identity) -> list[float]:
    had = {name: users[users["previous"] == name] for name in identity.names}
    return [round(float(rows["segment"].eq(name).mean()), DIGITS) if len(rows) else 1.0 for name, rows in had.items()]


def _moved(users: pd.DataFrame) -> float:
    """Share of users in another group than yesterday; only groups that both days have can be compared."""
    both = users[users["previous"] != ""]
    return round(float((both["segment"] != both["previous"]).mean()), DIGITS) if len(both) else 0.0


def _drift(ids: tuple[str, ...], names: tuple[str, ...], centres: Floats, yesterday: pd.DataFrame) -> list[float]:
    if yesterday.empty:
        return [0.0] * len(ids)
    columns = (yesterday[name].tolist() for name in ("segment", "habits", "centre"))
    before = {name: dict(zip(habits, centre, strict=True)) for name, habits, centre in zip(*columns, strict=True)}
    return [
        _move(dict(zip(names, centre, strict=True)), before.get(name, {}))
        for name, centre in zip(ids, centres, strict=True)
    ]


def _move(now: dict[str, float], before: dict[str, float]) -> float:
    """Root mean square over what both days measure; 0 where there is nothing to compare."""
    common = [name for name in now if name in before]
    if not common:
        return 0.0
    return round(float(np.sqrt(np.mean([(now[name] - before[name]) ** 2 for name in common]))), DIGITS)
