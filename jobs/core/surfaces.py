"""The surfaces that lists are made for, and the codes of reasons: what tables, checks, views and apps agree on."""

USER_SURFACES = ("for_you", "discover", "buy_again", "because_you", "trending", "new_for_you")
"""Lists of a user, each its own; see docs/reading-from-an-app.md for what each one is."""

RUNG_SURFACES = ("for_you", "discover", "trending", "new_for_you")
"""Those that segments, contexts and everybody have too; the other two say nothing without a history of one's own."""

ITEM_SURFACES = ("similar", "bought_together")
"""Lists of an item."""

SURFACES = (*USER_SURFACES, *ITEM_SURFACES)

BECAUSE_YOU_HAD = "because_you_had"
SIMILAR_TO = "similar_to"
BOUGHT_TOGETHER = "bought_together"
BUY_AGAIN = "buy_again"
DUE_AGAIN = "due_again"
LIKE_YOUR_TASTE = "like_your_taste"
POPULAR = "popular"
POPULAR_IN_SEGMENT = "popular_in_segment"
POPULAR_IN_CONTEXT = "popular_in_context"
POPULAR_IN_COUNTRY = "popular_in_country"
TRENDING = "trending"
NEW = "new"

ANCHORED_REASONS = (BECAUSE_YOU_HAD, SIMILAR_TO, BOUGHT_TOGETHER)
"""Those that name an item: one of the user's own history, or the one whose page the list is for."""

REASONS = (
    *ANCHORED_REASONS,
    BUY_AGAIN,
    DUE_AGAIN,
    LIKE_YOUR_TASTE,
    POPULAR,
    POPULAR_IN_SEGMENT,
    POPULAR_IN_CONTEXT,
    POPULAR_IN_COUNTRY,
    TRENDING,
    NEW,
)
