"""The client: the ladder of lists, predictions and features of a user."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from nightjar_client.answers import Predictions, Recommendations, Rung, Snapshot, Stamps, View
from nightjar_client.context import context_keys
from nightjar_client.decode import decode
from nightjar_client.errors import StoreUnreachableError
from nightjar_client.open import reader_of
from nightjar_client.reading import Ask, Reader, Rows, Stored
from nightjar_client.rows import list_of, stamps_of, view_of
from nightjar_client.views import Catalogue, OnlineView

if TYPE_CHECKING:
    from feast import FeatureStore

Context = str | Mapping[str, str] | None
EVERYBODY = "everybody"
_SERVING = "user_serving"


class Client:
    """Reads one app's online store. Threads may share one; processes open their own.

    Parameters
    ----------
    reader
        Of the store.
    catalogue
        What is in it.
    fallback
        Item ids, best first, that everybody gets where the store has no list.
    stale_hours
        Age from which an answer says `is_stale`.
    clock
        Now, with a time zone; another one looks at an old log.
    """

    def __init__(
        self,
        reader: Reader,
        catalogue: Catalogue,
        fallback: Sequence[str] = (),
        stale_hours: float = 36.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._reader = reader
        self._views = catalogue.views
        self._fallback = tuple(fallback)
        self._stale = timedelta(hours=stale_hours)
        self._clock = clock
        self._cached: dict[str, Recommendations] = {}
        self.surfaces = catalogue.surfaces("recs")
        self.item_surfaces = catalogue.surfaces("items")
        self._serving = self._views.get(_SERVING)
        self._predictions = catalogue.of_user("prediction", "serving")
        self._everything = catalogue.of_user("list", "serving", "prediction", "features")

    @classmethod
    def open(
        cls,
        repo: str | Path | None = None,
        *,
        store: "FeatureStore | None" = None,
        fallback: Sequence[str] = (),
        stale_hours: float = 36.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> "Client":
        """Open the store that a Feast repo names; reads the registry once and keeps the lists for everybody.

        Parameters
        ----------
        repo
            Folder of `feature_store.yaml`; Feast takes the file that FEAST_FS_YAML_FILE_PATH names instead.
        store
            An open `FeatureStore`, instead of `repo`.
        fallback, stale_hours, clock
            See the class.
        """
        from feast import FeatureStore

        store = store or FeatureStore(repo_path=str(repo) if repo else None)
        client = cls(reader_of(store), Catalogue.of(store), fallback, stale_hours, clock)
        client.keep_overall()
        return client

    def close(self) -> None:
        """Give back the connection."""
        self._reader.close()

    def recommendations(
        self,
        user_id: str,
        surface: str = "for_you",
        k: int = 20,
        context: Context = None,
        exclude: Collection[str] = (),
    ) -> Recommendations:
        """What to show a user.

        Parameters
        ----------
        user_id
            Anything; an unknown one starts at the rung of the context, as one who opted out does.
        surface
            One of `surfaces`.
        k
            Items at most, from 1 on.
        context
            ``country|platform|daypart``, or those by name; missing parts may be left out.
        exclude
            Item ids not to show, such as those of today.

        Raises
        ------
        ValueError
            If there is no such surface, or `k` is below 1: a mistake of the caller, whoever the user is.
        StoreUnreachableError
            If the store does not answer and neither a cached overall list nor a fallback is left.
        """
        return self.recommendations_batch([user_id], surface, k, context, exclude)[0]

    def recommendations_batch(
        self,
        user_ids: Sequence[str],
        surface: str = "for_you",
        k: int = 20,
        context: Context = None,
        exclude: Collection[str] = (),
    ) -> list[Recommendations]:
        """The same for many users, in the order asked for.

        One round trip reads all users; one more the rungs below, if any of them has no list of their own.
        """
        self._check(surface, self.surfaces, k)
        now = self._clock()
        try:
            with self._reader.moment():
                found = self._climb(user_ids, surface, context, now, set(exclude))
        except StoreUnreachableError as error:
            found = [self._without_store(user, surface, now, error) for user in user_ids]
        left_out = frozenset(exclude)
        return [_cut(answer, k, left_out) for answer in found]

    def similar(
        self, item_id: str, surface: str = "similar", k: int = 20, exclude: Collection[str] = ()
    ) -> Recommendations:
        """What goes beside an item; `surface` is one of `item_surfaces`. An item without a list has rung `none`.

        While the store is away that is the answer too: a page of an item stands without the shelf.
        """
        self._check(surface, self.item_surfaces, k)
        view = self._views[f"items_{surface}"]
        now = self._clock()
        try:
            with self._reader.moment():
                row = self._reader.read([(item_id, (view,))])[0].get(view.name)
        except StoreUnreachableError:
            row = None
        answer, expired = self._list(row, item_id, surface, "item", now)
        if answer is None:
            return Recommendations(item_id, surface, "none", expired=expired)
        return _cut(answer, k, frozenset(exclude))

    def predictions(self, user_id: str) -> Predictions:
        """All predictions of a user, of one generation; none for a user who is unknown or opted out."""
        return self.predictions_batch([user_id])[0]

    def predictions_batch(self, user_ids: Sequence[str]) -> list[Predictions]:
        """The same for many users in one round trip; empty where the store is away, since a guess would mislead."""
        now = self._clock()
        try:
            found = self._read_users(user_ids, self._predictions)
        except StoreUnreachableError:
            found = [{} for _ in user_ids]
        return [self._predicted(user, rows, now) for user, rows in zip(user_ids, found, strict=True)]

    def snapshot(self, user_id: str) -> Snapshot:
        """Lists, predictions and features of a user, all as they were at one moment.

        Raises
        ------
        StoreUnreachableError
            If the store does not answer: there is no other place for features.
        """
        now = self._clock()
        rows = self._read_users([user_id], self._everything)[0]
        segment, status = self._place(rows, now)
        views = {name: self._view(row, now) for name, row in rows.items() if self._views[name].kind != "list"}
        valid = {name: view for name, view in views.items() if view}
        lists = {}
        for surface in self.surfaces:
            answer, _ = self._list(rows.get(f"recs_{surface}"), user_id, surface, "user", now)
            if answer and status == "active":
                lists[surface] = answer
        return Snapshot(
            user_id=user_id,
            segment=segment,
            status=status,
            lists=lists,
            predictions={n: v for n, v in valid.items() if self._views[n].kind == "prediction"},
            features={n: v for n, v in valid.items() if self._views[n].kind == "features"},
            expired=any(stamps_of(row, now, self._stale) is None for row in rows.values()),
        )

    def served(self) -> Stamps:
        """The generation that everybody's list is of.

        Raises
        ------
        StoreUnreachableError
            If the store does not answer.
        """
        view = self._views.get(f"{EVERYBODY}_for_you")
        if view is None:
            return Stamps()
        with self._reader.moment():
            row = self._reader.read([(EVERYBODY, (view,))])[0].get(view.name)
        return (row and stamps_of(row, self._clock(), self._stale)) or Stamps()

    def keep_overall(self) -> None:
        """Read the lists for everybody, so that there is an answer when the store goes away; no error if it has."""
        views = [view for name, view in self._views.items() if name.startswith(f"{EVERYBODY}_")]
        if not views:
            return
        now = self._clock()
        try:
            with self._reader.moment():
                rows = self._reader.read([(EVERYBODY, views)])[0]
        except StoreUnreachableError:
            return
        for name, row in rows.items():
            surface = name.removeprefix(f"{EVERYBODY}_")
            answer, _ = self._list(row, "", surface, "cached", now)
            if answer:
                self._cached[surface] = answer

    def _climb(
        self, user_ids: Sequence[str], surface: str, context: Context, now: datetime, exclude: set[str]
    ) -> list[Recommendations]:
        own = self._views[f"recs_{surface}"]
        views = (self._serving, own) if self._serving else (own,)
        answers: list[Recommendations | None] = []
        below: dict[int, tuple[str | None, bool]] = {}
        for at, (user, rows) in enumerate(zip(user_ids, self._reader.read([(u, views) for u in user_ids]), strict=True)):
            segment, status = self._place(rows, now)
            answer, expired = None, False
            if status == "active":
                answer, expired = self._list(rows.get(own.name), user, surface, "user", now)
                if answer is not None and exclude and exclude.issuperset(answer.items):
                    answer = None
            answers.append(answer)
            if answer is None:
                below[at] = (segment if status == "active" else None, expired)
        if below:
            rungs = self._rungs(surface, {segment for segment, _ in below.values()}, context)
            shared = self._reader.read([ask for _, ask in rungs.values()]) if rungs else []
            by_rung = dict(zip(rungs, shared, strict=True))
            for at, (segment, expired) in below.items():
                answers[at] = self._descend(user_ids[at], surface, segment, by_rung, now, exclude, expired)
        return [answer for answer in answers if answer is not None]

    def _rungs(
        self, surface: str, segments: Collection[str | None], context: Context
    ) -> dict[tuple[Rung, str], tuple[str, Ask]]:
        """Rungs below the user's own, from the first on, by rung and key."""
        keys: list[tuple[Rung, str]] = [("segment", segment) for segment in sorted(s for s in segments if s)]
        keys += [("context", key) for key in context_keys(context)]
        keys += [("everybody", EVERYBODY)]
        rungs = {}
        for rung, key in keys:
            view = self._views.get(f"{rung}_{surface}")
            if view is not None:
                rungs[rung, key] = (view.name, (key, (view,)))
        return rungs

    def _descend(
        self,
        user: str,
        surface: str,
        segment: str | None,
        by_rung: Mapping[tuple[Rung, str], Rows],
        now: datetime,
        exclude: set[str],
        expired: bool,
    ) -> Recommendations:
        for (rung, key), rows in by_rung.items():
            if rung == "segment" and key != segment:
                continue
            answer, old = self._list(rows.get(f"{rung}_{surface}"), user, surface, rung, now)
            expired = expired or old
            if answer is None:
                continue
            if rung == "everybody":
                self._cached[surface] = replace(answer, key="", rung="cached")
            if not exclude.issuperset(answer.items):
                return replace(answer, expired=True) if expired else answer
        return self._configured(user, surface, expired)

    def _without_store(
        self, user: str, surface: str, now: datetime, error: StoreUnreachableError
    ) -> Recommendations:
        """The last list for everybody, while it has not expired, or the list of configuration."""
        if f"{EVERYBODY}_{surface}" not in self._views:
            return Recommendations(user, surface, "none")
        kept = self._cached.get(surface)
        expires = kept.stamps.expires_at if kept else None
        if kept and expires and expires > now:
            return replace(kept, key=user)
        if not self._fallback:
            raise StoreUnreachableError(
                f"{error}; no cached overall list is left for {surface!r} and lists.fallback is empty"
            ) from error
        return self._configured(user, surface, kept is not None)

    def _configured(self, user: str, surface: str, expired: bool) -> Recommendations:
        """The list of configuration; nothing for a surface that says nothing without a history."""
        items = self._fallback if f"{EVERYBODY}_{surface}" in self._views else ()
        size = len(items)
        rung: Rung = "fallback" if items else "none"
        scores = tuple(1.0 / (place + 1) for place in range(size))
        return Recommendations(
            user, surface, rung, items, scores, ("popular",) * size, ("",) * size, expired=expired
        )

    def _read_users(self, user_ids: Sequence[str], views: Sequence[OnlineView]) -> list[Rows]:
        if not views:
            return [{} for _ in user_ids]
        with self._reader.moment():
            return self._reader.read([(user, views) for user in user_ids])

    def _predicted(self, user: str, rows: Rows, now: datetime) -> Predictions:
        _, status = self._place(rows, now)
        views = {name: self._view(row, now) for name, row in rows.items() if name != _SERVING}
        valid = {name: view for name, view in views.items() if view}
        return Predictions(user, status, valid if status == "active" else {}, expired=len(valid) < len(views))

    def _place(self, rows: Rows, now: datetime) -> tuple[str | None, str | None]:
        """Segment and status; an expired row is no row."""
        row = rows.get(_SERVING)
        if not row or stamps_of(row, now, self._stale) is None:
            return None, None
        return decode(row.get("segment")), decode(row.get("status"))

    def _view(self, row: Stored, now: datetime) -> View | None:
        stamps = stamps_of(row, now, self._stale)
        return view_of(row, stamps) if stamps else None

    def _list(
        self, row: Stored | None, key: str, surface: str, rung: Rung, now: datetime
    ) -> tuple[Recommendations | None, bool]:
        """The list, and whether it was left out because it had expired."""
        if not row:
            return None, False
        stamps = stamps_of(row, now, self._stale)
        if stamps is None:
            return None, True
        return list_of(row, key, surface, rung, stamps), False

    def _check(self, surface: str, allowed: Sequence[str], k: int) -> None:
        if surface not in allowed:
            raise ValueError(f"surface is {surface!r}; there are {', '.join(allowed)}")
        if k < 1:
            raise ValueError(f"k is {k}; ask for at least 1 item")


def _cut(answer: Recommendations, k: int, exclude: frozenset[str]) -> Recommendations:
    """At most k items, without those left out; order stays."""
    if not exclude.intersection(answer.items):
        if len(answer.items) <= k:
            return answer
        chosen = range(k)
    else:
        chosen = [at for at, item in enumerate(answer.items) if item not in exclude][:k]  # type: ignore[assignment]
    return replace(
        answer,
        items=tuple(answer.items[at] for at in chosen),
        scores=tuple(answer.scores[at] for at in chosen),
        reasons=tuple(answer.reasons[at] for at in chosen),
        anchors=tuple(answer.anchors[at] for at in chosen),
    )
