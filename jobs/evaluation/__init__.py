"""Nightjar: evaluation."""
