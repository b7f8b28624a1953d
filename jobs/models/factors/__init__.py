"""Lists cut out of factors of users and items, where a matrix of all scores would not fit."""

from jobs.models.factors.top_k import factor_top_k

__all__ = ["factor_top_k"]
