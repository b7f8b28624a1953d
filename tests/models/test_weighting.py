import math

import numpy as np
from scipy.sparse import csr_matrix

from jobs.models.weighting import Bm25

K1, B = 1.2, 0.5

WEIGHTS = csr_matrix(np.array([[2, 0, 1], [4, 3, 0]], dtype=np.float32))


def test_as_written_out_by_hand():
    made = Bm25.fit(WEIGHTS, K1, B).transform(WEIGHTS).toarray()
    dense = WEIGHTS.toarray()
    mean = dense.sum() / 2
    for user in range(2):
        for item in range(3):
            weight = float(dense[user, item])
            owners = int((dense[:, item] > 0).sum())
            idf = math.log(1 + (2 - owners + 0.5) / (owners + 0.5))
            norm = 1 - B + B * float(dense[user].sum()) / mean
            assert math.isclose(made[user, item], weight * (K1 + 1) / (K1 * norm + weight) * idf, rel_tol=1e-5)


def test_an_item_that_everybody_has_still_counts():
    assert (Bm25.fit(WEIGHTS, K1, B).transform(WEIGHTS).data > 0).all()


def test_an_empty_history_stays_empty():
    assert Bm25.fit(WEIGHTS, K1, B).transform(csr_matrix((2, 3), dtype=np.float32)).nnz == 0
