"""The night on one page: `night.json` for programs, `night.html` for people."""

from jobs.adapters.report_page.page import write_page

__all__ = ["write_page"]
