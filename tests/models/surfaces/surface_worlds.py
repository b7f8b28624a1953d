"""Small worlds for lists: histories, catalogues and candidates out of a few literal rows or a seed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix

from jobs.core.config import Settings, load_settings
from jobs.datasets.history import COUNTS, History
from jobs.datasets.past import NEVER, Catalogue
from jobs.models.candidates import Candidates
from jobs.models.surfaces.given import SurfaceInput
from jobs.models.surfaces.rungs import RungLists

CUT = date(2025, 3, 3)


def ids(n: int, letter: str) -> npt.NDArray[np.str_]:
    return np.array([f"{letter}{number:02d}" for number in range(n)], dtype=np.str_)


def history(
    rows: Sequence[tuple[int, int, int]], n_users: int, n_items: int, country: Sequence[str] | None = None
) -> History:
    """One purchase per row of (user, item, days before the cut)."""
    frame = pd.DataFrame(
        {
            "user_id": [f"u{user:02d}" for user, _, _ in rows],
            "item_id": [f"i{item:02d}" for _, item, _ in rows],
            "event_day": pd.to_datetime([pd.Timestamp(CUT) - pd.Timedelta(days=age) for _, _, age in rows]),
            "first_event_time": pd.to_datetime([pd.Timestamp(CUT) - pd.Timedelta(days=age) for _, _, age in rows]),
            **{name: np.full(len(rows), 5.0 if name == "weight" else 1.0) for name in COUNTS},
        }
    )
    users = ids(n_users, "u")
    places = pd.DataFrame({"user_id": users, "country": country or "NL", "platform": "web"})
    return History.from_frame(frame, CUT, "purchases", places, items=ids(n_items, "i"), users=users)


def catalogue(
    n_items: int,
    category: Sequence[str] | None = None,
    first_age: Sequence[int] | None = None,
    unavailable: Sequence[int] = (),
) -> Catalogue:
    """Items i00, i01, ...; a year old by default, all to be had but some."""
    age = np.array(first_age if first_age is not None else [365] * n_items, dtype=np.int32)
    available = np.ones(n_items, dtype=np.bool_)
    available[list(unavailable)] = False
    return Catalogue(
        items=ids(n_items, "i"),
        title=np.full(n_items, "", dtype="<U1"),
        category=np.array(category if category is not None else [""] * n_items, dtype=np.str_),
        price=np.ones(n_items, dtype=np.float32),
        first_age=age,
        last_age=np.where(age >= NEVER, NEVER, 0).astype(np.int32),
        is_available=available,
    )


def candidates(
    scores: Mapping[tuple[int, int], float],
    n_users: int,
    had: History,
    discovery: Mapping[tuple[int, int], float] = {},
) -> Candidates:
    """Scores by (user, item); `discovery` where the other score differs."""
    pairs = sorted(scores)
    was_had = had.matrix()
    return Candidates(
        items=had.items,
        n_users=n_users,
        user=np.array([user for user, _ in pairs], dtype=np.int32),
        item=np.array([item for _, item in pairs], dtype=np.int32),
        score=np.array([scores[pair] for pair in pairs], dtype=np.float32),
        discovery_score=np.array([discovery.get(pair, scores[pair]) for pair in pairs], dtype=np.float32),
        is_had=np.array([was_had[pair] > 0 for pair in pairs], dtype=np.bool_),
        source=np.zeros(len(pairs), dtype=np.int16),
        sources=("item_item",),
    )


def neighbours(weights: Mapping[tuple[int, int], float], n_items: int) -> csr_matrix:
    """How much one item speaks for another, by (speaker, other)."""
    matrix = np.zeros((n_items, n_items), dtype=np.float32)
    for pair, weight in weights.items():
        matrix[pair] = weight
    return csr_matrix(matrix)


def given(
    had: History,
    known: Catalogue,
    said: csr_matrix | None = None,
    trending: Sequence[float] | None = None,
    rungs: RungLists | None = None,
    segments: Sequence[str] | None = None,
) -> SurfaceInput:
    return SurfaceInput(
        history=had,
        catalogue=known,
        neighbours=said,
        trending=None if trending is None else np.array(trending, dtype=np.float32),
        reason_of={"item_item": "because_you_had"},
        segments=np.array(segments or ["active"] * len(had.users), dtype=np.str_),
        rungs=rungs or RungLists.none(known.items),
    )


def app(**lists: Any) -> Settings:
    """The sample's settings with other ones of `lists`; nested ones as dicts."""
    settings = load_settings("sample")
    values = settings.lists.model_dump()
    for key, value in lists.items():
        values[key] = {**values[key], **value} if isinstance(value, dict) else value
    return settings.model_copy(update={"lists": type(settings.lists).model_validate(values)})


class World:
    """A random world of a seed: histories, candidates of all kinds, neighbours, categories, new items."""

    def __init__(self, seed: int, n_users: int = 7, n_items: int = 30) -> None:
        random = np.random.default_rng(seed)
        pairs = [(user, item) for user in range(n_users) for item in range(n_items)]
        rows = [(*pairs[place], int(random.integers(0, 60))) for place in random.permutation(len(pairs))[:60]]
        self.history = history(rows, n_users, n_items, [("NL", "DE", "")[user % 3] for user in range(n_users)])
        ages = random.choice([2, 100, 365, NEVER], size=n_items, p=[0.2, 0.4, 0.3, 0.1]).tolist()
        self.catalogue = catalogue(n_items, random.choice(["", "a", "b", "c"], n_items).tolist(), ages, [3, 4])
        # Coarse values, so that equals occur; the first user has no candidate.
        chosen = [pair for pair in pairs if pair[0] and random.random() < 0.7]
        scores = {pair: float(np.round(random.normal(), 1)) for pair in chosen}
        other = {pair: float(np.round(random.normal(), 1)) for pair in chosen}
        self.candidates = candidates(scores, n_users, self.history, other)
        weights = {
            (i, j): float(np.round(random.random(), 1)) for i in range(n_items) for j in range(n_items) if i != j
        }
        kept = {pair: weight for pair, weight in weights.items() if random.random() < 0.3}
        self.neighbours = neighbours(kept, n_items)
        self.trending = np.round(random.random(n_items), 1)
        self.segments = [("active", "new")[user % 2] for user in range(n_users)]

    def given(self, rungs: RungLists | None = None) -> SurfaceInput:
        return given(self.history, self.catalogue, self.neighbours, self.trending.tolist(), rungs, self.segments)
