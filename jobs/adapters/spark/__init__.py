"""Spark: the session, and how its frames are read from and written to the lake."""
