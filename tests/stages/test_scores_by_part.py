"""Users scored in parts on workers are told what one process tells them."""

import numpy as np
import pandas as pd

from jobs.models.predictions.model import PredictionModel, Task
from jobs.models.predictions.scoring import score
from jobs.stages.scores_by_part import score_by_part
from tests.models.predictions.observed import PARAMS, observed_users

N = 120


def test_the_same_numbers_however_many_parts(spark):
    features, target, users = observed_users(N)
    days = np.where(target > 0, 15.0, 1.0 + np.arange(N) % 7)
    model = PredictionModel(Task("return_visit", (3, 14)), PARAMS).fit(features, days, users, ["active"] * N)
    intents = features["days_since_intent"].where(np.arange(N) % 10 > 0)
    rows = features.assign(user_id=users[::-1], segment="active", days_since_intent=intents)
    names = list(features.columns)
    found = score_by_part(spark, model, rows, names, users_per_part=50)
    pd.testing.assert_frame_equal(found, score(model, rows, names), check_dtype=False, rtol=1e-9)
