"""The best fifty items of many users, beside implicit's `recommend`: each run is a process of its own."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from rich.console import Console
from scipy.sparse import csr_matrix

from tests.bench.alternate import in_turn, ratio
from tests.bench.processes import measure
from tests.bench.recommender_data import make_factors

USERS, ITEMS, FACTORS, SEEN, K = 138_000, 27_000, 128, 144, 50
REPEATS = 5
BLAS_THREADS = {"ours": "1", "implicit": "1", "implicit_blas_2": "2"}
"""implicit asks for one thread of BLAS; whether two serve it better is looked at too, and the better counts."""


def run_top_k(console: Console, root: Path) -> dict[str, Any]:
    """Users a second of both, and the largest memory of our process, its data included."""
    file = _made(root)
    console.print(f"top {K}: {USERS:,} users, {ITEMS:,} items, {FACTORS} factors")
    peaks: dict[str, list[float]] = {name: [] for name in BLAS_THREADS}
    same: list[float] = []

    def side(name: str) -> Callable[[], float]:
        def run() -> float:
            environment = {**os.environ, "OPENBLAS_NUM_THREADS": BLAS_THREADS[name], "OMP_NUM_THREADS": str(_cores())}
            command = [sys.executable, "-m", "tests.bench.recommender_top_k", name, str(file)]
            done = measure(command, environment, root / "work" / "top-k.log")
            peaks[name].append(done.peak_gib)
            told = json.loads(done.output)
            if name != "ours":
                same.append(told["same"])
            return float(told["seconds"])

        return run

    found = in_turn({name: side(name) for name in BLAS_THREADS}, REPEATS)
    theirs = min(("implicit", "implicit_blas_2"), key=lambda name: median(found[name]))
    return {
        "topk_users_per_second": USERS / median(found["ours"]),
        "topk_implicit_users_per_second": USERS / median(found[theirs]),
        "topk_throughput_over_implicit": ratio(found, theirs, "ours"),
        "topk_peak_gib": max(peaks["ours"]),
        "topk_implicit_peak_gib": max(peaks[theirs]),
        "topk_same_places_as_implicit": median(same),
    }


def _cores() -> int:
    return os.cpu_count() or 1


def _made(root: Path) -> Path:
    file = root / "work" / f"factors-{USERS}-{ITEMS}-{FACTORS}.npz"
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, **make_factors(USERS, ITEMS, FACTORS, SEEN))
    return file


def main(name: str, file: Path) -> None:
    """One side, once; prints its seconds. The lists of our side are kept beside the data for the other to compare."""
    with np.load(file) as stored:
        data = {name: stored[name] for name in stored.files}
    indices, indptr = data["seen_indices"], data["seen_indptr"]
    seen = csr_matrix((np.ones(len(indices), np.float32), indices, indptr), shape=(USERS, ITEMS))
    run = {"ours": _ours}.get(name, _implicit)
    run(data["user_factors"][:256], data["item_factors"], seen[:256])
    start = time.perf_counter()
    lists = run(data["user_factors"], data["item_factors"], seen)
    told = {"seconds": time.perf_counter() - start}
    kept = file.with_suffix(".lists.npy")
    if name == "ours":
        np.save(kept, lists)
    elif kept.is_file():
        told["same"] = float((np.load(kept) == lists).mean())
    print(json.dumps({"same": 0.0, **told}))


def _ours(users: np.ndarray, items: np.ndarray, seen: csr_matrix) -> np.ndarray:
    from jobs.models.factors import factor_top_k

    return factor_top_k(users, items, K, seen).items


def _implicit(users: np.ndarray, items: np.ndarray, seen: csr_matrix) -> np.ndarray:
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(factors=FACTORS)
    model.user_factors, model.item_factors = users, items
    found, _ = model.recommend(np.arange(len(users)), seen, N=K, filter_already_liked_items=True)
    return np.asarray(found)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
