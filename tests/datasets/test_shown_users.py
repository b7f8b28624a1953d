from datetime import date

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from jobs.datasets.history import COUNTS, History
from jobs.datasets.past import Catalogue
from jobs.datasets.pseudonyms import pseudonym
from jobs.datasets.shown_users import build_shown_users, sample_users

CUT = date(2025, 3, 9)
ROWS = [
    ("ann", "a", "2025-03-09", 2),
    ("ann", "b", "2025-03-01", 1),
    ("ann", "b", "2025-03-02", 1),
    ("ann", "c", "2025-03-08", 0),
    ("bob", "c", "2025-03-08", 0),
]
ITEMS = np.array(["a", "b", "c", "d"])


def history():
    rows = pd.DataFrame(
        [(user, item, day, f"{day}T08:00:00", 0, 0, 0, n, 5.0 * n) for user, item, day, n in ROWS],
        columns=["user_id", "item_id", "event_day", "first_event_time", *COUNTS],
    )
    return History.from_frame(rows, CUT, "purchases", items=ITEMS)


def catalogue():
    zeros = np.zeros(4, np.int32)
    titles = np.array(["Apple", "Banana", "", "Date"])
    return Catalogue(ITEMS, titles, titles, zeros.astype(np.float32), zeros, zeros, np.ones(4, dtype=bool))


def build(users=(0, 1), lists=None, wanted=((0, 0, 1), (0, 3, 2))):
    given = {"popularity": [[2, 3, -1], [2, 0, 3]], "two_stage": [[0, 1, 2], [2, -1, -1]]} if lists is None else lists
    arrays = {name: np.array(of, np.int32) for name, of in given.items()}
    matrix = csr_matrix((np.ones(3), wanted), shape=(2, 4))
    return build_shown_users(history(), np.array(users), catalogue(), arrays, matrix, "secret", k=3)


def test_lists_side_by_side_with_what_was_wanted():
    ann, bob = build()
    assert ann.key == pseudonym("ann", "secret")
    assert [item.item_id for item in ann.lists["two_stage"]] == ["a", "b", "c"]
    assert [item.is_marked for item in ann.lists["two_stage"]] == [True, False, False]
    assert [item.was_had for item in ann.lists["two_stage"]] == [True, True, False]
    assert [item.item_id for item in ann.lists["popularity"]] == ["c", "d"]
    assert ann.n_hits == {"popularity": 1, "two_stage": 1}
    assert [(item.item_id, item.is_marked) for item in ann.wanted] == [("a", True), ("d", False)]
    assert (ann.n_rows, ann.n_wanted, bob.n_rows, bob.n_wanted) == (4, 2, 1, 1)


def test_what_was_had_the_last_first():
    ann, bob = build()
    assert [(item.title, item.note) for item in ann.had] == [
        ("Apple", "2 times, on the last day"),
        ("Banana", "2 times, 7 days before"),
    ]
    # Who never reached the goal is shown with what was looked at.
    assert [(item.item_id, item.note, item.was_had) for item in bob.had] == [("c", "0 times, 1 day before", False)]


def test_a_user_without_history_and_no_method():
    none = pd.DataFrame(columns=["user_id", "item_id", "event_day", "first_event_time", *COUNTS])
    nobody = History.from_frame(none, CUT, "wants", items=ITEMS, users=np.array(["new"]))
    matrix = csr_matrix((1, 4))
    (new,) = build_shown_users(nobody, np.array([0]), catalogue(), {}, matrix, "secret")
    assert (new.had, new.lists, new.wanted, new.n_wanted) == ((), {}, (), 0)


def test_the_same_users_the_next_night():
    users = np.array([0, 1])
    first = sample_users(history(), users, "secret", 1)
    keys = [pseudonym(user, "secret") for user in ("ann", "bob")]
    assert first.tolist() == [int(np.argmin(keys))]
    assert sample_users(history(), users, "secret", 9).tolist() == np.argsort(keys).tolist()
    assert sample_users(history(), users[1:], "secret", 9).tolist() == [0]
