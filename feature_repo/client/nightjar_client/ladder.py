"""The ladder: a user's own list, the one of their segment, of the context, of everybody, of configuration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nightjar_client.answers import Recommendations, Rung
from nightjar_client.context import Context, context_keys
from nightjar_client.kept import Kept
from nightjar_client.present import SERVING, Present
from nightjar_client.reading import Ask, Reader, Rows
from nightjar_client.views import Catalogue

EVERYBODY = "everybody"
_BARE = ("fallback", "none")
_Step = tuple[Rung, str]


@dataclass(frozen=True, slots=True)
class _Fallen:
    """Who goes on below the own list of a surface: from the segment, or without one from the context."""

    user: str
    surface: str
    segment: str | None
    expired: bool


class Ladder:
    """Climbs down for many users, or surfaces, at once: one read of the users, one of all rungs below if needed.

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
        self._overall = tuple(view for name, view in self._views.items() if name.startswith(f"{EVERYBODY}_"))

    def climb(
        self, users: Sequence[str], surface: str, context: Context, present: Present, exclude: frozenset[str]
    ) -> list[Recommendations]:
        """One list a user, in order; a list of which nothing is left after `exclude` is passed over."""
        own = self._views[f"recs_{surface}"]
        found = self._reader.read([(user, (*self._serving, own)) for user in users])
        tried = [self._own(user, rows, surface, present, exclude) for user, rows in zip(users, found, strict=True)]
        return self._below(tried, context, present, exclude)

    def climb_surfaces(
        self,
        user: str,
        rows: Rows,
        surfaces: Sequence[str],
        context: Context,
        present: Present,
        exclude: frozenset[str],
    ) -> list[Recommendations]:
        """One list a surface, in order, for a user whose rows have been read."""
        tried = [self._own(user, rows, surface, present, exclude) for surface in surfaces]
        return self._below(tried, context, present, exclude)

    def _below(
        self,
        tried: Sequence[Recommendations | _Fallen],
        context: Context,
        present: Present,
        exclude: frozenset[str],
    ) -> list[Recommendations]:
        fallen = [one for one in tried if isinstance(one, _Fallen)]
        if not fallen:
            return [one for one in tried if isinstance(one, Recommendations)]
        rungs = self._rungs(fallen, context)
        rows_below = dict(zip(rungs, self._reader.read(list(rungs.values())) if rungs else [], strict=True))
        answers = [
            self._descend(one, rows_below, present, exclude) if isinstance(one, _Fallen) else one for one in tried
        ]
        return self._unless_emptied(answers, present)

    def _own(
        self, user: str, rows: Rows, surface: str, present: Present, exclude: frozenset[str]
    ) -> Recommendations | _Fallen:
        """Only an active user has a list and a segment; all others start at the context."""
        segment, status = present.place(rows)
        if status != "active":
            return _Fallen(user, surface, None, False)
        answer, expired = present.list(rows.get(f"recs_{surface}"), user, surface, "user")
        if answer is None or (exclude and exclude.issuperset(answer.items)):
            return _Fallen(user, surface, segment, expired)
        return answer

    def _rungs(self, fallen: Sequence[_Fallen], context: Context) -> dict[_Step, Ask]:
        """What to read below the users' own lists, highest rung first."""
        steps: list[_Step] = [
            ("segment", segment) for segment in sorted({one.segment for one in fallen if one.segment})
        ]
        steps += [("context", key) for key in context_keys(context)]
        steps += [("everybody", EVERYBODY)]
        surfaces = sorted({one.surface for one in fallen})
        views = {step: [self._views.get(f"{step[0]}_{surface}") for surface in surfaces] for step in steps}
        found = {step: tuple(view for view in of if view is not None) for step, of in views.items()}
        return {step: (step[1], of) for step, of in found.items() if of}

    def _descend(
        self,
        one: _Fallen,
        rows_below: Mapping[_Step, Rows],
        present: Present,
        exclude: frozenset[str],
    ) -> Recommendations:
        expired, surface = one.expired, one.surface
        for (rung, key), rows in rows_below.items():
            if rung == "segment" and key != one.segment:
                continue
            answer, old = present.list(rows.get(f"{rung}_{surface}"), one.user, surface, rung)
            expired = expired or old
            if answer is None:
                continue
            if rung == "everybody":
                self._kept.keep(answer, present.now)
            if not exclude.issuperset(answer.items):
                return replace(answer, expired=True) if expired else answer
        return self._kept.configured(one.user, surface, expired)

    def _unless_emptied(self, answers: list[Recommendations], present: Present) -> list[Recommendations]:
        """Where the store holds nothing at all it was emptied, and what was kept says more than configuration does.

        A list that alone is missing is gone by a publish, and stays gone.
        """
        views = self._overall
        bare = [one for one in answers if one.rung in _BARE and f"{EVERYBODY}_{one.surface}" in self._views]
        if not bare or any(self._reader.read([(EVERYBODY, views)])[0].values()):
            return answers
        return [self._kept.instead(one, present) if one.rung in _BARE else one for one in answers]
