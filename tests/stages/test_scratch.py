from pathlib import Path

from pyspark.sql import SparkSession

from jobs.core.home import Home
from jobs.stages.scratch import Scratch


def test_runs_of_one_stage_keep_apart_in_one_process(spark: SparkSession, tmp_path: Path) -> None:
    one, two = (Scratch(Home(tmp_path, "shop"), "recommend") for _ in range(2))
    kept = [each.keep(spark.sql(f"SELECT {number} AS n")) for number, each in enumerate((one, two))]
    one.clear()
    assert [row["n"] for row in kept[1].collect()] == [1]
    (left,) = (tmp_path / "spark").iterdir()
    assert left.name.startswith("scratch-shop-recommend-")


def test_two_frames_of_a_run_keep_apart(spark: SparkSession, tmp_path: Path) -> None:
    scratch = Scratch(Home(tmp_path, "shop"), "recommend")
    kept = [scratch.keep(spark.sql(f"SELECT {number} AS n")) for number in range(2)]
    assert [row["n"] for frame in kept for row in frame.collect()] == [0, 1]


def test_what_was_never_asked_for_is_no_folder(tmp_path: Path) -> None:
    Scratch(Home(tmp_path, "shop"), "recommend").clear()
    assert list(tmp_path.iterdir()) == []
