"""What the client answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Rung = Literal["user", "segment", "context", "everybody", "cached", "fallback", "item", "none"]


@dataclass(frozen=True, slots=True)
class Stamps:
    """Where a row comes from.

    Attributes
    ----------
    model
        Content name of the model; empty for features and for the fallback list.
    generation, run_date
        Of the night that published the row; empty where nothing published it.
    age_seconds
        From the midnight that ends the run date to now; None where there is no row.
    expires_at
        From then on the row is not served; None where there is no row.
    is_stale
        Older than the client's `stale_hours`: a night is missing. True where there is no row at all.
    """

    model: str = ""
    generation: str = ""
    run_date: str = ""
    age_seconds: int | None = None
    expires_at: datetime | None = None
    is_stale: bool = True


@dataclass(frozen=True, slots=True)
class Recommendations:
    """One list.

    Attributes
    ----------
    key
        The user or item that was asked for.
    surface
        Which list of theirs.
    rung
        Who the list is for: the `user`, their `segment`, the `context`, `everybody`; `cached`: the last list for
        everybody, while the store is away or was emptied; `fallback`: the list of configuration; `item`: the list
        of an item; `none`: hide the shelf.
    items, scores, reasons, anchors
        Parallel, best first. Scores compare within this list only. An anchor is the item a reason names, or empty.
    expired
        Whether a row was left out because it had expired.
    """

    key: str
    surface: str
    rung: Rung
    items: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    reasons: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    stamps: Stamps = field(default_factory=Stamps)
    expired: bool = False

    @property
    def model(self) -> str:
        """Who made the list."""
        return self.stamps.model

    @property
    def generation(self) -> str:
        """The night it is of."""
        return self.stamps.generation

    @property
    def age_seconds(self) -> int | None:
        """See `Stamps`."""
        return self.stamps.age_seconds

    @property
    def is_stale(self) -> bool:
        """See `Stamps`."""
        return self.stamps.is_stale


@dataclass(frozen=True, slots=True)
class View:
    """One row of one view: its columns by name without the stamps, and the stamps."""

    columns: Mapping[str, Any]
    stamps: Stamps


@dataclass(frozen=True, slots=True)
class Predictions:
    """What is predicted of a user, by view; a view without a valid row is absent.

    Attributes
    ----------
    user_id
        The user.
    status
        active, opted_out or deleted; None where the user is not known, or the store did not answer.
    views
        View name -> row, such as `views["churn"].columns["probability"]`.
    expired
        Whether a row was left out because it had expired.
    """

    user_id: str
    status: str | None
    views: Mapping[str, View]
    expired: bool = False

    @property
    def generation(self) -> str:
        """The night that all rows are of; empty without rows."""
        return next((view.stamps.generation for view in self.views.values()), "")


@dataclass(frozen=True, slots=True)
class Screen:
    """All that an app shows of one user, read at one moment.

    Attributes
    ----------
    status
        As in `Predictions`.
    lists
        By surface, in the order asked for, each by the ladder.
    predictions, features
        View name -> row; a view without a valid row is absent. Predictions of active users only.
    stamps
        Of the user's rows, which are all of one generation; of a user without rows those of the first list. On
        SQLite lists of the rungs below are of that generation too; on Redis, while a night is being published,
        they may be of the one beside it, as their own stamps say.
    expired
        Whether a row of the user was left out because it had expired.
    """

    user_id: str
    status: str | None
    lists: Mapping[str, Recommendations]
    predictions: Mapping[str, View]
    features: Mapping[str, View]
    stamps: Stamps
    expired: bool = False

    @property
    def generation(self) -> str:
        """See `stamps`."""
        return self.stamps.generation


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that is read of one user at one moment: every part is of one generation.

    Attributes
    ----------
    segment
        Where the ladder goes on without an own list; None for an unknown user.
    lists
        The user's own lists by surface.
    """

    user_id: str
    segment: str | None
    status: str | None
    lists: Mapping[str, Recommendations]
    predictions: Mapping[str, View]
    features: Mapping[str, View]
    expired: bool = False
