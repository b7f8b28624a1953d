"""What never changes within a sample: its parameters, users and items."""

from dataclasses import dataclass

from jobs.sample.items import Items, draw_items
from jobs.sample.parameters import Parameters
from jobs.sample.users import Users, draw_users


@dataclass(frozen=True)
class World:
    """The population and the parameters that it was drawn from."""

    parameters: Parameters
    users: Users
    items: Items


def draw_world(parameters: Parameters) -> World:
    """Draw users and items; the number of days and the dirt play no part."""
    return World(
        parameters=parameters,
        users=draw_users(parameters.users, parameters.seed),
        items=draw_items(parameters.items, parameters.seed),
    )
