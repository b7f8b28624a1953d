import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError
from jobs.datasets.interactions import Interactions
from jobs.models.popularity import PopularityRecommender


@pytest.fixture
def interactions():
    rows = [("u1", "a", 1.0), ("u1", "b", 4.0), ("u2", "c", 2.0), ("u3", "a", 2.0)]
    return Interactions.from_frame(pd.DataFrame(rows, columns=["user_id", "item_id", "weight"]))


def test_without_a_table_it_adds_up_the_interactions(interactions):
    lists = PopularityRecommender().fit(interactions).recommend(interactions.weights, 3)
    assert lists.items.tolist() == [[1, 0, 2]] * 3
    assert lists.scores.tolist() == [[4, 3, 2]] * 3


def test_a_given_popularity_counts_instead_and_what_it_lacks_is_last(interactions):
    model = PopularityRecommender().fit(interactions, {"c": 9.0, "b": 1.0, "elsewhere": 50.0})
    assert model.recommend(csr_matrix((1, 3), dtype=np.float32), 3).items.tolist() == [[2, 1, 0]]


def test_a_weight_that_is_no_number_is_refused(interactions):
    with pytest.raises(ModelError, match="not finite"):
        PopularityRecommender().fit(interactions, {"a": float("nan")})
