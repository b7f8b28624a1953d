"""Nightjar: core."""
