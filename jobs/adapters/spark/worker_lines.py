"""Starts Spark's Python workers with our log: in local mode they share the standard error of the stage.

Spark runs this module in the place of its own daemon, from which it forks every worker; see log_lines.py.
"""

import json
import os
import runpy

from jobs.core.logs import keep_fields, set_up_logging

FIELDS_VARIABLE = "NIGHTJAR_LOG_FIELDS"

if __name__ == "__main__":
    set_up_logging()
    keep_fields(**json.loads(os.environ.get(FIELDS_VARIABLE) or "{}"))
    runpy.run_module("pyspark.daemon", run_name="__main__", alter_sys=True)
