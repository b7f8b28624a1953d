"""What the store knows about the generation it serves, and the rules by which the next one is let in."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from jobs.adapters.online.generation import Generation, StatusMark

Outcome = Literal["published", "unchanged", "skipped"]


class Served(BaseModel):
    """What is online; kept in the store itself and changed together with its rows.

    Attributes
    ----------
    publish_number
        Rises by one with every change of what is served.
    run_date, generation, content_digest
        Of the generation that is served; without a digest it has expired and its rows were removed.
    expires_at
        Moment from which none of its rows may be served, UTC.
    highest_date
        Latest run date that was ever served; "older" is measured against it.
    status_date, status_digest
        The partitions of `user_status` and `item_profiles` that its rows respect. Without a digest a withdrawal is
        changing them, or died when it had begun; in Redis only, SQLite has nothing half.
    hold
        After a rollback the date it went back from: publishes up to it are skipped. None: no hold.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    publish_number: int
    run_date: date
    generation: str
    content_digest: str
    expires_at: datetime
    highest_date: date
    status_date: date
    status_digest: str
    hold: date | None = None

    @property
    def fields(self) -> dict[str, str]:
        """Flat text, as both stores keep it."""
        return {name: str(value) for name, value in self.model_dump(mode="json").items() if value is not None}

    @property
    def is_emptied(self) -> bool:
        """Whether its rows were removed when they had expired."""
        return not self.content_digest

    def emptied(self) -> "Served":
        """The same without rows: published again, or gone back to, it is written anew."""
        return self.model_copy(update={"content_digest": ""})

    @property
    def is_half_withdrawn(self) -> bool:
        """Whether a withdrawal that did not end may have changed rows under this number."""
        return not self.status_digest

    def half_withdrawn(self) -> "Served":
        """The same while a withdrawal changes its rows."""
        return self.model_copy(update={"status_digest": ""})

    def respecting(self, status: StatusMark) -> "Served":
        """The same with another status applied."""
        return self.model_copy(update={"status_date": status.run_date, "status_digest": status.digest})

    def after_withdrawal(self, status: StatusMark, changed: bool) -> "Served":
        """The same generation with another status applied; under the next number if rows changed, now or before."""
        number = self.publish_number + (changed or self.is_half_withdrawn)
        return self.respecting(status).model_copy(update={"publish_number": number})


class Unfinished(BaseModel):
    """A generation of which a publish that died may have left rows; in Redis only, SQLite has nothing half.

    Attributes
    ----------
    run_date, generation
        Of what was being written.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_date: date
    generation: str

    @classmethod
    def of(cls, served: Served) -> "Unfinished":
        """What is written so that `served` can be said."""
        return cls(run_date=served.run_date, generation=served.generation)

    @property
    def fields(self) -> dict[str, str]:
        """Flat text, as Redis keeps it."""
        return {name: str(value) for name, value in self.model_dump(mode="json").items()}


@dataclass(frozen=True)
class Decision:
    """Whether a generation goes online.

    Attributes
    ----------
    outcome
        published, unchanged or skipped; none of them is an error.
    reason
        One clause for the log.
    served
        What the store serves afterwards.
    """

    outcome: Outcome
    reason: str
    served: Served


def decide(served: Served | None, offered: Generation, unfinished: Unfinished | None = None) -> Decision:
    """Apply the rules on dates, contents and holds.

    Parameters
    ----------
    served
        What is online; None where the store is empty.
    offered
        The generation to publish.
    unfinished
        What a publish that died may have left rows of: those are not to be left standing, and readers who
        have seen some of them must not step back.
    """
    if served is None:
        return Decision("published", "the store was empty", _next(None, offered))
    if unfinished and unfinished.run_date > max(offered.run_date, served.run_date):
        return Decision("skipped", f"{unfinished.generation} is being served, and was not finished", served)
    if offered.run_date < served.highest_date:
        return Decision("skipped", f"{served.highest_date} has been served, which is later", served)
    if served.hold and offered.run_date <= served.hold:
        return Decision("skipped", f"a rollback holds publishes up to {served.hold}", served)
    if unfinished:
        return Decision("published", f"to finish {unfinished.generation}", _next(served, offered))
    if served.is_half_withdrawn:
        return Decision("published", f"to finish a withdrawal from {served.generation}", _next(served, offered))
    if offered.run_date == served.run_date and offered.content_digest == served.content_digest:
        return Decision("unchanged", f"{served.generation} is served already", served)
    return Decision("published", f"after {served.generation}", _next(served, offered))


def rolled_back(served: Served, offered: Generation, expires_at: datetime) -> Served:
    """What is served after going back to a generation; publishes up to the highest date served are held.

    Parameters
    ----------
    expires_at
        Stamped anew: that of a generation of the date that is held.
    """
    held = {"hold": served.highest_date, "expires_at": expires_at}
    return _next(served, offered).model_copy(update=held)


def resumed(served: Served, offered: Generation) -> Served:
    """What is served after a hold was ended by hand."""
    return _next(served, offered)


def _next(served: Served | None, offered: Generation) -> Served:
    return Served(
        publish_number=served.publish_number + 1 if served else 1,
        run_date=offered.run_date,
        generation=offered.name,
        content_digest=offered.content_digest,
        expires_at=offered.expires_at,
        highest_date=max(offered.run_date, served.highest_date) if served else offered.run_date,
        status_date=offered.status.run_date,
        status_digest=offered.status.digest,
    )
