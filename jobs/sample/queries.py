"""What people type into the search box: a word about a category."""

from jobs.sample.items import CATEGORIES

MODIFIERS = ("", "cheap ", "new ", "best ")
QUERIES = tuple(f"{modifier}{category}" for category in CATEGORIES for modifier in MODIFIERS)
"""Query ``category * len(MODIFIERS) + modifier``."""
