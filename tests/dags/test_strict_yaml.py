"""DAG files import nothing of the pipeline, so the reader of its YAML stands in both places: it must stay one."""

import ast
from pathlib import Path

from dag_folders import DAGS

from jobs.core.config import strict_yaml


def test_both_readers_of_yaml_are_the_same_code() -> None:
    ours, theirs = (
        ast.parse(file.read_text()).body[1:] for file in (DAGS / "strict_yaml.py", Path(strict_yaml.__file__))
    )
    assert [ast.dump(node) for node in ours] == [ast.dump(node) for node in theirs]
