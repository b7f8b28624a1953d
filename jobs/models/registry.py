"""The recommenders by name. A new one is one file and one line here."""

from pathlib import Path

from jobs.core.errors import ModelError
from jobs.models.als import AlsRecommender
from jobs.models.popularity import PopularityRecommender
from jobs.models.protocol import Recommender
from jobs.models.storage import read_description

RECOMMENDERS: dict[str, type[Recommender]] = {
    AlsRecommender.name: AlsRecommender,
    PopularityRecommender.name: PopularityRecommender,
}


def recommender_class(name: str) -> type[Recommender]:
    """The class behind a name.

    Raises
    ------
    ModelError
        If no model has that name.
    """
    if name not in RECOMMENDERS:
        raise ModelError(f"no recommender is called '{name}'; there are {sorted(RECOMMENDERS)}")
    return RECOMMENDERS[name]


def create_recommender(name: str, **params: float | int | str) -> Recommender:
    """A model that is not fitted yet.

    Raises
    ------
    ModelError
        If the name or a parameter does not exist, or a parameter is out of range.
    """
    model = recommender_class(name)
    try:
        return model(**params)
    except TypeError as error:
        raise ModelError(f"model '{name}' does not take these parameters {sorted(params)}: {error}") from error


def load_recommender(folder: Path) -> Recommender:
    """The model that `Recommender.save` wrote into a folder, whichever it is.

    Raises
    ------
    ModelError
        If the folder holds no readable model, or one with an unknown name.
    """
    return recommender_class(read_description(folder)["model"]).load(folder)
