"""Nightjar: transforms."""
