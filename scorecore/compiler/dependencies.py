"""Other policies that a policy uses: their programs, and the tables in which their decisions are read."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from attrs import evolve, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.diagnostics.suggest import suggest
from scorecore.plugins import Scorer
from scorecore.plugins.provenance import Participant
from scorecore.policy import model as policy
from scorecore.program.digest import program_digest
from scorecore.program.model import Program, result_name
from scorecore.program.schema import DEPTH, EventTable, FactColumn, PolicyDependency
from scorecore.values.period import EXAMPLES
from scorecore.values.types import MAX_HISTORY, TypeKind, integer_type, string_type, union_type

PERIOD: Final = "period"
"""The field of a decision that says of which period it is."""

MAX_DEPTH: Final = 100
"""Levels that are gathered at most."""


Compiled = tuple[Program | None, tuple[Diagnostic, ...]]
"""A program, unless an error prevents it, and everything that is wrong with its policy."""


@frozen
class Compilations:
    """The used policies that are compiled already, so that each is compiled once, however many policies use it."""

    parents: Mapping[str, Source]
    """The texts of the policies that may be extended or used, by `id@version`."""
    scorers: Mapping[str, Scorer]
    """With all else that plugins bring."""
    adjust: Callable[[str, policy.Policy], policy.Policy] = field(default=lambda _name, declared: declared)
    """Changes what was read of a used policy, such as a figure of it, before it is checked."""
    participants: dict[str, frozenset[Participant]] = field(factory=dict, init=False)
    """By `id@version` of each policy that was compiled, what plugins brought to it."""
    _compiled: dict[str, Compiled] = field(factory=dict, init=False)

    @property
    def programs(self) -> dict[str, Program]:
        """By `id@version`."""
        return {name: program for name, (program, _) in self._compiled.items() if program}

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        """What keeps used policies from being compiled."""
        return tuple(
            problem for program, problems in self._compiled.values() if program is None for problem in problems
        )

    def get_or_compile(self, name: str, compile_source: Callable[[Source], Compiled]) -> Compiled:
        """The program of a used policy; where it is not there yet, compiled from its text."""
        if name not in self._compiled:
            compiled = compile_source(self.parents[name])
            if any(diagnostic.kind is catalogue.USES_CIRCLE for diagnostic in compiled[1]):
                return compiled  # which circle is reported depends on the policies that led here
            self._compiled[name] = compiled
        return self._compiled[name]


def compile_dependencies(
    declared: policy.Policy,
    path: tuple[str, ...],
    compiled: Callable[[str], tuple[Program | None, Iterable[Diagnostic]]],
    texts: Mapping[str, object],
    diagnostics: Diagnostics,
) -> dict[str, dict[str, Program]]:
    """The programs that a policy uses, by the names it gives them, and by the texts that choose one of them.

    `path` are its users, and itself last. Where one is missing, none of that name are given.
    """
    compiled_programs: dict[str, dict[str, Program]] = {}
    for name, dependency in declared.uses.items():
        _check_keys(dependency, name, diagnostics)
        policies = dependency.policies or {"": dependency.policy}
        programs: dict[str, Program] = {}
        for text, policy_name in policies.items():
            program = _compiled(policy_name, dependency, path, compiled, texts, diagnostics)
            programs |= {text: program} if program else {}
        if len(programs) == len(policies):
            compiled_programs[name] = programs
    return compiled_programs


def _check_keys(dependency: policy.UsesDeclaration, name: str, diagnostics: Diagnostics) -> None:
    """Keys that do not go together, or that need each other."""
    if bool(dependency.policy) == bool(dependency.policies):
        diagnostics.add(
            catalogue.ONE_OF, *dependency.at("policies"), name=f"uses.{name}", first="policy", second="policies"
        )
    if bool(dependency.policies) != bool(dependency.by):
        diagnostics.add(
            catalogue.TOGETHER, *dependency.at("by" if dependency.by else "policies"), first="policies", second="by"
        )
    if dependency.match and dependency.gather:
        diagnostics.add(catalogue.ONE_OF, *dependency.at("gather"), name=f"uses.{name}", first="match", second="gather")


def _compiled(
    name: str,
    dependency: policy.UsesDeclaration,
    path: tuple[str, ...],
    compiled: Callable[[str], tuple[Program | None, Iterable[Diagnostic]]],
    texts: Mapping[str, object],
    diagnostics: Diagnostics,
) -> Program | None:
    place = dependency.at("policy" if dependency.policy else "policies")
    if name in path:
        names = (*path[path.index(name) :], name)
        diagnostics.add(catalogue.USES_CIRCLE, *place, path=" → ".join(names))
        return None
    if name not in texts:
        diagnostics.add(catalogue.NO_USED, *place, name=name, **suggest(name, texts))
        return None
    program, wrong = compiled(name)
    circle = next((diagnostic for diagnostic in wrong if diagnostic.kind is catalogue.USES_CIRCLE), None)
    if circle and program is None:
        diagnostics.add(catalogue.USES_CIRCLE, *place, **circle.params)
    elif program is None:
        diagnostics.add(catalogue.USED_BROKEN, *place, name=name)
    return program


def dependency_table(
    declared: policy.Policy, name: str, programs: Mapping[str, Program], diagnostics: Diagnostics
) -> EventTable:
    """The table in which the decisions of another policy, or of alternative ones, are read."""
    dependency, program = declared.uses[name], next(iter(programs.values()))
    within, is_repeated = dependency.periods == "within", dependency.periods == "within" or dependency.last != 0
    _check_last(dependency, diagnostics)
    _check_alternatives(declared, dependency, programs, diagnostics)
    _check_depth(declared, dependency, programs, diagnostics)
    match_fact = declared.subject.get(dependency.match)
    if dependency.match and (match_fact is None or match_fact.type != "string"):
        texts = [name for name, fact in declared.subject.items() if fact.type == "string"]
        diagnostics.add(
            catalogue.NO_MATCH, *dependency.at("match"), name=dependency.match, **suggest(dependency.match, texts)
        )
    columns = _common(programs, dependency.gather)
    ids = ((program.schema.subject,) if dependency.gather else ()) + ((PERIOD,) if is_repeated else ())
    alternatives = programs.items() if dependency.policies else ()
    use = PolicyDependency(
        f"{program.id}@{program.version}",
        program_digest(program),
        program.schema.subject,
        program.period,
        dependency.match,
        within,
        dependency.gather,
        dependency.by,
        tuple((text, f"{used.id}@{used.version}", program_digest(used)) for text, used in alternatives),
        dependency.depth,
        dependency.last,
    )
    if dependency.depth > 1:
        columns = (*columns, FactColumn(DEPTH, integer_type(1, dependency.depth)))
    keys = tuple(FactColumn(name, string_type(None)) for name in ids)
    return EventTable(f"uses.{name}", (*keys, *columns), ids, authority=dependency.authority, use=use)


def _check_last(dependency: policy.UsesDeclaration, diagnostics: Diagnostics) -> None:
    """How many periods are read is a number of them, and nothing else says which ones are."""
    is_within = dependency.periods == "within"
    if not 0 <= dependency.last <= MAX_HISTORY or (dependency.last and is_within):
        diagnostics.add(catalogue.BAD_LAST, *dependency.at("last"), last=dependency.last, most=MAX_HISTORY)


def _check_depth(
    declared: policy.Policy,
    dependency: policy.UsesDeclaration,
    programs: Mapping[str, Program],
    diagnostics: Diagnostics,
) -> None:
    """More than one level is gathered only among subjects of one kind, none of whose facts is called as the level."""
    subject = declared.policy.subject
    is_alike = bool(dependency.gather) and all(used.schema.subject == subject for used in programs.values())
    if not 1 <= dependency.depth <= MAX_DEPTH or (dependency.depth > 1 and not is_alike):
        params = {"depth": str(dependency.depth), "most": str(MAX_DEPTH), "subject": subject}
        diagnostics.add(catalogue.BAD_DEPTH, *dependency.at("depth"), **params)
    for used in programs.values() if dependency.depth > 1 else ():
        if any(column.name == DEPTH for column in used.schema.columns):
            diagnostics.add(catalogue.DEPTH_TAKEN, *dependency.at("depth"), policy=f"{used.id}@{used.version}")


def _check_alternatives(
    declared: policy.Policy,
    dependency: policy.UsesDeclaration,
    programs: Mapping[str, Program],
    diagnostics: Diagnostics,
) -> None:
    """The used policies have fitting periods and one kind of subject, and the facts that the dependency names."""
    program, within = next(iter(programs.values())), dependency.periods == "within"
    ours = declared.policy.period.every
    place = dependency.at("policy" if dependency.policy else "policies")
    for used in programs.values():
        theirs, used_name = used.period.every, f"{used.id}@{used.version}"
        is_shorter = theirs in _SHORTER[ours]
        if not (is_shorter if within else theirs == ours or (is_shorter and dependency.last)):
            params = {"theirs": EXAMPLES[theirs], "ours": EXAMPLES[ours]}
            diagnostics.add(catalogue.USED_PERIOD, *dependency.at("periods"), name=used_name, **params)
        if (used.schema.subject, used.period) != (program.schema.subject, program.period):
            diagnostics.add(catalogue.USED_UNLIKE, *place, name=used_name, other=f"{program.id}@{program.version}")
        theirs_texts = [column.name for column in used.schema.columns if column.type.kind is TypeKind.STRING]
        for key, fact in (("gather", dependency.gather), ("by", dependency.by)):
            if fact and fact not in theirs_texts:
                diagnostics.add(
                    catalogue.NO_GATHER, *dependency.at(key), name=fact, policy=used_name, **suggest(fact, theirs_texts)
                )


def _common(programs: Mapping[str, Program], gather: str) -> tuple[FactColumn, ...]:
    """What can be read of a decision: results that all programs have; where they are gathered, facts as well."""
    columns: dict[str, FactColumn] | None = None
    for program in programs.values():
        steps = (program.step(name) for name in program.results())
        fields = {
            result_name(step.name): FactColumn(result_name(step.name), step.type, step.label, optional=True)
            for step in steps
        }
        facts = program.schema.columns if gather else ()
        fields |= {
            column.name: FactColumn(column.name, column.type, column.label, optional=column.name != gather)
            for column in facts
        }
        if columns is None:
            columns = fields
            continue
        common_types = {
            name: union_type(columns[name].type, column.type) for name, column in fields.items() if name in columns
        }
        columns = {
            name: evolve(columns[name], type=common_type)
            for name, common_type in common_types.items()
            if common_type is not None
        }
    return tuple((columns or {}).values())


_SHORTER: Final[Mapping[str, tuple[str, ...]]] = {
    "week": (),
    "half-month": (),
    "month": ("week", "half-month"),
    "quarter": ("week", "half-month", "month"),
    "half-year": ("week", "half-month", "month", "quarter"),
    "year": ("week", "half-month", "month", "quarter", "half-year"),
}
