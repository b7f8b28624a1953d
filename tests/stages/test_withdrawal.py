"""Withdrawals and publishes that stood still before the lock, while others changed what is known or served."""

import pytest
from before_lock import before_lock
from feast.protos.feast.types.Value_pb2 import Value
from small_app import CLOSED, DAY, App

from jobs.adapters.online import Served, open_store
from jobs.adapters.online.encode import encode_key


def served(app: App) -> Served:
    found = open_store(app.settings, app.home).served()
    assert found is not None
    return found


def status_of(app: App, user: str) -> str:
    key, rows = encode_key("user_id", user), open_store(app.settings, app.home).rows("user_serving")
    [status] = [Value.FromString(value).string_val for found, name, value in rows if (found, name) == (key, "status")]
    return status


def test_a_withdrawal_does_not_undo_what_a_newer_one_applied(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    app.put_night(DAY)
    app.run("publish", DAY)
    app.put_status(CLOSED, {"u1": "active", "u2": "deleted"})

    def newer() -> None:
        app.put_status(CLOSED, {"u1": "opted_out", "u2": "active"})
        assert app.run("withdraw", CLOSED) == "withdrawn"

    before_lock(monkeypatch, newer)
    assert app.run("withdraw", CLOSED) == "unchanged"
    assert (status_of(app, "u1"), status_of(app, "u2")) == ("opted_out", "active")
    assert served(app).publish_number == 2


def test_a_withdrawal_waits_for_the_first_publish_and_then_applies(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    app.put_night(DAY)

    def first() -> None:
        app.run("publish", DAY)
        app.put_status(CLOSED, {"u1": "opted_out"})

    app.put_status(CLOSED, {})
    before_lock(monkeypatch, first)
    assert app.run("withdraw", CLOSED) == "withdrawn"
    assert status_of(app, "u1") == "opted_out"


def test_what_is_served_has_the_mark_of_what_was_applied(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    app.put_night(DAY)
    before_lock(monkeypatch, lambda: app.put_status(CLOSED, {"u1": "opted_out"}))
    assert app.run("publish", DAY) == "published"
    assert status_of(app, "u1") == "opted_out"
    assert served(app).status_date == CLOSED
    assert app.run("check_online", DAY) is None
    assert app.run("withdraw", CLOSED) == "unchanged"
