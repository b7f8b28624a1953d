"""Going back to a generation of the lake, the hold that follows, and its end."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from before_lock import before_lock
from small_app import CLOSED, DAY, NEXT, App

from jobs.adapters.online import Served, open_store
from jobs.adapters.online.digest import online_digest
from jobs.adapters.online.encode import encode_key
from jobs.adapters.online.publishing import go_back, resume
from jobs.core.errors import UsageError
from jobs.stages.past_generation import named_generation, newest_generation

EXPIRES = datetime(2100, 1, 1, tzinfo=UTC)


def served(app: App) -> Served:
    found = open_store(app.settings, app.home).served()
    assert found is not None
    return found


def digest_of(app: App) -> str:
    return online_digest(open_store(app.settings, app.home))


def roll_back(app: App, name: str) -> Served:
    offer = named_generation(app.lake, app.settings, name)
    return go_back(open_store(app.settings, app.home), app.home, offer, lambda _: EXPIRES)


def end_hold(app: App) -> Served | None:
    newest = partial(newest_generation, app.lake, app.settings)
    return resume(open_store(app.settings, app.home), app.home, newest)


@pytest.fixture
def two_nights(app: App) -> tuple[App, str, str]:
    """The app after two nights; the first one's generation and digest."""
    app.put_night(DAY)
    app.run("publish", DAY)
    first, digest = served(app).generation, digest_of(app)
    app.put_night(NEXT, shift=3)
    app.run("publish", NEXT)
    return app, first, digest


def test_old_content_comes_back_under_a_new_number_and_holds(two_nights: tuple[App, str, str]) -> None:
    app, first, digest = two_nights
    after = roll_back(app, first)
    assert (after.publish_number, after.generation, after.hold) == (3, first, NEXT)
    assert (after.highest_date, after.expires_at) == (NEXT, EXPIRES)
    assert digest_of(app) == digest
    assert [app.run("publish", day) for day in (DAY, NEXT)] == ["skipped", "skipped"]
    assert served(app) == after


def test_a_later_date_ends_the_hold(two_nights: tuple[App, str, str]) -> None:
    app, first, _ = two_nights
    roll_back(app, first)
    app.put_night(NEXT + timedelta(1), shift=5)
    assert app.run("publish", NEXT + timedelta(1)) == "published"
    assert (served(app).hold, served(app).publish_number) == (None, 4)


def test_resume_serves_the_newest_night(two_nights: tuple[App, str, str]) -> None:
    app, first, _ = two_nights
    newest, digest = served(app).generation, digest_of(app)
    roll_back(app, first)
    after = end_hold(app)
    assert after is not None
    assert (after.generation, after.hold, after.publish_number) == (newest, None, 4)
    assert digest_of(app) == digest
    assert app.run("publish", NEXT) == "unchanged"
    assert end_hold(app) is None


def test_a_hold_that_a_later_date_ended_before_the_lock_was_had_takes_nothing_back(
    two_nights: tuple[App, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, first, _ = two_nights
    roll_back(app, first)
    app.put_night(NEXT + timedelta(1), shift=5)
    before_lock(monkeypatch, lambda: app.run("publish", NEXT + timedelta(1)))
    assert end_hold(app) is None
    assert (served(app).run_date, served(app).publish_number) == (NEXT + timedelta(1), 4)


def test_old_content_expires_as_the_date_that_is_held_when_the_lock_is_had(
    two_nights: tuple[App, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, first, _ = two_nights
    offer, later = named_generation(app.lake, app.settings, first), NEXT + timedelta(1)
    app.put_night(later, shift=5)
    before_lock(monkeypatch, lambda: app.run("publish", later))
    dates = {NEXT: EXPIRES - timedelta(1), later: EXPIRES}
    after = go_back(open_store(app.settings, app.home), app.home, offer, dates.__getitem__)
    assert (after.hold, after.expires_at) == (later, EXPIRES)


def test_who_and_what_left_since_does_not_come_back(two_nights: tuple[App, str, str]) -> None:
    app, first, _ = two_nights
    app.put_status(NEXT, {"u1": "deleted"})
    app.put_items(NEXT, delisted=("i03",))
    roll_back(app, first)
    store = open_store(app.settings, app.home)
    assert encode_key("user_id", "u1") not in {key for key, _, _ in store.rows("recs_for_you")}
    assert encode_key("user_id", "u1") in {key for key, _, _ in store.rows("user_serving")}
    assert not any(b"i03" in value for _, name, value in store.rows("recs_discover") if name == "items")


def test_a_generation_that_a_replay_replaced_is_refused(two_nights: tuple[App, str, str]) -> None:
    app, first, _ = two_nights
    app.put_night(DAY, shift=7)
    app.run("publish", DAY)
    with pytest.raises(UsageError, match=f"the lake holds {DAY}-.* and no longer {first}"):
        named_generation(app.lake, app.settings, first)
    with pytest.raises(UsageError, match=f"no generation of {CLOSED}"):
        named_generation(app.lake, app.settings, f"{CLOSED}-01234567")
    with pytest.raises(UsageError, match="'yesterday' is no generation"):
        named_generation(app.lake, app.settings, "yesterday")


def test_expired_rows_leave_and_numbers_go_on(app: App) -> None:
    app.put_night(DAY)
    app.run("publish", DAY)
    store, over = open_store(app.settings, app.home), served(app).expires_at
    assert store.expire(over - timedelta(seconds=1)) == 0
    assert store.expire(over) > 0
    assert list(store.rows("user_activity")) == []
    assert served(app).publish_number == 1


def test_rows_that_were_removed_too_early_are_put_back_by_the_same_publish(app: App) -> None:
    app.put_night(DAY)
    app.run("publish", DAY)
    digest, store = digest_of(app), open_store(app.settings, app.home)
    assert store.expire(EXPIRES) > 0
    assert app.run("publish", DAY) == "published"
    assert (digest_of(app), served(app).publish_number) == (digest, 2)
    assert app.run("publish", DAY) == "unchanged"
    app.run("check_online", DAY)
