"""What rows describe. All ids are strings; see `jobs/features/spec.py` for the join keys."""

from feast import Entity, ValueType

from jobs.features.spec import ENTITY_KEY

user = Entity(
    name="user",
    join_keys=[ENTITY_KEY["user"]],
    value_type=ValueType.STRING,
    description="A known user: signed in at least once.",
)
item = Entity(
    name="item",
    join_keys=[ENTITY_KEY["item"]],
    value_type=ValueType.STRING,
    description="Something the app shows: a product, an article, a song.",
)
context = Entity(
    name="context",
    join_keys=[ENTITY_KEY["context"]],
    value_type=ValueType.STRING,
    description="Where a visitor is: country|platform|daypart, a missing part is *.",
)
segment = Entity(
    name="segment",
    join_keys=[ENTITY_KEY["segment"]],
    value_type=ValueType.STRING,
    description="A group of known users: new, active or dormant.",
)
everybody = Entity(
    name="everybody",
    join_keys=[ENTITY_KEY["everybody"]],
    value_type=ValueType.STRING,
    description="All users together; its one key is `everybody`.",
)
