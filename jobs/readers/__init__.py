"""Nightjar: readers."""
