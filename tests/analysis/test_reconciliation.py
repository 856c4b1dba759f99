"""A period beside the one before it, as plain tables."""

from decimal import Decimal

import polars as pl

from laws import HEAD
from scorecore.analysis.reconciliation import ID, PeriodSide, Reconciliation
from strategies.cases import compiled

POLICY = f"""{HEAD}
[facts.person]
sales = {{ type = "decimal", min = 0, max = 90000000000000000000000000, places = 12 }}
[facts.visits]
key = ["day"]
fields = {{ day = {{ type = "date" }} }}
[[actions]]
id = "a"
when = "sales > 0 && visits.size() > 0"
reason = "r"
"""


def reconcile(before: PeriodSide, current: PeriodSide) -> Reconciliation:
    program, diagnostics = compiled(POLICY)
    assert program is not None, list(map(str, diagnostics))
    return Reconciliation(program, before, current)


def side(*sales: str, visits: dict[str, pl.DataFrame] | None = None) -> PeriodSide:
    ids = [f"P{number}" for number in range(len(sales))]
    return PeriodSide("2024-05", pl.DataFrame({ID: ids, "sales": list(sales)}), visits or {})


def test_no_total_is_rounded() -> None:
    """Sums of facts with all digits that a decimal can have are exact."""
    current = side("80000000000000000000000000.000000000001", "0.000000000001")
    totals = {change.name: change.current for change in reconcile(side("1"), current).totals() if change.kind == "fact"}
    assert totals == {"sales": Decimal("80000000000000000000000000.000000000002")}


def test_a_table_that_only_one_period_has_is_a_difference() -> None:
    """Not all facts are the same where events came, or went, though all else is as it was."""
    visit = {"visits": pl.DataFrame({ID: ["P0"], "day": ["2024-05-02"]})}
    without, with_visit = side("1"), side("1", visits=visit)
    assert reconcile(without, without).has_the_same_facts()
    assert reconcile(with_visit, with_visit).has_the_same_facts()
    assert not reconcile(without, with_visit).has_the_same_facts()
    assert not reconcile(with_visit, without).has_the_same_facts()
