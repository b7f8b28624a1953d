"""Tastes and habits of users, and tastes and levels of items, from logs that say what was shown."""
