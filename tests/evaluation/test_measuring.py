"""Tasks, measurements and the evaluation, on a window that is small enough to count by hand."""

import dataclasses
import io
import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from scipy.sparse import csr_matrix

from jobs.datasets.history import COUNTS, History
from jobs.datasets.past import NEVER, Catalogue, ItemDays, Past, Window
from jobs.evaluation.beyond_accuracy import ItemFacts
from jobs.evaluation.bootstrap import compare_pair
from jobs.evaluation.comparison import Resampling
from jobs.evaluation.evaluate import About, Method, measure_methods, summarise
from jobs.evaluation.evaluation import Evaluation
from jobs.evaluation.evaluation_numbers import flat_metrics, gate_metrics, records
from jobs.evaluation.evaluation_plots import plot_by_group, plot_intervals, plot_lift
from jobs.evaluation.evaluation_table import render
from jobs.evaluation.groups import GroupRules
from jobs.evaluation.measures import ACCURACY, CHARACTER, TOTALS, measure, measure_together
from jobs.evaluation.tasks import build_tasks, without

CUT = date(2025, 3, 10)
ITEMS = np.array(["a", "b", "c", "d"])
HAD = {"u1": "a", "u2": "ab", "u3": "", "u4": "c"}
WANTED = {"u1": "ab", "u2": "a", "u3": "d", "u4": ""}
HOW = Resampling(0.9, 200, 7)
ABOUT = About("shop", CUT, 14, cuts=(1, 3), metric="ndcg_at_3")


def window():
    rows = [
        {
            "user_id": user,
            "item_id": item,
            "event_day": pd.Timestamp(CUT),
            "first_event_time": pd.Timestamp(CUT),
            **dict.fromkeys(COUNTS, 1),
        }
        for user, items in HAD.items()
        for item in items
    ]
    users = np.array(sorted(HAD))
    places = pd.DataFrame({"user_id": ["u1", "u2"], "country": ["FR", "Côte d'Or"], "platform": None})
    history = History.from_frame(pd.DataFrame(rows), CUT, "purchases", places, ITEMS, users)
    nothing = np.empty(0, np.float32)
    catalogue = Catalogue(
        items=ITEMS,
        title=ITEMS,
        category=np.array(["x", "x", "y", ""]),
        price=np.ones(4, np.float32),
        first_age=np.full(4, NEVER, np.int32),
        last_age=np.full(4, NEVER, np.int32),
        is_available=np.array([True, True, True, False]),
    )
    days = ItemDays(nothing.astype(np.int32), nothing.astype(np.int32), nothing, nothing, nothing)
    truth = csr_matrix(np.array([[float(item in WANTED[user]) for item in ITEMS] for user in users]))
    return Window(Past(history, days, catalogue), truth)


def lists(*rows):
    return np.array([(list(row) + [-1] * 3)[:3] for row in rows], dtype=np.int32)


METHODS = [
    Method("popularity", "source", {"for_you": lists([0, 1], [1, 0], [0, 1]), "discover": lists([1], [3])}),
    Method("als", "source", {"for_you": lists([2, 0], [2, 0], [2, 0]), "discover": lists([2], [2])}),
    Method("two_stage", "ranker", {"for_you": lists([0, 1], [0], [3]), "discover": lists([1, 2], [3])}),
]
SECOND = 1 / math.log2(3)  # nDCG of a hit on the second place where one item is wanted
KINDS = {method.name: method.kind for method in METHODS}
RULES = GroupRules(min_users=1, few_rows=2)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    tasks, facts = build_tasks(window(), RULES), ItemFacts.of(window().past)
    measured = measure_methods(METHODS, tasks, facts, ABOUT.cuts)
    return summarise(measured, KINDS, tasks, facts, ABOUT, HOW)


def test_tasks_are_of_users_with_something_relevant_and_discover_leaves_out_what_they_had():
    every, new = build_tasks(window(), RULES)
    assert (every.surface, new.surface) == ("for_you", "discover")
    assert every.users.tolist() == [0, 1, 2]
    assert every.relevant.toarray().tolist() == [[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]]
    assert every.had.toarray().astype(bool).tolist()[1] == [True, True, False, False]
    assert new.users.tolist() == [0, 2]
    assert new.relevant.toarray().tolist() == [[0, 1, 0, 0], [0, 0, 0, 1]]
    assert "cold.no_history" in {group.name for group in every.groups}


def test_a_surface_on_which_nobody_wants_anything_is_left_out():
    nobody = dataclasses.replace(window(), truth=csr_matrix((4, 4), dtype=np.float32))
    assert build_tasks(nobody, RULES) == ()
    had = window().past.history.only_goals().matrix()
    assert [task.surface for task in build_tasks(dataclasses.replace(window(), truth=had), RULES)] == ["for_you"]


def test_without_leaves_the_entries_of_one_matrix_alone():
    left = without(csr_matrix([[5.0, 1, 0], [0, 0, 2]]), csr_matrix([[0, 3.0, 3], [0, 0, 0]]))
    assert left.toarray().tolist() == [[1, 0, 0], [0, 0, 1]]


def test_every_metric_is_measured_at_every_length():
    task = build_tasks(window(), RULES)[0]
    facts = ItemFacts.of(window().past)
    found = measure(METHODS[0].lists["for_you"], task.relevant, task.had, facts, (1, 3)).per_user
    assert set(found) == {f"{name}_at_{k}" for name in (*ACCURACY, *CHARACTER) for k in (1, 3)}
    assert found["repeats_at_1"].tolist() == [1, 1, 0]
    assert found["category_diversity_at_3"].tolist() == [0, 0, 0]
    together = measure_together(METHODS[0].lists["for_you"], facts, (1, 3))
    assert set(together) == {f"{name}_at_{k}" for name in TOTALS for k in (1, 3)}
    assert together["coverage_at_1"] == pytest.approx(2 / 3)
    assert together["equal_lists_at_3"] == pytest.approx(2 / 3)


def test_information_counts_users_who_had_the_item_among_those_who_had_any():
    assert ItemFacts.of(window().past).information.tolist() == [
        pytest.approx(-math.log2(part / 4)) for part in (3, 2, 2, 1)
    ]


def test_the_best_single_source_is_found_per_surface_and_the_others_are_beside_it(evaluation):
    assert evaluation.best_single == {"for_you": "popularity", "discover": "popularity"}
    (best,) = evaluation.select("for_you", method="popularity")
    assert best.beside_best == {}
    (ranker,) = evaluation.select("for_you", method="two_stage")
    assert ranker.value("ndcg_at_3") == 1
    assert ranker.beside_best["ndcg_at_3"] == compare_pair(np.ones(2), np.array([1.0, SECOND]), 200, 7, 0.9)


def test_rows_are_of_every_surface_method_and_group(evaluation):
    assert evaluation.surfaces == ("for_you", "discover")
    groups = [row.group for row in evaluation.select("for_you", None, "als")]
    assert groups[0] == "all"
    assert {"cold.no_history", "cold.few_rows", "country.FR"} <= set(groups)
    (cold,) = evaluation.select("for_you", "cold.no_history", "two_stage")
    assert (cold.n_users, cold.value("hit_rate_at_3"), cold.value("coverage_at_3")) == (1, 1, pytest.approx(1 / 3))
    assert math.isnan(cold.value("nothing"))
    assert [row.method for row in evaluation.select("for_you")] == list(KINDS)


def test_json_and_back(evaluation):
    again = Evaluation.from_json(evaluation.to_json())
    assert again.to_json() == evaluation.to_json()
    assert again.rows[0].estimates.keys() == evaluation.rows[0].estimates.keys()
    assert again.cut == CUT


def test_the_leading_methods_have_popularity_among_them(evaluation):
    assert [row.method for row in evaluation.leading("for_you", 3)] == ["two_stage", "popularity", "als"]
    worse = [
        dataclasses.replace(row, method={"popularity": "als", "als": "popularity"}.get(row.method, row.method))
        for row in evaluation.rows
    ]
    swapped = dataclasses.replace(evaluation, rows=tuple(worse))
    assert [row.method for row in swapped.leading("for_you", 2)] == ["two_stage", "popularity"]


def test_the_table_shows_every_method_with_its_interval(evaluation):
    stream = io.StringIO()
    Console(file=stream, width=140).print(render(evaluation))
    text = stream.getvalue()
    assert "for_you: accuracy at 3, 2 users, 90% intervals" in text
    assert "nDCG over popularity" in text
    assert "discover: what lists of 1 are like" in text
    assert "cold.no_history" in text
    assert all(text.count(name) >= 8 for name in KINDS)


def test_records_have_one_row_for_each_number(evaluation):
    found = list(records(evaluation))
    assert len(found) == sum(len(row.estimates) + len(row.totals) for row in evaluation.rows)
    key = {"surface": "for_you", "method": "two_stage", "group": "all", "metric": "ndcg_at_3"}
    (one,) = [record for record in found if key.items() <= record.items()]
    assert (one["value"], one["ratio"]) == (1, pytest.approx(2 / (1 + SECOND)))
    assert one["ratio_low"] <= one["ratio"] <= one["ratio_high"]


def test_flat_metrics_are_finite_and_their_names_are_allowed(evaluation):
    found = flat_metrics(evaluation, "two_stage")
    assert found["for_you/ndcg_at_3"] == 1
    assert found["for_you/ndcg_at_3_over_best_single"] == pytest.approx(2 / (1 + SECOND))
    assert found["for_you_by_group/cold.no_history.ndcg_at_3"] == 1
    assert found["for_you_by_group/country.C_te d_Or.ndcg_at_3"] == 1
    assert all(map(math.isfinite, found.values()))
    assert "for_you/ndcg_at_3_over_best_single" not in flat_metrics(evaluation, "popularity")


def test_the_gate_is_given_plain_names_and_those_of_groups(evaluation):
    found = gate_metrics(evaluation, "popularity")
    assert found["ndcg_at_3"] == pytest.approx((1 + SECOND) / 2)
    assert found["coverage_at_3"] == pytest.approx(2 / 3)
    assert found["cold.no_history.ndcg_at_3"] == 0
    assert found["n_users"] == 2
    assert found["equal_lists_at_3"] == 0.5
    assert "equal_lists_at_3" not in gate_metrics(evaluation, "popularity", is_personal=False)


@pytest.mark.parametrize("plot", [plot_intervals, plot_by_group, plot_lift])
def test_pictures_show_every_method(evaluation, plot):
    stream = io.BytesIO()
    figure = plot(evaluation, "for_you")
    figure.savefig(stream, format="png")
    assert stream.getvalue().startswith(b"\x89PNG")
    texts = [text.get_text() for text in figure.findobj(lambda part: hasattr(part, "get_text"))]
    assert {"two_stage", "als"} <= set(texts)
