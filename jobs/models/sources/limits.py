"""Parameters of sources within their limits."""

from jobs.core.errors import ModelError

TINY = 1e-9
"""Stands for "above zero"."""


def check_at_least(source: str, least: float, **params: float) -> None:
    """Refuse parameters below a limit.

    Raises
    ------
    ModelError
        Naming the source, the parameter, its limit and what was got.
    """
    for name, value in params.items():
        # Written so that not-a-number is refused too.
        if not value >= least:
            limit = "above 0" if least == TINY else f"at least {least:g}"
            raise ModelError(f"source '{source}': {name} must be {limit}; got {value}")


def check_catalogue(source: str, n_items: int, max_items: int) -> None:
    """Refuse a catalogue that a dense items x items matrix would not fit.

    Raises
    ------
    ModelError
        If there are more items than the source may take.
    """
    if n_items > max_items:
        raise ModelError(
            f"source '{source}' solves a dense matrix of items x items and takes at most max_items = {max_items}; "
            f"the catalogue has {n_items}; raise max_items if {12 * n_items**2 / 1e9:.1f} GB of memory can be had, "
            "or switch the source off"
        )
