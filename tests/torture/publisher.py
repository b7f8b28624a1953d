"""One publish in a process of its own, to be killed: a line says that it has imported all and begins.

``python -m tests.torture.publisher STORE FOLDER NUMBER USERS``
"""

import sys
from pathlib import Path

from jobs.adapters.online.publishing import publish_generation
from tests.torture.rows import offer
from tests.torture.stores import home_of, open_store

BEGINS = "publishing"


def main() -> None:
    """Publish, and print how that ended."""
    place, folder, number, users = sys.argv[1:]
    store, home, offered = open_store(place), home_of(Path(folder)), offer(int(number), int(users), Path(folder))
    print(BEGINS, flush=True)
    decision = publish_generation(store, home, offered)
    print(decision.outcome)


if __name__ == "__main__":
    main()
