"""The logs of profiles beside the log of events: the catalogue, and who the users are.

A day's file has only what is new or changed on that day; the first one has all there is. Days without news have none.
"""

import numpy as np

from jobs.sample.arrays import Bools, Ints
from jobs.sample.items import CATEGORIES, Items, name_item
from jobs.sample.parameters import Parameters
from jobs.sample.places import PLACES
from jobs.sample.records import Record
from jobs.sample.users import PLATFORMS, Users, name_user


def build_item_profiles(items: Items, day: int) -> list[Record]:
    """Items that are launched or gone on a day; on day index 0 all that were launched until then."""
    gone = items.retire_day <= day
    told = _news(items.launch_day, day) | ((items.retire_day == day) & (items.launch_day < day))
    return [
        {
            "id": name_item(position),
            "title": f"{CATEGORIES[items.category[position]].title()} {position + 1}",
            "category": CATEGORIES[items.category[position]],
            "price": float(items.price[position]),
            "currency": "EUR",
            "available": not gone[position],
        }
        for position in np.flatnonzero(told).tolist()
    ]


def build_user_profiles(users: Users, parameters: Parameters, day: int) -> list[Record]:
    """Users who join on a day; on day index 0 all who joined until then."""
    return [
        {
            "id": name_user(position),
            "country": PLACES[users.place[position]].country,
            "locale": PLACES[users.place[position]].locale,
            "platform": PLATFORMS[users.platform[position]],
            "joined": parameters.date_of(int(users.joined_day[position])).isoformat(),
        }
        for position in np.flatnonzero(_news(users.joined_day, day)).tolist()
    ]


def _news(begins: Ints, day: int) -> Bools:
    """What begins on a day; on the first one also what began before."""
    return begins <= 0 if day == 0 else begins == day
