"""What a night's training of the recommender found: all that its MLflow run tells of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jobs.core.config.model import Settings
from jobs.evaluation.comparison import Comparison
from jobs.stages.contenders import Contender, Contenders
from jobs.stages.judging import Judged


@dataclass(frozen=True)
class TrainedNight:
    """What a night trained and found.

    Attributes
    ----------
    settings, run_date
        Of the night.
    content_name
        Of the challenger.
    chosen, why
        The contender that becomes it, and the sentence that says why.
    contenders
        All that were trained.
    judged
        All that were measured; None where there was no label window yet.
    windows
        Cut and number of judged users of each label window, newest first: the first judges.
    champion
        Content name of yesterday's champion, empty where there was none.
    champion_recipe
        Its parameters.
    comparison
        The challenger beside it, user by user; None where they were not compared.
    training_digest, config_fingerprint, code_commit
        What the content name is made of, and the commit.
    """

    settings: Settings
    run_date: date
    content_name: str
    chosen: Contender
    why: str
    contenders: Contenders
    judged: Judged | None
    windows: tuple[tuple[date, int], ...]
    champion: str
    champion_recipe: Mapping[str, Any]
    comparison: Comparison | None
    training_digest: str
    config_fingerprint: str
    code_commit: str
