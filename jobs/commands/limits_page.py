"""What limits on lists cost, as a table on a terminal."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from jobs.models.surfaces.limit_costs import LimitCost


def limits_table(costs: Sequence[LimitCost], surface: str, metric: str) -> Table:
    """One row per limit and setting, the lists without limits first.

    Parameters
    ----------
    costs
        Of one surface.
    surface, metric
        What was judged, and by what.
    """
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim", title=f"Limits on {surface}, each alone")
    table.add_column("limit")
    for name in ("setting", metric, "difference", "interval"):
        table.add_column(name, justify="right")
    for cost in costs:
        is_base = cost.limit == "none"
        beside = ("", "") if is_base else (f"{cost.difference:+.4f}", f"{cost.low:+.4f} to {cost.high:+.4f}")
        table.add_row(cost.limit, cost.setting, f"{cost.value:.4f}", *beside)
    return table
