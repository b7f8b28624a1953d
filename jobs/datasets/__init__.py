"""Nightjar: datasets."""
