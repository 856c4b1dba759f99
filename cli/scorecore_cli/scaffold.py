"""A policy to begin with: a blank one that explains itself, or a branch's overlay of a firm's."""

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
from scorecore.policy.tokens import quote_text
from scorecore.program.model import Program, result_name
from scorecore.program.schema import FactColumn
from scorecore.program.steps import Account
from scorecore.values.canonical_json import format_decimal
from scorecore.values.period import Period
from scorecore.values.step_id import GRADE, SCORE_TOTAL
from scorecore.values.types import Type, TypeKind, from_units
from scorecore.values.unknown import Unknown
from scorecore_cli.explanation_view import format_value
from scorecore_cli.language import _, current

CASES_SCHEMA: Final = "scorecore.cases.schema.json"
POLICY_SCHEMA: Final = "scorecore.schema.json"
"""What the first line of a file names, for editors."""
_SAMPLE_PEOPLE: Final = (("E001", 100), ("E002", 80))
"""Sample people, and a number for each of their facts that is one."""


@frozen
class StarterRequest:
    """What an author says of the new policy."""

    id: str
    title: str
    start: date
    """From when on it is in force."""


def blank_policy(request: StarterRequest) -> dict[str, str]:
    """The texts of a blank policy, its cases and its sample facts, by file."""
    folder = files("scorecore_cli").joinpath("templates", current())
    texts = {}
    for path, file in _texts(folder):
        text = file.read_text(encoding="utf-8")
        for name, value in {"id": request.id, "title": request.title, "year": f"{request.start.year:04d}"}.items():
            text = text.replace(f"{{{{{name}}}}}", value)
        name = path.replace("policy", request.id, 1) if path.startswith("policy") else path
        texts[name] = format_toml(text, cases=name.endswith(".cases.toml")) if name.endswith(".toml") else text
    return texts


def _texts(folder: Traversable, before: str = "") -> Iterator[tuple[str, Traversable]]:
    for child in sorted(folder.iterdir(), key=lambda each: each.name):
        if child.is_dir():
            yield from _texts(child, f"{before}{child.name}/")
        else:
            yield f"{before}{child.name}", child


# a branch's overlay


def overlays(request: StarterRequest, parent: Policy, name: str) -> Iterator[str]:
    """Texts of an overlay, each with other figures where the parent leaves them open; one of them may be accepted."""
    for attempt in range(3):
        yield format_toml("\n".join(_overlay(request, parent, name, attempt)) + "\n")


def _overlay(request: StarterRequest, parent: Policy, name: str, attempt: int) -> Iterator[str]:
    yield f"#:schema ./{POLICY_SCHEMA}"
    yield f"# {request.title}"
    yield "#"
    yield "# " + _("It extends {name} and sets what that leaves to the branch.", name=name)
    yield "# " + _("Every figure below is an example: replace it with your own, then remove `status`.")
    yield ""
    yield "[policy]"
    yield f"id = {quote_text(request.id)}"
    yield 'version = "1"'
    yield f"title = {quote_text(request.title)}"
    yield f"extends = {quote_text(name)}"
    yield 'status = "illustrative"'
    yield f"effective = {{ from = {request.start} }}"
    left = [(key, parameter) for key, parameter in parent.parameters.items() if not parameter.values]
    if left:
        yield "\n[parameters]"
    for key, parameter in left:
        yield f"# {_about(key, parameter.label, parameter.unit, parameter.authority, _limits(parameter.bounds))}"
        yield f"{key}.values = [ {{ from = {request.start}, is = {_figure(parameter, attempt, request.start)} }} ]"
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
            yield f"covers = {{ from = {request.start.year:04d}-01-01, to = {request.start.year:04d}-12-31 }}"
            yield "holidays = []"
    if parent.items and not parent.grades and parent.open and parent.open.grades:
        for grade, least in (("A", "90"), ("B", "60"), ("C", '"lowest"')):
            yield f'\n[[grades]]\nid = "{grade}"\nfrom = {least}'


def _about(name: str, label: str, unit: str, clause: str, limits: str) -> str:
    """What a figure is, for the comment above it."""
    said = [label or name, unit, limits, _("clause: {clause}", clause=clause) if clause else ""]
    return ", ".join(part for part in said if part)


def _limits(bounds: Bounds | None) -> str:
    low, high = (_constant(bounds.min if bounds else None), _constant(bounds.max if bounds else None))
    if low is None and high is None:
        is_bounded = bounds is not None and (bounds.min is not None or bounds.max is not None)
        return _("there are bounds that depend on other figures") if is_bounded else ""
    return _("{low} to {high}", low="…" if low is None else low, high="…" if high is None else high)


def _constant(syntax: Any) -> Decimal | int | None:  # noqa: ANN401  a syntax
    value = getattr(syntax, "value", None)
    return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _figure(parameter: ParameterDeclaration, attempt: int, start: date) -> str:
    """A value that is likely to be allowed: the least, then one, then the greatest."""
    if parameter.type == "date":
        return str(start)
    if parameter.type == "bool":
        return "true" if attempt else "false"
    if parameter.type == "string":
        return '"…"'
    low = _constant(parameter.bounds.min if parameter.bounds else None)
    high = _constant(parameter.bounds.max if parameter.bounds else None)
    least = 0 if low is None else low
    return str((least, 1, least if high is None else high)[attempt])


def _bands(band_table: BandTableDeclaration, attempt: int) -> Sequence[str]:
    value = '"…"' if band_table.type == "string" else str(min(attempt, 1))
    if band_table.kind == "exact":
        return [f'{{ of = "…", is = {value} }}']
    if band_table.kind == "interpolated":
        return [f"{{ from = 0, is = {value} }}", f"{{ from = 100, is = {value} }}"]
    return [f"{{ from = 0, is = {value} }}"]


# sample facts and cases for any program


def first_period(program: Program) -> Period:
    """A period in which the program is in force: the May of its first year, or what lies next to it."""
    year = program.effective_from.year
    ends = {"month": ("-05", "-12"), "quarter": ("-Q2", "-Q4"), "half-year": ("-H1", "-H2"), "year": ("",)}
    ends |= {"week": ("-W20", "-W52"), "half-month": ("-05-H1", "-12-H2")}
    labels = [
        f"{candidate_year:04d}{end}" for candidate_year in range(year, year + 3) for end in ends[program.period.every]
    ]
    periods = [period for period in map(program.period.period, labels) if period]
    return next((candidate for candidate in periods if program.in_force(candidate)), periods[0])


def sample_facts(program: Program, period: Period) -> dict[str, pl.DataFrame]:
    """Tables for two people; what happened to them is for the author to write."""
    schema = program.schema
    who = schema.label or schema.subject
    people: dict[str, list[str | None]] = {who: [person_id for person_id, _ in _SAMPLE_PEOPLE]}
    for column in schema.columns:
        people[column.label or column.name] = [_cell(column, number, period) for _, number in _SAMPLE_PEOPLE]
    frames = {schema.subject: pl.DataFrame(people, schema=dict.fromkeys(people, pl.String))}
    for table in schema.events:
        if table.use is None:
            headings = [who, *(column.label or column.name for column in table.columns)]
            frames[table.name] = pl.DataFrame(schema=dict.fromkeys(headings, pl.String))
    if schema.history:
        headings = [who, "period", *(column.name for column in schema.history)]
        frames["history"] = pl.DataFrame(schema=dict.fromkeys(headings, pl.String))
    return frames


def _cell(column: FactColumn, number: int, period: Period) -> str | None:
    value = None if column.optional else _value(column.type, number, period)
    return None if value is None else format_value(value)


def _value(type_: Type, number: int, period: Period) -> Any:  # noqa: ANN401  a value of the type
    match type_.kind:
        case TypeKind.BOOL:
            return True
        case TypeKind.DATE:
            return period.start
        case TypeKind.TIMESTAMP:
            return datetime(period.start.year, period.start.month, period.start.day, 9)
        case TypeKind.STRING:
            return type_.among[0] if type_.among else _("example")
    within = min(max(Decimal(number), from_units(type_.low)), from_units(type_.high))
    return within if type_.is_decimal else int(within)


def sample_cases(program: Program, period: Period) -> str:
    """A file with one case, whose expectation is what comes out: for the author to check, and to replace."""
    columns = [column for column in program.schema.columns if not column.optional]
    person = {column.name: _value(column.type, _SAMPLE_PEOPLE[0][1], period) for column in columns}
    events: Mapping[str, Sequence[Any]] = {events_table.name: [] for events_table in program.schema.events}
    decider = SubjectEvaluator.of(program, period)
    sample = subject_facts(program, period, _SAMPLE_PEOPLE[0][0], person, events, history=())
    (subject,) = decider.add_group_values([sample])
    outcome = decider.decide(subject)
    facts = ", ".join(f"{name} = {_toml(value)}" for name, value in person.items())
    lines = [
        f"#:schema ./{CASES_SCHEMA}",
        "# " + _("Cases: facts, and what must come out, so that the policy is proven."),
        "# " + _("This case expects what scorecore computed: check it by hand, then add a case for each rule."),
        "",
        "[defaults]",
        f'period = "{period.label}"',
        f"{program.schema.subject} = {{ {facts} }}" if facts else "",
        "",
        "[[case]]",
        f"name = {quote_text(_('a person without any events'))}",
        "others = []" if program.grouped else "",
        f"expect = {{ {', '.join(_expected(outcome))} }}",
    ]
    return format_toml("\n".join(lines) + "\n", cases=True)


def _expected(outcome: Outcome) -> Iterator[str]:
    if outcome.is_excluded:
        yield "assessed = false"
        return
    program = outcome.program
    values = {name: value for name, value in outcome.by_name.items() if not isinstance(value, Unknown)}
    items = [item.step for item in program.items if item.step in values]
    if items:
        points = (f"{step.name} = {_toml(values[step])}" for step in items)
        yield f"items = {{ {', '.join(points)} }}"
    if isinstance(program.step(SCORE_TOTAL) if program.has_step(SCORE_TOTAL) else None, Account):
        yield from [f"total = {_toml(values[SCORE_TOTAL])}"] if SCORE_TOTAL in values else []
    yield from [f"grade = {quote_text(str(values[GRADE]))}"] if GRADE in values else []
    named = (f"{step.name} = {_toml(values[step])}" for step in program.named_values if step in values)
    yield from [f"values = {{ {text} }}"] if (text := ", ".join(named)) else []
    if program.pay:
        yield f"net = {_toml(outcome.net)}"
    if program.actions and all(action.step in values for action in program.actions):
        proposed = [quote_text(action.step.name) for action in program.actions if values[action.step] is True]
        yield f"actions = [{', '.join(proposed)}]"
    held = [result_name(name) for name in program.results() if name not in values]
    yield from [f"held = [{', '.join(map(quote_text, held))}]"] if held else []


def _toml(value: Any) -> str:  # noqa: ANN401  a value of any type
    match value:
        case bool():
            return str(value).lower()
        case Decimal():
            return format_decimal(value)
        case str():
            return quote_text(value)
        case _:
            return str(value)
