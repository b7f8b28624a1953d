"""What Spark's workers share of a night, by the number of workers: part `workers` of the bench of nights."""

import json
from collections.abc import Mapping
from dataclasses import replace

from tests.bench.cluster import Cluster, started_cluster
from tests.bench.night_whole import Night
from tests.bench.parts import Results
from tests.bench.processes import Measured

WORKERS = (1, 2, 4)
STAGES = ("ingest_events", "clean_events", "build_features", "recommend", "score_users")
"""Those whose users or rows are spread; a training solves ALS there too, and the rest of it in the driver."""

EXECUTORS = {"spark.executor.memory": "1g"}


def run_workers(night: Night) -> Results:
    """Seconds and memory by number of workers, of a night that has run whole in local mode."""
    found: Results = {}
    for n_workers in WORKERS:
        with started_cluster(night.app.root / f"cluster-{n_workers}", n_workers) as cluster:
            stages = _on(cluster, night)
        found |= _figures(n_workers, stages)
    return found


def _on(cluster: Cluster, night: Night) -> dict[str, Measured]:
    spread = {
        "NIGHTJAR__SPARK__MASTER": cluster.address,
        "NIGHTJAR__SPARK__EXTRA": json.dumps(EXECUTORS),
        "NIGHTJAR__RECOMMENDER__ENGINE": "spark",
        "NIGHTJAR__PREDICTIONS__ENGINE": "spark",
    }
    app = replace(night.app, variables={**night.app.variables, **spread})
    workers = [worker.process.pid for worker in cluster.workers if worker.process]
    day = str(night.log.night)
    return {stage: app.run(stage, "--date", day, "--again", beside=workers) for stage in STAGES}


def _figures(n_workers: int, stages: Mapping[str, Measured]) -> Results:
    return {
        f"workers_{n_workers}_seconds": sum(stage.seconds for stage in stages.values()),
        f"workers_{n_workers}_peak_gib": max(stage.peak_gib for stage in stages.values()),
        **{f"workers_{n_workers}_{name}_seconds": stage.seconds for name, stage in stages.items()},
    }
