"""A tiny app in a configuration folder of its own: other column names, other event types, a closed day."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

from jobs.core.config.load import conf_folder

FIRST = date(2025, 3, 3)
CLOSED = date(2025, 3, 11)
LAST = date(2025, 3, 12)

APP = """
app: tiny
schedule: {{time_zone: Asia/Tokyo, first_day: 2025-03-03}}
calendar: {{closed_days: [2025-03-11]}}
log:
  name: clicks
  path: {log}
  format: jsonlines
  extension: jsonl
  time_zone: Asia/Tokyo
  time_format: epoch_ms
  max_late_days: 1
  columns:
    event_type: what
    event_time: at
    user_id: visitorid
    item_id: itemid
    price: {{column: cost, extract: "([0-9.]+)"}}
    country: land
    platform: {{constant: web}}
  event_types: {{look: view, buy: purchase, undo: cancel, bye: opt_out, back: opt_in}}
churn: {{horizon_days: 2, cut_step_days: 1, cuts: 2, min_users: 10}}
recommender: {{horizon_days: 2}}
checks: {{max_quarantine_share: 0.5}}
spark: {{master: "local[2]", driver_memory: 2g, shuffle_partitions: 2}}
"""


def write_app(folder: Path) -> Path:
    """Write configuration and log below `folder`; returns the configuration folder."""
    conf, log = folder / "conf", folder / "log"
    (conf / "apps").mkdir(parents=True)
    for name in ("base.yaml", "local.yaml"):
        shutil.copy(conf_folder() / name, conf / name)
    (conf / "apps" / "tiny.yaml").write_text(APP.format(log=log), encoding="utf-8")
    log.mkdir()
    day = FIRST
    while day <= LAST:
        if day != CLOSED:
            (log / f"{day}.jsonl").write_text("".join(_lines(day)), encoding="utf-8")
        day += timedelta(1)
    return conf


def _lines(day: date) -> list[str]:
    """Forty users who look and buy in a pattern that differs by day, with some dirt."""
    number = (day - FIRST).days
    # 03:00 UTC is noon in Tokyo, so that a day's rows lie well within it.
    noon = (day - date(1970, 1, 1)).days * 86_400_000 + 3 * 3_600_000
    rows: list[dict[str, object]] = []
    for user in range(40):
        if (user + number) % 3 == 0:
            continue
        for step in range(1 + (user * 7 + number) % 3):
            item = (user % 5) * 3 + (step + number) % 3
            what = "buy" if (user + step + number) % 4 == 0 else "look"
            rows.append(_row(what, noon + user * 60_000 + step * 1000, f"u{user}", f"i{item}", 2 + item))
    rows.append(_row("look", noon - 86_400_000, "u1", "i1", 3))  # late by a day, allowed
    rows.append(_row("look", noon - 3 * 86_400_000, "u1", "i1", 3))  # too late
    rows.append(_row("dance", noon, "u2", "i1", 3))  # no such type
    rows.append(_row("undo", noon + 5000, "u3", "i9", 11))
    rows.append(rows[0])  # an exact copy
    if number == 4:
        rows.append(_row("bye", noon + 9000, "u4", None, None))
    if number == 6:
        rows.append(_row("back", noon + 9000, "u4", None, None))
    return [json.dumps(row) + "\n" for row in rows] + ["{broken\n"]


def _row(what: str, at: int, user: str, item: str | None, cost: int | None) -> dict[str, object]:
    row: dict[str, object] = {"what": what, "at": at, "visitorid": user, "land": "JP"}
    if item:
        row["itemid"] = item
    if cost:
        row["cost"] = f"JPY {cost}.50"
    return row
