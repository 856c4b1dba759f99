"""The law of parts: whatever the number of parts, they decide what the whole decides, and find the same problems."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import HEAD
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.evaluate.result_tables import TABLES, tables
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.raw import RawTable
from scorecore.io.readers import read_facts
from scorecore.parts.buckets import find_buckets
from scorecore.parts.decide import PART_TABLES, decide_part, to_arrow
from scorecore.parts.divide import Divider, divide
from scorecore.parts.job import PartJob, PartsRejected
from scorecore.parts.problems import PROBLEMS_SCHEMA, merge_problems, read_problems
from scorecore.parts.survey import describe_whole
from scorecore.program.model import Program
from scorecore.values.period import Period
from scorecore_cli.workspace import Workspace
from strategies.cases import Case, cases, compiled
from strategies.facts import Situation, raw_tables, situations
from test_policies import SAMPLES

Results = tuple[Mapping[str, pl.DataFrame], tuple[Diagnostic, ...]]
COUNTS: Final = (1, 2, 7)
POLICIES: Final = Path(__file__).parents[2] / "policies"


def job_of(program: Program, period: Period, raw: Mapping[str, RawTable]) -> PartJob:
    return PartJob(program, period, {name: describe_whole(program, period, name, table) for name, table in raw.items()})


def as_whole(program: Program, period: Period, raw: Mapping[str, RawTable]) -> Results:
    diagnostics = Diagnostics()
    decisions = PeriodRunner(program).decide(period, raw, diagnostics)
    frames = {} if decisions is None else tables(decisions, Diagnostic.message)
    return {name: pl.DataFrame(to_arrow(frame)) for name, frame in frames.items()}, tuple(diagnostics)


def in_parts(job: PartJob, period: Period, raw: Mapping[str, RawTable], count: int) -> Results:
    """What is decided through Arrow and bytes, as another process does it."""
    packed, parts = job.pack(), []
    for frames in divide(job, raw, count):
        arrow = decide_part(packed, period.label, {name: to_arrow(frame) for name, frame in frames.items()})
        assert tuple(arrow) == PART_TABLES
        parts.append({name: pl.DataFrame(table) for name, table in arrow.items()})
    joined = {name: pl.concat([part[name] for part in parts]) for name in PART_TABLES}
    assert joined["problems"].schema == PROBLEMS_SCHEMA
    problems = merge_problems(read_problems(joined.pop("problems")), len(joined["decisions"]))
    return joined, problems


def assert_same(undivided: Results, parts: Results) -> None:
    frames, problems = undivided
    assert [str(problem) for problem in parts[1]] == [str(problem) for problem in problems]
    for name in TABLES:
        if frames:
            columns = frames[name].columns
            assert parts[0][name].schema == frames[name].schema
            assert parts[0][name].sort(columns, nulls_last=True).equals(frames[name].sort(columns, nulls_last=True)), (
                name
            )
        else:
            assert not len(parts[0][name])


@given(case=cases(), situation=situations(), count=st.sampled_from(COUNTS))
def test_parts_decide_what_the_whole_decides(case: Case, situation: Situation, count: int) -> None:
    """Of any accepted policy: the same decisions, entries, pay lines, holds and problems; or it is refused by name."""
    raw = raw_tables(case.program, case.period, situation)
    assert_same_or_rejected(case.program, case.period, raw, count, {"SC470", "SC472", "SC473"})


def assert_same_or_rejected(
    program: Program, period: Period, raw: Mapping[str, RawTable], count: int, codes: Collection[str]
) -> bool:
    """Whether it was not rejected; what parts decide is what the whole decides."""
    parts = None
    with suppress_rejected(codes):
        parts = in_parts(job_of(program, period, raw), period, raw, count)
    if parts is not None:
        assert_same(as_whole(program, period, raw), parts)
    return parts is not None


@contextmanager
def suppress_rejected(codes: Collection[str]) -> Iterator[None]:
    try:
        yield
    except PartsRejected as rejected:
        if {problem.kind.code for problem in rejected.diagnostics} - set(codes):
            raise


BALANCES: Final = f"""{HEAD}
[facts.person]
sales  = {{ type = "decimal", label = "销售额", min = 0, max = 1000000 }}
joined = {{ type = "date", optional = true }}
branch = {{ type = "string", optional = true }}

[facts.visits]
key      = ["id"]
dated_by = "when"

[facts.visits.fields]
id    = {{ type = "string" }}
when  = {{ type = "date" }}
score = {{ type = "int", min = 0, max = 10 }}

[[pay]]
id     = "visits"
label  = "visits"
kind   = "earning"
amount = "visits.map(v, v.score).sum() * 10"

[[pay]]
id     = "fund"
label  = "fund"
kind   = "reserve"
amount = "least(round(sales * 0.10, 2), 100 - carry.fund)"

[carry.fund]
label  = "fund"
unit   = "CNY"
min    = 0
max    = 100
opens  = 0
closes = "carry.fund + pay.fund"
"""
IDS: Final = ("A1", "a1", " A2", "Ａ3", "b4", "B4 ", "c5", "C6", "合计", "total", None, "", "d7", "e8", "f9")


@st.composite
def messy_tables(draw: st.DrawFn) -> dict[str, RawTable]:
    """Tables as people keep them: ids that nearly match, rows about nobody, totals, several periods, odd notations."""
    random = draw(st.randoms(use_true_random=False))

    def rows(columns: Mapping[str, Sequence[str | None]], most: int, ids: Sequence[str | None]) -> pl.DataFrame:
        count = random.randint(1, most)
        cells = {"person": [random.choice(ids) for _ in range(count)]}
        cells |= {name: [random.choice(texts) for _ in range(count)] for name, texts in columns.items()}
        return pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))

    months = random.choice([["2024-05"], ["2024-05", "2024-04", "2024年3月"], ["2024-05", "2024-04", "nothing", None]])
    ids = random.choice([IDS, [f"P{number}" for number in range(30)]])
    person: dict[str, Sequence[str | None]] = {
        "sales": ["100", "1,200", "bad", None, "7.5"],
        "branch": ["x", "y", None],
    }
    person |= {"joined": random.choice([["2024-04-01"], ["2020-01-01", "2024-05-03", None]])}
    person |= random.choice([{"period": months}, {"period": months}, {}, {"month": ["2024-04"]}])
    person |= random.choice([{}, {}, {"valid_from": ["2024-01-01", "2024-05-02", "bad", None]}])
    visits: dict[str, Sequence[str | None]] = {"id": [*map(str, range(40)), None], "score": ["3", "３", "11", None]}
    visits |= {"when": ["2024-05-01", "2024-05-31", "2024/5/2", "2024-04-07", "1999-01-01", "someday"]}
    visits |= random.choice([{}, {"withdrawn": ["true", "false", None], "known": ["2024-05-07", "2024-05-08", None]}])
    past = {"period": ["2024-04", "2024-03", "2024-02"], "carry.fund": ["10", "20", None]}
    tables = {"person": rows(person, 25, ids), "visits": rows(visits, 40, [*ids, "stranger", "nobody"])}
    if random.random() < 0.3:
        tables["history"] = rows(past, 15, ids if random.random() < 0.3 else [i for i in ids if i])
    return {
        name: RawTable(frame, f"{name}.csv")
        for name, frame in tables.items()
        if name == "person" or random.random() < 0.9
    }


@given(raw=messy_tables(), count=st.sampled_from(COUNTS))
def test_parts_read_messy_tables_as_the_whole_does(raw: Mapping[str, RawTable], count: int) -> None:
    """Whatever people write: rows about nobody, doubtful ids and notes about columns are those of the whole."""
    program, problems = compiled(BALANCES)
    assert program is not None, problems
    period = program.period.period("2024-05")
    assert period is not None
    assert_same_or_rejected(program, period, raw, count, {"SC473"})


TEAMS: Final = f"""{HEAD}
[facts.person]
sales = {{ type = "decimal", label = "sales", min = 0, max = 1000000 }}
team  = {{ type = "string", label = "team", optional = true }}

[groups.team]
by   = "team"
ties = "first"
held = "wait"

[[pay]]
id     = "place"
label  = "place"
kind   = "earning"
amount = "decimal(rank(sales, 'team')) + pool(100.00, sales, 'team', 2)"
"""


def teams_of(count: int) -> dict[str, RawTable]:
    """People in teams; one of them changes from one team to another in the file."""
    people = [(f"P{number}", f"{number * 7 % 11}.5", f"T{number % 5}") for number in range(count)]
    people += [("Q1", "3", None), ("Q2", "4", None)]
    frame = pl.DataFrame(people, schema=["person", "sales", "team"], orient="row")
    before = pl.DataFrame([("P0", "1", "T3", "2024-04")], schema=["person", "sales", "team", "period"], orient="row")
    rows = [frame.with_columns(period=pl.lit("2024-05")), before]
    return {"person": RawTable(pl.concat(rows), "person.csv")}


@pytest.mark.parametrize("count", COUNTS)
def test_groups_stay_whole(count: int) -> None:
    program, _ = compiled(TEAMS)
    assert program is not None
    period = program.period.period("2024-05")
    assert period is not None
    raw = teams_of(30)
    job = job_of(program, period, raw)
    assert job.cut_by == "team"
    undivided = as_whole(program, period, raw)
    assert_same(undivided, in_parts(job, period, raw, count))
    assert len(undivided[0]["pay"]) == 30


def test_somebody_whose_group_is_not_known_is_refused() -> None:
    """Every group of every part would have to wait for them."""
    program, _ = compiled(TEAMS.replace(", optional = true", ""))
    assert program is not None
    period = program.period.period("2024-05")
    assert period is not None
    raw = teams_of(30)
    with pytest.raises(PartsRejected, match=r"person.csv:32: SC472 the group of `Q1` is not known"):
        in_parts(job_of(program, period, raw), period, raw, 2)


def test_a_group_of_everybody_is_refused() -> None:
    program, problems = compiled(TEAMS.replace('by   = "team"', ""))
    assert program is not None, problems
    period = program.period.period("2024-05")
    assert period is not None
    with pytest.raises(PartsRejected, match=r"p@1:24:42: SC470 the group `team` needs people of all"):
        job_of(program, period, teams_of(3))


def test_buckets_never_change() -> None:
    """They are written down in folders of parts, and computed by other engines: CRC-32 of the id in small letters."""
    ids = pl.Series(["A1", " a1 ", "Ａ1", "员工7", None, "  "])
    assert find_buckets(ids, 1000).to_list() == [395, 395, 395, 221, None, None]


@pytest.mark.parametrize("count", [2, 7])
def test_used_policies_are_given(count: int) -> None:
    """What a used policy decides about others is decided first and given to every part; else it is refused."""
    folder = POLICIES / "assignments"
    checked = Workspace.open().check(folder / "person.toml")
    assert checked.program is not None
    program, diagnostics = checked.program, Diagnostics()
    period = program.period.period("2024-05")
    assert period is not None
    raw = read_facts(folder / "facts", diagnostics)
    with pytest.raises(PartsRejected, match=r"SC471 `uses\.posts` reads decisions of `moves\.beijing@2024\.1, "):
        job_of(program, period, raw)
    runner = PeriodRunner(program, checked.used)
    tables_given = raw | runner.decide_dependencies(period, raw, diagnostics)
    assert_same(
        as_whole(program, period, tables_given),
        in_parts(job_of(program, period, tables_given), period, tables_given, count),
    )


def test_decisions_about_the_same_people_are_divided_and_those_about_others_are_not() -> None:
    """So that a part needs no more of them than of its own facts."""
    about_same = POLICIES / "galaxy" / "ranking.toml", "uses.month", "person"
    about_others = POLICIES / "assignments" / "person.toml", "uses.posts", "assignment"
    for (path, table, subject), is_divided in ((about_same, True), (about_others, False)):
        program = Workspace.open().check(path).program
        assert program is not None
        rows = pl.DataFrame({subject: ["A1", "B2"], "period": ["2024-05"] * 2})
        parts = Divider(program, 1000).find_parts(table, rows)
        assert parts.is_not_null().all() == parts.is_not_null().any() == is_divided


@pytest.mark.slow
@pytest.mark.parametrize(("policy", "facts", "label"), SAMPLES)
def test_policies_in_parts(policy: str, facts: str, label: str) -> None:
    checked = Workspace.open().check(POLICIES / policy)
    assert checked.program is not None
    program = checked.program
    period = program.period.period(label)
    assert period is not None
    runner, undivided = PeriodRunner(program, checked.used), read_facts(POLICIES / facts, Diagnostics())
    undivided |= runner.decide_dependencies(period, undivided, Diagnostics())
    raw = dict(runner.with_past(period, undivided) if program.schema.history else undivided)
    is_decided = assert_same_or_rejected(program, period, raw, 3, {"SC470"})
    assert is_decided or not {group.by for group in program.groups} - {""}


def test_earlier_periods_are_not_decided_first() -> None:
    """Their rows would have other places in a part's history than in that of the whole."""
    program, _ = compiled(BALANCES)
    assert program is not None
    period = program.period.period("2024-05")
    assert period is not None
    people = pl.DataFrame({"person": ["P1", "P1"], "sales": ["1", "2"], "period": ["2024-04", "2024-05"]})
    with pytest.raises(PartsRejected, match=r"person.csv: SC473 earlier periods have facts .* \(2024-04\)"):
        job_of(program, period, {"person": RawTable(people, "person.csv")})
