"""Online Retail: the lists of a real night, and those of every source alone, held against the raw files.

The night is that of the last day before the cut, run as processes: what it knows ends there. Nothing here tunes
anything; the app's settings were chosen on windows that end before the cut.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.core.config import load_settings
from jobs.core.config.model import Settings
from jobs.core.errors import ModelError
from jobs.core.home import Home
from jobs.core.output_schemas import RECOMMENDATIONS
from jobs.datasets.past import Past
from jobs.evaluation.bootstrap import resample
from jobs.evaluation.ranking import compute_ndcg, find_hits
from jobs.models.single_source import SingleSourceRecommender
from jobs.models.surfaces.given import listable
from jobs.models.surfaces.pool import best_candidates
from jobs.models.two_stage.source_set import SourceSet
from jobs.stages.contenders import source_params
from jobs.stages.recommender_windows import read_past
from tests.bench.processes import measure
from tests.bench.retail_truth import RetailTruth, read_truth

APP = "online_retail"
FIRST, LAST = date(2010, 12, 1), date(2011, 11, 8)
BEFORE = ("train_predictions",)  # not the recommender's, but the gate wants a challenger of every role
NIGHT = ("train_recommender", "promote_models", "recommend")
K = 10
DRAWS, SEED, CONFIDENCE = 2_000, 7, 0.95
SURFACES = ("for_you", "discover")

PLAIN = {"for_you": 0.317, "discover": 0.100}
"""nDCG@10 of the best of some plain methods by themselves: the user's own decayed history, and EASE."""


@dataclass(frozen=True)
class Lists:
    """Per surface: shape (users of the truth, at least K), positions in the truth's items, -1 where a list ends."""

    by_surface: Mapping[str, np.ndarray]


def run_online_retail(root: Path, data: Path) -> dict[str, Any]:
    """Back-fill, run the night, and judge.

    Parameters
    ----------
    root
        Folder of the bench.
    data
        Folder of the day files.
    """
    truth = read_truth(data)
    home = root / "work" / "online_retail"
    seconds = _run_night(home, data)
    settings, lake = load_settings(APP), Lake(Home(home, APP).lake)
    served = _served(lake, truth)
    past = read_past(lake, settings, LAST)
    alone = {name: _of_source(settings, past, name, truth) for name in sorted(source_params(settings))}
    found = {name: lists for name, lists in alone.items() if lists is not None}
    return {"online_retail.night_seconds": seconds, **_judged(served, found, truth)}


def _run_night(home: Path, data: Path) -> float:
    environment = {**os.environ, "NIGHTJAR_HOME": str(home), "NIGHTJAR__LOG__PATH": str(data.resolve())}
    log = home / "stderr.log"

    def run(*arguments: str) -> float:
        command = [sys.executable, "-m", "jobs", arguments[0], "--app", APP, *arguments[1:]]
        return measure(command, environment, log).seconds

    run("backfill", "--from", str(FIRST), "--to", str(LAST), "--tables-only")
    for stage in BEFORE:
        run(stage, "--date", str(LAST))
    return sum(run(stage, "--date", str(LAST), "--again") for stage in NIGHT)


def _served(lake: Lake, truth: RetailTruth) -> Lists:
    """What the night wrote."""
    manifest = lake.require(RECOMMENDATIONS.name, LAST, "recommend")
    rows = read_pandas(lake, RECOMMENDATIONS, manifest, ("entity", "key", "surface", "rank", "item_id"))
    own = rows[(rows["entity"] == "user") & rows["key"].isin(truth.users) & (rows["rank"] <= K)]
    lists = {}
    for surface in SURFACES:
        part = own[(own["surface"] == surface) & own["item_id"].isin(truth.items)]
        grid = np.full((len(truth.users), K), -1, dtype=np.int32)
        user = np.searchsorted(truth.users, part["key"].to_numpy(dtype=np.str_))
        item = np.searchsorted(truth.items, part["item_id"].to_numpy(dtype=np.str_))
        grid[user, part["rank"].to_numpy() - 1] = item
        lists[surface] = grid
    return Lists(lists)


def _of_source(settings: Settings, past: Past, name: str, truth: RetailTruth) -> Lists | None:
    """What one source by itself would list; None where it has too little to learn from."""
    try:
        fitted = SourceSet.fit({name: source_params(settings)[name]}, past).sources[0]
    except ModelError:
        return None
    recommender = SingleSourceRecommender(fitted, fitted.name)
    answered = recommender.candidates(past.history.of_users(truth.users), listable(past.catalogue, ()))
    every = np.ones(len(answered.item), dtype=np.bool_)
    chosen = {
        "for_you": best_candidates(answered, answered.score, every, K),
        "discover": best_candidates(answered, answered.discovery_score, ~answered.is_had, K),
    }
    place = np.searchsorted(truth.items, past.items).clip(max=len(truth.items) - 1)
    place = np.append(np.where(truth.items[place] == past.items, place, -1), -1).astype(np.int32)
    return Lists({surface: place[pool.items] for surface, pool in chosen.items()})


def _judged(served: Lists, alone: Mapping[str, Lists], truth: RetailTruth) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for surface, relevant in (("for_you", truth.relevant), ("discover", truth.new)):
        users = np.flatnonzero(np.diff(relevant.indptr))
        of_sources = {name: _ndcg(lists.by_surface[surface], relevant, users) for name, lists in alone.items()}
        best = max(sorted(of_sources), key=lambda name: of_sources[name].mean())
        own = _ndcg(served.by_surface[surface], relevant, users)
        draws = resample(np.column_stack([own, of_sources[best]]), DRAWS, SEED)
        mean, paired = draws.estimate(0, CONFIDENCE), draws.paired(0, 1, CONFIDENCE)
        key = f"online_retail.{surface}"
        found |= {
            f"{key}.users": len(users),
            f"{key}.ndcg_at_10": mean.value,
            f"{key}.ndcg_at_10_low": mean.low,
            f"{key}.ndcg_at_10_high": mean.high,
            f"{key}.best_single.name": best,
            f"{key}.best_single.ndcg_at_10": paired.base,
            f"{key}.over_best_single": 1 + paired.relative,
            f"{key}.over_best_single_low": paired.ratio_low,
            f"{key}.over_best_single_high": 1 + paired.relative_high,
            f"{key}.over_plain": mean.value / PLAIN[surface],
            **{f"{key}.source.{name}.ndcg_at_10": float(values.mean()) for name, values in of_sources.items()},
        }
    return found


def _ndcg(lists: np.ndarray, relevant: csr_matrix, users: np.ndarray) -> np.ndarray:
    hits = find_hits(lists[users, :K], relevant[users])
    return compute_ndcg(hits, np.diff(relevant[users].indptr))
