"""What a night says of the sample's users, against the truth that the sample was drawn from."""

import os
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.core.config import load_settings
from jobs.core.home import Home
from jobs.datasets.tables import table_named
from jobs.models.profiles.pairs import place_pairs
from jobs.sample.groups import GROUPS
from jobs.sample.truth_store import read_truth
from jobs.sample.users import name_user
from tests.bench.processes import measure

APP = "sample"
SEED, USERS, FIRST, DAYS, HORIZON = 401, 3000, date(2025, 1, 1), 200, 14
CUT = FIRST + timedelta(DAYS - HORIZON - 1)
"""Profiles are made of this day; the days after it say what was touched next."""

K = 3
CLEAR_VISITS = 20
OPENS = 30
"""Hours with a visit: the sample sends a notification in a week, and nobody opens thirty in its 200 days."""

Floats = npt.NDArray[np.float64]
Results = dict[str, Any]


@dataclass(frozen=True)
class Night:
    """A night of the sample, as the lake holds it, and the truth by user."""

    lake: Lake
    day: date
    truth: pd.DataFrame

    def read(self, table: str, day: date | None = None) -> pd.DataFrame:
        """A partition; by default the night's."""
        manifest = self.lake.require(table, day or self.day, "the bench")
        return read_pandas(self.lake, table_named(table), manifest)


def run_sample(root: Path) -> Results:
    """Make 200 days of a sample whose seed no development has seen, run the stage, and measure what it says."""
    home = root / "work" / f"profiles-{SEED}"
    seconds = _run_stages(home)
    os.environ["NIGHTJAR_HOME"] = str(home)
    night = open_night(home, CUT)
    return {**measure_segments(night), **measure_send_time(night), **measure_next_interest(night), **seconds}


def open_night(home: Path, day: date) -> Night:
    """A night whose stage has run."""
    truth = read_truth(home / "input" / "sample-truth").world.users
    users = pd.DataFrame(
        {
            "group": [GROUPS[group].name for group in truth.group],
            "hour": truth.preferred_hour,
        },
        index=[name_user(position) for position in range(len(truth))],
    )
    return Night(Lake(Home(home, APP).lake), day, users)


def _run_stages(home: Path) -> Results:
    """The sample's log, all tables up to the last day, and the stage on the cut."""
    environment = {**os.environ, "NIGHTJAR_HOME": str(home)}
    log = home / "stderr.log"
    last = FIRST + timedelta(DAYS - 1)

    def run(*arguments: str) -> float:
        return measure([sys.executable, "-m", "jobs", *arguments], environment, log).seconds

    run("sample", "--seed", str(SEED), "--users", str(USERS), "--days", str(DAYS), "--first-day", str(FIRST))
    run("backfill", "--app", APP, "--from", str(FIRST), "--to", str(last), "--tables-only")
    return {"sample.profile_users_seconds": run("profile_users", "--app", APP, "--date", str(CUT))}


def measure_segments(night: Night) -> Results:
    """How well groups are those that users were drawn from: of users with enough visits, and of all active ones."""
    rows = night.read("user_segments")
    planted = night.truth.loc[rows["user_id"], "group"].to_numpy()
    clear = rows["n_visits"].to_numpy() >= CLEAR_VISITS
    learned = rows["segment"].to_numpy()
    return {
        "sample.segments.adjusted_rand": adjusted_rand(planted[clear], learned[clear]),
        "sample.segments.users": int(clear.sum()),
        "sample.segments.adjusted_rand_all_active": adjusted_rand(planted, learned),
        "sample.segments.users_all_active": len(rows),
        "sample.segments.groups": len(set(learned)),
    }


def adjusted_rand(left: npt.NDArray[Any], right: npt.NDArray[Any]) -> float:
    """Adjusted Rand index of two groupings (Hubert and Arabie, 1985): 1 equal, 0 as by chance."""
    table = pd.crosstab(left, right).to_numpy(dtype="float64")

    def pairs(counts: Floats) -> float:
        return float((counts * (counts - 1) / 2).sum())

    rows, columns, both = pairs(table.sum(axis=1)), pairs(table.sum(axis=0)), pairs(table)
    chance = rows * columns / pairs(np.array([table.sum()]))
    return (both - chance) / ((rows + columns) / 2 - chance)


def measure_send_time(night: Night) -> Results:
    """Share of users whose hour is that planted: its middle at most one hour from it."""
    rows = night.read("send_times")
    planted = night.truth.loc[rows["user_id"], "hour"].to_numpy()
    ahead = np.abs(rows["hour"].to_numpy() + 0.5 - planted) % 24
    apart = np.minimum(ahead, 24 - ahead)
    often = rows["n_visits"].to_numpy() >= OPENS
    opened = rows["n_opened"].to_numpy()
    everybody = np.bincount(rows["hour"][often], minlength=24).argmax() + 0.5
    same = np.minimum(np.abs(everybody - planted) % 24, 24 - np.abs(everybody - planted) % 24)
    return {
        "sample.send_time.recovered": float((apart[often] <= 1).mean()),
        "sample.send_time.users": int(often.sum()),
        "sample.send_time.recovered_within_half_hour": float((apart[often] <= 0.5).mean()),
        "sample.send_time.recovered_all_active": float((apart <= 1).mean()),
        "sample.send_time.recovered_by_one_hour_for_all": float((same[often] <= 1).mean()),
        "sample.send_time.gain_expected": float(rows["expected_gain"][often].mean()),
        "sample.send_time.most_notifications_opened": int(opened.max()),
    }


def measure_next_interest(night: Night) -> Results:
    """How often the first categories are touched in the days after, beside the two simple rankings."""
    touched = _touched_after(night)
    rows = night.read("next_interests")
    rows = rows[rows["user_id"].isin(touched.index)]
    users = rows["user_id"].to_numpy()
    truth = touched.loc[users].to_numpy(dtype="float64")
    categories = {name: place for place, name in enumerate(touched.columns)}
    ranked = np.array([[categories[name] for name in names[:K]] for names in rows["categories"]])
    popular, own = _baselines(night, users, list(touched.columns))
    results: Results = {"sample.next_interest.users": len(users)}
    for name, order in {"": ranked, "popular.": popular, "own.": own}.items():
        hits = np.take_along_axis(truth, order, axis=1)
        results[f"sample.next_interest.{name}first_touched"] = float((hits[:, 0] > 0).mean())
        results[f"sample.next_interest.{name}share_of_touches_at_{K}"] = float((hits.sum(1) / truth.sum(1)).mean())
        results[f"sample.next_interest.{name}ndcg_at_{K}"] = _ndcg(truth, hits)
    return results


def _ndcg(truth: Floats, hits: Floats) -> float:
    """Gains are numbers of touches."""
    discount = 1 / np.log2(np.arange(2, K + 2))
    best = -np.sort(-truth, axis=1)[:, :K] @ discount
    return float((hits @ discount / best).mean())


def _touched_after(night: Night) -> pd.DataFrame:
    """Touches by user and category in the days after the night: items wanted, once a day. Shape (n, c)."""
    days = [night.day + timedelta(step) for step in range(1, HORIZON + 1)]
    rows = pd.concat([night.read("user_item_daily", day) for day in days])
    rows = rows[rows["weight"].astype(float) > 0]
    catalogue = night.read("item_profiles", days[-1]).set_index("item_id")["category"]
    category = rows["item_id"].map(catalogue)
    return pd.crosstab(rows["user_id"], category)


def _baselines(night: Night, users: npt.NDArray[Any], categories: list[str]) -> tuple[Any, Any]:
    """The categories touched most by everybody, and by the user of late (ties by everybody's), places (n, K)."""
    half_life = load_settings(APP).features.affinity_half_life_days
    pairs = place_pairs(night.read("user_item_state"), night.read("item_profiles"), night.day, half_life)
    pairs = pairs[pairs["affinity"] > 0]
    table = pairs.pivot_table(index="user_id", columns="category", values="affinity", aggfunc="sum", fill_value=0.0)
    table = table.reindex(columns=categories, fill_value=0.0)
    everybody = table.sum(axis=0).to_numpy()
    own = table.reindex(users, fill_value=0.0).to_numpy() + 1e-9 * everybody / everybody.max()
    popular = np.tile(np.argsort(-everybody, kind="stable")[:K], (len(users), 1))
    return popular, np.argsort(-own, axis=1, kind="stable")[:, :K]
