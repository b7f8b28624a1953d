"""Guesses which of our event types a value of the log's event-type column stands for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from jobs.readers.guess_columns import normal

# Values as `normal` makes them; our own names match without standing here.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "impression": ("impressions", "shown", "exposure", "display", "viewitemlist", "itemshown"),
    "view": (
        *("views", "viewed", "pageview", "productview", "productviewed", "itemview", "viewitem", "viewproduct"),
        *("detailview", "viewcontent", "screenview", "pv", "visit"),
    ),
    "click": ("clicks", "clicked", "selectitem", "tap", "productclicked", "open"),
    "scroll": ("scrolled",),
    "search": ("searched", "query", "viewsearchresults", "productssearched"),
    "long_dwell": ("dwell", "watched", "listened", "readfull", "complete", "completed"),
    "add_to_cart": (
        "addedtocart",
        "productadded",
        "cart",
        "cartadd",
        "addtobasket",
        "basket",
        "addtobag",
    ),
    "purchase": (
        *("purchased", "purchases", "buy", "bought", "order", "ordered", "ordercompleted", "orderplaced"),
        *("transaction", "sale", "conversion", "checkoutcompleted"),
    ),
    "like": (
        *("liked", "likes", "favorite", "favourite", "fav", "upvote", "thumbsup", "bookmark", "save", "saved"),
        *("wishlist", "addtowishlist", "addtofavorites"),
    ),
    "subscribe": ("subscribed", "follow", "followed"),
    "skip": ("skipped",),
    "dismiss": ("dismissed", "hide", "hidden", "dislike", "disliked", "thumbsdown", "notinterested"),
    "refund": ("refunded", "return", "returned", "orderrefunded"),
    "cancel": ("cancelled", "canceled", "cancellation", "ordercancelled", "ordercanceled"),
    "unsubscribe": ("unsubscribed", "unfollow", "unfollowed"),
    "sign_up": ("signedup", "register", "registered", "registration", "accountcreated"),
    "sign_in": ("signedin", "login", "loggedin", "logon"),
    "notification_sent": ("pushsent", "pushdelivered", "notificationdelivered"),
    "notification_opened": ("pushopened", "notificationopen", "pushclick"),
    "uninstall": ("uninstalled", "appremove", "appuninstalled"),
    "opt_out": ("optedout", "consentwithdrawn", "consentrevoked"),
    "opt_in": ("optedin", "consentgiven", "consentgranted"),
    "deletion_request": ("deleteaccount", "accountdeleted", "erasurerequest", "gdprdelete", "forgetme"),
}

# A column with more different values than this names things, not kinds of events.
MAX_TYPES = 60

_BY_NAME = {normal(name): ours for ours, names in SYNONYMS.items() for name in (ours, *names)}


@dataclass(frozen=True)
class EventTypes:
    """What an event-type column holds.

    Attributes
    ----------
    known
        The log's value -> our event type, most frequent first.
    unknown
        Value -> rows of the sample, for values that nobody could name; most frequent first.
    """

    known: dict[str, str]
    unknown: dict[str, int]


def match_event_types(values: Sequence[str]) -> EventTypes:
    """Name the values of the column.

    Parameters
    ----------
    values
        Row by row. With more than `MAX_TYPES` different ones only the most frequent are looked at.
    """
    counts = sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))[:MAX_TYPES]
    known = {value: _BY_NAME[normal(value)] for value, _ in counts if normal(value) in _BY_NAME}
    return EventTypes(known, {value: rows for value, rows in counts if value not in known})
