"""The recommender of a night as MLflow serves it: its folder, an example, and what loading needs."""

from pathlib import Path

from jobs.adapters.tracking.records import ServedModel
from jobs.core.config.model import Settings
from jobs.datasets.past import Past
from jobs.models.recommender import Recommender
from jobs.models.served_recommender import CALL_PARAMS, INPUT_COLUMNS, OUTPUT_COLUMNS, build_example, load_served
from jobs.models.serving_facts import ServingFacts
from jobs.models.surfaces.given import listable

LOADER = "jobs.models.served_recommender"
REQUIREMENTS = ("nightjar", "implicit", "lightgbm", "numpy", "pandas", "scipy", "threadpoolctl")


def package_recommender(model: Recommender, past: Past, settings: Settings, folder: Path) -> ServedModel:
    """Save a recommender with what the night knows of its items, and say how it is served.

    Parameters
    ----------
    model
        Fitted up to the end of the past.
    past
        Up to the end of the run date, over the items of the model.
    settings
        Of the app: the goal, what is blocked, and the key of the hashes that stand for users in the example.
    folder
        Target; must be there until the run is registered.
    """
    model.save(folder)
    available = listable(past.catalogue, settings.lists.blocked)
    ServingFacts(settings.recommender.goal, available).save(folder)
    example = build_example(past.history, settings.tracking.hash_key)
    return ServedModel(
        folder=folder,
        loader=LOADER,
        example_input=example,
        # By what was read back: what cannot be loaded fails the night, not the notebook.
        example_output=load_served(folder).predict(example),
        input_columns=INPUT_COLUMNS,
        output_columns=OUTPUT_COLUMNS,
        call_params={**CALL_PARAMS, "exclude_had": settings.lists.exclude_had.for_you},
        requirements=REQUIREMENTS,
    )
