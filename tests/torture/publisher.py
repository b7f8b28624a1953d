"""One publish in a process of its own, to be killed.

``python -m tests.torture.publisher STORE FOLDER NUMBER USERS``
"""

import sys
from pathlib import Path

from jobs.adapters.online.publishing import publish_generation
from jobs.core.home import Home
from tests.torture.rows import offer
from tests.torture.stores import open_store


def main() -> None:
    """Publish, and print how that ended."""
    place, folder, number, users = sys.argv[1:]
    home = Home(Path(folder), "torture")
    decision = publish_generation(open_store(place), home, offer(int(number), int(users), Path(folder)))
    print(decision.outcome)


if __name__ == "__main__":
    main()
