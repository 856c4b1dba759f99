"""Reads the cases of a file: the facts of each, ready to be decided by a program."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from attrs import define, evolve, field, frozen

from scorecore.analysis.cases.model import Case, CaseDefaults, CaseFile, OtherSubject
from scorecore.analysis.cases.names import find_unknown_names
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location, Source
from scorecore.diagnostics.suggest import suggest
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.cells import EVERY_YEAR, check_cell
from scorecore.facts.model import SubjectFacts
from scorecore.facts.notations import CellFault
from scorecore.facts.subject_facts import subject_facts
from scorecore.language.expressions import AGO, HISTORY
from scorecore.policy.salvage import Salvage
from scorecore.policy.structure import structure
from scorecore.policy.toml import Node, TomlArray, TomlScalar, TomlTable, read_toml
from scorecore.program.model import Program
from scorecore.program.schema import FactColumn
from scorecore.values.period import Period
from scorecore.values.types import MAX_HISTORY, Type, TypeKind

USES = "uses"
"""The key under which a case has the decisions of other policies."""
Cells = dict[str, object]
"""A row of a case by column, as TOML has it."""


@frozen(eq=False)
class PreparedCase:
    """A case whose facts are read."""

    case: Case
    evaluator: SubjectEvaluator
    facts: SubjectFacts
    """With the group values that the program reads."""
    population: tuple[SubjectFacts, ...] = ()
    """All subjects, that of the case first, where the group values are computed from them."""


def prepare_cases(source: Source, program: Program, diagnostics: Diagnostics) -> list[PreparedCase]:
    """The cases of a file. Those that cannot be read become diagnostics."""
    tree = read_toml(source, diagnostics, leaves_out=True)
    file = structure(tree, CaseFile, diagnostics, salvage=Salvage()) if tree else None
    if file is None:
        return []
    reader = _CaseReader(program, file.defaults, diagnostics)
    return [prepared for prepared in map(reader.prepare, file.case) if prepared is not None]


@define
class _CaseReader:
    program: Program
    defaults: CaseDefaults | None
    diagnostics: Diagnostics
    evaluators: dict[Period, SubjectEvaluator] = field(factory=dict)

    def prepare(self, case: Case) -> PreparedCase | None:
        """A case with its facts; None if they cannot be read."""
        label = case.period or (self.defaults.period if self.defaults else None) or ""
        period = self.program.period.period(label)
        if period is None:
            example = self.program.period.example
            self.diagnostics.add(catalogue.NOT_A_PERIOD, case.place, text=label, example=example)
            return None
        count = len(self.diagnostics)
        if period not in self.evaluators:
            self.evaluators[period] = SubjectEvaluator.of(self.program, period)
        self.check_names(case)
        self.check_expected(case)
        evaluator = self.evaluators[period]
        population = list(self.read_population(case, period))
        if len(self.diagnostics) > count:
            return None
        if case.groups or not self.program.grouped:
            return PreparedCase(case, evaluator, population[0])
        return PreparedCase(case, evaluator, evaluator.add_group_values(population)[0], tuple(population))

    def check_names(self, case: Case) -> None:
        """What a case says of groups, and of tables that are missing, is about what the policy reads, and fits it."""
        steps = {step.text: step for step in self.program.grouped}
        for name, value in case.groups.items():
            place = case.at(f"groups.{name}")
            if name not in steps:
                self.reject_key(name, steps, place)
                continue
            fault = check_cell(value, steps[name].type, EVERY_YEAR)
            if isinstance(fault, CellFault):
                self.diagnostics.add(fault.kind, *place, name=name, **fault.params)
        tables = [*(table.name for table in self.program.schema.events), HISTORY]
        for number, name in enumerate(case.missing):
            if name not in tables:
                self.reject_key(name, tables, case.at(f"missing.{number}"))

    def check_expected(self, case: Case) -> None:
        """What is expected is about results that there are; of somebody who is not assessed it is nothing."""
        others = [key for key in case.expect.spans if key and "." not in key and key != "assessed"]
        if not case.expect.assessed and others:
            params = {"name": "expect", "first": "assessed = false", "second": others[0]}
            self.diagnostics.add(catalogue.ONE_OF, *case.expect.at(others[0]), **params)
        for unknown in find_unknown_names(case.expect, self.program):
            self.reject_key(unknown.name, unknown.known, unknown.owner.at(unknown.key))

    def reject_key(self, name: str, names: Iterable[str], place: tuple[Location, int]) -> None:
        params = {"key": name, "keys": ", ".join(names)}
        self.diagnostics.add(catalogue.UNKNOWN_KEY, *place, **params, **suggest(name, names))

    def read_population(self, case: Case, period: Period) -> Iterator[SubjectFacts]:
        """The facts of the case's subject, and then of the others."""
        own = self.read_subject(case, period, case.id or case.name, case.rest, case.missing)
        yield own
        common = {table.name: own.rows[table.name] for table in self.program.schema.events if table.common}
        others = case.others if case.others is not None or not self.defaults else self.defaults.others
        for subject, other in _name_subjects(others or ()):
            facts = self.read_subject(case, period, subject, other.rest)
            unknown = (facts.unknown - common.keys()) | (own.unknown & common.keys())
            yield evolve(facts, rows={**facts.rows, **common}, unknown=unknown) if common else facts

    def read_subject(
        self, case: Case, period: Period, subject: str, own_facts: TomlTable, missing: Sequence[str] = ()
    ) -> SubjectFacts:
        """The facts of one subject: the shared ones, overridden key by key by those of its own."""
        tables = _CaseTables(self.program, period, self.diagnostics)
        for table in (self.defaults.rest if self.defaults else None, own_facts):
            for key in table.entries if table else ():
                tables.read_key(key, table)  # type: ignore[arg-type]  # it has keys
        schema = self.program.schema
        events = {table.name: tables.rows.get(table.name, []) for table in schema.events if table.name not in missing}
        history = None if HISTORY in missing else tables.rows.get(HISTORY, [])
        return subject_facts(self.program, period, subject, tables.subject, events, history=history, groups=case.groups)


def _name_subjects(others: Sequence[OtherSubject]) -> Iterator[tuple[str, OtherSubject]]:
    """Each of the other subjects with its id, as many times as there are like it."""
    for number, other in enumerate(others, 1):
        name = other.id or str(number)
        if other.times == 1:
            yield name, other
        else:
            yield from ((f"{name}.{copy}", other) for copy in range(1, other.times + 1))


@define
class _CaseTables:
    """The facts of one subject as they are read, key after key."""

    program: Program
    period: Period
    diagnostics: Diagnostics
    subject: Cells = field(factory=dict)
    rows: dict[str, list[Cells]] = field(factory=dict)
    """Events, history, and the decisions of other policies, by table."""
    agos: dict[int, int] = field(factory=dict)
    """Of the rows of history the line of each, by how many periods ago it is."""
    columns: Mapping[str, Sequence[FactColumn]] = field(init=False)

    @columns.default
    def _columns(self) -> Mapping[str, Sequence[FactColumn]]:
        schema = self.program.schema
        columns: dict[str, Sequence[FactColumn]] = {table.name: table.columns for table in schema.events}
        columns[HISTORY] = (*schema.history, FactColumn(AGO, schema.columns[0].type)) if schema.history else ()
        return columns

    def read_key(self, key: str, table: TomlTable) -> None:
        """Put the facts under one key where they belong, over those that are already there."""
        subject, node = self.program.schema.subject, table.entries[key]
        if key == subject and isinstance(node, TomlTable):
            self.subject |= _read_row(node, self.program.schema.columns, self.diagnostics)
        elif key in self.columns and isinstance(node, TomlArray):
            self.agos = self.agos if key != HISTORY else {}
            self.rows[key] = list(self.read_rows(key, node))
        elif key == USES and isinstance(node, TomlTable):
            self.read_uses(node)
        elif key == subject or key in self.columns:
            kind = catalogue.EXPECTED_TABLE if key == subject else catalogue.EXPECTED_LIST
            self.diagnostics.add(kind, node.location, found=key)
        else:
            names = [subject, *self.columns]
            self.diagnostics.add(
                catalogue.UNKNOWN_KEY, table.keys[key], len(key), key=key, keys=", ".join(names), **suggest(key, names)
            )

    def read_rows(self, name: str, node: TomlArray) -> Iterator[Cells]:
        """The rows of a table; of other subjects, and of periods, that a case does not name, one after the other."""
        dependency = next((table.use for table in self.program.schema.events if table.name == name), None)
        inverse_key = dependency.subject if dependency and dependency.gather else ""
        readable = dependency.labels(self.period) if dependency and dependency.is_repeated else []
        # fewer than the last so many are the latest of them
        labels = readable[-len(node.items) :] if dependency and dependency.last else readable
        is_decided = dependency is not None or name == HISTORY
        for number, row in enumerate(node.items, 1):
            if not isinstance(row, TomlTable):
                self.diagnostics.add(catalogue.EXPECTED_TABLE, row.location, found=name)
                continue
            cells = _read_row(row, self.columns[name], self.diagnostics, is_decided=is_decided)
            if name == HISTORY:
                self.check_ago(row)
            if readable:
                self.check_period(row, readable)
            named = {inverse_key: str(number)} if inverse_key else {}
            if number <= len(labels) and not inverse_key:
                named["period"] = labels[number - 1]
            yield {**named, **cells}

    def check_period(self, row: TomlTable, readable: Sequence[str]) -> None:
        """A decision of another period than those that are read would not be among the facts."""
        node = row.get("period")
        if isinstance(node, TomlScalar) and node.value not in readable:
            params = {"key": str(node.value), "keys": ", ".join(readable), **suggest(str(node.value), readable)}
            self.diagnostics.add(catalogue.UNKNOWN_KEY, node.location, node.length, **params)

    def check_ago(self, row: TomlTable) -> None:
        """Each row of history says of how many periods ago it is, and no two say the same."""
        node = row.get(AGO)
        if node is None:
            self.diagnostics.add(catalogue.MISSING_KEY, *row.span, key=AGO)
            return
        span = (node.location, node.length) if isinstance(node, TomlScalar) else (node.location, 1)
        ago = node.value if isinstance(node, TomlScalar) else None
        if type(ago) is not int or not 1 <= ago <= MAX_HISTORY:
            self.diagnostics.add(catalogue.BAD_AGO, *span, most=MAX_HISTORY, preceding=1)
        elif ago in self.agos:
            self.diagnostics.add(catalogue.NAMED_TWICE, *span, name=f"{AGO} = {ago}", first=self.agos[ago])
        else:
            self.agos[ago] = node.location.line

    def read_uses(self, node: TomlTable) -> None:
        """The decisions of other policies, one or a list of them for each policy."""
        for policy, decisions in node.entries.items():
            rows = decisions if isinstance(decisions, TomlArray) else TomlArray(decisions.location, [decisions])
            name = f"{USES}.{policy}"
            self.read_key(name, TomlTable(node.location, {name: rows}, {name: node.keys[policy]}))


def _read_row(
    row: TomlTable, columns: Sequence[FactColumn], diagnostics: Diagnostics, *, is_decided: bool = False
) -> Cells:
    """The cells of a row. What was decided fits its column; a fact may be wrong, for a case can show what follows."""
    types = {column.name: column.type for column in columns}
    cells: Cells = {}
    for name, node, place in _flatten(row):
        if name not in types:
            params = {"key": name, "keys": ", ".join(sorted(types)), **suggest(name, types)}
            diagnostics.add(catalogue.UNKNOWN_KEY, place, len(name), **params)
        elif not isinstance(node, TomlScalar):
            diagnostics.add(catalogue.EXPECTED_VALUE, node.location, found="[ … ]")
        else:
            cells[name] = node.value
            if is_decided and name != AGO:
                _check_decided(name, node, types[name], diagnostics)
    return cells


def _check_decided(name: str, node: TomlScalar, decided_type: Type, diagnostics: Diagnostics) -> None:
    """A value that was decided has the type of its column, and lies within its bounds."""
    expected = catalogue.EXPECTED_NUMBER if decided_type.is_number else _EXPECTED.get(decided_type.kind)
    if isinstance(node.value, str) and expected:
        diagnostics.add(expected, node.location, node.length, found=f'"{node.snippet.text}"')
        return
    fault = check_cell(node.value, decided_type, EVERY_YEAR)
    if isinstance(fault, CellFault):
        diagnostics.add(fault.kind, node.location, node.length, name=name, **fault.params)


_EXPECTED: Final = {TypeKind.BOOL: catalogue.EXPECTED_BOOL, TypeKind.DATE: catalogue.EXPECTED_DATE}
"""What is said of a text in place of a value that is none."""


def _flatten(row: TomlTable, prefix: str = "", place: Location | None = None) -> Iterator[tuple[str, Node, Location]]:
    """The cells of a row; columns with decisions of another policy have points in their names: `score.total`."""
    for key, node in row.entries.items():
        key_place = place or row.keys[key]
        if isinstance(node, TomlTable):
            yield from _flatten(node, f"{prefix}{key}.", key_place)
        else:
            yield f"{prefix}{key}", node, key_place
