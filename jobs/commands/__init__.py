"""Nightjar: commands."""
