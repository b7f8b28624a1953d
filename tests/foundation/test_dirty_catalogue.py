"""Dirt in a log of items, and events about items that no log of items named."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from dirty_app import APP, DAY, DirtyApp, line, lines

from jobs.__main__ import main
from jobs.core.schemas import ITEM_PROFILES

ITEMS = (
    '{"id":"i1","title":"Lamp","price":"3.50","available":"yes"}',
    '{"id":"i2","title":"Chair"}',
    '{"id":"i2","title":"Chair"}',
    '{"title":"nobody knows which"}',
    '{"id":"i3","price":-1}',
    '{"id":"i4","price":"free"}',
    '{"id":"i5","available":"perhaps"}',
    '{"id":"i6","title":',
)
COLUMNS = {"item_id": "id", "title": "title", "price": "price", "is_available": "available"}


def test_dirt_in_the_catalogue_stays_out_and_so_do_events_of_unknown_items(
    dirty: Callable[..., DirtyApp], tmp_path: Path
) -> None:
    catalogue = tmp_path / "catalogue"
    catalogue.mkdir()
    (catalogue / f"{DAY}.jsonl").write_bytes(lines(ITEMS))
    logs = {"items": {"kind": "items", "path": str(catalogue), "columns": COLUMNS}}
    limits = {"clean": {"reject_unknown_items": True}, "checks": {"max_quarantine_share": 0.9}}
    app = dirty({"logs": logs, **limits})
    events = {"known": "i1", "also_known": "i2", "unknown": "i9", "refused_by_catalogue": "i3"}
    app.put(
        lines(
            [*(line(name, item=item) for name, item in events.items()), line("of_no_item", type="search", item=None)]
        )
    )

    app.run()

    assert app.clean_ids() == {"known", "also_known", "of_no_item"}
    # The catalogue is known too where it is not among the tables to write.
    assert main(["backfill", "--app", APP, "--from", str(DAY), "--to", str(DAY), "--table", "events"]) == 0
    assert app.clean_ids() == {"known", "also_known", "of_no_item"}
    assert app.ledger() == Counter({"raw": 5, "clean": 3, "quarantined unknown_item": 2})
    assert set(app.read(ITEM_PROFILES)["item_id"]) == {"i1", "i2"}
    items = app.ledger(source="items")
    assert items["raw"] == len(ITEMS)
    assert {place for place in items if place.startswith("quarantined")} == {
        "quarantined missing_item",
        "quarantined bad_price",
        "quarantined bad_flag",
        "quarantined unparsable",
    }
