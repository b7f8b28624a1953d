"""What a schema cannot say: one suite per table, built from Great Expectations' own expectations."""

import os

# Great Expectations reads this once, while it is imported, so it stands before any suite's import.
os.environ["GX_ANALYTICS_ENABLED"] = "false"
