"""The ladder: a user's own list, the one of their segment, of the context, of everybody, of configuration."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from nightjar_client.answers import Recommendations, Rung
from nightjar_client.context import Context, context_keys
from nightjar_client.kept import Kept
from nightjar_client.present import SERVING, Present
from nightjar_client.reading import Ask, Reader, Rows
from nightjar_client.views import Catalogue

EVERYBODY = "everybody"
_Step = tuple[Rung, str]


@dataclass(frozen=True, slots=True)
class _Fallen:
    """A user who goes on below the own list: from the segment, or without one from the context."""

    user: str
    segment: str | None
    expired: bool


class Ladder:
    """Climbs down for many users at once: one read of all users, one more of the rungs below if anyone needs them.

    Parameters
    ----------
    reader
        Called inside its `moment`.
    catalogue
        Says which rungs a surface has.
    kept
        The lowest rung; what is read for everybody is kept there.
    """

    def __init__(self, reader: Reader, catalogue: Catalogue, kept: Kept) -> None:
        self._reader = reader
        self._views = catalogue.views
        self._kept = kept
        serving = self._views.get(SERVING)
        self._serving = (serving,) if serving else ()

    def climb(
        self, users: Sequence[str], surface: str, context: Context, present: Present, exclude: frozenset[str]
    ) -> list[Recommendations]:
        """One list a user, in order; a list of which nothing is left after `exclude` is passed over."""
        own = self._views[f"recs_{surface}"]
        found = self._reader.read([(user, (*self._serving, own)) for user in users])
        tried = [self._own(user, rows, surface, present, exclude) for user, rows in zip(users, found, strict=True)]
        fallen = [one for one in tried if isinstance(one, _Fallen)]
        if not fallen:
            return [one for one in tried if isinstance(one, Recommendations)]
        rungs = self._rungs(surface, {one.segment for one in fallen}, context)
        rows_below = dict(zip(rungs, self._reader.read(list(rungs.values())) if rungs else [], strict=True))
        return [
            self._descend(one, surface, rows_below, present, exclude) if isinstance(one, _Fallen) else one
            for one in tried
        ]

    def _own(
        self, user: str, rows: Rows, surface: str, present: Present, exclude: frozenset[str]
    ) -> Recommendations | _Fallen:
        """Only an active user has a list and a segment; all others start at the context."""
        segment, status = present.place(rows)
        if status != "active":
            return _Fallen(user, None, False)
        answer, expired = present.list(rows.get(f"recs_{surface}"), user, surface, "user")
        if answer is None or (exclude and exclude.issuperset(answer.items)):
            return _Fallen(user, segment, expired)
        return answer

    def _rungs(self, surface: str, segments: Collection[str | None], context: Context) -> dict[_Step, Ask]:
        """What to read below the users' own lists, highest rung first."""
        steps: list[_Step] = [("segment", segment) for segment in sorted(one for one in segments if one)]
        steps += [("context", key) for key in context_keys(context)]
        steps += [("everybody", EVERYBODY)]
        views = {step: self._views.get(f"{step[0]}_{surface}") for step in steps}
        return {step: (step[1], (view,)) for step, view in views.items() if view is not None}

    def _descend(
        self,
        one: _Fallen,
        surface: str,
        rows_below: Mapping[_Step, Rows],
        present: Present,
        exclude: frozenset[str],
    ) -> Recommendations:
        expired = one.expired
        for (rung, key), rows in rows_below.items():
            if rung == "segment" and key != one.segment:
                continue
            answer, old = present.list(rows.get(f"{rung}_{surface}"), one.user, surface, rung)
            expired = expired or old
            if answer is None:
                continue
            if rung == "everybody":
                self._kept.keep(answer)
            if not exclude.issuperset(answer.items):
                return replace(answer, expired=True) if expired else answer
        return self._kept.configured(one.user, surface, expired)
