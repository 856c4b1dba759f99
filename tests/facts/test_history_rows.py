"""A row of the history that cannot be assigned holds whom it may belong to, and reasons name the cause at the root."""

from pathlib import Path
from typing import Final

import polars as pl
import pytest
from click.testing import CliRunner

from laws import HEAD
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.raw import RawTable
from scorecore_cli.main import scorecore
from strategies.cases import compiled, period_of

POLICY: Final = f"""{HEAD}
[facts.person]
v = {{ type = "int", min = 0, max = 9, optional = true }}

[carry.c]
opens = 0
closes = "carry.c + pay.a"

[[pay]]
id = "a"
kind = "earning"
amount = "(has(v) ? v : 0) + carry.c"
"""
PROGRAM, _ = compiled(POLICY)
assert PROGRAM is not None
PERIOD: Final = period_of(PROGRAM)
PEOPLE: Final = pl.DataFrame({"person": ["E1", "E2", "E3"], "v": ["1", "1", "1"]})


def held(tables: dict[str, pl.DataFrame]) -> tuple[dict[str, set[str]], list[str]]:
    """By person whose pay is held the codes of the reasons; and the codes of the diagnostics."""
    diagnostics = Diagnostics()
    raw = {name: RawTable(frame, f"{name}.csv") for name, frame in tables.items()}
    decisions = PeriodRunner(PROGRAM).decide(PERIOD, raw, diagnostics)
    assert decisions is not None
    reasons = {
        decisions.facts.ids[number]: {cause.kind.code for causes in by_step.values() for cause in causes}
        for number, by_step in decisions.held.items()
    }
    return reasons, [diagnostic.kind.code for diagnostic in diagnostics]


@pytest.mark.parametrize(
    ("row", "whom", "codes"),
    [
        (("E2", "April"), {"E2"}, ["SC411"]),
        (("E2", None), {"E2"}, ["SC420"]),
        (("E2", "2024-04"), set(), []),
        (("E2", "2024年4月"), set(), ["SC421"]),
        (("e2", "2024-04"), {"E2"}, ["SC424"]),
        ((None, "2024-04"), {"E1", "E2", "E3"}, ["SC406"]),
        (("#N/A", "2024-04"), {"E1", "E2", "E3"}, ["SC527"]),
        (("left", "April"), set(), ["SC411"]),
    ],
)
def test_whom_a_row_may_belong_to_is_held(row: tuple[str, str], whom: set[str], codes: list[str]) -> None:
    """Nobody's balance opens anew because a row of theirs was passed over."""
    past = pl.DataFrame(
        {"person": ["E1", row[0]], "period": ["2024-04", row[1]], "carry.c": ["10", "20"]},
        schema=dict.fromkeys(["person", "period", "carry.c"], pl.String),
    )
    reasons, noted = held({"person": PEOPLE, "history": past})
    assert reasons.keys() == whom
    assert {code for each in reasons.values() for code in each} == ({"SC518"} if whom else set())
    assert noted == codes


def test_the_reason_is_what_is_missing_at_the_root() -> None:
    """Three months after a first one of which nothing was known, the reason is still that."""
    labels = ["2024-02", "2024-03", "2024-05"]
    people = pl.DataFrame({"person": ["E1"] * 3, "period": labels, "v": ["1"] * 3})
    assert held({"person": people})[0] == {"E1": {"SC526"}}


@pytest.mark.parametrize("sheet", ["history", "以往决定"])
def test_nothing_is_recorded_before_it_is_known_what_was_before(sheet: str, tmp_path: Path) -> None:
    """An empty sheet of the template says nothing about it."""
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
    facts = tmp_path / "facts"
    facts.mkdir()
    PEOPLE.write_csv(facts / "person.csv")
    (facts / f"{sheet}.csv").write_text("person,period,carry.c\n", "utf-8")
    record = tmp_path / "record.scorecore"
    assert CliRunner().invoke(scorecore, ["record", "begin", str(record), "--single-operator"]).exit_code == 0
    size = record.stat().st_size
    arguments = ["run", str(tmp_path / "policy.toml"), "--facts", str(facts), "--period", "2024-05"]
    done = CliRunner().invoke(scorecore, [*arguments, "--record", str(record)])
    assert done.exit_code == 2
    assert "--no-history" in done.output
    assert record.stat().st_size == size


def test_a_table_that_cannot_be_read_is_not_said_to_be_missing() -> None:
    """Whoever needs it learns where the cause is."""
    reasons, codes = held({"person": PEOPLE, "history": pl.DataFrame({"person": ["E1"], "period": ["2024-04"]})})
    assert codes == ["SC402"]
    assert reasons == {subject: {"SC555"} for subject in ("E1", "E2", "E3")}


def test_the_other_rows_of_somebody_who_is_there_twice_are_named() -> None:
    people = pl.DataFrame({"person": ["E2", "E1", "E2", "E2"], "v": ["1", "1", "1", "1"]})
    diagnostics = Diagnostics()
    PeriodRunner(PROGRAM).inspect(PERIOD, {"person": RawTable(people, "person.csv")}, diagnostics)
    (twice,) = [diagnostic for diagnostic in diagnostics if diagnostic.kind.code == "SC522"]
    assert (twice.location.line, twice.params["rows"]) == (2, "4, 5")


def test_that_there_are_more_rows_than_are_named_is_said() -> None:
    people = pl.DataFrame({"person": ["E1"] * 40, "v": ["1"] * 40})
    diagnostics = Diagnostics()
    PeriodRunner(PROGRAM).inspect(PERIOD, {"person": RawTable(people, "person.csv")}, diagnostics)
    (twice,) = [diagnostic for diagnostic in diagnostics if diagnostic.kind.code == "SC522"]
    assert twice.params["rows"] == ", ".join([*map(str, range(3, 23)), "…"])
