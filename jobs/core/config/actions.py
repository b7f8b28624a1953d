"""The rules of `conf/actions.yaml`: data and no code, read as the other files of the configuration are."""

from collections.abc import Mapping
from typing import Literal

from pydantic import model_validator

from jobs.core.config.section import Section

Fact = Literal["churn", "conversion", "value", "return_visit", "return_days"]


class Limit(Section):
    """Strict bounds of a number; both hold where both are given."""

    above: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Limit":
        if self.above is None and self.below is None:
            raise ValueError("give above, below or both")
        return self

    def holds(self, value: float | None) -> bool:
        """Whether the number is known and lies within; not-a-number is in no range."""
        if value is None:
            return False
        over = value > self.above if self.above is not None else value == value
        return over and (self.below is None or value < self.below)


class ActionRule(Section):
    """One rule: all its conditions must hold."""

    action: str
    of: Literal["churn", "conversion", "value", "return_visit"]
    when: dict[Fact, Limit]


Actions = tuple[ActionRule, ...]


def action_of(rules: Actions, prediction: str, facts: Mapping[str, float]) -> str:
    """The hint of the first rule of a prediction that holds for a user, or empty."""
    for rule in rules:
        if rule.of == prediction and all(limit.holds(facts.get(name)) for name, limit in rule.when.items()):
            return rule.action
    return ""
