"""Errors that an operator is meant to read: each says what, where, what was got, and what to do next.

Every class carries the exit code its command ends with, so that a scheduler can tell a wrong call
from bad input and from a failed check without reading text.
"""


class NightjarError(Exception):
    """Base of all errors that end a command with one clear message and no traceback."""

    exit_code = 1


class UsageError(NightjarError):
    """The command line asks for something that does not exist: an unknown stage, app or date."""

    exit_code = 2


class ConfigError(NightjarError):
    """A configuration file is wrong; the message names the file, the key and the nearest valid name."""

    exit_code = 3


class InputError(NightjarError):
    """The app's log is missing, unreadable or of another shape than its mapping says."""

    exit_code = 4


class MissingPartitionError(NightjarError):
    """A table has no current partition for a date that a stage needs."""

    exit_code = 5


class StateVersionError(NightjarError):
    """Yesterday's state was shaped by other settings or code; a back-fill has to rebuild it."""

    exit_code = 6


class ChecksFailedError(NightjarError):
    """A critical expectation failed; the attempt stays beside for inspection and is not read by anyone."""

    exit_code = 7


class StorageError(NightjarError):
    """A disk is full or a file cannot be written; nothing half-written was made current."""

    exit_code = 8


class ModelError(NightjarError):
    """A model cannot be found, loaded or applied."""

    exit_code = 9


class OnlineStoreError(NightjarError):
    """What the online store answers is not what was published, or it cannot be reached."""

    exit_code = 10


class OvertakenError(NightjarError):
    """What a command read was made anew meanwhile, or a later run has written the same; nothing of it became current.

    The same command again takes that into account.
    """

    exit_code = 11
