"""The truth as Arrow tables, and back."""

from collections.abc import Sequence
from dataclasses import fields
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from jobs.sample.arrays import NEVER, Ints
from jobs.sample.groups import GROUPS
from jobs.sample.items import CATEGORIES, Items, name_item
from jobs.sample.leaving import Hazard
from jobs.sample.parameters import Parameters
from jobs.sample.places import PLACES
from jobs.sample.truth import Truth
from jobs.sample.users import DEVICE_CLASSES, PLATFORMS, Users, name_user
from jobs.sample.world import World

ArrowTable: TypeAlias = pa.Table


def build_user_table(truth: Truth) -> ArrowTable:
    """One row per user, in the order of positions; also the habits of the user's group."""
    users = truth.world.users
    names = [name_user(position) for position in range(len(users))]
    habits = {name: users.habit(name) for name in ("leave_daily", "slots", "thrift", "pay", "repeat")}
    return pa.table(
        {
            "user_id": names,
            "group": [GROUPS[group].name for group in users.group],
            "taste": pa.array(users.taste.tolist(), pa.list_(pa.float64())),
            "preferred_hour": users.preferred_hour,
            "country": [PLACES[place].country for place in users.place],
            "time_zone": [PLACES[place].time_zone for place in users.place],
            "platform": [PLATFORMS[platform] for platform in users.platform],
            "device_class": [DEVICE_CLASSES[kind] for kind in users.device_class],
            "joined_day": users.joined_day,
            "left_day": _null_where_never(truth.left_day),
            "session_rate": users.session_rate,
            **habits,
        }
    )


def build_item_table(items: Items) -> ArrowTable:
    """One row per item, in the order of positions."""
    return pa.table(
        {
            "item_id": [name_item(position) for position in range(len(items))],
            "category": [CATEGORIES[category] for category in items.category],
            "vector": pa.array(items.vector.tolist(), pa.list_(pa.float64())),
            "price": items.price,
            "popularity": items.popularity,
            "launch_day": items.launch_day,
            "retire_day": _null_where_never(items.retire_day),
            "decay_days": items.decay_days,
        }
    )


def build_purchase_table(truth: Truth) -> ArrowTable:
    """One row per purchase: user, item and day index."""
    return pa.table(
        {
            "user_id": [name_user(user) for user in truth.bought_user],
            "item_id": [name_item(item) for item in truth.bought_item],
            "day": truth.bought_day,
        }
    )


def build_leaving_table(hazards: Sequence[Hazard]) -> ArrowTable:
    """One row per day and member who could leave: the probability that was drawn from, and the fit behind it.

    Parameters
    ----------
    hazards
        One for each day from day index 0.
    """
    days = np.repeat(np.arange(len(hazards)), [len(hazard.user) for hazard in hazards])
    user = np.concatenate([hazard.user for hazard in hazards])
    return pa.table(
        {
            "user_id": [name_user(position) for position in user],
            "day": days,
            "fit": np.concatenate([hazard.fit for hazard in hazards]),
            "leave_probability": np.concatenate([hazard.probability for hazard in hazards]),
        }
    )


def build_dirt_table(counts: Sequence[dict[str, int]]) -> ArrowTable:
    """One row per day of the file and kind of dirt: the number of lines."""
    rows = [{"day": day, "kind": kind, "lines": n} for day, kinds in enumerate(counts) for kind, n in kinds.items()]
    return pa.Table.from_pylist(rows)


def parse_truth(parameters: Parameters, users: ArrowTable, items: ArrowTable, purchases: ArrowTable) -> Truth:
    """Build the truth again from its tables."""
    world = World(parameters, _parse_users(users), _parse_items(items))
    return Truth(
        world=world,
        left_day=_ints(users, "left_day"),
        bought_user=_positions(purchases["user_id"], users["user_id"]),
        bought_item=_positions(purchases["item_id"], items["item_id"]),
        bought_day=_ints(purchases, "day"),
    )


def _parse_users(table: ArrowTable) -> Users:
    coded = {
        "group": _code(table["group"], [group.name for group in GROUPS]),
        "taste": np.array(table["taste"].to_pylist()),
        "place": _code(table["country"], [place.country for place in PLACES]),
        "platform": _code(table["platform"], PLATFORMS),
        "device_class": _code(table["device_class"], DEVICE_CLASSES),
    }
    plain = [field.name for field in fields(Users) if field.name not in coded]
    return Users(**coded, **{name: table[name].to_numpy() for name in plain})


def _parse_items(table: ArrowTable) -> Items:
    coded = {
        "category": _code(table["category"], CATEGORIES),
        "vector": np.array(table["vector"].to_pylist()),
        "retire_day": _ints(table, "retire_day"),
    }
    plain = [field.name for field in fields(Items) if field.name not in coded]
    return Items(**coded, **{name: table[name].to_numpy() for name in plain})


def _null_where_never(days: Ints) -> pa.Array:
    return pa.array(days, mask=days == NEVER)


def _ints(table: ArrowTable, column: str) -> Ints:
    return np.array([NEVER if value is None else value for value in table[column].to_pylist()], dtype=np.int64)


def _code(column: pa.ChunkedArray, names: Sequence[str]) -> Ints:
    code = {name: position for position, name in enumerate(names)}
    return np.array([code[value] for value in column.to_pylist()], dtype=np.int64)


def _positions(column: pa.ChunkedArray, ids: pa.ChunkedArray) -> Ints:
    return _code(column, ids.to_pylist())
