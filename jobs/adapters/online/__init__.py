"""The online store: one generation at a time, in Feast's own layout, read by any Feast client.

Light to import; Feast (5 s) is imported where rows are encoded or read back, and nowhere before.
"""

from jobs.adapters.online.contract import Decision, Served, decide
from jobs.adapters.online.generation import Generation, StatusMark
from jobs.adapters.online.stores import OnlineStore, open_store

__all__ = ["Decision", "Generation", "OnlineStore", "Served", "StatusMark", "decide", "open_store"]
