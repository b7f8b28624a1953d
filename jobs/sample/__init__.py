"""Nightjar: sample."""
