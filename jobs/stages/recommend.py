"""Stage recommend: the lists of every rung of the ladder: users, segments, contexts, everybody."""

import logging

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix

from jobs.adapters.tracking.open import open_tracking
from jobs.core.fingerprint import code_fingerprint, hash_of
from jobs.core.output_schemas import RECOMMENDATIONS
from jobs.core.state_schemas import CONTEXT_ITEM_STATE, USER_ITEM_STATE
from jobs.datasets import list_rows
from jobs.datasets.interactions import Interactions
from jobs.datasets.recommender_training import current_affinity, decayed_to
from jobs.datasets.segments import build_segments
from jobs.features import item_popularity, user_activity
from jobs.models.anchors import HasItemFactors, find_anchors
from jobs.models.lists import NO_ITEM, Lists
from jobs.models.protocol import Recommender
from jobs.models.registry import load_recommender
from jobs.stages.champions import RECOMMENDER, Champion, champion_of
from jobs.stages.deleted_users import deleted_users
from jobs.stages.job import Job

log = logging.getLogger("nightjar")


def run(job: Job) -> None:
    """Write `recommendations`; without a champion everybody gets what is popular."""
    lists = job.night.settings.lists
    items = job.read_pandas(item_popularity.SPEC.table, columns=["item_id", "days_since_event", "popularity"])
    available = items[items["days_since_event"] < lists.available_days]
    popular = list_rows.ranked(available.assign(key="everybody", weight=available["popularity"]), lists.lake_items)
    if popular.empty:
        popular = list_rows.in_order(lists.fallback)
    rules = f"popularity-{job.night.run_date}-{_rules_hash(job)}"
    wanted = _wanted(job)
    activity = job.read_pandas(user_activity.SPEC.table, columns=["user_id", "tenure_days", "days_since_event"])
    kept = activity[~activity["user_id"].isin(deleted_users(job))]
    segments = build_segments(kept, job.night.settings.activity)
    champion = champion_of(job, RECOMMENDER, job.night.run_date)
    active = segments[segments["segment"] != "dormant"]["user_id"]
    parts = [
        _for_users(job, champion, wanted, active, available["item_id"]) if champion else list_rows.empty(),
        list_rows.rows("everybody", popular, "popular", rules),
        list_rows.rows(
            "segment",
            _by_segment(wanted, segments, available, popular, lists.lake_items),
            "popular_in_segment",
            rules,
        ),
        list_rows.rows("context", _by_context(job, available), "popular_in_context", rules),
    ]
    parts[0] = list_rows.filled_up(parts[0], active, popular, lists.lake_items, rules)
    rows = pd.concat(parts, ignore_index=True)
    job.write_pandas(RECOMMENDATIONS, rows[list(RECOMMENDATIONS.column_names)])


def _rules_hash(job: Job) -> str:
    """Content hash of the lists that rules make, from popularity instead of a trained model."""
    manifests = [manifest.digest for found in job.inputs.values() for manifest in found]
    return hash_of([sorted(manifests), code_fingerprint(list_rows.__name__)])[:8]


def _wanted(job: Job) -> pd.DataFrame:
    """One row per user and item with a positive affinity on the run date."""
    state = job.read_pandas(USER_ITEM_STATE, columns=["user_id", "item_id", "affinity", "affinity_day"])
    half_life = job.night.settings.features.affinity_half_life_days
    rows = state.assign(weight=current_affinity(state, job.night.run_date, half_life))
    return rows[rows["weight"] > 0][["user_id", "item_id", "weight"]]


def _for_users(
    job: Job, champion: Champion, wanted: pd.DataFrame, active: pd.Series, available: pd.Series
) -> pd.DataFrame:
    """Lists of active users with a history, by the champion."""
    lists = job.night.settings.lists
    history = wanted[wanted["user_id"].isin(active)]
    if history.empty:
        return list_rows.empty()
    model = load_recommender(open_tracking(job.night.settings, job.home).load_folder(RECOMMENDER, champion.model))
    interactions = Interactions.from_frame(history)
    matrix = interactions.aligned_to(model.items)
    on_sale = np.isin(model.items, available.to_numpy(dtype=np.str_))
    made = model.recommend(matrix, lists.lake_items, matrix if lists.exclude_seen else None, on_sale)
    anchors = _anchors(model, matrix, made)
    log.info("%d lists by %s", len(interactions.users), champion.model)
    return list_rows.from_lists(
        interactions.users, model.items, made.items, made.scores, anchors, champion.kind, champion.model
    )


def _anchors(model: Recommender, matrix: csr_matrix, made: Lists) -> npt.NDArray[np.int32]:
    if isinstance(model, HasItemFactors):
        return find_anchors(model, matrix, made)
    return np.full(made.items.shape, NO_ITEM, dtype=np.int32)


def _by_segment(
    wanted: pd.DataFrame, segments: pd.DataFrame, available: pd.DataFrame, popular: pd.DataFrame, n_items: int
) -> pd.DataFrame:
    """What the users of each segment want; a segment without users gets what everybody wants."""
    placed = wanted.merge(segments, on="user_id", how="inner")
    placed = placed[placed["item_id"].isin(available["item_id"])]
    sums = placed.groupby(["segment", "item_id"])["weight"].sum().reset_index(name="weight")
    found = list_rows.ranked(sums.rename(columns={"segment": "key"}), n_items)
    missing = sorted({"new", "active", "dormant"} - set(found["key"]))
    return pd.concat([found, *(popular.assign(key=name) for name in missing)], ignore_index=True)


def _by_context(job: Job, available: pd.DataFrame) -> pd.DataFrame:
    state = job.read_pandas(CONTEXT_ITEM_STATE)
    half_life = job.night.settings.features.item_half_life_days
    weight = decayed_to(state["popularity"], state["popularity_day"], job.night.run_date, half_life)
    rows = state.assign(key=state["context"], weight=weight)
    return list_rows.ranked(rows[rows["item_id"].isin(available["item_id"])], job.night.settings.lists.lake_items)
