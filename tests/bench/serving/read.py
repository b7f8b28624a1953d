"""One user's recommendations and predictions in process, beside one call of the Feast SDK for the same columns.

Run it alone by `python -m tests.bench.serving.read`.
"""

import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nightjar_client import Client
from tests.bench.serving.place import Place, make_place
from tests.redis_server import running_redis

N_USERS = 20_000
CALLS = 2_000
ROUNDS = 5
"""Both take turns, so that a busy moment of the machine meets both."""


def run(n_users: int = N_USERS, calls: int = CALLS) -> dict[str, float]:
    """Latencies in milliseconds and their ratios, ours / Feast's; SQLite, and Redis from its wheel.

    Returns
    -------
    Flat figures; those without a store's name are of SQLite, the default.
    """
    with tempfile.TemporaryDirectory(prefix="bench-read-") as folder:
        figures = _compare(make_place(Path(folder), n_users), calls)
        with running_redis(Path(folder) / "server") as server:
            redis = _compare(make_place(Path(folder), n_users, server.address), calls)
    return figures | {f"redis_{name}": value for name, value in redis.items()}


def feast_features(store: Any) -> list[str]:
    """The columns that the client reads for a user's list and predictions."""
    kinds = ("serving", "prediction")
    views = [v for v in store.list_feature_views() if v.name == "recs_for_you" or v.tags.get("kind") in kinds]
    return [f"{view.name}:{field.name}" for view in views for field in view.features]


def _compare(place: Place, calls: int) -> dict[str, float]:
    client, features = Client.open(store=place.feast), feast_features(place.feast)

    def ours(user: str) -> None:
        if client.recommendations(user).rung != "user" or not client.predictions(user).views:
            raise SystemExit(f"our client has no rows for {user}")

    def theirs(user: str) -> None:
        answer = place.feast.get_online_features(features, [{"user_id": user}], full_feature_names=True).to_dict()
        if not answer["recs_for_you__items"][0]:
            raise SystemExit(f"Feast has no rows for {user}")

    users = random.Random(7).choices(place.users, k=calls)
    mine: list[float] = []
    others: list[float] = []
    for user in users[:50]:
        ours(user)
        theirs(user)
    for at in range(ROUNDS):
        mine += _milliseconds(ours, users[at::ROUNDS])
        others += _milliseconds(theirs, users[at::ROUNDS])
    figures = {
        "read_p50_ms": _percentile(mine, 50),
        "read_p99_ms": _percentile(mine, 99),
        "read_feast_p50_ms": _percentile(others, 50),
        "read_feast_p99_ms": _percentile(others, 99),
    }
    return figures | {
        "read_p50_over_feast": figures["read_p50_ms"] / figures["read_feast_p50_ms"],
        "read_p99_over_feast": figures["read_p99_ms"] / figures["read_feast_p99_ms"],
    }


def _milliseconds(call: Callable[[str], None], users: list[str]) -> list[float]:
    taken = []
    for user in users:
        start = time.perf_counter()
        call(user)
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
