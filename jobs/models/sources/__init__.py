"""Candidate sources: one file each, each usable and measured alone."""
