"""Nightjar: features."""
