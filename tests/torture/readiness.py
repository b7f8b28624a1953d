"""What `/readyz` answers about the store of the environment: ``python -m tests.torture.readiness``."""

from jobs.adapters.online.environment import repo_folder
from nightjar_client import Client
from nightjar_client.http.app import readiness

_ANY_AGE = float("inf")  # the torture's days are long past


def main() -> None:
    """Print status and word."""
    status, body = readiness(Client.open(repo_folder()), _ANY_AGE)
    print(status, body["status"])


if __name__ == "__main__":
    main()
