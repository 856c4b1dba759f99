"""Suggested cases as the text of a file of cases."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scorecore.analysis.cases.read import USES, PreparedCase, prepare_cases
from scorecore.analysis.samples import FactSample
from scorecore.analysis.suggestions.suggest import SuggestedCase
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.evaluate.outcome import Outcome
from scorecore.language.expressions import HISTORY
from scorecore.policy.toml_values import write_key, write_value
from scorecore.program.model import Program, result_name
from scorecore.values.step_id import CLOSES, GRADE, SCORE_TOTAL
from scorecore.values.unknown import Unknown


def write_cases(
    program: Program, source: Source, suggestions: Sequence[SuggestedCase], names: Sequence[str]
) -> dict[int, str]:
    """By the number of the suggestion, cases that expect what is decided.

    One is left out if its facts cannot be written, such as an endless quotient, or if the cases of the file would read
    it otherwise, because the facts that they share have what it goes without.
    """
    texts: dict[int, str] = {}
    for number, (suggestion, name) in enumerate(zip(suggestions, names, strict=True)):
        try:
            pairs = list(_list_pairs(program, name, suggestion))
            texts[number] = "".join(f"{write_key(key)} = {write_value(value)}\n" for key, value in pairs)
        except TypeError:
            continue
    whole = "\n".join([source.text, *(f"[[case]]\n{text}" for text in texts.values())])
    read = {case.case.name: case for case in prepare_cases(Source(source.name, whole), program, Diagnostics())}
    return {number: text for number, text in texts.items() if _is_same(read.get(names[number]), suggestions[number])}


def write_sample(program: Program, name: str, sample: FactSample, result: str, value: Any) -> str:  # noqa: ANN401
    """Facts that were drawn as a case that expects a result."""
    pairs: dict[str, Any] = {"name": name, "period": sample.period.label, **_nest_sample(program, sample)}
    section, _, part = result_name(result).partition(".")
    expect = {section: {part: value}} if section in {"items", "pay", "carry"} else {part or section: value}
    expect = {} if section == "values" else expect
    if sample.others:
        pairs["others"] = [_nest_sample(program, other) for other in sample.others]
    lines = [f"{write_key(key)} = {write_value(value)}" for key, value in {**pairs, "expect": expect}.items()]
    return "\n".join(["[[case]]", *lines])


def _nest_sample(program: Program, sample: FactSample) -> dict[str, Any]:
    facts: dict[str, Any] = {
        program.schema.subject: {name: value for name, value in sample.values.items() if value is not None}
    }
    for table in program.schema.events:
        rows = [_nest(row) for row in sample.events[table.name]]
        if table.use:
            facts.setdefault(USES, {})[table.name.removeprefix(f"{USES}.")] = rows
        else:
            facts[table.name] = rows
    if program.schema.history:
        facts[HISTORY] = [_nest(row) for row in sample.history]
    return facts


def _is_same(case: PreparedCase | None, suggestion: SuggestedCase) -> bool:
    """Whether a case is read as what was decided."""
    if case is None or case.evaluator.context.period != suggestion.candidate.period:
        return False
    facts, read = suggestion.candidate.facts, case.facts
    return facts.values == read.values and facts.rows == read.rows


def _list_pairs(program: Program, name: str, suggestion: SuggestedCase) -> Iterator[tuple[str, Any]]:
    schema, facts = program.schema, suggestion.candidate.facts
    yield "name", name
    yield "period", suggestion.candidate.period.label
    columns = {column.name for column in schema.columns}
    yield schema.subject, {key: value for key, value in facts.values.items() if key in columns and value is not None}
    groups = {step.text: facts.values[step.name] for step in program.grouped if step.name in facts.values}
    if groups:
        yield "groups", groups
    uses: dict[str, Any] = {}
    for table in schema.events:
        rows = facts.rows.get(table.name)
        if rows is None or isinstance(rows, Unknown):
            continue
        written = [_nest(row) for row in rows]
        if table.use:
            uses[table.name.removeprefix(f"{USES}.")] = written
        else:
            yield table.name, written
    if uses:
        yield USES, uses
    history = facts.rows.get(HISTORY)
    if schema.history and history is not None and not isinstance(history, Unknown):
        yield HISTORY, [_nest(row) for row in history]
    yield "expect", dict(_list_expected(program, suggestion.outcome))


def _nest(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row whose names with points are tables, as cases have them."""
    nested: dict[str, Any] = {}
    for name, value in row.items():
        *outer, last = name.split(".")
        place = nested
        for key in outer:
            place = place.setdefault(key, {})
        if value is not None:
            place[last] = value
    return {key: value for key, value in nested.items() if value != {}}


def _list_expected(program: Program, outcome: Outcome) -> Iterator[tuple[str, Any]]:
    if outcome.is_excluded:
        yield "assessed", False
        return
    values = outcome.by_name
    known = {name: values[name] for name in program.results() if not isinstance(values[name], Unknown)}
    for section in ("items", "values", "pay"):
        part = {name.name: value for name, value in known.items() if name.section == section}
        if part:
            yield section, part
    carry = {name.name: value for name, value in known.items() if name.role == CLOSES}
    if carry:
        yield "carry", carry
    for key, step in (("total", SCORE_TOTAL), ("grade", GRADE)):
        if step in known and known[step] is not None:
            yield key, known[step]
    if program.actions and all(action.step in known for action in program.actions):
        yield "actions", [action.step.name for action in program.actions if known[action.step] is True]
    held = [result_name(name) for name in program.results() if name not in known]
    if held:
        yield "held", held
