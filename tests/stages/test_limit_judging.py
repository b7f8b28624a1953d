"""Limits judged on a small window with a source by itself."""

from datetime import date

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from jobs.core.config import load_settings
from jobs.datasets.history import COUNTS, History
from jobs.datasets.past import Past, Window, build_catalogue, build_item_days
from jobs.evaluation.groups import GroupRules
from jobs.evaluation.tasks import build_tasks
from jobs.models.single_source import SingleSourceRecommender
from jobs.models.sources.registry import create_source
from jobs.stages.limit_judging import judge_limits

CUT = pd.Timestamp("2025-03-03")


def window() -> Window:
    """Four users who had two items each, and want one of them again."""
    pairs = [(f"u{user}", f"i{item}") for user in range(4) for item in (user, user + 1)]
    rows = pd.DataFrame(pairs, columns=["user_id", "item_id"]).assign(
        run_date=CUT,
        event_day=CUT,
        first_event_time=CUT,
        n_events=1,
        n_users=1,
        price=1.0,
        **dict.fromkeys(COUNTS, 1.0),
    )
    catalogue = build_catalogue(rows, None, CUT, 90)
    history = History.from_frame(rows, date(2025, 3, 3), "purchases", items=catalogue.items)
    past = Past(history, build_item_days(rows, CUT, catalogue.items), catalogue)
    wanted = csr_matrix((np.ones(4, np.float32), (range(4), range(4))), shape=history.shape)
    return Window(past, wanted)


def test_leaving_out_what_was_had_costs_all_where_only_that_is_wanted() -> None:
    judged = window()
    task = build_tasks(judged, GroupRules())[0]
    source = create_source("popularity").fit(judged.past)
    recommender = SingleSourceRecommender(source, "popularity")
    found = judge_limits(load_settings("sample"), recommender, judged, task, None)
    by_limit = {(row.limit, row.setting): row for row in found}
    base = by_limit["none", ""].value
    assert base > 0
    assert by_limit["exclude_had", "True"].difference == -base
    assert by_limit["exclude_had", "True"].low < -base < by_limit["exclude_had", "True"].high < 0
    assert not [limit for limit, _ in by_limit if limit == "max_per_category"], "no item has a category"


def test_blocking_costs_what_the_blocked_items_were_worth() -> None:
    judged = window()
    task = build_tasks(judged, GroupRules())[0]
    recommender = SingleSourceRecommender(create_source("popularity").fit(judged.past), "popularity")
    settings = load_settings("sample")
    every = tuple(judged.past.items.tolist())
    blocked = settings.model_copy(update={"lists": settings.lists.model_copy(update={"blocked": every})})
    found = judge_limits(blocked, recommender, judged, task, None)
    by_limit = {row.limit: row for row in found}
    assert by_limit["blocked"].difference == -by_limit["none"].value < 0
