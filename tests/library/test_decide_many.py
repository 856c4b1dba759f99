"""Frames of any library in, tables out, the same as the command line and as one dict after another."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import scorecore
from scorecore.io.readers import read_facts

POLICIES: Final = Path(__file__).parents[2] / "policies"
PEOPLE: Final = pl.DataFrame(
    {
        "person": ["P1", "P2", "P3"],
        "sales": [Decimal("90000.00"), Decimal("120000.50"), None],
        "task": [100_000, 100_000, 1],
    }
)
COMPLAINTS: Final = pl.DataFrame({"person": ["P1", "P1"], "id": ["C1", "C2"], "upheld": [True, False]})

AS_OTHERS: Final[dict[str, Callable[[pl.DataFrame], Any]]] = {
    "polars": lambda frame: frame,
    "a lazy frame": pl.DataFrame.lazy,
    "arrow": pl.DataFrame.to_arrow,
    "pandas": lambda frame: pd.DataFrame({name: frame[name].to_list() for name in frame.columns}, dtype=object),
    "pandas of arrow": lambda frame: frame.to_pandas(use_pyarrow_extension_array=True),
    "text": lambda frame: frame.cast(pl.String),
}


@pytest.mark.parametrize("library", AS_OTHERS)
def test_frames_of_every_library_give_the_same(shop: scorecore.CompiledPolicy, library: str) -> None:
    """To the last digit, and as each person alone; who has no sales is held, with the place in the frame."""
    convert = AS_OTHERS[library]
    decided = shop.decide_many({"person": convert(PEOPLE), "complaints": convert(COMPLAINTS)}, period="2024-05")
    assert len(decided) == 3
    assert decided.decisions["score.total"].to_list() == [Decimal("86.00"), Decimal("100.00"), None]
    for number, subject in enumerate(["P1", "P2", "P3"]):
        person = PEOPLE.drop("person").row(number, named=True)
        complaints = COMPLAINTS.filter(pl.col("person") == subject).drop("person").to_dicts()
        alone = shop.decide({"period": "2024-05", "id": subject, "person": person, "complaints": complaints})
        row = decided.decisions.row(number, named=True)
        assert {name: row[name] for name in alone.results} == alone.results
        assert (row["pay.net"], row["partial"]) == (alone.net, alone.partial)
        entries = decided.entries.filter(pl.col("person") == subject)
        assert entries["points"].to_list() == [entry.points for entry in alone.entries]
    assert decided.holds.select("person", "code", "place").rows()[0] == ("P3", "SC510", "person:3")
    assert decided.pay["amount"].sum() == decided.decisions["pay.net"].sum()


def test_a_frame_is_taken_as_a_file_is() -> None:
    """Used policies and earlier periods are decided on the way; groups that were computed decide a person alone."""
    policy = scorecore.load(POLICIES / "galaxy" / "ranking.toml")
    raw = read_facts(POLICIES / "galaxy" / "facts", scorecore.Diagnostics())
    decided = policy.decide_many({name: table.frame for name, table in raw.items()}, period="2024-05")
    assert len(decided) == len(decided.group_values()) > 2
    ranks = decided.group_values().to_dict(as_series=False)
    best = decided.decisions.filter(pl.col("actions.top_three"))["person"].to_list()
    text = 'rank(score.total, "branch")'
    assert {ranks["person"][number] for number, rank in enumerate(ranks[text]) if rank and rank <= 3} == set(best)


@pytest.mark.parametrize(
    ("frames", "problems"),
    [
        ({"persons": PEOPLE}, ["SC101"]),
        ({"person": PEOPLE, "history": PEOPLE, "complaint": COMPLAINTS}, ["SC101"]),
        ({"person": PEOPLE.with_columns(pl.col("sales").cast(pl.Float64))}, ["SC405"]),
        ({"person": pd.DataFrame({"person": ["P1"], "sales": [0.1], "task": [1]})}, ["SC405"]),
        ({"person": pd.DataFrame({"person": ["P1", "P2"], "sales": [1, None], "task": [1, 1]})}, ["SC405"]),
        ({"person": PEOPLE.drop("task")}, ["SC402"]),
        ({"person": PEOPLE.clear()}, ["SC409"]),
        ({}, ["SC401"]),
    ],
)
def test_what_cannot_be_decided_is_refused(
    shop: scorecore.CompiledPolicy, frames: dict[str, Any], problems: list[str]
) -> None:
    """Misspelt tables, binary floats, missing columns, and nobody."""
    with pytest.raises(scorecore.FactsRejected) as raised:
        shop.decide_many(frames, period="2024-05")
    assert [diagnostic.kind.code for diagnostic in raised.value.diagnostics] == problems


@pytest.mark.parametrize("unfit", [PEOPLE.to_dicts(), "person.csv", 5, None])
def test_what_is_not_a_frame_is_refused(shop: scorecore.CompiledPolicy, unfit: Any) -> None:
    with pytest.raises(scorecore.FactsRejected) as raised:
        shop.decide_many({"person": unfit}, period="2024-05")
    assert [diagnostic.kind.code for diagnostic in raised.value.diagnostics] == ["SC442"]


def test_tables_go_on_to_other_libraries(shop: scorecore.CompiledPolicy) -> None:
    """Decimals stay decimals."""
    decided = shop.decide_many({"person": PEOPLE}, period="2024-05")
    assert decided.decisions.to_pandas(use_pyarrow_extension_array=True)["items.sales"][1] == Decimal("90.00")
    assert_frame_equal(pl.DataFrame(decided.decisions.to_arrow()), decided.decisions)
