"""Java's archive of loaded classes, which halves the start of Spark: from 10 to 5 s on two cores.

It belongs to one Java and one PySpark, so it lies beside the environment's libraries. Java passes over an
archive that does not fit, so nothing depends on it.
"""

import hashlib
import sys
from pathlib import Path

import pyspark

# What Java says of classes that it leaves out is of no use to anyone here.
_QUIET = "-Xlog:cds=off -Xlog:cds+dynamic=off -Xlog:class+path=off"


def archive_path(java: Path) -> Path:
    """Where the archive of this Java and PySpark is, or would be."""
    key = hashlib.sha256(f"{java.resolve()} {pyspark.__version__}".encode()).hexdigest()[:12]
    return Path(sys.prefix) / "share" / "nightjar" / f"spark-{key}.jsa"


def archive_options(archive: Path, record: bool) -> str:
    """Java's options to use the archive, or with `record` to write it when the process ends."""
    if record:
        archive.parent.mkdir(parents=True, exist_ok=True)
        return f"-XX:ArchiveClassesAtExit={archive} {_QUIET}"
    return f"-XX:SharedArchiveFile={archive} -Xshare:auto {_QUIET}" if archive.is_file() else ""
