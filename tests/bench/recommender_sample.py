"""The sample app: how near the lists of a real night come to those of an oracle that knows every probability.

The gain of an item is the true probability that the user buys it in the days after the cut, as the simulation has it.
Seeds are those that no development has seen.
"""

import os
import sys
from datetime import date, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.core.config import load_settings
from jobs.core.errors import ModelError
from jobs.core.home import Home
from jobs.core.output_schemas import RECOMMENDATIONS
from jobs.datasets.past import Past
from jobs.models.single_source import SingleSourceRecommender
from jobs.models.surfaces.given import listable
from jobs.models.surfaces.pool import best_candidates
from jobs.models.two_stage.source_set import SourceSet
from jobs.sample.items import name_item
from jobs.sample.truth import purchase_probabilities
from jobs.sample.truth_store import read_truth
from jobs.sample.users import name_user
from jobs.stages.contenders import source_params
from jobs.stages.recommender_windows import read_past
from tests.bench.processes import measure

APP = "sample"
SEEDS = (301, 302, 303)
FIRST, DAYS, HORIZON = date(2025, 1, 1), 60, 14
CUT = FIRST + timedelta(DAYS - 1)
K = 10
NIGHT = ("train_recommender", "train_predictions", "promote_models", "recommend")

Gains = np.ndarray
"""Shape (n_users, n_items): the true probabilities, 0 for items that cannot be had."""


def run_sample(root: Path) -> dict[str, Any]:
    """A night of each seed; means over seeds, and each of them."""
    by_seed = {seed: _of_seed(root / "work" / f"sample-{seed}", seed) for seed in SEEDS}
    names = sorted({name for found in by_seed.values() for name in found})
    means = {name: mean(found[name] for found in by_seed.values() if name in found) for name in names}
    each = {f"sample.seed_{seed}.{name}": value for seed, found in by_seed.items() for name, value in found.items()}
    return {**{f"sample.{name}": value for name, value in means.items()}, **each}


def _of_seed(home: Path, seed: int) -> dict[str, float]:
    _run_night(home, seed)
    os.environ["NIGHTJAR_HOME"] = str(home)
    settings, lake = load_settings(APP), Lake(Home(home, APP).lake)
    gains, users, items = _gains(home)
    served = _served(lake, users, items)
    known = np.flatnonzero((served[:, 0] >= 0) & (gains.max(axis=1) > 0))
    found = {"users": float(len(known)), "for_you.ndcg_over_oracle": _over_oracle(served, gains, known)}
    past = read_past(lake, settings, CUT)
    for name, own in sorted(source_params(settings).items()):
        try:
            lists = _of_source(past, {name: own}, users[known], items)
        except ModelError:
            continue
        found[f"source.{name}.ndcg_over_oracle"] = _over_oracle(lists, gains[known], np.arange(len(known)))
    return found


def _run_night(home: Path, seed: int) -> None:
    environment = {**os.environ, "NIGHTJAR_HOME": str(home)}
    log = home / "stderr.log"

    def run(*arguments: str) -> None:
        measure([sys.executable, "-m", "jobs", *arguments], environment, log)

    run("sample", "--seed", str(seed), "--days", str(DAYS), "--first-day", str(FIRST))
    run("backfill", "--app", APP, "--from", str(FIRST), "--to", str(CUT), "--tables-only")
    for stage in NIGHT:
        run(stage, "--app", APP, "--date", str(CUT))


def _gains(home: Path) -> tuple[Gains, np.ndarray, np.ndarray]:
    """True probabilities, with the ids of their users and items in the order of positions, which is ascending."""
    truth = read_truth(home / "input" / "sample-truth")
    gains = purchase_probabilities(truth, DAYS - 1, HORIZON)
    users = np.array([name_user(position) for position in range(gains.shape[0])])
    items = np.array([name_item(position) for position in range(gains.shape[1])])
    return gains, users, items


def _served(lake: Lake, users: np.ndarray, items: np.ndarray) -> np.ndarray:
    manifest = lake.require(RECOMMENDATIONS.name, CUT, "recommend")
    rows = read_pandas(lake, RECOMMENDATIONS, manifest, ("entity", "key", "surface", "rank", "item_id"))
    own = rows[(rows["entity"] == "user") & (rows["surface"] == "for_you") & (rows["rank"] <= K)]
    grid = np.full((len(users), K), -1, dtype=np.int64)
    user = np.searchsorted(users, own["key"].to_numpy(dtype=np.str_))
    grid[user, own["rank"].to_numpy() - 1] = np.searchsorted(items, own["item_id"].to_numpy(dtype=np.str_))
    return grid


def _of_source(past: Past, own: dict[str, Any], users: np.ndarray, items: np.ndarray) -> np.ndarray:
    fitted = SourceSet.fit(own, past).sources[0]
    recommender = SingleSourceRecommender(fitted, fitted.name)
    answered = recommender.candidates(past.history.of_users(users), listable(past.catalogue, ()))
    pool = best_candidates(answered, answered.score, np.ones(len(answered.item), dtype=np.bool_), K)
    place = np.append(np.searchsorted(items, past.items), -1)
    return place[pool.items]


def _over_oracle(lists: np.ndarray, gains: Gains, users: np.ndarray) -> float:
    """Mean over users of the discounted gain of a list over that of the best possible one."""
    discount = 1.0 / np.log2(np.arange(2, K + 2))
    own = gains[users]
    best = -np.sort(-own, axis=1)[:, :K] @ discount
    chosen = lists[users]
    gained = np.where(chosen >= 0, np.take_along_axis(own, chosen.clip(min=0), axis=1), 0.0) @ discount
    return float((gained / best).mean())
