"""Where an attempt writes its hashes: small enough to be sent to other processes, which open it themselves."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobs.adapters.online.counts import Counts, Told, tell_nobody
from jobs.adapters.online.redis_writer import HashWriter
from jobs.adapters.online.stores import Slices

# Seconds, unless the address says otherwise. A server that is frozen answers nothing, and whoever waits for it holds
# the lock of publishes; a batch takes a fraction of a second.
_PATIENCE = {"socket_connect_timeout": 10, "socket_timeout": 60}


@dataclass(frozen=True)
class RedisTarget:
    """One attempt to publish.

    Attributes
    ----------
    address, project
        See `RedisStore`.
    attempt
        Its number; what writes for it stops where a later one has begun.
    expires_at
        When the hashes go; None for hashes that stay.
    """

    address: str
    project: str
    attempt: int
    expires_at: datetime | None

    def write(self, slices: Slices, told: Told = tell_nobody) -> Counts:
        """Write some keys' rows; the same slices again leave the same hashes.

        Raises
        ------
        OnlineStoreError
            If a later attempt has begun.
        """
        counts, client = Counts(), open_client(self.address)
        writer = HashWriter(client, self.project, self.attempt, self.expires_at)
        try:
            for views in slices:
                writer.write(views, counts)
                told(max((len(encoded.keys) for encoded in views), default=0))
        finally:
            writer.close()
            client.close()
        return counts


def open_client(address: str) -> Any:
    """A Redis client for an address as Feast takes it."""
    from redis import Redis

    first, *options = address.split(",")
    host, _, port = first.partition(":")
    pairs = (option.partition("=") for option in options)
    asked = {name: _plain(value) for name, _, value in pairs}
    return Redis(host, int(port or 6379), **{**_PATIENCE, **asked})


def _plain(value: str) -> Any:
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value
