"""What a program is: what changes a result changes its digest, and nothing else does."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from random import Random
from typing import Any, Final

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from laws import HEAD, facts_of, told
from scorecore.diagnostics.source import Location
from scorecore.evaluate.batch.evaluator import evaluate_each
from scorecore.language import bands, expressions, groups
from scorecore.language.bands import Band
from scorecore.language.expressions import Expression
from scorecore.program import ledger, model, schema, steps
from scorecore.program.digest import program_digest
from scorecore.program.model import Program
from scorecore.program.serialize import (
    NewerError,
    TextsChangedError,
    deserialize,
    serialize,
)
from scorecore.program.serialize_v1 import MalformedError
from scorecore.program.texts import texts_digest
from scorecore.program.wire_names import TEXT_FIELDS, WIRE_NAMES, written_fields
from scorecore.values import calendar, period, types
from scorecore.values.calendar import Calendar
from scorecore.values.canonical_json import decode, encode
from scorecore_cli.workspace import Workspace
from strategies.cases import Case, cases, compiled
from strategies.drafts import Draft, Part
from strategies.facts import Situation, situations

POLICIES: Final = Path(__file__).parents[2] / "policies"
Path_ = tuple[str | int, ...]


# edits of the text


@given(case=cases(), random=st.randoms(use_true_random=False))
def test_what_changes_no_meaning_keeps_the_digest(case: Case, random: Random) -> None:
    """Another order of parts and lines, comments, blanks, another title and version: the same program."""
    draft = case.draft.shuffled(random)
    header = {'version = "1"': 'version = "2"', 'title = "t"': 'title = "another"\nauthority = "clause 7"'}
    text = "\n".join(f"{line}\n# {random.random()}\n" for line in draft.text.splitlines())
    for line, replacement in header.items():
        text = text.replace(f"\n{line}\n", f"\n{replacement}\n")
    program, diagnostics = compiled(text)
    assert program is not None, list(map(str, diagnostics))
    assert program.version == "2"
    assert program_digest(program) == program_digest(case.program)
    assert texts_digest(program) != texts_digest(case.program)


@given(case=cases(), situation=situations(), random=st.randoms(use_true_random=False))
def test_what_changes_a_result_changes_the_digest(case: Case, situation: Situation, random: Random) -> None:
    """A digit, an operator or a truth value of the policy is changed: if the digest stays, so does every decision."""
    edited, _ = compiled(_edit(case.draft, random).text)
    assume(edited is not None)
    assert edited is not None
    if program_digest(edited) == program_digest(case.program):
        before, after = (
            told(evaluate_each(program, facts_of(Case(case.draft, program, case.period), situation)))
            for program in (case.program, edited)
        )
        assert before == after


_EDITS: Final[dict[str, Callable[[str], str]]] = {
    r"\d": lambda digit: str((int(digit) + 1) % 10),
    r" [+*/-] ": lambda sign: {" + ": " - ", " - ": " + ", " * ": " + ", " / ": " * "}[sign],
    r" (?:<|<=|>|>=|==|!=) ": lambda sign: {
        " < ": " <= ",
        " <= ": " < ",
        " > ": " >= ",
        " >= ": " > ",
        " == ": " != ",
        " != ": " == ",
    }[sign],
    r"true|false": lambda truth: "false" if truth == "true" else "true",
    r'"lower"|"upper"': lambda edge: '"upper"' if edge == '"lower"' else '"lower"',
}


def _edit(draft: Draft, random: Random) -> Draft:
    """A policy with something changed in a part that is not the header."""
    places = [
        (number, pattern, match)
        for number, part in enumerate(draft.parts[1:], 1)
        for pattern in _EDITS
        for match in re.finditer(pattern, "\n".join(part.lines))
    ]
    assume(places)
    number, pattern, match = random.choice(places)
    lines = "\n".join(draft.parts[number].lines)
    changed = lines[: match.start()] + _EDITS[pattern](match.group()) + lines[match.end() :]
    parts = list(draft.parts)
    parts[number] = Part(parts[number].heading, tuple(changed.split("\n")))
    return Draft(tuple(parts))


# edits of the program


WORDS: Final = frozenset(
    {
        "Account.authority",
        "Account.label",
        "Account.place",
        "BandTable.authority",
        "BandTable.label",
        "BandTable.unit",
        "Calendar.authority",
        "Calendar.label",
        "ChoiceException.clause",
        "Clock.authority",
        "Clock.escalate",
        "Clock.label",
        "EntryRule.authority",
        "EntryRule.label",
        "EntryRule.place",
        "EventTable.authority",
        "EventTable.fixed",
        "EventTable.label",
        "EventTable.shown",
        "FactColumn.authority",
        "FactColumn.fixed",
        "FactColumn.label",
        "FactColumn.unit",
        "Grade.authority",
        "Grade.label",
        "Group.authority",
        "Group.label",
        "GroupStep.authority",
        "GroupStep.label",
        "GroupStep.place",
        "ObjectionRules.authority",
        "Parameter.authority",
        "Parameter.label",
        "Parameter.unit",
        "Program.assumptions",
        "Program.authority",
        "Program.documents",
        "Program.bounded",
        "Program.monotone",
        "Program.objections",
        "Program.paid_once",
        "Program.status",
        "Program.title",
        "Program.version",
        "Rung.place",
        "Schema.label",
        "Stage.authority",
        "Stage.owner",
        "Step.authority",
        "Step.label",
        "Step.place",
    }
)
"""The fields that decide nothing. The place of any expression is another one."""


def _parts(part: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """A program and all that it is made of, each with the way to it."""
    yield path, part
    if isinstance(part, tuple):
        for number, element in enumerate(part):
            yield from _parts(element, (*path, number))
    elif attrs.has(type(part)) and not isinstance(part, Location | Calendar | types.Type):
        for field in attrs.fields(type(part)):
            if field.init and not field.name.startswith("_"):
                yield from _parts(getattr(part, field.name), (*path, field.name))


def _replaced(part: Any, path: Path_, member: Any) -> Any:
    if not path:
        return member
    if isinstance(part, tuple):
        return tuple(
            [_replaced(child, path[1:], member) if number == path[0] else child for number, child in enumerate(part)]
        )
    name = str(path[0])
    return attrs.evolve(part, **{name: _replaced(getattr(part, name), path[1:], member)})


def _other(member: Any) -> Any:
    """Another value of the same kind; None where there is none to be had."""
    match member:
        case Enum():
            return next(value for value in type(member) if value is not member)
        case bool():
            return not member
        case str():
            return f"{member}x"
        case int() | Decimal():
            return member + 1
        case date():
            return member + timedelta(days=1)
        case Location():
            return attrs.evolve(member, line=member.line + 1)
    return None


def _is_apart(program: Program, path: Path_) -> bool:
    """Whether a field has no digest: it follows from the others, or is packed beside the program as the level is."""
    owner: Any = program
    for name in path[:-1]:
        owner = owner[name] if isinstance(owner, tuple) else getattr(owner, str(name))
    return (isinstance(owner, Expression) and path[-1] in {"type", "step"}) or path == ("level",)


def _is_word(program: Program, path: Path_) -> bool:
    owner: Any = program
    for name in path:
        if attrs.has(type(owner)):
            if f"{type(owner).__name__}.{name}" in WORDS or (isinstance(owner, Expression) and name == "place"):
                return True
            owner = getattr(owner, str(name))
        else:
            owner = owner[name]
    return False


@given(case=cases(), data=st.data())
def test_every_field_has_one_digest(case: Case, data: st.DataObject) -> None:
    """Whatever is changed in a program, either what it means is another, or what it says, and never both."""
    program = case.program
    places = [
        path
        for path, member in _parts(program)
        if path and _other(member) is not None and "type" not in path and not _is_apart(program, path)
    ]
    path = data.draw(st.sampled_from(places))
    try:
        edited = _replaced(program, path, _other(dict(_parts(program))[path]))
        means, says = program_digest(edited), texts_digest(edited)
    except (LookupError, ValueError, TypeError):
        assume(False)  # noqa: FBT003  a program without the account that it is about, and the like
    is_word = _is_word(program, path)
    assert (means == program_digest(program)) is is_word
    if is_word:
        assert says != texts_digest(program)


def test_the_order_of_independent_parts_is_no_meaning() -> None:
    """Parameters, tables, steps, items, pay lines in another order are the same program; grades are not."""
    program = Workspace.open().check(POLICIES / "galaxy" / "branch.toml").program
    assert program is not None
    for name in ("parameters", "tables", "steps", "items", "pay", "carries", "holds"):
        turned = tuple(reversed(getattr(program, name)))
        assert turned != getattr(program, name), name
        assert program_digest(attrs.evolve(program, **{name: turned})) == program_digest(program), name
    grades = attrs.evolve(program, grades=tuple(reversed(program.grades)))
    assert program_digest(grades) != program_digest(program)


LISTED_KEY: Final = (
    HEAD
    + """
[facts.person]
team = { type = "string", among = ["x", "y"] }

[facts.fines]
key = ["kind"]
fields = { kind = { type = "string", among = ["late", "absent"] } }

[[items]]
id = "fines"
scorer = "deduction"
points = 10

[[items.rules]]
each = "fines"
as = "f"
take = "1"
reason = "r"
"""
)


def test_the_order_of_a_closed_list_is_meant_only_where_events_are_in_it() -> None:
    """Events stand, and post entries, in the order of their key: another order of its texts is another ledger."""
    people = LISTED_KEY.replace('"x", "y"', '"y", "x"')
    events = LISTED_KEY.replace('"late", "absent"', '"absent", "late"')
    programs = [compiled(text) for text in (LISTED_KEY, people, events)]
    digests = [program_digest(program) for program, _ in programs if program is not None]
    assert len(digests) == len(programs)
    assert digests[0] == digests[1] != digests[2]


# writing down


MODULES: Final = (types, calendar, period, bands, groups, ledger, schema, steps, model, expressions)
NOT_WRITTEN: Final = frozenset({"EventFold", "Expression", "LedgerRule", "Period", "Sugar"})
"""Classes that no program has a part of."""


def test_every_class_of_a_program_has_a_name_for_good() -> None:
    """A new class is given a name in what is recorded, which no other class has."""
    classes = {
        part
        for module in MODULES
        for part in vars(module).values()
        if isinstance(part, type) and part.__module__ == module.__name__ and (attrs.has(part) or issubclass(part, Enum))
    }
    unnamed = {part.__name__ for part in classes - WIRE_NAMES.keys()}
    assert unnamed <= NOT_WRITTEN, "give them a name in scorecore/program/wire_names.py"
    assert len(set(WIRE_NAMES.values())) == len(WIRE_NAMES)


def test_the_words_are_those_that_were_meant() -> None:
    """A field that is left out of the digest because of its name was looked at."""
    words = {
        f"{part.__name__}.{field.name}"
        for part in WIRE_NAMES
        if attrs.has(part) and not issubclass(part, Expression)
        for field in attrs.fields(part)
        if field.name in TEXT_FIELDS
    }
    assert words == WORDS


def packed_galaxy() -> tuple[Any, Program]:
    program = Workspace.open().check(POLICIES / "galaxy" / "branch.toml").program
    assert program is not None
    return decode(encode(serialize(program))), program


def test_steps_are_step_ids_again() -> None:
    """What was read knows its steps by section, name and role, as what was compiled does."""
    packed, program = packed_galaxy()
    unpacked = deserialize(packed, program_digest(program), texts_digest(program))
    assert unpacked == program
    assert [type(step.name) for step in unpacked.steps] == [type(step.name) for step in program.steps]


def test_other_words_are_refused() -> None:
    """A label that was changed in a packed program is not read as if it had been recorded."""
    packed, program = packed_galaxy()
    packed["texts"]["title"] = "another"
    with pytest.raises(TextsChangedError):
        deserialize(packed, program_digest(program), texts_digest(program))


@pytest.mark.parametrize("what", ["format", "level"])
def test_what_is_newer_is_refused_by_name(what: str) -> None:
    packed, program = packed_galaxy()
    with pytest.raises(NewerError) as error:
        deserialize({**packed, what: 99}, program_digest(program))
    assert (error.value.what, error.value.found) == (what, 99)


@pytest.mark.parametrize("packed", [{}, [], ["of", "Program", {}], "x", {"format": 2}])
def test_other_data_is_refused(packed: Any) -> None:
    with pytest.raises(MalformedError):
        deserialize(packed, "0" * 64)


def test_only_what_is_not_at_its_default_is_written() -> None:
    assert [field.name for field in written_fields(Band(Decimal(1), Decimal(2)))] == ["start", "value"]
