"""Nightjar: stages."""
