"""Other policies that a policy uses: their programs, and the tables in which their decisions are read."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from attrs import evolve, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.diagnostics.suggest import suggest
from scorecore.plugins import Scorer
from scorecore.policy import model as policy
from scorecore.program.digest import program_digest
from scorecore.program.model import EventTable, FactColumn, PolicyDependency, Program, result_name
from scorecore.values.period import EXAMPLES
from scorecore.values.types import TypeKind, string_type, union_type

PERIOD: Final = "period"
"""The field of a decision that says of which period it is."""


Compiled = tuple[Program | None, tuple[Diagnostic, ...]]
"""A program, unless an error prevents it, and everything that is wrong with its policy."""


@frozen
class Compilations:
    """The used policies that are compiled already, so that each is compiled once, however many policies use it."""

    parents: Mapping[str, Source]
    """The texts of the policies that may be extended or used, by `id@version`."""
    scorers: Mapping[str, Scorer]
    """With all else that plugins bring."""
    _compiled: dict[str, Compiled] = field(factory=dict, init=False)

    @property
    def programs(self) -> dict[str, Program]:
        """By `id@version`."""
        return {name: program for name, (program, _) in self._compiled.items() if program}

    def get_or_compile(self, name: str, compile_source: Callable[[Source], Compiled]) -> Compiled:
        """The program of a used policy; where it is not there yet, compiled from its text."""
        if name not in self._compiled:
            compiled = compile_source(self.parents[name])
            if any(diagnostic.kind is catalogue.USES_CIRCLE for diagnostic in compiled[1]):
                return compiled  # which circle is reported depends on the policies that led here
            self._compiled[name] = compiled
        return self._compiled[name]


def compile_dependencies(
    of: policy.Policy,
    path: tuple[str, ...],
    compiled: Callable[[str], tuple[Program | None, Iterable[Diagnostic]]],
    known: Mapping[str, object],
    diagnostics: Diagnostics,
) -> dict[str, dict[str, Program]]:
    """The programs that a policy uses, by the names it gives them, and by the texts that choose one of several.

    `path` are its users, and itself last. Where one is missing, none of that name are given.
    """
    found: dict[str, dict[str, Program]] = {}
    for name, one in of.uses.items():
        _one_way(one, name, diagnostics)
        wanted = one.policies or {"": one.policy}
        programs: dict[str, Program] = {}
        for text, other in wanted.items():
            program = _compiled(other, one, path, compiled, known, diagnostics)
            programs |= {text: program} if program else {}
        if len(programs) == len(wanted):
            found[name] = programs
    return found


def _one_way(one: policy.UsesDeclaration, name: str, diagnostics: Diagnostics) -> None:
    """Keys that do not go together, or that need each other."""
    if bool(one.policy) == bool(one.policies):
        diagnostics.add(catalogue.ONE_OF, *one.at("policies"), name=f"uses.{name}", first="policy", second="policies")
    if bool(one.policies) != bool(one.by):
        diagnostics.add(catalogue.TOGETHER, *one.at("by" if one.by else "policies"), first="policies", second="by")
    if one.match and one.gather:
        diagnostics.add(catalogue.ONE_OF, *one.at("gather"), name=f"uses.{name}", first="match", second="gather")


def _compiled(
    name: str,
    one: policy.UsesDeclaration,
    path: tuple[str, ...],
    compiled: Callable[[str], tuple[Program | None, Iterable[Diagnostic]]],
    known: Mapping[str, object],
    diagnostics: Diagnostics,
) -> Program | None:
    place = one.at("policy" if one.policy else "policies")
    if name in path:
        names = (*path[path.index(name) :], name)
        diagnostics.add(catalogue.USES_CIRCLE, *place, path=" → ".join(names))
        return None
    if name not in known:
        diagnostics.add(catalogue.NO_USED, *place, name=name, **suggest(name, known))
        return None
    program, wrong = compiled(name)
    circle = next((diagnostic for diagnostic in wrong if diagnostic.kind is catalogue.USES_CIRCLE), None)
    if circle and program is None:
        diagnostics.add(catalogue.USES_CIRCLE, *place, **circle.params)
    elif program is None:
        diagnostics.add(catalogue.USED_BROKEN, *place, name=name)
    return program


def dependency_table(
    of: policy.Policy, name: str, programs: Mapping[str, Program], diagnostics: Diagnostics
) -> EventTable:
    """The table in which the decisions of another policy, or of several, are read."""
    one, program = of.uses[name], next(iter(programs.values()))
    within = one.periods == "within"
    ours = of.policy.period.every
    place = one.at("policy" if one.policy else "policies")
    for other in programs.values():
        theirs, named = other.period.every, f"{other.id}@{other.version}"
        if (theirs not in _SHORTER[ours]) if within else (theirs != ours):
            params = {"theirs": EXAMPLES[theirs], "ours": EXAMPLES[ours]}
            diagnostics.add(catalogue.USED_PERIOD, *one.at("periods"), name=named, **params)
        if (other.schema.subject, other.period) != (program.schema.subject, program.period):
            diagnostics.add(catalogue.USED_UNLIKE, *place, name=named, other=f"{program.id}@{program.version}")
        theirs_texts = [column.name for column in other.schema.columns if column.type.kind is TypeKind.STRING]
        for key, fact in (("gather", one.gather), ("by", one.by)):
            if fact and fact not in theirs_texts:
                diagnostics.add(
                    catalogue.NO_GATHER, *one.at(key), name=fact, policy=named, **suggest(fact, theirs_texts)
                )
    mine = of.subject.get(one.match)
    if one.match and (mine is None or mine.type != "string"):
        texts = [name for name, fact in of.subject.items() if fact.type == "string"]
        diagnostics.add(catalogue.NO_MATCH, *one.at("match"), name=one.match, **suggest(one.match, texts))
    columns = _common(programs, one.gather)
    ids = ((program.schema.subject,) if one.gather else ()) + ((PERIOD,) if within else ())
    among = tuple((text, f"{it.id}@{it.version}", program_digest(it)) for text, it in programs.items() if text)
    use = PolicyDependency(
        f"{program.id}@{program.version}",
        program_digest(program),
        program.schema.subject,
        program.period,
        one.match,
        within,
        one.gather,
        one.by,
        among,
    )
    keys = tuple(FactColumn(name, string_type(None)) for name in ids)
    return EventTable(f"uses.{name}", (*keys, *columns), ids, authority=one.authority, use=use)


def _common(programs: Mapping[str, Program], gather: str) -> tuple[FactColumn, ...]:
    """What can be read of a decision: results that all programs have; where they are gathered, facts as well."""
    columns: dict[str, FactColumn] | None = None
    for program in programs.values():
        steps = (program.step(name) for name in program.results())
        found = {
            result_name(step.name): FactColumn(result_name(step.name), step.type, step.label, optional=True)
            for step in steps
        }
        facts = program.schema.columns if gather else ()
        found |= {one.name: FactColumn(one.name, one.type, one.label, optional=one.name != gather) for one in facts}
        if columns is None:
            columns = found
            continue
        both = {name: union_type(columns[name].type, one.type) for name, one in found.items() if name in columns}
        columns = {name: evolve(columns[name], type=of) for name, of in both.items() if of is not None}
    return tuple((columns or {}).values())


_SHORTER: Final[Mapping[str, tuple[str, ...]]] = {
    "month": (),
    "quarter": ("month",),
    "half-year": ("month", "quarter"),
    "year": ("month", "quarter", "half-year"),
}
