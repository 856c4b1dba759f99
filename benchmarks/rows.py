"""One person at a time: decisions a second on one core with their ledgers, and the time of a single one.

The records are in memory. What the compiled rows evaluator gives is compared with the reference evaluator, which is the
specification, on every record that is timed: values, entries and reasons.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import sidebyside

EXAMPLE = sidebyside.HERE / "example.toml"
POLICIES = ("galaxy", "example")
COMPILED, WALKED = "compiled", "walker"
PERIOD, MONTH = "2024-05", date(2024, 5, 1)
SINGLE = 5_000
"""How many decisions are timed one by one."""


def main() -> int:
    options = _options()
    if options.job:
        sidebyside.pin()
        print(json.dumps(_job(*options.job.split("/"), options.people)))
        return 0
    people = 1_000 if options.quick else options.people
    differing = 0
    for policy in POLICIES:
        jobs = [f"{policy}/{name}" for name in (COMPILED, WALKED)]
        print(f"\n{policy}, {people:,} people, 1 core, with ledgers")
        records_by_job = sidebyside.rounds(
            __file__, jobs, [f"--people={people}"], 1, 1 if options.quick else options.rounds
        )
        sidebyside.show(records_by_job, dict.fromkeys(jobs, jobs[1]), people, "decisions")
        single = {name: median(record[name] for record in records_by_job[jobs[0]]) for name in ("median_us", "p99_us")}
        best = people / min(record["cpu"] for record in records_by_job[jobs[0]])
        print(f"  decisions for a second of CPU time, at best: {best:,.0f}")
        print(f"  a single decision: {single['median_us']:.1f} µs (99th percentile {single['p99_us']:.1f})")
        wrong = max(record["differing"] for record in records_by_job[jobs[0]])
        print(f"  people of whom the two differ: {wrong}; held: {records_by_job[jobs[0]][0]['held']}")
        differing += wrong
        sidebyside.keep(f"rows-{policy}-{people}", records_by_job)
    return 1 if differing else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="1,000 people, one round")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    return parser.parse_args()


def _job(policy: str, evaluator: str, people: int) -> sidebyside.Record:
    program, context, records = _galaxy(people) if policy == "galaxy" else _example(people)
    import ours

    compiled, walker = ours.SubjectEvaluator(program, context), ours.ReferenceEvaluator(program, context)
    if evaluator == WALKED:
        return sidebyside.timed(lambda: [walker.decide(record) for record in records], runs=3)
    outcomes = [compiled.decide(record) for record in records]
    differing = sum(outcome != walker.decide(record) for outcome, record in zip(outcomes, records, strict=True))
    held = sum(any(isinstance(value, ours.Unknown) for value in outcome.values) for outcome in outcomes)
    del outcomes
    record = sidebyside.timed(lambda: compiled.decide_all(records), runs=5)
    return record | _singles(compiled, records) | {"differing": differing, "held": held}


def _singles(compiled: Any, records: Sequence[Any]) -> dict[str, float]:  # noqa: ANN401  a decider of ours
    seconds = []
    for number in range(SINGLE):
        record = records[number % len(records)]
        start = time.perf_counter()
        compiled.decide(record)
        seconds.append(time.perf_counter() - start)
    seconds.sort()
    return {"median_us": median(seconds) * 1e6, "p99_us": seconds[len(seconds) * 99 // 100] * 1e6}


def _galaxy(people: int) -> tuple[Any, Any, list[Any]]:
    """The people of the benchmark in columns, one in a thousand of them held."""
    import ours
    from galaxy_data import tables

    program = ours.compiled(ours.GALAXY)
    facts = ours.taken_in(program, PERIOD, tables(people, 0.001))
    return program, ours.period_context(program, facts.period), list(ours.in_memory(program, facts, range(len(facts))))


def _example(people: int) -> tuple[Any, Any, list[Any]]:
    """Five meetings and a tenth of a violation for each person, and the month before."""
    import ours

    program = ours.compiled(Path(EXAMPLE))
    period = program.period.period(PERIOD)
    assert period is not None
    random = Random(20261123)  # noqa: S311  data for a benchmark
    records = []
    for number in range(people):
        values = {
            "role": random.choice(["broker", "manager"]),
            "net_fee": Decimal(random.randrange(5_000_000)).scaleb(-2),
            "volume": Decimal(random.randrange(1_000_000_000)).scaleb(-2),
            "volume_task": Decimal(random.choice([1_000_000, 4_000_000, 5_000_000])),
        }
        meetings = [{"date": MONTH + timedelta(days=6 * week), "attended": random.random() > 0.1} for week in range(5)]
        codes = ["other", "second-job", "discretionary-mandate"]
        violations = [{"id": f"V{number}", "code": random.choice(codes), "date": MONTH}][: random.random() < 0.1]
        history = [{"ago": 1, "score.total": Decimal(random.randrange(101)), "carry.risk_fund": Decimal(number % 100)}]
        events = {"meetings": meetings, "violations": violations}
        records.append(ours.subject_facts(program, period, f"{number:08}", values, events, history=history))
    return program, ours.period_context(program, period), records


if __name__ == "__main__":
    sys.exit(main())
