"""Stage promote_models: the gate decides which models serve; `champions` says so."""

import json
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pandas as pd

from jobs.adapters.tracking.open import open_tracking
from jobs.core.config.learning import GateSettings, ListGateSettings
from jobs.core.model_schemas import CHAMPIONS
from jobs.evaluation.comparison import Comparison
from jobs.evaluation.gate import decide
from jobs.evaluation.gate_rules import Decision, GateRules
from jobs.stages.champions import CHALLENGERS, ROLES, by_role, recipe_json
from jobs.stages.job import Job

log = logging.getLogger("nightjar")


def run(job: Job) -> None:
    """One row per role that has a champion; what was promoted by hand for this date stands."""
    yesterday = by_role(job.read_pandas(CHAMPIONS, job.night.run_date - timedelta(1)))
    by_hand = _by_hand(job)
    decided = []
    for role in ROLES:
        row = by_hand.get(role) or _decide(job, role, yesterday.get(role))
        if row is not None:
            log.log(logging.INFO if row["model"] else logging.WARNING, "%s", _told(role, row))
            decided.append(row)
        else:
            log.warning("%s: no champion; nothing was trained yet that may serve", role)
    _mirror(job, decided)
    served = [row for row in decided if row["model"]]
    job.write_pandas(CHAMPIONS, pd.DataFrame(served, columns=list(CHAMPIONS.column_names)))


def _told(role: str, row: dict[str, Any]) -> str:
    if row["decision"] != "refused":
        what = f"{row['decision']} {row['model']}"
    else:
        stays = f"{row['model']} stays" if row["model"] else "and there is no champion"
        what = f"refused {row['challenger']}, {stays}"
    return f"{role}: {what} ({row['reason']})"


def _by_hand(job: Job) -> dict[str, dict[str, Any]]:
    """Rows of this very date that a person wrote, which no run of the gate may undo."""
    rows = by_role(job.read_replaced(CHAMPIONS))
    return {role: row for role, row in rows.items() if row["by"] == "hand"}


def _decide(job: Job, role: str, champion: dict[str, Any] | None) -> dict[str, Any] | None:
    """The role's row; without a model where the first challenger was refused, None where there is none either."""
    challengers = by_role(job.read_pandas(CHALLENGERS[role]))
    if role not in challengers:
        why = "closed day" if job.night.is_closed else "no challenger was trained"
        return {**champion, "challenger": "", "decision": "copied", "reason": why, "by": "gate"} if champion else None
    challenger = challengers[role]
    decision = _ask_gate(job.night.settings.gate_of(role), challenger, champion)
    if decision.promote:
        return _row(challenger, challenger["model"], "promoted", decision)
    if champion is None:
        return _row(challenger, "", "refused", decision)
    return {
        **_row(challenger, champion["model"], "refused", decision),
        "kind": champion["kind"],
        "recipe": champion["recipe"],
    }


def _ask_gate(settings: GateSettings, challenger: dict[str, Any], champion: dict[str, Any] | None) -> Decision:
    metrics = json.loads(challenger["metrics"])
    if not metrics and champion is None:
        # The first nights have no days after a cut; a list that nobody could judge beats none.
        return Decision(promote=True, reason="there is no holdout yet and no champion", numbers={})
    if not metrics and champion is not None and challenger["recipe"] == champion["recipe"]:
        # Where it is judged it always passes; refused, the first night's model would serve for weeks.
        return Decision(promote=True, reason="there is no holdout yet, and it is the champion's recipe", numbers={})
    beside = json.loads(challenger["champion_metrics"]) if challenger["champion"] else None
    return decide(metrics, beside, _rules(settings), Comparison.from_json(challenger["paired"], settings.metric))


def _rules(settings: GateSettings) -> GateRules:
    rules = GateRules(
        metric=settings.metric, margin=settings.margin, floors=settings.floors, group_margin=settings.group_margin
    )
    if not isinstance(settings, ListGateSettings):
        return rules
    return replace(
        rules,
        ceilings=settings.ceilings,
        min_distinct_scores=settings.min_distinct_scores,
        group_floors=settings.group_floors,
    )


def _row(challenger: dict[str, Any], model: str, decision: str, answer: Decision) -> dict[str, Any]:
    recipe = json.loads(challenger["recipe"])
    return {
        "role": challenger["role"],
        "model": model,
        "kind": challenger["kind"],
        "recipe": recipe_json(recipe["kind"], recipe["params"]),
        "challenger": challenger["model"],
        "decision": decision,
        "reason": answer.reason,
        "numbers": json.dumps(answer.numbers, sort_keys=True),
        "by": "gate",
    }


def _mirror(job: Job, rows: list[dict[str, Any]]) -> None:
    """MLflow's aliases and tags follow the table, for people; a night that is run again moves none back."""
    is_newest = max(job.lake.run_dates(CHAMPIONS.name), default=job.night.run_date) <= job.night.run_date
    told = [row for row in rows if row["decision"] != "copied"]
    if not told:
        return
    tracking = open_tracking(job.night.settings, job.home)
    for row in told:
        if is_newest and row["model"]:
            tracking.set_champion(row["role"], row["model"])
        if row["by"] == "gate":
            promoted = row["decision"] == "promoted"
            tracking.record_gate(row["role"], row["challenger"], promoted, row["reason"], json.loads(row["numbers"]))
