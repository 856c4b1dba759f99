"""One dict in, one decision out: the library beside zen-engine and cel-python, on the same rule and the same dicts.

The rule is the seller's of `dicts.toml`: points for attainment, points lost for complaints, a bonus. Ours gives the
decision with its entries, exact; the others give the three figures, in their own numbers. Each is given plain dicts
and gives Python values. The floor is the row evaluator alone, whose facts are checked already. The figures of each are
compared with fractions; those of binary floats may be off by less than a cent, and the benchmark says how many are.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from importlib.util import find_spec
from random import Random
from typing import Any

import sidebyside

LIBRARY, ROWS, ZEN, CEL = "library", "row evaluator", "zen-engine", "cel-python"
MODULES = {ZEN: "zen", CEL: "celpy"}
POINTS = "(sales < task ? sales : task) / task * 90.0"
COURTESY = "10.0 - 5.0 * double(size(complaints.filter(c, c.upheld)))"
Figures = tuple[Decimal, Decimal]
"""The total, and the bonus."""
Decide = Callable[[dict[str, Any]], Figures]


def main() -> int:
    options = _options()
    if options.job:
        sidebyside.pin()
        print(json.dumps(_job(options.job, options.people)))
        return 0
    people = 500 if options.quick else options.people
    jobs = [job for job in (LIBRARY, ROWS, ZEN, CEL) if job not in MODULES or find_spec(MODULES[job])]
    for job in {ZEN, CEL} - set(jobs):
        print(f"{job} is not installed, and left out")
    rounds = 1 if options.quick else options.rounds
    results = sidebyside.rounds(__file__, jobs, [f"--people={people}"], 1, rounds)
    sidebyside.show(results, dict.fromkeys(jobs, ROWS), people, "decisions")
    for job in jobs:
        microseconds = min(record["cpu"] for record in results[job]) / people * 1e6
        differing = results[job][0]["differing"]
        print(f"  {job}: {microseconds:.1f} µs a decision at best; people whose figures are not exact: {differing}")
    sidebyside.keep(f"dicts-{people}", results)
    return 1 if any(results[job][0]["differing"] for job in (LIBRARY, ROWS)) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="500 people, one round")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    return parser.parse_args()


def _job(name: str, people: int) -> sidebyside.Record:
    facts = list(_facts(people))
    inputs, decide = {LIBRARY: _library, ROWS: _rows, ZEN: _zen, CEL: _cel}[name](facts)
    exact = [_exact(document) for document in facts]
    differing = sum(decide(person_facts) != figures for person_facts, figures in zip(inputs, exact, strict=True))
    return sidebyside.timed(lambda: [decide(person_facts) for person_facts in inputs], runs=3) | {
        "differing": differing
    }


def _facts(people: int) -> Iterator[dict[str, Any]]:
    random = Random(20261130)  # noqa: S311  data for a benchmark
    for number in range(people):
        sales, task = (Decimal(random.randrange(100, 20_000_000)).scaleb(-2) for _ in range(2))
        complaints = [{"id": f"C{event}", "upheld": random.random() < 0.2} for event in range(random.randrange(4))]
        person = {"sales": sales, "task": task}
        yield {"period": "2024-05", "id": f"{number:08}", "person": person, "complaints": complaints}


def _exact(facts: dict[str, Any]) -> Figures:
    """The specification, on fractions."""
    sales, task = (Fraction(facts["person"][name]) for name in ("sales", "task"))
    courtesy = max(0, 10 - 5 * sum(complaint["upheld"] for complaint in facts["complaints"]))
    total = _round(min(sales, task) / task * 90) + courtesy
    return total, _round(sales / 100 * Fraction(total) / 100)


def _round(value: Fraction) -> Decimal:
    cents = (value * 200 + 1) // 2
    return Decimal(int(cents)).scaleb(-2)


def _library(facts: list[dict[str, Any]]) -> tuple[list[Any], Callable[[Any], Figures]]:
    import scorecore

    policy = scorecore.load(sidebyside.HERE / "dicts.toml")

    def decide(document: dict[str, Any]) -> Figures:
        decision = policy.decide(document)
        assert decision.total is not None
        assert decision.net is not None
        return decision.total, decision.net

    return facts, decide


def _rows(facts: list[dict[str, Any]]) -> tuple[list[Any], Callable[[Any], Figures]]:
    import ours

    program = ours.compiled(sidebyside.HERE / "dicts.toml")
    period = program.period.period("2024-05")
    assert period is not None
    evaluator = ours.SubjectEvaluator.of(program, period)
    checked = [
        ours.subject_facts(program, period, document["id"], document["person"], {"complaints": document["complaints"]})
        for document in facts
    ]
    total, bonus = program.step_number("score.total"), program.step_number("pay.bonus")

    def decide(subject_facts: Any) -> Figures:  # noqa: ANN401  facts of ours
        values = evaluator.decide(subject_facts).values
        return values[total], values[bonus]  # type: ignore[return-value]  # nobody is held

    return checked, decide


def _zen(facts: list[dict[str, Any]]) -> tuple[list[Any], Callable[[Any], Figures]]:
    import zen

    expressions = {
        "points": "round(min([sales, task]) / task * 90, 2)",
        "courtesy": "max([0, 10 - 5 * count(complaints, #.upheld)])",
        "total": "$.points + $.courtesy",
        "bonus": "round(sales * 0.01 * $.total / 100, 2)",
    }
    rows = [{"id": name, "key": name, "value": text} for name, text in expressions.items()]
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode", "position": {"x": 0, "y": 0}},
        {"id": "rule", "name": "rule", "type": "expressionNode", "position": {"x": 0, "y": 0}}
        | {"content": {"expressions": rows}},
        {"id": "out", "name": "out", "type": "outputNode", "position": {"x": 0, "y": 0}},
    ]
    edges = [
        {"id": "1", "type": "edge", "sourceId": "in", "targetId": "rule"},
        {"id": "2", "type": "edge", "sourceId": "rule", "targetId": "out"},
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))

    def decide(person_facts: dict[str, Any]) -> Figures:
        result = decision.evaluate(person_facts)["result"]
        return Decimal(str(result["total"])), Decimal(str(result["bonus"]))

    return list(map(_in_floats, facts)), decide


def _cel(facts: list[dict[str, Any]]) -> tuple[list[Any], Callable[[Any], Figures]]:
    import celpy

    environment = celpy.Environment()

    def compiled(text: str) -> Any:  # noqa: ANN401  a runner of cel-python
        return environment.program(environment.compile(text))

    points, courtesy, bonus = compiled(POINTS), compiled(COURTESY), compiled("sales * 0.01 * total / 100.0")

    def decide(person_facts: dict[str, Any]) -> Figures:
        context = {name: celpy.json_to_cel(value) for name, value in person_facts.items()}
        total = _cents(points.evaluate(context)) + max(Decimal(0), Decimal(float(courtesy.evaluate(context))))
        context["total"] = celpy.celtypes.DoubleType(float(total))
        return total, _cents(bonus.evaluate(context))

    return list(map(_in_floats, facts)), decide


def _in_floats(document: dict[str, Any]) -> dict[str, Any]:
    """What an engine without decimals is given."""
    person = {name: float(value) for name, value in document["person"].items()}
    return person | {"complaints": document["complaints"]}


def _cents(value: float) -> Decimal:
    """CEL has no rounding: Python does it."""
    return Decimal(float(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)


if __name__ == "__main__":
    sys.exit(main())
