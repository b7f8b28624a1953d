"""Lists of items for the page of an item: what is similar to it, and what is bought together with it."""

import numpy as np
from scipy.sparse import csr_matrix

from jobs.core.surfaces import BOUGHT_TOGETHER, REASONS, SIMILAR_TO
from jobs.models.lists import NO_ITEM, Mask
from jobs.models.surfaces.pool import Pool, empty_pool

REASON_OF = {"similar": SIMILAR_TO, "bought_together": BOUGHT_TOGETHER}


def build_item_lists(surface: str, neighbours: csr_matrix, allowed: Mask, k: int) -> Pool:
    """The nearest allowed neighbours of every item.

    Parameters
    ----------
    surface
        ``similar`` or ``bought_together``.
    neighbours
        Shape (n_items, n_items), float32: row i holds how much item i speaks for others, 0 or less for not at all.
    allowed
        Shape (n_items,): what may be on a list. An item that may not still has one: its page may be open.
    k
        Items of a list.

    Returns
    -------
    Pool
        Shape (n_items, k): each item's own position is the anchor. Equal weights go by item id.
    """
    rows = neighbours.tocsr()
    item = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    kept = allowed[rows.indices] & (rows.data > 0) & (rows.indices != item)
    item, other, weight = item[kept], rows.indices[kept], rows.data[kept]
    order = np.lexsort((other, -weight, item))
    item, other, weight = item[order], other[order], weight[order]
    first = np.searchsorted(item, np.arange(rows.shape[0]))
    place = np.arange(len(item)) - first[item]
    best = place < k
    made = empty_pool(rows.shape[0], k)
    made.items[item[best], place[best]] = other[best]
    made.scores[item[best], place[best]] = weight[best]
    has = made.items != NO_ITEM
    made.anchors[has] = np.broadcast_to(np.arange(rows.shape[0])[:, None], has.shape)[has]
    made.reasons[has] = REASONS.index(REASON_OF[surface])
    return made
