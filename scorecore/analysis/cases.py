"""Policy cases: facts in, expectations out, written in TOML beside the policy.

[defaults]                                   # facts that cases share; a case overrides them key by key
period = "2024-05"
person = { role = "broker", volume = 1_000_000 }

[[case]]
name   = "two missed meetings cost four points"
meetings = [ { date = 2024-05-06, attended = false }, { date = 2024-05-13, attended = false } ]
expect = { items = { rules = 6 }, total = 96, grade = "A" }
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics, suggest
from scorecore.diagnostics.source import Source
from scorecore.evaluate.decisions import net_pay
from scorecore.evaluate.reference.environment import format_value
from scorecore.evaluate.reference.evaluator import Outcome
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.subject_facts import SubjectFacts, subject_facts
from scorecore.language.expressions import AGO, HISTORY
from scorecore.policy.model import (
    Part,
    Value,
    hidden,
    key,
)
from scorecore.policy.structure import structure
from scorecore.policy.toml import (
    Node,
    TomlArray,
    TomlScalar,
    TomlTable,
    read_toml,
)
from scorecore.program.model import FactColumn, Program
from scorecore.values.period import Period
from scorecore.values.unknown import Unknown


@frozen(kw_only=True)
class ExpectedEntry(Part):
    item: str = key("the item, or `score`")
    reason: str = key("its code")
    points: Decimal = key("its points")
    quantity: Decimal | None = key("its quantity", default=None)
    event: str = key("the key of the event that it rests on", default="")


@frozen(kw_only=True)
class Expected(Part):
    """What a case expects; what it does not name may be anything, but nothing else may be held."""

    items: dict[str, Decimal] = key("points by item", factory=dict)
    total: Decimal | None = key("the total", default=None)
    grade: str | None = key("the grade", default=None)
    pay: dict[str, Decimal] = key("amounts by line; a line that does not apply is 0", factory=dict)
    net: Decimal | None = key("net pay", default=None)
    carry: dict[str, Decimal] = key("closing balances", factory=dict)
    actions: tuple[str, ...] | None = key("the actions that are proposed", default=None)
    held: tuple[str, ...] = key("what is held, such as `pay.commission`; all of it, and nothing else", default=())
    because: tuple[str, ...] | None = key("the codes of why something is held", default=None)
    entries: tuple[ExpectedEntry, ...] | None = key("all entries of the items that they name", default=None)


@frozen(kw_only=True)
class OtherSubject(Part):
    """Another subject. Its other keys are its facts, as in a case; what it does not have is as in the defaults."""

    id: str = key("its id; left out: its number in the list", default="")
    times: int = key("how many there are like this", default=1)
    rest: TomlTable = hidden()


@frozen(kw_only=True)
class Case(Part):
    """Its other keys are facts: the subject's, tables of events, `history`, and decisions of policies that are used."""

    name: str = key("the sentence that the case proves")
    expect: Expected = key("what must come out")
    period: str | None = key("the period, such as 2024-05", default=None)
    source: str = key("where the figures are from", default="")
    id: str = key("the subject's id; left out: the name of the case", default="")
    others: tuple[OtherSubject, ...] | None = key("who else there is, for what depends on a group", default=None)
    groups: dict[str, Value] = key(
        "instead of `others`: group values, by their names in `scorecore expand`", factory=dict
    )
    missing: tuple[str, ...] = key("tables that are not given at all", default=())
    rest: TomlTable = hidden()


@frozen(kw_only=True)
class Defaults(Part):
    period: str | None = key("the period of cases that do not name one", default=None)
    others: tuple[OtherSubject, ...] = key("who else there is in cases that do not say it", default=())
    rest: TomlTable = hidden()


@frozen(kw_only=True)
class CaseFile(Part):
    """`<policy>.cases.toml`."""

    case: tuple[Case, ...] = key("the cases")
    defaults: Defaults | None = key("facts that cases share", default=None)


@frozen
class CaseDifference:
    """Something that came out otherwise than expected."""

    what: str
    expected: str
    got: str
    held: tuple[Diagnostic, ...] = ()
    """Why there is no value, which `got` says in English."""


@frozen
class CaseVerdict:
    case: Case
    differences: tuple[CaseDifference, ...]


@frozen(eq=False)
class PreparedCase:
    """A case whose facts are read."""

    case: Case
    decider: SubjectEvaluator
    record: SubjectFacts
    """With the group values that the program reads."""
    company: tuple[SubjectFacts, ...] = ()
    """Everybody, the subject first, where the group values are computed from them."""


def run_cases(source: Source, program: Program, diagnostics: Diagnostics) -> list[CaseVerdict]:
    """Every case of a file against a program. Cases that cannot be read are problems."""
    return [judge_case(one, program) for one in prepare_cases(source, program, diagnostics)]


def judge_case(of: PreparedCase, program: Program, outcome: Outcome | None = None) -> CaseVerdict:
    """What came out otherwise than a case expects; of another outcome than the program's own, if one is given."""
    found = of.decider.decide(of.record) if outcome is None else outcome
    return CaseVerdict(of.case, tuple(_differences(of.case.expect, program, found, of.record)))


def prepare_cases(source: Source, program: Program, diagnostics: Diagnostics) -> list[PreparedCase]:
    """The cases of a file. Those that cannot be read are problems."""
    tree = read_toml(source, diagnostics)
    file = structure(tree, CaseFile, diagnostics) if tree else None
    deciders: dict[Period, SubjectEvaluator] = {}
    found = (_prepare(case, file.defaults, program, deciders, diagnostics) for case in (file.case if file else ()))  # type: ignore[union-attr]
    return [one for one in found if one is not None]


def _prepare(
    case: Case,
    defaults: Defaults | None,
    program: Program,
    deciders: dict[Period, SubjectEvaluator],
    diagnostics: Diagnostics,
) -> PreparedCase | None:
    label = case.period or (defaults.period if defaults else None) or ""
    period = program.period.period(label)
    if period is None:
        diagnostics.add(catalogue.NOT_A_PERIOD, case.place, text=label, example=program.period.example)
        return None
    before = len(diagnostics)
    decider = deciders.get(period) or deciders.setdefault(period, SubjectEvaluator.of(program, period))
    shared = defaults.rest if defaults else None

    def given(subject: str, *tables: TomlTable | None, missing: Sequence[str] = ()) -> SubjectFacts:
        facts: dict[str, Any] = {}
        for table in tables:
            for name, node in (table.entries if table else {}).items():
                _take(name, node, table, facts, program, diagnostics)  # type: ignore[arg-type]
        events = {one.name: facts.get(one.name, []) for one in program.schema.events if one.name not in missing}
        history = None if HISTORY in missing else facts.get(HISTORY, [])
        own = facts.get(program.schema.subject, {})
        return subject_facts(program, period, subject, own, events, history=history, groups=case.groups)

    company = [given(case.id or case.name, shared, case.rest, missing=case.missing)]
    several = case.others if case.others is not None or not defaults else defaults.others
    for at, other in enumerate(several or (), 1):
        name = other.id or str(at)
        names = [name] if other.times == 1 else [f"{name}.{number}" for number in range(1, other.times + 1)]
        company += [given(one, shared, other.rest) for one in names]
    if len(diagnostics) > before:
        return None
    if case.groups or not program.grouped:
        return PreparedCase(case, decider, company[0])
    return PreparedCase(case, decider, decider.company(company)[0], tuple(company))


def _take(
    name: str, node: Node, table: TomlTable, facts: dict[str, Any], program: Program, diagnostics: Diagnostics
) -> None:
    """Put the facts of one key of a case where they belong; a case's own override the defaults."""
    schema = program.schema
    tables = {one.name: one.columns for one in schema.events}
    tables[HISTORY] = (*schema.history, FactColumn(AGO, schema.columns[0].type)) if schema.history else ()
    if name == schema.subject and isinstance(node, TomlTable):
        facts[name] = facts.get(name, {}) | _row(node, schema.columns, diagnostics)
    elif name in tables and isinstance(node, TomlArray):
        given = [_row(row, tables[name], diagnostics) for row in node.items if isinstance(row, TomlTable)]
        gathered = next(
            (one.use.subject for one in schema.events if one.name == name and one.use and one.use.gather), ""
        )
        facts[name] = [{gathered: str(at), **row} for at, row in enumerate(given, 1)] if gathered else given
    elif name == "uses" and isinstance(node, TomlTable):
        for used, decisions in node.entries.items():
            rows = decisions if isinstance(decisions, TomlArray) else TomlArray(decisions.location, [decisions])
            named = TomlTable(node.location, keys={f"uses.{used}": node.keys[used]})
            _take(f"uses.{used}", rows, named, facts, program, diagnostics)
    elif name in {schema.subject, *tables}:
        kind = catalogue.EXPECTED_TABLE if name == schema.subject else catalogue.EXPECTED_LIST
        diagnostics.add(kind, node.location, found=name)
    else:
        known = [schema.subject, *tables]
        diagnostics.add(
            catalogue.UNKNOWN_KEY, table.keys[name], len(name), key=name, keys=", ".join(known), **suggest(name, known)
        )


def _row(row: TomlTable, columns: Sequence[FactColumn], diagnostics: Diagnostics) -> dict[str, Any]:
    known = {column.name for column in columns}
    values = {}
    for name, node in _flat(row).items():
        if name not in known:
            blanks = {"key": name, "keys": ", ".join(sorted(known)), **suggest(name, known)}
            diagnostics.add(catalogue.UNKNOWN_KEY, row.keys[name.partition(".")[0]], len(name), **blanks)
        values[name] = node.value if isinstance(node, TomlScalar) else str(node)
    return values


def _flat(row: TomlTable, before: str = "") -> dict[str, Node]:
    """The keys of a row; those of another policy's decision have points in them: `score.total`."""
    found: dict[str, Node] = {}
    for name, node in row.entries.items():
        found |= _flat(node, f"{before}{name}.") if isinstance(node, TomlTable) else {f"{before}{name}": node}
    return found


def _differences(
    expected: Expected, program: Program, outcome: Outcome, facts: SubjectFacts
) -> Iterator[CaseDifference]:
    values = dict(zip((step.name for step in program.steps), outcome.values, strict=True))
    wanted: dict[str, Any] = {f"items.{name}": points for name, points in expected.items.items()}
    wanted |= {} if expected.total is None else {"score.total": expected.total}
    wanted |= {} if expected.grade is None else {"grade": expected.grade}
    wanted |= {f"pay.{name}": amount for name, amount in expected.pay.items()}
    wanted |= {f"carry.{name}.closes": balance for name, balance in expected.carry.items()}
    for name, value in wanted.items():
        yield from _compare(name.removesuffix(".closes"), value, values.get(name))
    if expected.net is not None:
        yield from _compare("pay.net", expected.net, _net(program, values))
    if expected.actions is not None:
        proposed = [one.step.removeprefix("actions.") for one in program.actions if values[one.step] is True]
        yield from _compare("actions", ", ".join(expected.actions), ", ".join(proposed))
    yield from _held(expected, program, values)
    if expected.entries is not None:
        yield from _entries(expected.entries, program, outcome, facts)


def _compare(what: str, expected: Any, got: Any) -> Iterator[CaseDifference]:  # noqa: ANN401  values of any type
    if isinstance(got, Unknown) or got is None or got != expected:
        text = (
            "—" if got is None else ", ".join(map(str, got.causes)) if isinstance(got, Unknown) else format_value(got)
        )
        yield CaseDifference(what, format_value(expected), text, got.causes if isinstance(got, Unknown) else ())


def _net(program: Program, values: Mapping[str, Any]) -> Decimal:
    amounts = [(number, values[line.step]) for number, line in enumerate(program.pay)]
    return net_pay(program, [(number, None if isinstance(value, Unknown) else value) for number, value in amounts])


def _held(expected: Expected, program: Program, values: Mapping[str, Any]) -> Iterator[CaseDifference]:
    held = [name for name in program.results() if isinstance(values[name], Unknown)]
    names = [name.removesuffix(".closes") if name.startswith("carry.") else name for name in held]
    if set(names) != set(expected.held):
        yield CaseDifference("held", ", ".join(sorted(expected.held)), ", ".join(sorted(names)))
    if expected.because is not None:
        codes = {cause.kind.code for name in held for cause in values[name].causes}
        yield from _compare("because", ", ".join(sorted(expected.because)), ", ".join(sorted(codes)))


def _entries(
    expected: Sequence[ExpectedEntry], program: Program, outcome: Outcome, facts: SubjectFacts
) -> Iterator[CaseDifference]:
    named = {one.item for one in expected}
    keys = {one.name: one.key for one in program.schema.events}
    got = []
    for number, quantity, points, event in outcome.entries:
        rule = program.ledger[number]
        item = "score" if rule.account == "score.total" else rule.account.removeprefix("items.")
        rows = facts.rows.get(rule.each, ())
        row = rows[event] if rule.each and not isinstance(rows, Unknown) else {}
        text = " ".join(str(row[name]) for name in keys.get(rule.each, ())) if row else ""
        if item in named:
            got.append((item, rule.reason, points, quantity, text))
    wanted = [(one.item, one.reason, one.points, one.quantity, one.event) for one in expected]
    plain = [
        (*one[:3], None if want[3] is None else one[3], one[4] if want[4] else "")
        for one, want in zip(got, wanted, strict=False)
    ] + got[len(wanted) :]
    if plain != wanted:
        yield CaseDifference("entries", _list(wanted), _list(got))


def _list(entries: Sequence[tuple[str, str, Decimal, Any, str]]) -> str:
    return "; ".join(
        " ".join(filter(None, (item, reason, format_value(points), event)))
        for item, reason, points, _, event in entries
    )
