"""Who is not assessed: everything is as if they were not among the facts, and they are named."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import HEAD
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.evaluate.batch.evaluator import evaluate_batch
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.result_tables import tables
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.ingest import ingest
from scorecore.facts.raw import RawTable
from scorecore.program.model import Program
from scorecore.record.runs.batch_payloads import batch_payloads
from scorecore.record.runs.payload import ResultWriter, encode_payload
from strategies.cases import compiled, period_of

TEAMS: Final = """
[facts.person]
away = { type = "bool", optional = true }
team = { type = "string", among = ["a", "b"] }
x = { type = "decimal", min = -1000, max = 1000000, places = 2 }
[facts.sales]
key = ["number"]
fields = { number = { type = "int" }, amount = { type = "decimal", min = 0, max = 1000, places = 2 } }
[groups.team]
by = "team"
held = "wait"
ties = "last"
[[pay]]
id = "prize"
kind = "adjustment"
amount = 'decimal(rank(x, "team")) * 100 + sum_in(sales.map(s, s.amount).sum(), "team") + count_in(x > 5, "team")'
[[pay]]
id = "share"
kind = "adjustment"
amount = 'pool(1000, abs(x) + 1, "team", 2)'
"""


def program_of(applies: str, held: str = "wait") -> Program:
    text = HEAD.replace("[policy]", f"[policy]\napplies = '{applies}'", 1) + TEAMS.replace('"wait"', f'"{held}"')
    program, diagnostics = compiled(text)
    assert program is not None, list(map(str, diagnostics))
    return program


def decided(program: Program, raw: Mapping[str, RawTable], evaluator: str) -> tuple[Decisions | None, list[Diagnostic]]:
    diagnostics = Diagnostics()
    return PeriodRunner(program, evaluator=evaluator).decide(period_of(program), raw, diagnostics), list(diagnostics)


def written(decisions: Decisions | None) -> dict[str, list[tuple[object, ...]]]:
    """What is decided, by names; of the reasons the codes, for places name rows."""
    if decisions is None:
        return {}
    return {
        name: frame.drop("place", "reason", strict=False).rows()
        for name, frame in tables(decisions, Diagnostic.message).items()
    }


people = st.lists(
    st.tuples(
        st.sampled_from(["yes", "no", "no", "", "perhaps"]),
        st.sampled_from(["a", "a", "b", "c"]),
        st.sampled_from(["1", "10", "10", "-3", "many"]),
        st.lists(st.sampled_from(["5", "7.25", "much"]), max_size=2),
    ),
    min_size=1,
    max_size=6,
)


@given(people)
def test_who_is_not_assessed_might_as_well_not_be_there(
    drawn: list[tuple[str, str, str, list[str]]],
) -> None:
    """Ranks, sums, counts and shares of the others, what they wait for, and the events of everybody else."""
    program = program_of("!(has(away) && away)")

    def raw(*, leaves_out: bool) -> dict[str, RawTable]:
        kept = [
            (f"P{position}", *cells) for position, cells in enumerate(drawn) if not (leaves_out and cells[0] == "yes")
        ]
        rows = [(who, away, team, x) for who, away, team, x, _ in kept]
        sales = [(who, str(number), amount) for who, *_, amounts in kept for number, amount in enumerate(amounts)]
        heads = (["person", "away", "team", "x"], ["person", "number", "amount"])
        frames = [
            pl.DataFrame(table_rows, schema=dict.fromkeys(head, pl.String), orient="row")
            for table_rows, head in zip((rows, sales), heads, strict=True)
        ]
        return {"person": RawTable(frames[0], "person.csv"), "sales": RawTable(frames[1], "sales.csv")}

    by_rows, notes = decided(program, raw(leaves_out=False), "rows")
    by_columns, _ = decided(program, raw(leaves_out=False), "columns")
    without, _ = decided(program, raw(leaves_out=True), "rows")
    assert written(by_rows) == written(by_columns)
    if without is not None:
        assert written(by_rows) == written(without)
    named = [note.params["id"] for note in notes if note.kind.code == "SC474"]
    assert named == [f"P{position}" for position, (away, *_) in enumerate(drawn) if away == "yes"]


@pytest.mark.parametrize("held", ["wait", "exclude"])
def test_who_is_not_assessed_is_recorded_alike_by_rows_and_by_columns(held: str) -> None:
    """The values of a group that they are not in are among the facts of a payload, too."""
    program = program_of("!(has(away) && away)", held)
    people = {"person": ["A", "B", "C"], "away": ["yes", "no", "yes"], "team": ["a", "a", "b"], "x": ["1", "10", "-3"]}
    sales = {"person": ["A", "B"], "number": ["0", "1"], "amount": ["5", "7.25"]}
    raw = {"person": RawTable(pl.DataFrame(people), "person.csv"), "sales": RawTable(pl.DataFrame(sales), "sales.csv")}
    facts = ingest(program, period_of(program), raw, Diagnostics())
    assert facts is not None
    decider = SubjectEvaluator.of(program, facts.period)
    everybody = decider.add_group_values(extract_subject_facts(program, facts, range(len(facts))))
    alone = [encode_payload(person, ResultWriter(program).write(decider.decide(person))) for person in everybody]
    assert list(batch_payloads(evaluate_batch(program, facts))) == alone


def test_a_note_names_the_conditions_that_do_not_hold() -> None:
    """A named value by its label and clause; of a conjunction only what fails."""
    program = program_of('team == "a" && x > 5 && !(has(away) && away)')
    frame = pl.DataFrame({"person": ["P1", "P2"], "away": ["no", "yes"], "team": ["b", "a"], "x": ["1", "9"]})
    decisions, notes = decided(program, {"person": RawTable(frame, "person.csv")}, "auto")
    assert decisions is not None
    assert len(decisions) == 0
    assert [(str(note.location), note.params["conditions"]) for note in notes] == [
        ("person.csv:2", '`team == "a"`; `x > 5`'),
        ("person.csv:3", "`!(has(away) && away)`"),
    ]


def test_nobody_waits_for_whoever_is_not_assessed_and_everybody_for_whom_it_is_unknown() -> None:
    program = program_of("!away".replace("away", "(has(away) && away)"))
    frame = pl.DataFrame({"person": ["P1", "P2"], "away": ["yes", "no"], "team": ["a", "a"], "x": ["?", "9"]})
    decisions, _ = decided(program, {"person": RawTable(frame, "person.csv"), "sales": _no_sales()}, "rows")
    assert decisions is not None
    assert decisions.frame["pay.share"].to_list() == [Decimal("1000.00")]
    unclear = frame.with_columns(away=pl.Series(["?", "no"]))
    decisions, _ = decided(program, {"person": RawTable(unclear, "person.csv"), "sales": _no_sales()}, "rows")
    assert decisions is not None
    assert decisions.frame["pay.share"].to_list() == [None, None]


def _no_sales() -> RawTable:
    return RawTable(pl.DataFrame(schema=dict.fromkeys(("person", "number", "amount"), pl.String)), "sales.csv")


@pytest.mark.parametrize(
    ("applies", "codes"),
    [('rank(x, "team") == 1', ["SC275"]), ("pay.prize > 0", ["SC320"]), ("x", ["SC225"])],
)
def test_what_cannot_say_who_is_assessed_is_refused(applies: str, codes: list[str]) -> None:
    _, diagnostics = compiled(HEAD.replace("[policy]", f"[policy]\napplies = '{applies}'", 1) + TEAMS)
    assert not any("excluded" in diagnostic.message() for diagnostic in diagnostics)
    assert [diagnostic.kind.code for diagnostic in diagnostics if not diagnostic.kind.warning] == codes


def test_a_condition_that_nobody_meets_is_noted() -> None:
    _, diagnostics = compiled(HEAD.replace("[policy]", "[policy]\napplies = 'x > 5 && x < 3'", 1) + TEAMS)
    assert "SC389" in [diagnostic.kind.code for diagnostic in diagnostics]
