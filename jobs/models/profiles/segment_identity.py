"""Groups keep their names: tonight's are matched with yesterday's by the users they share (Kuhn, 1955)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linear_sum_assignment

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEAST_OVERLAP = 0.1
"""Share of common users in those of either below which a group is not the other one; chance alone gives less."""


@dataclass(frozen=True)
class Identity:
    """Names of tonight's groups.

    Attributes
    ----------
    names
        Id of each group, by its label.
    is_new
        Shape (k,): whether no group of yesterday became it.
    n_named
        Ids given so far.
    """

    names: tuple[str, ...]
    is_new: npt.NDArray[np.bool_]
    n_named: int


def match_groups(label: Ints, n_groups: int, previous: "pd.Series[str]", n_named: int) -> Identity:
    """Give tonight's groups yesterday's ids, so that as many users as possible keep theirs.

    Parameters
    ----------
    label
        Shape (n,): tonight's group of each user, from 0.
    n_groups
        Their number.
    previous
        Shape (n,): yesterday's id of each user; empty where there was none.
    n_named
        Ids given until yesterday; new groups take the next ones, largest first.
    """
    had = previous.to_numpy(dtype=object)
    before = sorted(set(had) - {""}, key=number_of)
    size = np.bincount(label, minlength=n_groups)
    names = [""] * n_groups
    for new, old in _pairs(_overlap(label, had, before, n_groups)):
        names[new] = before[old]
    is_new = np.array([not name for name in names], dtype=np.bool_)
    for place in sorted(np.flatnonzero(is_new), key=lambda group: (-size[group], group)):
        n_named += 1
        names[place] = f"s{n_named}"
    return Identity(tuple(names), is_new, n_named)


def number_of(name: str) -> int:
    """Number of an id, such as 12 of s12."""
    return int(name.removeprefix("s"))


def _overlap(label: Ints, had: npt.NDArray[np.object_], before: list[str], n_groups: int) -> Floats:
    """Jaccard index of each of tonight's groups with each of yesterday's, among users who had a group: (k, k')."""
    place = {name: position for position, name in enumerate(before)}
    known = np.array([name != "" for name in had], dtype=np.bool_)
    old = np.array([place[name] for name in had[known]], dtype=np.int64)
    common = np.zeros((n_groups, len(before)))
    np.add.at(common, (label[known], old), 1.0)
    either = common.sum(axis=1)[:, None] + common.sum(axis=0) - common
    return np.asarray(common / np.maximum(either, 1.0), dtype=np.float64)


def _pairs(overlap: Floats) -> list[tuple[int, int]]:
    """Groups that are the same: the assignment of the largest sum, less pairs that hardly overlap."""
    rows, columns = linear_sum_assignment(-overlap)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [(row, column) for row, column in pairs if overlap[row, column] >= LEAST_OVERLAP]
