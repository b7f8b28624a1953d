"""What can be read, as Feast's registry says."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from feast import FeatureStore

Kind = Literal["list", "serving", "prediction", "features"]
STAMPS = ("model", "generation", "run_date", "expires_at")
LISTS = ("items", "scores", "reasons", "anchors")
_KIND_TAG = "kind"


@dataclass(frozen=True, slots=True)
class OnlineView:
    """One view.

    Attributes
    ----------
    join_key
        Column of its entity, such as user_id.
    columns
        All that is online of it, in the registry's order, the stamps among them.
    kind
        The view's tag `kind`; without one its columns and name decide, and what is not a list is features.
    """

    name: str
    join_key: str
    columns: tuple[str, ...]
    kind: Kind


@dataclass(frozen=True)
class Catalogue:
    """All views by name."""

    views: dict[str, OnlineView]

    @classmethod
    def of(cls, store: "FeatureStore") -> "Catalogue":
        """Read the registry once."""
        found = {}
        for view in sorted(store.list_feature_views(), key=lambda view: str(view.name)):  # Feast's order is by chance
            columns = tuple(field.name for field in view.features)
            kind = view.tags.get(_KIND_TAG) or _guessed(view.name, columns)
            found[view.name] = OnlineView(view.name, view.entity_columns[0].name, columns, kind)
        return cls(found)

    def of_user(self, *kinds: Kind) -> tuple[OnlineView, ...]:
        """Views of users, of some kinds."""
        return tuple(view for view in self.views.values() if view.join_key == "user_id" and view.kind in kinds)

    def surfaces(self, prefix: str) -> tuple[str, ...]:
        """Surfaces that have views of that prefix: recs, segment, context, everybody or items."""
        start = f"{prefix}_"
        named = (view for view in self.views.values() if view.kind == "list" and view.name.startswith(start))
        return tuple(view.name.removeprefix(start) for view in named)


def _guessed(name: str, columns: tuple[str, ...]) -> Kind:
    if set(LISTS) <= set(columns):
        return "list"
    return "serving" if name == "user_serving" else "features"
