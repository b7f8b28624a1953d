"""Publishing into Redis by Spark's workers, by how many there are.

As a program it publishes once and prints the seconds, those of starting Spark left out:
``python -m tests.bench.serving.publish_spark FOLDER USERS WORKERS ADDRESS``.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from jobs.adapters.online.contract import decide
from jobs.adapters.online.leaving import Leaving
from jobs.adapters.online.publishing import Offer
from jobs.adapters.online.redis_store import RedisStore
from jobs.adapters.online.spark_writer import SparkWriter
from jobs.adapters.spark.session import spark_session
from jobs.core.config import load_settings
from tests.bench.alternate import in_turn, ratio, timed
from tests.bench.parts import Results
from tests.bench.serving.publish_data import GENERATION, VIEWS, write_night
from tests.redis_server import running_redis

WORKERS = (1, 2)
_WARM_USERS = 400  # of a publish before the timed one: workers have then imported what they need


def run_spark(root: Path, users: int, times: int = 3) -> Results:
    """Seconds with one and with two of Spark's workers in turn, and how many times faster two are."""
    folder = root / "serving" / "spark"
    shutil.rmtree(folder, ignore_errors=True)
    with running_redis(folder / "server") as server:
        sides: dict[str, Callable[[], float]] = {
            str(workers): partial(_in_a_process, folder, users, workers, server.address) for workers in WORKERS
        }
        found = in_turn(sides, times)
    seconds = {f"publish_redis_spark_seconds_{workers}": min(found[str(workers)]) for workers in WORKERS}
    return {**seconds, "publish_redis_spark_growth": ratio(found, *map(str, WORKERS))}


def _in_a_process(folder: Path, users: int, workers: int, address: str) -> float:
    arguments = [str(folder), str(users), str(workers), address]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.serving.publish_spark", *arguments], stdout=subprocess.PIPE, check=True
    )
    return float(json.loads(done.stdout)["seconds"])


def main() -> None:
    """Publish once into an emptied Redis, after a small publish that starts and warms the workers."""
    from redis import Redis

    folder, users, workers, address = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    host, _, port = address.partition(":")
    settings = load_settings("sample").spark.model_copy(update={"master": f"local[{workers}]"})
    # Two parts for each of two workers: with as many parts as workers the slower one is waited for.
    write = SparkWriter(lambda: spark_session(settings, folder / "home"), keys_per_part=max(1, users // 4))
    # Workers know whole views, so these have all their columns here.
    for night, n_users in (("warm", _WARM_USERS), ("night", users)):
        files = _files(folder / night, n_users)
        Redis(host, int(port)).flushall()
        seconds = timed(partial(_publish, RedisStore(address, "bench"), files, write))
    print(json.dumps({"seconds": seconds}))


def _files(folder: Path, users: int) -> dict[str, list[Path]]:
    """Of a night that is written once."""
    if folder.is_dir():
        return {name: [folder / f"{name}.parquet"] for name in VIEWS}
    return write_night(folder, users)


def _publish(store: RedisStore, files: dict[str, list[Path]], write: SparkWriter) -> None:
    offer = Offer(GENERATION, files, lambda: Leaving({}, set(), GENERATION.status))
    write(store, decide(store.served(), GENERATION).served, offer, lambda _: None)


if __name__ == "__main__":
    main()
