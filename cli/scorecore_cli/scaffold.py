"""A policy to begin with: a blank one that explains itself, or a branch's overlay of a firm's."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

import polars as pl
from attrs import frozen

from scorecore.evaluate.outcome import Outcome
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.subject_facts import subject_facts
from scorecore.policy.formatter import format_toml
from scorecore.policy.model import (
    BandTableDeclaration,
    Bounds,
    ParameterDeclaration,
    Policy,
)
from scorecore.program.model import Account, FactColumn, Program
from scorecore.values.canonical_json import format_decimal
from scorecore.values.period import Period
from scorecore.values.types import Type, TypeKind, from_units
from scorecore.values.unknown import Unknown
from scorecore_cli.explanation_view import cell
from scorecore_cli.language import current, t

CASES_SCHEMA: Final = "scorecore.cases.schema.json"
POLICY_SCHEMA: Final = "scorecore.schema.json"
"""What the first line of a file names, for editors."""
_PEOPLE: Final = (("E001", 100), ("E002", 80))
"""Sample people, and a number for each of their facts that is one."""


@frozen
class StarterRequest:
    """What an author says of the new policy."""

    id: str
    title: str
    start: date
    """From when on it is in force."""


def blank(of: StarterRequest) -> dict[str, str]:
    """The texts of a blank policy, its cases and its sample facts, by file."""
    folder = files("scorecore_cli").joinpath("templates", current())
    found = {}
    for path, file in _texts(folder):
        text = file.read_text(encoding="utf-8")
        for name, value in {"id": of.id, "title": of.title, "year": f"{of.start.year:04d}"}.items():
            text = text.replace(f"{{{{{name}}}}}", value)
        name = path.replace("policy", of.id, 1) if path.startswith("policy") else path
        found[name] = format_toml(text, cases=name.endswith(".cases.toml")) if name.endswith(".toml") else text
    return found


def _texts(folder: Traversable, before: str = "") -> Iterator[tuple[str, Traversable]]:
    for one in sorted(folder.iterdir(), key=lambda each: each.name):
        if one.is_dir():
            yield from _texts(one, f"{before}{one.name}/")
        else:
            yield f"{before}{one.name}", one


# a branch's overlay


def overlays(of: StarterRequest, parent: Policy, name: str) -> Iterator[str]:
    """Texts of an overlay, each with other figures where the parent leaves them open; one of them may be accepted."""
    for attempt in range(3):
        yield format_toml("\n".join(_overlay(of, parent, name, attempt)) + "\n")


def _overlay(of: StarterRequest, parent: Policy, name: str, attempt: int) -> Iterator[str]:
    yield f"#:schema ./{POLICY_SCHEMA}"
    yield f"# {of.title}"
    yield "#"
    yield "# " + t("It takes over {name} and says what that leaves to the branch.", name=name)
    yield "# " + t("Every figure below is an example: replace it by your own, then take out `status`.")
    yield ""
    yield "[policy]"
    yield f"id = {_text(of.id)}"
    yield 'version = "1"'
    yield f"title = {_text(of.title)}"
    yield f"extends = {_text(name)}"
    yield 'status = "illustrative"'
    yield f"effective = {{ from = {of.start} }}"
    left = [(key, one) for key, one in parent.parameters.items() if not one.values]
    if left:
        yield "\n[parameters]"
    for key, one in left:
        yield f"# {_about(key, one.label, one.unit, one.authority, _limits(one.bounds))}"
        yield f"{key}.values = [ {{ from = {of.start}, is = {_figure(one, attempt, of.start)} }} ]"
    for key, table in parent.tables.items():
        if table.open and not table.bands and not table.versions:
            yield f"\n# {_about(key, table.label, table.unit, table.authority, _limits(table.bounds))}"
            yield f"[tables.{key}]"
            yield "bands = ["
            yield from (f"{band}," for band in _bands(table, attempt))
            yield "]"
    for key, calendar in parent.calendars.items():
        if calendar.open and not calendar.covers:
            yield f"\n# {_about(key, calendar.label, '', calendar.authority, '')}"
            yield f"[calendars.{key}]"
            yield f"covers = {{ from = {of.start.year:04d}-01-01, to = {of.start.year:04d}-12-31 }}"
            yield "holidays = []"
    if parent.items and not parent.grades and parent.open and parent.open.grades:
        for grade, least in (("A", "90"), ("B", "60"), ("C", '"lowest"')):
            yield f'\n[[grades]]\nid = "{grade}"\nfrom = {least}'


def _about(name: str, label: str, unit: str, clause: str, limits: str) -> str:
    """What a figure is, for the comment above it."""
    said = [label or name, unit, limits, t("clause: {clause}", clause=clause) if clause else ""]
    return ", ".join(one for one in said if one)


def _limits(of: Bounds | None) -> str:
    low, high = (_constant(of.min if of else None), _constant(of.max if of else None))
    if low is None and high is None:
        return t("there are bounds that depend on other figures") if of and (of.min or of.max) else ""
    return t("{low} to {high}", low="…" if low is None else low, high="…" if high is None else high)


def _constant(of: Any) -> Decimal | int | None:  # noqa: ANN401  a syntax
    value = getattr(of, "value", None)
    return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _figure(of: ParameterDeclaration, attempt: int, start: date) -> str:
    """A value that is likely to be allowed: the least, then one, then the greatest."""
    if of.type == "date":
        return str(start)
    if of.type == "bool":
        return "true" if attempt else "false"
    if of.type == "string":
        return '"…"'
    low = _constant(of.bounds.min if of.bounds else None)
    high = _constant(of.bounds.max if of.bounds else None)
    least = 0 if low is None else low
    return str((least, 1, least if high is None else high)[attempt])


def _bands(of: BandTableDeclaration, attempt: int) -> Sequence[str]:
    value = '"…"' if of.type == "string" else str(min(attempt, 1))
    if of.kind == "exact":
        return [f'{{ of = "…", is = {value} }}']
    if of.kind == "interpolated":
        return [f"{{ from = 0, is = {value} }}", f"{{ from = 100, is = {value} }}"]
    return [f"{{ from = 0, is = {value} }}"]


# sample facts and cases for any program


def first_period(program: Program) -> Period:
    """A period in which the program is in force: the May of its first year, or what lies next to it."""
    year = program.effective_from.year
    ends = {"month": ("-05", "-12"), "quarter": ("-Q2", "-Q4"), "half-year": ("-H1", "-H2"), "year": ("",)}
    labels = [f"{one:04d}{end}" for one in range(year, year + 3) for end in ends[program.period.every]]
    found = [period for period in map(program.period.period, labels) if period]
    return next((one for one in found if program.in_force(one)), found[0])


def sample_facts(program: Program, period: Period) -> dict[str, pl.DataFrame]:
    """Tables for two people; what happened to them is for the author to write."""
    schema = program.schema
    who = schema.label or schema.subject
    people: dict[str, list[str | None]] = {who: [one for one, _ in _PEOPLE]}
    for column in schema.columns:
        people[column.label or column.name] = [_cell(column, number, period) for _, number in _PEOPLE]
    found = {schema.subject: pl.DataFrame(people, schema=dict.fromkeys(people, pl.String))}
    for table in schema.events:
        if table.use is None:
            headings = [who, *(column.label or column.name for column in table.columns)]
            found[table.name] = pl.DataFrame(schema=dict.fromkeys(headings, pl.String))
    if schema.history:
        headings = [who, "period", *(column.name for column in schema.history)]
        found["history"] = pl.DataFrame(schema=dict.fromkeys(headings, pl.String))
    return found


def _cell(of: FactColumn, number: int, period: Period) -> str | None:
    value = None if of.optional else _value(of.type, number, period)
    return None if value is None else cell(value)


def _value(of: Type, number: int, period: Period) -> Any:  # noqa: ANN401  a value of the type
    match of.kind:
        case TypeKind.BOOL:
            return True
        case TypeKind.DATE:
            return period.start
        case TypeKind.TIMESTAMP:
            return datetime(period.start.year, period.start.month, period.start.day, 9)
        case TypeKind.STRING:
            return of.among[0] if of.among else t("example")
    within = min(max(Decimal(number), from_units(of.low)), from_units(of.high))
    return within if of.is_decimal else int(within)


def sample_cases(program: Program, period: Period) -> str:
    """A file with one case, whose expectation is what comes out: for the author to check, and to replace."""
    columns = [one for one in program.schema.columns if not one.optional]
    person = {one.name: _value(one.type, _PEOPLE[0][1], period) for one in columns}
    events: Mapping[str, Sequence[Any]] = {one.name: [] for one in program.schema.events}
    decider = SubjectEvaluator.of(program, period)
    (one,) = decider.add_group_values([subject_facts(program, period, _PEOPLE[0][0], person, events, history=())])
    outcome = decider.decide(one)
    facts = ", ".join(f"{name} = {_toml(value)}" for name, value in person.items())
    lines = [
        f"#:schema ./{CASES_SCHEMA}",
        "# " + t("Cases: facts, and what must come out, so that the policy is proven."),
        "# " + t("What this one expects is what came out: check it by hand, then add a case for each rule."),
        "",
        "[defaults]",
        f'period = "{period.label}"',
        f"{program.schema.subject} = {{ {facts} }}" if facts else "",
        "",
        "[[case]]",
        f"name = {_text(t('somebody to whom nothing happened'))}",
        "others = []" if program.grouped else "",
        f"expect = {{ {', '.join(_expected(outcome))} }}",
    ]
    return format_toml("\n".join(lines) + "\n", cases=True)


def _expected(outcome: Outcome) -> Iterator[str]:
    program = outcome.program
    known = {name: value for name, value in outcome.by_name.items() if not isinstance(value, Unknown)}
    items = [one.step for one in program.items if one.step in known]
    if items:
        points = (f"{name.removeprefix('items.')} = {_toml(known[name])}" for name in items)
        yield f"items = {{ {', '.join(points)} }}"
    if isinstance(program.step("score.total") if program.has_step("score.total") else None, Account):
        yield from [f"total = {_toml(known['score.total'])}"] if "score.total" in known else []
    yield from [f"grade = {_text(str(known['grade']))}"] if "grade" in known else []
    if program.pay:
        yield f"net = {_toml(outcome.net)}"
    if all(action.step in known for action in program.actions) and program.actions:
        proposed = [_text(one.step.removeprefix("actions.")) for one in program.actions if known[one.step] is True]
        yield f"actions = [{', '.join(proposed)}]"
    held = [name.removesuffix(".closes") for name in program.results() if name not in known]
    yield from [f"held = [{', '.join(map(_text, held))}]"] if held else []


def _toml(value: Any) -> str:  # noqa: ANN401  a value of any type
    match value:
        case bool():
            return str(value).lower()
        case Decimal():
            return format_decimal(value)
        case str():
            return _text(value)
        case _:
            return str(value)


def _text(of: str) -> str:
    return json.dumps(of, ensure_ascii=False)
