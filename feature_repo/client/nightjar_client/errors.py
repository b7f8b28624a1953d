"""What a caller may have to handle."""


class StoreUnreachableError(Exception):
    """The store did not answer, and nothing is left to serve instead; the message says which store and why."""
