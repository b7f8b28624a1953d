"""Reads what Nightjar published: recommendations with reasons, predictions and features, one generation at a time."""

from nightjar_client.answers import Predictions, Recommendations, Screen, Snapshot
from nightjar_client.client import Client
from nightjar_client.errors import StoreUnreachableError

__all__ = ["Client", "Predictions", "Recommendations", "Screen", "Snapshot", "StoreUnreachableError"]
