"""Publishing into an empty store beside Feast's materialization of the same rows.

As a program it publishes once and prints the seconds and the largest memory:
``python -m tests.bench.serving.publish FOLDER USERS``.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jobs.adapters.online.contract import decide
from jobs.adapters.online.leaving import Leaving
from jobs.adapters.online.publishing import Offer, encode_slices
from jobs.adapters.online.redis_store import RedisStore
from jobs.adapters.online.sqlite_store import SqliteStore
from jobs.adapters.online.stores import OnlineStore
from tests.bench.alternate import in_turn, ratio, timed
from tests.bench.parts import Results
from tests.bench.serving.publish_data import GENERATION, ITEMS, VIEWS, use_ten_numbers, write_night
from tests.redis_server import running_redis

USERS = 100_000
OFFLINE = {"": "dask", "_duckdb": "duckdb"}
"""Feast's default store of files is dask's; beside it DuckDB's."""


def run_publish(root: Path, kind: str, users: int = USERS, times: int = 1) -> Results:
    """Figures of one store, `sqlite` or `redis`: seconds of both, rows a second, and ours over Feast's."""
    use_ten_numbers()
    folder = root / "serving" / kind
    shutil.rmtree(folder, ignore_errors=True)
    files = write_night(folder / "night", users)
    with _opened(kind, folder) as target:
        sides: dict[str, Callable[[], float]] = {"ours": lambda: _ours(target, files)}
        for suffix, offline in OFFLINE.items():
            sides[f"feast{suffix}"] = lambda offline=offline: _feast(target, folder, files, offline)
        found = in_turn(sides, times)
        _ours(target, files)
        _read_with_feast(target, folder, files)
    return _figures(kind, found, users)


def run_memory(root: Path, users: tuple[int, int] = (50_000, 200_000)) -> Results:
    """Largest memory of a publish by number of users, and the one over the other."""
    found = [_memory(root / "serving" / "memory", n_users) for n_users in users]
    sizes = {f"publish_peak_mib_{n_users}": peak for n_users, peak in zip(users, found, strict=True)}
    return {**sizes, "publish_peak_growth": found[1] / found[0]}


class _Target:
    """A store that is emptied before each side writes into it."""

    def __init__(self, kind: str, place: str) -> None:
        self._kind, self._place = kind, place

    @property
    def ours(self) -> OnlineStore:
        is_redis = self._kind == "redis"
        return RedisStore(self._place, "bench") if is_redis else SqliteStore(Path(self._place), "bench")

    @property
    def feast(self) -> dict[str, Any]:
        if self._kind == "redis":
            return {"type": "redis", "connection_string": self._place}
        return {"type": "sqlite", "path": self._place}

    def empty(self) -> None:
        if self._kind == "redis":
            from redis import Redis

            host, _, port = self._place.partition(":")
            Redis(host, int(port)).flushall()
            return
        for file in Path(self._place).parent.glob("online.db*"):
            file.unlink()


@contextmanager
def _opened(kind: str, folder: Path) -> Iterator[_Target]:
    if kind == "redis":
        with running_redis(folder / "server") as server:
            yield _Target(kind, server.address)
    else:
        yield _Target(kind, str(folder / "online.db"))


def _ours(target: _Target, files: dict[str, list[Path]]) -> float:
    target.empty()
    return timed(lambda: _publish(target.ours, files))


def _publish(store: OnlineStore, files: dict[str, list[Path]]) -> None:
    offer = Offer(GENERATION, files, lambda: Leaving({}, set(), GENERATION.status))
    store.replace(decide(store.served(), GENERATION).served, encode_slices(offer))


def _feast(target: _Target, folder: Path, files: dict[str, list[Path]], offline: str) -> float:
    from tests.bench.serving.feast_materialize import apply_views, materialize, open_feast

    target.empty()
    (folder / "registry.db").unlink(missing_ok=True)
    store = open_feast(folder, target.feast, offline)
    apply_views(store, files)
    return timed(lambda: materialize(store))


def _read_with_feast(target: _Target, folder: Path, files: dict[str, list[Path]]) -> None:
    """The plain SDK reads what was published last."""
    from tests.bench.serving.feast_materialize import apply_views, open_feast

    store = open_feast(folder, target.feast, "duckdb")
    apply_views(store, files)
    answer = store.get_online_features(
        features=["recs_for_you:items", "churn:probability", "churn:generation"],
        entity_rows=[{"user_id": "u00000000"}],
    ).to_dict()
    if len(answer["items"][0] or []) != ITEMS or answer["generation"] != [GENERATION.name]:
        raise AssertionError(f"Feast does not read what was published: {answer}")


def _figures(kind: str, found: dict[str, list[float]], users: int) -> Results:
    seconds = {f"publish_{kind}_seconds{name.removeprefix('ours')}": min(times) for name, times in found.items()}
    seconds = {name.replace("secondsfeast", "seconds_feast"): value for name, value in seconds.items()}
    ratios = {f"publish_{kind}_over_feast{suffix}": ratio(found, f"feast{suffix}", "ours") for suffix in OFFLINE}
    rate = len(VIEWS) * users / min(found["ours"])
    return {**seconds, **ratios, f"publish_{kind}_rows_per_second": rate, "publish_users": users}


def _memory(folder: Path, users: int) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.serving.publish", str(folder), str(users)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(json.loads(done.stdout)["peak_mib"])


def main() -> None:
    """Publish once into an empty SQLite store."""
    folder, users = Path(sys.argv[1]), int(sys.argv[2])
    use_ten_numbers()
    shutil.rmtree(folder, ignore_errors=True)
    files = write_night(folder / "night", users)
    start = time.perf_counter()
    _publish(SqliteStore(folder / "online.db", "bench"), files)
    print(json.dumps({"seconds": time.perf_counter() - start, "peak_mib": _peak_mib()}))


def _peak_mib() -> float:
    """Of this process alone: what `getrusage` tells counts what its parent held when it started it."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
