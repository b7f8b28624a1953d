"""What a schema cannot say: one suite per table, built from Great Expectations' own expectations."""
