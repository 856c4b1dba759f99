"""An outcome answers by the names of its program: pay lines, what is held, net pay."""

from decimal import Decimal
from typing import Final

from laws import HEAD
from scorecore import Source, compile_policy
from scorecore.diagnostics import catalogue
from scorecore.evaluate.outcome import Outcome
from scorecore.evaluate.period_context import period_context
from scorecore.evaluate.reference.evaluator import decide
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.model import SubjectFacts
from scorecore.facts.subject_facts import subject_facts
from scorecore.program.model import Program

PAY: Final = f"""{HEAD}
[facts.person]
base  = {{ type = "decimal", unit = "CNY", min = 0, max = 100000 }}
fine  = {{ type = "decimal", unit = "CNY", min = 0, max = 100000 }}
new   = {{ type = "bool", optional = true }}

[[pay]]
id     = "salary"
kind   = "earning"
amount = "base"

[[pay]]
id     = "fine"
kind   = "deduction"
amount = "fine"

[[pay]]
id     = "welcome"
kind   = "earning"
when   = "new"
amount = "500"
"""


def program() -> Program:
    return compile_policy(Source("p.toml", PAY), {}, {})


def outcomes(**facts: object) -> tuple[Outcome, Outcome]:
    """Of the reference evaluator and of the generated source."""
    paid = program()
    period = paid.period.period("2024-01")
    assert period
    record: SubjectFacts = subject_facts(paid, period, "P1", facts, {})
    return decide(paid, period_context(paid, period), record), SubjectEvaluator.of(paid, period).decide(record)


def test_lines_that_apply_and_net_pay() -> None:
    """A line that does not apply is not there, and deductions are subtracted."""
    for outcome in outcomes(base=Decimal(1000), fine=Decimal("0.50"), new=False):
        assert [(line.line.step, line.amount) for line in outcome.lines()] == [
            ("pay.salary", Decimal(1000)),
            ("pay.fine", Decimal("0.50")),
        ]
        assert (outcome.net, outcome.partial, outcome.held()) == (Decimal("999.50"), False, {})
        assert outcome.by_name["pay.welcome.applies"] is False
        assert outcome.by_name["pay.welcome"] == outcome.value("pay.welcome") == 0


def test_what_is_held_makes_net_pay_partial() -> None:
    """Who may be new has a line without an amount; net pay is of the others."""
    for outcome in outcomes(base=Decimal(1000), fine=Decimal(1)):
        assert [(line.number, line.amount) for line in outcome.lines()] == [(0, 1000), (1, 1), (2, None)]
        assert (outcome.net, outcome.partial) == (Decimal(999), True)
        assert [(name, [cause.kind for cause in causes]) for name, causes in outcome.held().items()] == [
            ("pay.welcome", [catalogue.ABSENT])
        ]


def test_outcomes_share_their_program() -> None:
    """An outcome refers to the program, and does not copy it."""
    paid = program()
    period = paid.period.period("2024-01")
    assert period
    evaluator = SubjectEvaluator.of(paid, period)
    facts = {"base": Decimal(1), "fine": Decimal(0), "new": True}
    outcomes = evaluator.decide_all(subject_facts(paid, period, who, facts, {}) for who in ("P1", "P2"))
    assert all(outcome.program is paid for outcome in outcomes)
