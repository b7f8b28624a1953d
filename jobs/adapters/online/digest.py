"""The digest of what is online: equal digests mean that apps read the same."""

import hashlib
import struct

from jobs.adapters.online.stores import OnlineStore
from jobs.features.online import EXPIRES_AT, ONLINE_VIEWS


def online_digest(store: OnlineStore) -> str:
    """SHA-256 (32 digits) over every view's name, keys, features and values.

    Equal in SQLite and in Redis. Left out are the publish number and `expires_at`, which a rollback
    stamps anew; the generation's name counts. An empty store has a digest too.
    """
    digest = hashlib.sha256()
    for view in sorted(ONLINE_VIEWS):
        _add(digest, view.encode())
        for key, feature, value in store.rows(view):
            if feature != EXPIRES_AT.name:
                _add(digest, key, feature.encode(), value)
    return digest.hexdigest()[:32]


def _add(digest: "hashlib._Hash", *parts: bytes) -> None:
    for part in parts:
        digest.update(struct.pack("<I", len(part)))
        digest.update(part)
