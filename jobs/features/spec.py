"""The shape of a feature view: the one place for its columns, types, grain, time to live and owner."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from jobs.core.table import Column, Table

Entity = Literal["user", "item", "context", "segment", "everybody"]

ENTITY_KEY = {
    "user": "user_id",
    "item": "item_id",
    "context": "context",
    "segment": "segment",
    "everybody": "everybody",
}

EVENT_TIMESTAMP = Column(
    "event_timestamp", "timestamp", "midnight that ends the run date in the app's time zone, in UTC"
)


@dataclass(frozen=True)
class FeatureView:
    """One feature view: a table of the lake that Feast serves online and offline.

    Attributes
    ----------
    name
        Name of the view in Feast and of its table in the lake.
    doc
        One sentence that begins with the grain.
    entity
        What a row describes.
    features
        The feature columns, without the entity key and the event timestamp.
    ttl
        How long a row counts as fresh for point-in-time joins.
    owner
        Team to ask.
    """

    name: str
    doc: str
    entity: Entity
    features: tuple[Column, ...]
    ttl: timedelta
    owner: str = "data-science"

    @property
    def key(self) -> str:
        """The entity's column."""
        return ENTITY_KEY[self.entity]

    @property
    def table(self) -> Table:
        """The view's table: key, event timestamp, then the features."""
        key = Column(self.key, "string", f"id of the {self.entity}")
        return Table(
            name=self.name,
            doc=self.doc,
            kind="feature",
            grain=(self.key,),
            columns=(key, EVENT_TIMESTAMP, *self.features),
            owner=self.owner,
        )
