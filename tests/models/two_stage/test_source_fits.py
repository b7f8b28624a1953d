"""Sources of several cuts are those that are fitted one by one."""

import numpy as np
import pytest
from small_past import LAST_DAY, past_of, shop, windows_of

from jobs.core.errors import ModelError
from jobs.datasets.past import Past
from jobs.models.sources.popularity import Popularity
from jobs.models.sources.registry import SOURCES
from jobs.models.two_stage.source_fits import fit_all, fit_possible
from jobs.models.two_stage.source_set import SourceFailedError, SourceSet

SOURCES_OF_ALL = {"popularity": {}, "ease": {"signal": "goal"}, "item_item": {}}


class EarlySource(Popularity):
    """Cannot learn from the run date."""

    name = "early"
    fit_effort = 99

    def _fit(self, past: Past) -> None:
        if past.history.cut == LAST_DAY:
            raise ModelError("it is too late")
        super()._fit(past)


@pytest.fixture(scope="module")
def pasts() -> list[Past]:
    events = shop()
    return [windows_of(events, 2)[1].past, past_of(events, LAST_DAY)]


def test_the_longest_begins_first_and_results_are_in_the_order_of_the_pasts_and_the_names(pasts: list[Past]) -> None:
    for past, found in zip(pasts, fit_all(SOURCES_OF_ALL, pasts), strict=True):
        alone = SourceSet.fit(SOURCES_OF_ALL, past)
        assert found.names == alone.names == ("ease", "item_item", "popularity")
        for one, other in zip(found.score(past.history), alone.score(past.history), strict=True):
            np.testing.assert_array_equal(one, other)


def test_what_cannot_learn_from_one_past_is_told_and_the_rest_is_kept(
    monkeypatch: pytest.MonkeyPatch, pasts: list[Past]
) -> None:
    monkeypatch.setitem(SOURCES, "early", EarlySource)
    sources = {**SOURCES_OF_ALL, "early": {}, "unknown": {}}

    (before, after), failed = fit_possible(sources, pasts)

    assert before.names == ("early", "ease", "item_item", "popularity")
    assert after.names == ("ease", "item_item", "popularity")
    assert "it is too late" in failed["early"]
    assert "no candidate source is called 'unknown'" in failed["unknown"]
    with pytest.raises(SourceFailedError, match="it is too late"):
        fit_all({"early": {}, "popularity": {}}, pasts)
