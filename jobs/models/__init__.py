"""Nightjar: models."""
