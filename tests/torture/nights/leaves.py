"""Files below a home, by names that two runs of a stage share."""

import re
from collections import Counter
from pathlib import Path

# Attempts, Spark's parts, and what MLflow numbers at random.
_DRAWN = re.compile(r"(?<=/data/)\d+(?=/)|[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")


def leaves(root: Path) -> Counter[str]:
    """How many of each name; locks have fixed names and stay."""
    files = (path for path in root.rglob("*") if not path.is_dir() and not path.name.endswith(".lock"))
    return Counter(_DRAWN.sub("*", str(path.relative_to(root))) for path in files)
