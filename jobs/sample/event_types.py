"""Event types and surfaces of the sample app's log; a row holds their positions, the log their names."""

from enum import IntEnum


class EventType(IntEnum):
    """Event types, in the order in which events of one moment are written."""

    SIGN_UP = 0
    SIGN_IN = 1
    OPT_IN = 2
    OPT_OUT = 3
    NOTIFICATION_SENT = 4
    NOTIFICATION_OPENED = 5
    SEARCH = 6
    IMPRESSION = 7
    CLICK = 8
    VIEW = 9
    LIKE = 10
    SKIP = 11
    ADD_TO_CART = 12
    PURCHASE = 13
    REFUND = 14
    UNINSTALL = 15
    DELETION_REQUEST = 16

    @property
    def log_name(self) -> str:
        """Name in the log."""
        return self.name.lower()


class Surface(IntEnum):
    """Where in the app something was shown or done."""

    HOME = 0
    SEARCH = 1
    CATEGORY = 2
    ITEM = 3
    CART = 4
    BUY_AGAIN = 5
    PUSH = 6

    @property
    def log_name(self) -> str:
        """Name in the log."""
        return self.name.lower()


class Identity(IntEnum):
    """Which ids a row carries beside the device's."""

    USER = 0
    ANONYMOUS = 1
    BOTH = 2


TYPE_NAMES = tuple(kind.log_name for kind in EventType)
SURFACE_NAMES = tuple(surface.log_name for surface in Surface)
"""Names in the log by position: half a million look-ups by enum would cost a second."""

PRICED = (EventType.ADD_TO_CART, EventType.PURCHASE, EventType.REFUND)
"""The types whose rows carry price, currency and quantity."""
