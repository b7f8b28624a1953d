"""Ids that somebody chose in order to do harm, or that merely look so."""

HOSTILE_IDS = (
    "../../../../etc/passwd",
    "..",
    "/etc/passwd",
    "a/b\\c",
    "run_date=2025-01-01/part.parquet",
    "o'neil",
    'say "hi"',
    "'; DROP TABLE nightjar_served; --",
    "`id` $(id) ${HOME}",
    "%s %d {0} {app}",
    "two\nlines",
    "carriage\r\nreturn",
    "tab\there",
    "\u202egnp.exe",
    "\u200f\u05e9\u05dc\u05d5\u05dd",
    "ٱلسلام",
    "😀👩‍👩‍👧‍👦",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "x" * 10_000,
    "_",
    "%",
    "*|*|*",
    "null",
)

MARKS = ("passwd", "DROP TABLE", "gnp.exe", "calc", "script", "x" * 100, "o'neil")
"""Parts of ids that no name of a file may hold."""
