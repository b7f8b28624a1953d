"""The lake: immutable attempts, and one small manifest a partition that says which attempt counts."""

from jobs.adapters.lake.accepted import Acceptance, AcceptedChecks
from jobs.adapters.lake.manifest import Manifest
from jobs.adapters.lake.store import Attempt, Lake

__all__ = ["Acceptance", "AcceptedChecks", "Attempt", "Lake", "Manifest"]
