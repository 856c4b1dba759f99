"""Other policies that a policy uses: their programs, and the tables in which their decisions are read."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from scorecore import kinds, policy
from scorecore.periods import EXAMPLES
from scorecore.plain import program_digest
from scorecore.problems import Problem, Problems, hint
from scorecore.program import Column, EventTable, Program, Use, result_name
from scorecore.types import string

PERIOD: Final = "period"
"""The field of a decision that says of which period it is."""


def used_programs(
    of: policy.Policy,
    path: tuple[str, ...],
    compiled: Callable[[str], tuple[Program | None, Iterable[Problem]]],
    known: Mapping[str, object],
    problems: Problems,
) -> dict[str, Program]:
    """The programs that a policy uses, by the names it gives them; `path` are its users, and itself last."""
    found: dict[str, Program] = {}
    for name, one in of.uses.items():
        if one.policy in path:
            names = (*path[path.index(one.policy) :], one.policy)
            problems.add(kinds.USES_CIRCLE, *one.at("policy"), path=" → ".join(names))
        elif one.policy not in known:
            problems.add(kinds.NO_USED, *one.at("policy"), name=one.policy, **hint(one.policy, known))
        else:
            program, wrong = compiled(one.policy)
            circle = next((problem for problem in wrong if problem.kind is kinds.USES_CIRCLE), None)
            if program is not None:
                found[name] = program
            elif circle:
                problems.add(kinds.USES_CIRCLE, *one.at("policy"), **circle.blanks)
            else:
                problems.add(kinds.USED_BROKEN, *one.at("policy"), name=one.policy)
    return found


def used_table(of: policy.Policy, name: str, program: Program, problems: Problems) -> EventTable:
    """The table in which the decisions of another policy are read."""
    one = of.uses[name]
    within = one.periods == "within"
    ours, theirs = of.policy.period.every, program.period.every
    if (theirs not in _SHORTER[ours]) if within else (theirs != ours):
        blanks = {"theirs": EXAMPLES[theirs], "ours": EXAMPLES[ours]}
        problems.add(kinds.USED_PERIOD, *one.at("periods"), name=one.policy, **blanks)
    fact = of.subject.get(one.match)
    if one.match and (fact is None or fact.type != "string"):
        texts = [name for name, fact in of.subject.items() if fact.type == "string"]
        problems.add(kinds.NO_MATCH, *one.at("match"), name=one.match, **hint(one.match, texts))
    results = tuple(
        Column(result_name(step), program.step(step).type, program.step(step).label, optional=True)
        for step in program.results()
    )
    columns = (Column(PERIOD, string(None)), *results) if within else results
    use = Use(one.policy, program_digest(program), program.schema.subject, program.period, one.match, within)
    return EventTable(f"uses.{name}", columns, (PERIOD,) if within else (), authority=one.authority, use=use)


_SHORTER: Final[Mapping[str, tuple[str, ...]]] = {
    "month": (),
    "quarter": ("month",),
    "half-year": ("month", "quarter"),
    "year": ("month", "quarter", "half-year"),
}
