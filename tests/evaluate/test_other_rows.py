"""What an event is among others, and rows with a key: rows, columns and the file with fractions agree on few values."""

from functools import cache
from typing import Final

from hypothesis import given

from laws import FEW, HEAD, facts_of, walked
from scorecore.evaluate.batch.evaluator import _BatchRun
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.extract import extract_subject_facts
from scorecore.program.digest import program_digest
from scorecore.program.serialize import deserialize, serialize
from scorecore.record.decide import Decider, NoValue
from scorecore.record.runs.payload import encode_payload
from scorecore.values.canonical_json import decode, encode
from scorecore.values.unknown import Unknown
from strategies.cases import Case, compiled, period_of
from strategies.drafts import Draft
from strategies.facts import Situation, situations
from strategies.values import exactly

_EXPRESSIONS: Final = (
    "sales.map(s, sum_to(s.amount, [s.on, s.no])).sum()",
    "sales.map(s, sum_to(s.amount, s.kind, s.on)).sum()",
    "sales.map(s, sum_to(s.count, s.kind, [s.on, s.no], s.good) * s.count).sum()",
    "round(sales.filter(s, s.good).map(s, sum_to(s.amount / 3, true, [s.on, s.no], s.good)).sum(), 4)",
    "sales.filter(s, nth(s.kind, [s.on, s.no]) == 1).map(s, s.amount).sum()",
    "sales.exists(s, nth([s.count, s.on, s.no]) == 2 && s.good)",
    "round(sales.map(s, sum_to(s.amount, [s.on, s.no], s.good) + nth([s.on, s.no], s.good)).sum(), 4)",
    "round(sales.map(s, s.amount).max() - sales.map(s, s.amount / 3).min(), 4)",
    "sales.filter(s, s.good).map(s, s.on).max()",
    "round(sales.map(s, s.amount).mean(), 2)",
    "sales.map(s, s.count).min()",
    "sales.map(s, s.amount * parameters.rate.on(s.on)).sum()",
    "parameters.rate.on(since)",
    "lapses.map(l, policies.row(l.policy).premium).sum()",
    "lapses.filter(l, has(policies.row(l.policy).premium)).map(l, policies.row(l.policy).premium * 2).sum()",
    "lapses.exists(l, policies.row(l.policy).agent == agent)",
    "lapses.filter(l, has(policies.row(l.policy).agent) && has(prices.on(l.policy, l.on).price)).size()",
    "lapses.map(l, prices.row(policies.row(l.policy).agent, l.on).price).sum()",
    "lapses.filter(l, nth(policies.row(l.policy).agent, [l.on, l.no]) == 1).size()",
    "sales.map(s, has(previous(s.on, [s.on, s.no])) ? days(previous(s.on, [s.on, s.no]), s.on) : 1).sum()",
    "sales.filter(s, nth(s.on) > 1 && previous(s.good, s.on)).size()",
    "sales.map(s, has(next(s.on, s.kind, s.on, s.good)) ? next(s.amount, s.kind, s.on, s.good) : 0.5).sum()",
    "sales.map(s, next(s.count, [-s.count, s.no])).sum()",
    "sales.exists(s, previous(s.kind, [s.amount, s.no]) == s.kind)",
    "sales.filter(s, has(previous(s.on, s.count))).size()",
    "lapses.map(l, prices.on(agent, l.on).price).sum()",
    "round(sales.map(s, s.amount / period.days * s.count / greatest(1, days(since, period.end))).sum(), 4)",
    "lapses.map(l, has(prices.on(l.policy, l.on).price) ? prices.on(l.policy, l.on).price : 0.5).sum()",
    "sales.filter(s, lapses.on(s.count).policy == agent).size()",
    "has(policies.row(agent).premium) && has(lapses.on(2).on) ? 1 : 2",
    "prices.on(agent, period.end).price",
    "policies.row(agent).premium",
    "has(policies.row(agent).premium) ? 1 : 2",
    "tables.level(agent, 2.5) + tables.level('P2', decimal(sales.size()))",
    "tables.grid(decimal(sales.size()) / 2, decimal(sales.size())) + tables.grid(1.5, 3)",
    "tables.steps.rate(decimal(sales.size()), 4)",
    "round(tables.slices.rate(agent, decimal(sales.size())), 4)",
    "greatest(since, period.start)",
    "agent + '/' + agent",
    "between(since, period.start, period.end)",
)
_TEXT: Final = """
[facts.person]
since = { type = "date" }
agent = { type = "string", among = ["P1", "P2"] }
[facts.sales]
key = ["no"]
[facts.sales.fields]
no = { type = "string", among = ["1", "2", "3", "4"] }
on = { type = "date" }
kind = { type = "string", among = ["a", "b"] }
good = { type = "bool" }
count = { type = "int", min = 0, max = 3 }
amount = { type = "decimal", min = -9, max = 99, places = 1 }
[facts.policies]
key = ["no"]
[facts.policies.fields]
no = { type = "string", among = ["P1", "P2", "P3"] }
agent = { type = "string", among = ["P1", "P2"] }
premium = { type = "decimal", min = 0, max = 9, places = 1, optional = true }
[facts.lapses]
key = ["no"]
[facts.lapses.fields]
no = { type = "int", min = 0, max = 3 }
on = { type = "date" }
policy = { type = "string", among = ["P1", "P2", "P4"] }
[facts.prices]
key = ["agent", "day"]
fields = { agent = { type = "string" }, day = { type = "date" }, price = { type = "decimal", min = 0, max = 9 } }
[tables.level]
kind = "whole"
edge = "lower"
bands = [ { of = "P1", from = 0, is = 1 }, { of = "P2", from = 1, is = 3 }, { of = "P1", from = 2, is = 2 } ]
[tables.slices]
kind = "marginal"
edge = "lower"
bands = [ { of = "P1", from = 0, is = 1 }, { of = "P1", from = 2, is = 3 }, { of = "P3", from = 0, is = 2 } ]
[tables.grid]
kind = "whole"
edge = "upper"
bands = [
    { of = 0.5, from = -1, is = 1 }, { of = 0, from = 0, is = 2 }, { of = 0.5, from = 1, is = 3 },
    { of = 2, from = 0, is = 4 },
]
[tables.steps]
kind = "marginal"
edge = "lower"
bands = [ { of = 0, from = 0, is = 1 }, { of = 2, from = 0, is = 2 }, { of = 2, from = 1, is = 8 } ]
[parameters.rate]
type = "decimal"
values = [ { from = 2020-01-01, is = 1.5 }, { from = 2024-05-02, is = 2 }, { from = 2024-05-20, is = 0.25 } ]
"""


@cache
def _case() -> Case:
    values = "".join(f'[values.v{weight_drawn}]\nis = "{text}"\n' for weight_drawn, text in enumerate(_EXPRESSIONS))
    program, diagnostics = compiled(f"{HEAD}{_TEXT}{values}")
    assert program is not None, [str(diagnostic) for diagnostic in diagnostics]
    return Case(Draft(()), program, period_of(program))


@FEW
@given(situation=situations())
def test_all_evaluators_agree(situation: Situation) -> None:
    """Few different values, so that keys meet and orders tie."""
    case = _case()
    facts, names = facts_of(case, situation), [step.name for step in case.program.steps]
    packed = decode(encode(serialize(case.program)))
    assert deserialize(packed, program_digest(case.program)) == case.program
    run = _BatchRun(case.program, facts, tuple(names))
    run.compute(ledgers=False)
    subjects = list(extract_subject_facts(case.program, facts, range(len(facts))))
    generated = SubjectEvaluator.of(case.program, case.period).decide_all(subjects)
    for number, outcome in enumerate(walked(case.program, facts)):
        assert generated[number] == outcome
        judge = Decider(packed, str(case.period), decode(encode_payload(subjects[number], {}))["facts"])
        judge.decide()
        for name, value in zip(names, outcome.values, strict=True):
            meant, column = judge.values[name], run.readable(name)[number]
            if isinstance(value, Unknown):
                assert isinstance(meant, NoValue), f"{name} of {number} is {meant} by the file, but has no value"
                assert column is None
            else:
                assert meant == exactly(value), name
                assert column is None or exactly(column) == meant, name


def test_what_is_asked_by_a_text_is_computed_before() -> None:
    """The first of two arguments names an event only in the methods of events."""
    first = '[values.a]\nis = "tables.level(b, 1)"\n[values.b]\nis = "agent"\n'
    program, diagnostics = compiled(f"{HEAD}{_TEXT}{first}")
    assert program is not None, [str(diagnostic) for diagnostic in diagnostics]
    assert [step.name.name for step in program.steps] == ["b", "a"]
