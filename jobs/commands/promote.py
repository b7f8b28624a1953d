"""`nightjar promote`: make a registered model champion by hand.

The row stands when the night of that date is run again; the next night's gate compares with it.
"""

import argparse
import json
import logging
from datetime import date

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.adapters.tracking.open import open_tracking
from jobs.adapters.tracking.tracking import Tracking
from jobs.commands.arguments import add_date, night_of, settings_of
from jobs.core.config import home_folder
from jobs.core.errors import UsageError
from jobs.core.home import Home
from jobs.core.model_schemas import CHAMPIONS
from jobs.stages.champions import CHALLENGERS, ROLES, by_role, write_by_hand

log = logging.getLogger("nightjar")

EXAMPLES = """examples:
  nightjar promote --app sample --role recommender --date 2025-03-01 \\
      --model popularity-2025-02-28-0f3c9a1e --reason "campaign"

Afterwards run the night again from `promote_models` on: the lists are made with the new champion.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model, for which role, from which date on, and why."""
    parser.add_argument("--app", required=True, help="app: the name of a file in conf/apps/")
    add_date(parser)
    parser.add_argument("--role", required=True, choices=sorted(ROLES), help="what the model serves")
    parser.add_argument("--model", required=True, help="content name, as `champions` and MLflow show it")
    parser.add_argument("--reason", required=True, help="why; kept in the table")


def run(args: argparse.Namespace) -> int:
    """Write the row, then move the alias."""
    settings = settings_of(args)
    night_of(settings, args.date)  # refuses a date that has no night
    home = Home(home_folder(), settings.app)
    lake = Lake(home.lake)
    challenger = _trained(lake, args.role, args.model, args.date)
    row = {
        "role": args.role,
        "model": args.model,
        "kind": challenger["kind"],
        "recipe": challenger["recipe"],
        "challenger": "",
        "decision": "by_hand",
        "reason": args.reason,
        "numbers": json.dumps({}),
        "by": "hand",
    }
    tracking = open_tracking(settings, home)
    # A champion that the night cannot load must not come into the table.
    tracking.load_folder(args.role, args.model)
    # The table is what stages read: MLflow's alias follows it, and the same command again mends an alias left behind.
    before = write_by_hand(lake, args.date, row)
    if before and before["by"] == "hand" and before["model"] != args.model:
        log.warning("%s: takes the place of %s, promoted by hand (%s)", args.role, before["model"], before["reason"])
    if max(lake.run_dates(CHAMPIONS.name)) == args.date:
        _mirror(lake, tracking, args.role, args.date)
    log.info("%s of app %s is served by %s from %s on", args.role, settings.app, args.model, args.date)
    return 0


def _mirror(lake: Lake, tracking: Tracking, role: str, day: date) -> None:
    """Point the alias at what the table says, which is asked again after every move: others may have written it."""
    told = ""
    while (model := _served(lake, role, day)) != told:
        tracking.set_champion(role, model)
        told = model


def _served(lake: Lake, role: str, day: date) -> str:
    manifest = lake.require(CHAMPIONS.name, day, "promote_models")
    return str(by_role(read_pandas(lake, CHAMPIONS, manifest))[role]["model"])


def _trained(lake: Lake, role: str, model: str, until: date) -> dict[str, str]:
    """The row under which a model was trained, at the latest on the date that it shall serve."""
    table = CHALLENGERS[role]
    known: list[str] = []
    for day in (day for day in reversed(lake.run_dates(table.name)) if day <= until):
        row = by_role(read_pandas(lake, table, lake.require(table.name, day, "the training stage"))).get(role)
        if row and row["model"] == model:
            return row
        known += [row["model"]] if row else []
    raise UsageError(
        f"no {role} {model!r} was trained up to {until}; the newest are: {', '.join(known[:5]) or 'none'}"
    )
