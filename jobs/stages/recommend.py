"""Stage recommend: the lists of every surface and rung: users, items, segments, contexts, everybody."""

import logging

import numpy as np
import pandas as pd
import pyarrow as pa

from jobs.adapters.tracking.served import served_folder
from jobs.core.fingerprint import code_fingerprint, hash_of, settings_fingerprint
from jobs.core.model_schemas import CHAMPIONS
from jobs.core.output_schemas import RECOMMENDATIONS
from jobs.core.state_schemas import CONTEXT_ITEM_STATE
from jobs.datasets import list_rows
from jobs.datasets.decayed import decayed_to
from jobs.datasets.history import History, Ids
from jobs.datasets.past import Past
from jobs.datasets.segments import build_segments
from jobs.features import item_popularity, user_activity
from jobs.models.lists import Scores
from jobs.models.recommenders import load_recommender
from jobs.models.sources.registry import create_source
from jobs.models.surfaces.rows import build_item_rows, build_rung_rows
from jobs.models.surfaces.rung_lists import RungInput, build_rung_lists
from jobs.models.surfaces.rungs import RungLists
from jobs.models.surfaces.user_rows import UserRows
from jobs.models.user_batches import users_between
from jobs.models.workers import in_turn
from jobs.stages.champions import RECOMMENDER, champion_of
from jobs.stages.deleted_users import deleted_users
from jobs.stages.job import Job
from jobs.stages.lists_of_night import NightSources
from jobs.stages.recommender_windows import read_past

log = logging.getLogger("nightjar")

SOURCES = {"similar": "item_item", "bought_together": "baskets"}
DORMANT = "dormant"


def run(job: Job) -> None:
    """Write `recommendations`; without a champion everybody gets what is wanted in their segment."""
    past = read_past(job.lake, job.night.settings, job.night.run_date)
    segments = _segments(job)
    rules = f"lists-{job.night.run_date}-{_rules_hash(job)}"
    rungs = _rung_lists(job, past, segments, rules)
    sources = NightSources.fit(job.night.settings, past)
    neighbours = {"similar": sources.similar, "bought_together": sources.together}
    others = [
        build_rung_rows(rungs, job.night.settings),
        build_item_rows(neighbours, SOURCES, past.catalogue, job.night.settings, rules),
    ]
    _write(job, past, segments, sources, rungs, list_rows.joined(others))


def _rules_hash(job: Job) -> str:
    """Content hash of the lists that rules make: what they read, the settings and the code, whoever is champion."""
    read = {name: [each.digest for each in found] for name, found in job.inputs.items() if name != CHAMPIONS.name}
    code = [code_fingerprint(made_by.__module__) for made_by in (build_rung_lists, create_source)]
    return hash_of([read, settings_fingerprint(job.night.settings, job.stage.settings), code])[:8]


def _segments(job: Job) -> pd.Series:
    """The segment of every known user who is not deleted, by user id."""
    columns = ["user_id", "tenure_days", "days_since_event"]
    activity = job.read_pandas(user_activity.SPEC.table, columns=columns)
    kept = activity[~activity["user_id"].isin(deleted_users(job))]
    return build_segments(kept, job.night.settings.activity).set_index("user_id")["segment"]


def _rung_lists(job: Job, past: Past, segments: pd.Series, rules: str) -> RungLists:
    given = RungInput(
        history=past.history,
        segments=_segment_of(past.history.users, segments),
        contexts=_contexts(job),
        popularity=_popularity(job, past.items),
        catalogue=past.catalogue,
    )
    return build_rung_lists(given, job.night.settings, rules)


def _segment_of(users: Ids, segments: pd.Series) -> Ids:
    """A user of the history who is at rest by now is dormant."""
    return segments.reindex(users.astype(object)).fillna(DORMANT).to_numpy(dtype=np.str_)


def _contexts(job: Job) -> pd.DataFrame:
    state = job.read_pandas(CONTEXT_ITEM_STATE)
    half_life = job.night.settings.features.item_half_life_days
    weight = decayed_to(state["popularity"], state["popularity_day"], job.night.run_date, half_life)
    return pd.DataFrame({"key": state["context"], "item_id": state["item_id"], "weight": weight})


def _popularity(job: Job, items: Ids) -> Scores:
    rows = job.read_pandas(item_popularity.SPEC.table, columns=["item_id", "popularity"])
    return rows.set_index("item_id")["popularity"].reindex(items.astype(object)).fillna(0).to_numpy(np.float32)


def _write(
    job: Job, past: Past, segments: pd.Series, sources: NightSources, rungs: RungLists, others: pd.DataFrame
) -> None:
    """Add the lists of active users by the champion to those of the other rungs and of items.

    Of a user without any row of the history a champion knows nothing: the list of their segment is the better one.
    """
    champion = champion_of(job, RECOMMENDER, job.night.run_date)
    active = np.intersect1d(segments[segments != DORMANT].index.to_numpy(dtype=np.str_), past.history.known_users)
    if champion is None or not len(active):
        job.write_pandas(RECOMMENDATIONS, others)
        return
    maker = _user_rows(job, champion.model, past, sources, rungs)
    history, of_each = past.history.of_users(active), _segment_of(active, segments)
    if job.night.settings.recommender.engine == "spark":
        from jobs.stages.lists_by_part import write_lists_by_part

        users = pd.DataFrame({"user_id": active, **history.places, "segment": of_each}, dtype=object)
        write_lists_by_part(job, maker, users, others)
    else:
        _write_here(job, maker, history, of_each, others)
    log.info("lists of %d users by %s", len(active), champion.model)


def _write_here(job: Job, maker: UserRows, history: History, segments: Ids, others: pd.DataFrame) -> None:
    """Some parts of the users at once, in the order of their ids: a million users' rows fit into no memory.

    Entities are written in their order too, users last, so that the file is ordered as a whole.
    """
    written, size = job.begin_parts(RECOMMENDATIONS), job.night.settings.recommender.users_per_part

    def part(start: int) -> pa.Table:
        stop = min(start + size, len(history.users))
        return written.rows(maker.of(users_between(history, start, stop), segments[start:stop]))

    written.add(others)
    for rows in in_turn(part, range(0, len(history.users), size)):
        written.add(rows)
        del rows  # the next is waited for
    job.keep_parts(written)


def _user_rows(job: Job, name: str, past: Past, sources: NightSources, rungs: RungLists) -> UserRows:
    folder = served_folder(job.night.settings, job.home, RECOMMENDER, name)
    return UserRows(
        recommender=load_recommender(folder),
        model=name,
        catalogue=past.catalogue,
        neighbours=sources.similar,
        trending=sources.trending,
        rungs=rungs,
        settings=job.night.settings,
    )
