"""A small app's night up to `publish`, written straight into its lake."""

from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path

import pandas as pd

from jobs.adapters.lake import Lake
from jobs.adapters.lake.put import put_partition
from jobs.core.config import load_settings
from jobs.core.home import Home
from jobs.core.night import Night
from jobs.core.surfaces import ITEM_SURFACES, RUNG_SURFACES, USER_SURFACES
from jobs.datasets.tables import table_named
from jobs.stages.catalog import stage_named
from jobs.stages.job import Job
from jobs.stages.plan import plan_stage

DAY = date(2025, 3, 3)
CLOSED = date(2025, 3, 4)
NEXT = date(2025, 3, 5)
MODEL = "als-2025-03-03-abc"
ITEMS = tuple(f"i{number:02d}" for number in range(30))


_SURFACES = {
    "user": USER_SURFACES,
    **dict.fromkeys(("segment", "context", "everybody"), RUNG_SURFACES),
    "item": ITEM_SURFACES,
}


class App:
    """The sample app in a home of its own; 4 March is closed."""

    def __init__(self, root: Path) -> None:
        settings = load_settings("sample")
        calendar = settings.calendar.model_copy(update={"closed_days": (CLOSED,)})
        self.settings = settings.model_copy(update={"calendar": calendar})
        self.home = Home(root, "sample")
        self.lake = Lake(self.home.lake)

    def use_redis(self, address: str) -> None:
        """Publish to a Redis instead of the file."""
        online = self.settings.online.model_copy(update={"store": "redis", "redis": address})
        self.settings = self.settings.model_copy(update={"online": online})

    def put(self, name: str, day: date, frame: pd.DataFrame) -> None:
        """Make a partition current, as the stage before would."""
        put_partition(self.lake, table_named(name), day, frame, "test")

    def put_night(
        self,
        day: date,
        users: tuple[str, ...] = ("u1", "u2", "u3"),
        shift: int = 0,
        items: tuple[str, ...] = ITEMS,
        listed: tuple[str, ...] = ("i01",),
    ) -> None:
        """All inputs of `publish`.

        u3 is dormant, u2 has one event only; `shift` turns the lists, and `listed` are the items that have lists.
        """
        end = pd.Timestamp(datetime(day.year, day.month, day.day + 1, tzinfo=UTC)).as_unit("us")
        self.put("user_activity", day, _activity(users, end))
        self.put("user_item_affinity", day, _affinity(users, items, end))
        self.put("user_category_affinity", day, _categories(users, end))
        self.put("item_popularity", day, _popularity(items, end))
        self.put("recommendations", day, _recommendations(users, items, listed, shift))
        self.put("predictions", day, _predictions(users))
        self.put_profiles(day, users)
        self.put_items(day, items=items)
        self.put_status(day, {})

    def put_profiles(self, day: date, users: tuple[str, ...]) -> None:
        """The tables of `profile_users`: one group for all, one hour, one category."""
        for name, rows in _profiles(users).items():
            self.put(name, day, rows)

    def put_items(self, day: date, delisted: tuple[str, ...] = (), items: tuple[str, ...] = ITEMS) -> None:
        """`item_profiles` of a day; all may be had but the delisted ones."""
        named = tuple(column.name for column in table_named("item_profiles").columns)
        rows = [(item, *([None] * 5), item not in delisted, day) for item in items]
        self.put("item_profiles", day, pd.DataFrame(rows, columns=list(named)))

    def put_status(self, day: date, statuses: dict[str, str]) -> None:
        """`user_status` of a day."""
        since = pd.Timestamp("2025-03-01", tz="UTC").as_unit("us")
        rows = [(user, status, since) for user, status in statuses.items()]
        frame = pd.DataFrame(rows, columns=["user_id", "status", "since"])
        self.put("user_status", day, frame)

    def run(self, stage_name: str, day: date) -> str | None:
        """Run one stage and commit what it wrote, as the runner does."""
        stage, night = stage_named(stage_name), Night(self.settings, day, day)
        plan = plan_stage(stage, night, self.lake)
        job = Job(stage, night, self.home, self.lake, plan.provenance, plan.inputs, plan.files)
        state = import_module(stage.module).run(job)
        job.commit()
        return state


def _activity(users: tuple[str, ...], end: pd.Timestamp) -> pd.DataFrame:
    counts = [column.name for column in table_named("user_activity").columns if column.type == "long"]
    rows = pd.DataFrame({"user_id": users, "event_timestamp": end}).assign(**dict.fromkeys(counts, 4))
    dormant = rows["user_id"].eq("u3")
    return rows.assign(
        tenure_days=120,
        days_since_event=dormant.map({True: 90, False: 1}),
        days_since_intent=rows["user_id"].ne("u2").map({True: 3, False: None}),
        **dict.fromkeys(("revenue_1d", "revenue_7d", "revenue_28d", "revenue_90d", "decayed_revenue"), 0.0),
        revenue=12.5,
        activity=1.25,
        trend=1.0,
        **dict.fromkeys(("mean_gap_days", "gap_deviation_days", "typical_price", "price_spread")),
        mean_log_revenue=0.5,
        wanted_popularity=None,
        mean_hour=23.0,
        weekday_entropy=0.0,
        hours=[[0] * 23 + [4] for _ in users],
        weekdays=[[4] + [0] * 6 for _ in users],
        country="NL",
        platform=None,
    )


def _affinity(users: tuple[str, ...], items: tuple[str, ...], end: pd.Timestamp) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user_id": users,
            "event_timestamp": end,
            "n_items": 2,
            "items": [list(items[1:3]) for _ in users],
            "affinities": [[2.5, 1.0] for _ in users],
        }
    )


def _categories(users: tuple[str, ...], end: pd.Timestamp) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user_id": users,
            "event_timestamp": end,
            "n_categories": 1,
            "categories": [["books"] for _ in users],
            "affinities": [[3.5] for _ in users],
        }
    )


def _popularity(items: tuple[str, ...], end: pd.Timestamp) -> pd.DataFrame:
    counts = [column.name for column in table_named("item_popularity").columns if column.type == "long"]
    rows = pd.DataFrame({"item_id": items, "event_timestamp": end}).assign(**dict.fromkeys(counts, 7))
    return rows.assign(
        **dict.fromkeys(("revenue_7d", "revenue_28d", "revenue_90d"), 2.5),
        popularity=3.5,
        trend=1.0,
        life_cycle="steady",
        price=None,
    )


def _recommendations(
    users: tuple[str, ...], items: tuple[str, ...], listed: tuple[str, ...], shift: int
) -> pd.DataFrame:
    """Lists of all items for everyone; in `because_you` each item stands there because of the next one."""
    keys = [("user", user) for user in users]
    keys += [("segment", "active"), ("segment", "new"), ("context", "NL|*|*"), ("everybody", "everybody")]
    keys += [("item", item) for item in listed]
    turned = items[shift:] + items[:shift]
    anchors = dict(zip(turned, (*turned[1:], turned[0]), strict=True))
    return pd.DataFrame(
        [
            (
                entity,
                key,
                surface,
                rank,
                item,
                1 / rank,
                *_reason(surface, anchors[item]),
                "als",
                "als-2025-03-03-abc",
            )
            for entity, key in keys
            for surface in _SURFACES[entity]
            for rank, item in enumerate(turned, start=1)
        ],
        columns=list(table_named("recommendations").column_names),
    )


def _reason(surface: str, anchor: str) -> tuple[str, str]:
    return ("because_you_had", anchor) if surface == "because_you" else ("popular", "")


def _profiles(users: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    group = {"segment": "s1", "title": "comes often", "traits": ["comes often"], "n_users": len(users), "share": 1.0}
    night = {"kept_share": 1.0, "drift": 0.0, "moved_share": 0.0, "is_new": True, "n_named": 1}
    hour = {"weekday": 5, "hour": 20, "time_zone": "UTC", "expected_gain": 0.5, "n_visits": 4, "n_opened": 1}
    of_users = pd.DataFrame({"user_id": users})
    return {
        "segments": pd.DataFrame([{**group, **night, "habits": ["often"], "centre": [0.0]}]),
        "user_segments": of_users.assign(segment="s1", certainty=0.75, previous="", n_visits=4),
        "user_stages": of_users.assign(stage="regular", rule=9),
        "send_times": of_users.assign(**hour, based_on="own")[list(table_named("send_times").column_names)],
        "next_interests": of_users.assign(
            categories=[["books"] for _ in users], shares=[[1.0] for _ in users], based_on="own"
        ),
    }


def _predictions(users: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user_id": users,
            "prediction": "churn",
            "probability": 0.25,
            "expected": None,
            "low": None,
            "high": None,
            "days": [[] for _ in users],
            "curve": [[] for _ in users],
            "reasons": [["no visit for 3 days"] for _ in users],
            "action": "",
            "is_prior": False,
            "model": "churn_lightgbm-2025-03-03-abc",
        }
    )
