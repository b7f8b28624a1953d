"""What a night's training hands to MLflow, of a tiny recommender."""

import pandas as pd
import tiny_recommender as tiny
from matplotlib.figure import Figure

from jobs.adapters.tracking.records import ModelRun, ServedModel, SourceRun, TrainingData
from jobs.models.served_recommender import CALL_PARAMS, INPUT_COLUMNS, OUTPUT_COLUMNS, build_example, load_served

NAME = "single-2026-01-05-0a1b2c3d"


def served_model(folder):
    past = tiny.build_past()
    tiny.save(folder, past)
    example = build_example(past.history, "secret")
    return ServedModel(
        folder=folder,
        loader="jobs.models.served_recommender",
        example_input=example,
        example_output=load_served(folder).predict(example),
        input_columns=INPUT_COLUMNS,
        output_columns=OUTPUT_COLUMNS,
        call_params=CALL_PARAMS,
        requirements=("numpy", "pandas", "scipy"),
    )


def record(folder, content_name=NAME, **changes):
    fields = {
        "role": "recommender",
        "content_name": content_name,
        "params": {"ranker.num_leaves": 15, "sources.als": "off"},
        "metrics": {"ndcg_at_10": 0.3},
        "tags": {"run_date": "2026-01-05", "code_commit": "abc", "data_digest": "d" * 64},
        "training_data": TrainingData("interactions", "d" * 64, "interactions/2026-01-05"),
        "model": changes.get("model") or served_model(folder),
        "model_card": "# Two stages\nFor the home page.",
        "pictures": {"sources": Figure()},
        "steps": {"learning/ndcg": [0.1, 0.2, 0.3]},
        "tables": {"features/importance": pd.DataFrame({"feature": ["age"], "gain_share": [1 / 3]})},
        "texts": {"users.html": "<p>lists</p>", "evaluation.json": "{}"},
        "sources": (
            SourceRun("als", {"factors": 2}, {"ndcg_at_10": 0.2}, tables={"lists": pd.DataFrame({"n": [1]})}),
            SourceRun("popularity", {}, {}, note="left out: too little data"),
        ),
    }
    return ModelRun(**{**fields, **changes})
