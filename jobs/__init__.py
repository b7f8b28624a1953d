"""Nightjar: jobs."""
