"""What is wrong with the schedules of apps, as an import error in Airflow's UI; this file makes no DAG.

Airflow takes away all DAGs of a file that raises anything. So the mistake of one app is not raised where the DAGs of
all apps are made, but here, where it takes nothing away. Those files pass over the app, but for nightly.py: the app's
nights fail, and alert, until the mistake is mended.
"""

import os
from pathlib import Path

from app_schedule import ScheduleError, refusals

CONF = Path(os.environ.get("NIGHTJAR_CONF") or Path(__file__).parent.parent / "conf")

wrong = refusals(CONF, os.environ)
if wrong:
    raise ScheduleError("\n".join(wrong))
