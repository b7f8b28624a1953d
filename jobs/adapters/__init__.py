"""Nightjar: adapters."""
