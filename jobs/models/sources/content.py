"""Words and categories of items: what reaches items that nobody has touched."""

import re
from collections import Counter

import numpy as np
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError
from jobs.datasets.history import History
from jobs.datasets.past import Catalogue, Past
from jobs.models.lists import Scores
from jobs.models.sources.limits import TINY, check_at_least
from jobs.models.sources.popularity import decayed_days
from jobs.models.sources.signal import Signal, checked_signal, signal_of
from jobs.models.sources.source import Params, Source
from jobs.models.sources.unit_lengths import unit_rows
from jobs.models.storage import Arrays

WORD = re.compile(r"[^\W_]+")


class Content(Source):
    """Cosine of an item's words and category with the user's decayed ones, weighted by TF-IDF.

    The weights are those of Salton and Buckley (1988), "Term-weighting approaches in automatic text retrieval".
    Words are the runs of letters and digits of the title, in lower case; the category is one more term, which weighs
    `category_weight` words. A term that only one item has says nothing of others and is left out.

    Parameters
    ----------
    half_life_days
        After so many days an event counts half in what the user had.
    category_weight
        Weight of the category beside a word of the title; 0 leaves it out.
    popularity_half_life_days, popularity_power
        Scores are multiplied with (1 + decayed days of users with the item) to this power; 0: words alone.
    signal
        ``goal`` or ``interest``; see `Signal`.
    """

    name = "content"
    reason = "like_your_taste"

    _terms: csr_matrix
    _popularity: Scores

    def __init__(
        self,
        half_life_days: float = 30.0,
        category_weight: float = 1.0,
        popularity_half_life_days: float = 15.0,
        popularity_power: float = 0.5,
        signal: Signal = "goal",
    ) -> None:
        check_at_least(self.name, TINY, half_life_days=half_life_days)
        check_at_least(self.name, TINY, popularity_half_life_days=popularity_half_life_days)
        check_at_least(self.name, 0, category_weight=category_weight, popularity_power=popularity_power)
        self.half_life_days = half_life_days
        self.category_weight = category_weight
        self.popularity_half_life_days = popularity_half_life_days
        self.popularity_power = popularity_power
        self.signal: Signal = checked_signal(self.name, signal)

    @property
    def params(self) -> Params:
        """Parameters of the constructor."""
        return {
            "half_life_days": self.half_life_days,
            "category_weight": self.category_weight,
            "popularity_half_life_days": self.popularity_half_life_days,
            "popularity_power": self.popularity_power,
            "signal": self.signal,
        }

    def _fit(self, past: Past) -> None:
        self._terms = item_terms(past.catalogue, self.category_weight)
        history = past.history
        days = decayed_days(history, self.popularity_half_life_days)
        counted = np.bincount(history.item, days, minlength=len(past.items))
        self._popularity = ((1 + counted) ** self.popularity_power).astype(np.float32)

    def _score(self, history: History) -> Scores:
        had = history.matrix(signal_of(history, self.signal), self.half_life_days)
        profile = had @ self._terms
        return np.asarray((profile @ self._terms.T).toarray() * self._popularity, dtype=np.float32)

    def _arrays(self) -> Arrays:
        return {
            "popularity": self._popularity,
            "terms_data": self._terms.data,
            "terms_indices": self._terms.indices.astype(np.int32),
            "terms_indptr": self._terms.indptr.astype(np.int64),
            "n_terms": np.array(self._terms.shape[1]),
        }

    def _restore(self, arrays: Arrays) -> None:
        self._popularity = arrays["popularity"]
        parts = (arrays["terms_data"], arrays["terms_indices"], arrays["terms_indptr"])
        self._terms = csr_matrix(parts, shape=(len(arrays["popularity"]), int(arrays["n_terms"])))


def item_terms(catalogue: Catalogue, category_weight: float) -> csr_matrix:
    """TF-IDF of each item, rows of length 1 or empty.

    Returns
    -------
    csr_matrix
        Shape (n_items, n_terms), float32; terms are in the order of their text.

    Raises
    ------
    ModelError
        If no item has a title or a category, or no two items share a term.
    """
    if not (catalogue.title != "").any() and not (catalogue.category != "").any():
        raise ModelError("source 'content': no item has a title or a category; map them in a log of items")
    counts = [
        _terms_of(str(title), str(category), category_weight)
        for title, category in zip(catalogue.title, catalogue.category, strict=True)
    ]
    owners = Counter(term for each in counts for term in each)
    shared = {term: n for n, term in enumerate(sorted(term for term, n in owners.items() if n > 1))}
    if not shared:
        raise ModelError("source 'content': no two items share a word or a category")
    idf = {term: np.log1p(len(counts) / owners[term]) for term in shared}
    entries = [
        (row, shared[term], count * idf[term])
        for row, each in enumerate(counts)
        for term, count in each.items()
        if term in shared
    ]
    rows, columns, values = zip(*entries, strict=True)
    matrix = csr_matrix((values, (rows, columns)), shape=(len(counts), len(shared)))
    matrix.sort_indices()
    return unit_rows(matrix).astype(np.float32)


def _terms_of(title: str, category: str, category_weight: float) -> dict[str, float]:
    """Term -> how often; a word is marked apart from a category of the same text."""
    terms: dict[str, float] = {f"word {word}": float(n) for word, n in Counter(WORD.findall(title.lower())).items()}
    if category and category_weight:
        terms[f"category {category}"] = category_weight
    return terms
