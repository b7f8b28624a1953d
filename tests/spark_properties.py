"""How often properties of Spark jobs are tried: an example is many jobs, seconds each.

`make test` tries the simplest and one more, other rows every time; `make test-long` tries each often.
"""

import os

from hypothesis import HealthCheck, settings

OFTEN = os.environ.get("NIGHTJAR_EXAMPLES") == "often"


def spark_property(often: int) -> settings:
    """Twice, or as often as said where there is time; the session of Spark is shared by all examples."""
    return settings(
        max_examples=often if OFTEN else 2,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
