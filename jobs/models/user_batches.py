"""Users a few at a time, so that a dense matrix of scores never holds all of them."""

from collections.abc import Iterator
from dataclasses import replace

from jobs.datasets.history import History

# Cells of one dense matrix: 4 MB in float32. A dozen sources and what is computed with them stay below a quarter of a
# gigabyte a worker, whatever the catalogue; larger batches are no faster.
BATCH_CELLS = 1_000_000


def user_batches(n_users: int, n_items: int, cells: int = BATCH_CELLS) -> Iterator[tuple[int, int]]:
    """Ranges of users, first and one past the last, of at most so many cells but at least one user."""
    step = max(1, cells // max(1, n_items))
    for start in range(0, n_users, step):
        yield start, min(start + step, n_users)


def users_between(history: History, start: int, stop: int) -> History:
    """The history of the users at positions ``start:stop``, without a pass over all rows as `History.take` needs."""
    rows = slice(*history.indptr[[start, stop]].tolist())
    return replace(
        history,
        users=history.users[start:stop],
        user=history.user[rows] - history.user.dtype.type(start),
        item=history.item[rows],
        age=history.age[rows],
        moment=history.moment[rows],
        goal=history.goal[rows],
        counts={name: values[rows] for name, values in history.counts.items()},
        places={name: values[start:stop] for name, values in history.places.items()},
    )
