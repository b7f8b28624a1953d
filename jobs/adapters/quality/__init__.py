"""Great Expectations, behind one call: `audit` a frame, and render what was found as Data Docs.

Importing this package is light; Great Expectations (5-9 s) is imported by the first audit.
"""

from jobs.adapters.quality.audit import audit
from jobs.adapters.quality.outcome import Audit, Failure

__all__ = ["Audit", "Failure", "audit"]
