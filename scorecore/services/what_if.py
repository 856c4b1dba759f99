"""What if: one person's decision with other facts, beside the decision as it is."""

from collections.abc import Mapping, Sequence

from attrs import evolve, frozen

from scorecore.analysis.explain import Explanation, explain
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.cells import read_cell
from scorecore.facts.model import SubjectFacts
from scorecore.facts.notations import CellFault
from scorecore.program.model import Program
from scorecore.values.unknown import Maybe, Unknown


@frozen
class WhatIf:
    """Two explanations of the same person."""

    before: Explanation
    after: Explanation
    changed: tuple[str, ...]
    """The facts that are other than they are."""
    problems: tuple[Diagnostic, ...]
    """Texts that are no value of their fact, and were left as they are."""


def explain_person(
    program: Program, evaluator: SubjectEvaluator, facts: SubjectFacts, everybody: Sequence[SubjectFacts]
) -> Explanation:
    """The explanation of a person whose facts have their group values, or get them from everybody's."""
    if not program.grouped:
        return explain(program, evaluator, facts)
    population = list(evaluator.add_group_values(list(everybody)))
    own_facts = next(member for member in population if member.subject == facts.subject)
    return explain(program, evaluator, own_facts, population)


def explain_what_if(
    program: Program,
    evaluator: SubjectEvaluator,
    facts: SubjectFacts,
    everybody: Sequence[SubjectFacts],
    texts: Mapping[str, str],
) -> WhatIf:
    """Decide a person once more with other facts, by name as text; comparisons with everybody are made again."""
    diagnostics = Diagnostics()
    values: dict[str, Maybe | None] = {}
    for column in program.schema.columns:
        if column.name not in texts:
            continue
        value = read_cell(texts[column.name], column.type, unit=column.unit).value
        if isinstance(value, CellFault):
            diagnostics.add(value.kind, Location(facts.subject, 0, 0), name=column.name, **value.params)
        elif value != facts.values.get(column.name) and (value is not None or column.optional):
            values[column.name] = value
    changed = with_values(facts, values)
    people = [changed if member.subject == facts.subject else member for member in everybody]
    return WhatIf(
        explain_person(program, evaluator, facts, everybody),
        explain_person(program, evaluator, changed, people),
        tuple(values),
        tuple(diagnostics),
    )


def with_values(facts: SubjectFacts, values: Mapping[str, Maybe | None]) -> SubjectFacts:
    """The same facts with some other values."""
    together = {**facts.values, **values}
    unknown = facts.unknown - values.keys() | {name for name, value in values.items() if isinstance(value, Unknown)}
    return evolve(facts, values=together, unknown=frozenset(unknown))
