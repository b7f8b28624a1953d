"""Stand-ins for user ids in what is kept for ever, such as a model's input example."""

import hashlib
import hmac

PSEUDONYM_LENGTH = 16  # 64 bits: no two of a few million users share one, and it still fits a column


def pseudonym(user_id: str, key: str) -> str:
    """Keyed hash of a user id: the same for the same key, and no way back without it.

    Parameters
    ----------
    user_id
        The id as it stands in the lake.
    key
        Secret of this deployment. A hash without a key could be undone by trying every known id.

    Returns
    -------
    str
        The first 16 hexadecimal digits of HMAC-SHA256.

    Raises
    ------
    ValueError
        If the key is empty.
    """
    if not key:
        raise ValueError("pseudonyms need a key; got an empty one")
    return hmac.new(key.encode(), user_id.encode(), hashlib.sha256).hexdigest()[:PSEUDONYM_LENGTH]
