"""Numbers of many places beside zero: the factor that aligns them may be wider than the column that holds both."""

import polars as pl
import pytest

from laws import HEAD, walked
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.batch.evaluator import evaluate_batch
from scorecore.facts.ingest import ingest
from scorecore.facts.raw import RawTable
from strategies.cases import compiled, period_of


@pytest.mark.parametrize(
    "formula",
    ["least(d * d, 0.0)", "greatest(d * d, 0.0)", "d * d + 0.0", "clamp(d * d, 0.0, 0.0)", "least(d * d * d, 0.0)"],
)
def test_columns_align_a_product_of_tiny_numbers_with_zero(formula: str) -> None:
    """They give what rows give; the least of a product of 24 places and 0 had ended the run."""
    program, problems = compiled(f"""{HEAD}
[facts.person]
d = {{ type = "decimal", min = 0, max = 0.000001, places = 12 }}

[values.is_zero]
is     = "{formula} == 0.0"
result = "bool"
""")
    assert program is not None, problems
    raw = RawTable(pl.DataFrame({"person": ["A", "B"], "d": ["0", "0.000001"]}), "person.csv")
    facts = ingest(program, period_of(program), {"person": raw}, Diagnostics())
    assert facts is not None
    by_rows = [outcome.value("values.is_zero") for outcome in walked(program, facts)]
    by_columns = evaluate_batch(program, facts).frame["values.is_zero"].to_list()
    assert by_columns == by_rows == [True, formula[:5] in {"least", "clamp"}]
