import io

from rich.console import Console

from jobs.commands.limits_page import limits_table
from jobs.models.surfaces.limit_costs import LimitCost


def test_costs_are_shown_with_their_sign() -> None:
    costs = [LimitCost("none", "", 0.4, 0.0), LimitCost("diversity", "0.5", 0.375, -0.025, -0.03, -0.02)]
    stream = io.StringIO()
    Console(file=stream, width=80).print(limits_table(costs, "for_you", "ndcg_at_10"))
    lines = [line.split() for line in stream.getvalue().splitlines()]
    assert ["none", "0.4000"] in lines
    assert ["diversity", "0.5", "0.3750", "-0.0250", "-0.0300", "to", "-0.0200"] in lines
