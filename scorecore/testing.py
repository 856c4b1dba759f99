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

from scorecore import kinds
from scorecore.decisions import net
from scorecore.document import Array, Node, Scalar, Table, read
from scorecore.expressions import AGO, HISTORY
from scorecore.facts.records import Record, record_of
from scorecore.load.structure import structure
from scorecore.periods import Period
from scorecore.policy import Part, Value, hidden, key
from scorecore.problems import Problem, Problems, hint
from scorecore.program import Column, Program
from scorecore.rows.compiled import Decider
from scorecore.rows.plan import Outcome
from scorecore.rows.walker import shown
from scorecore.source import Source
from scorecore.unknown import Unknown


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
class Other(Part):
    """Another subject. Its other keys are its facts, as in a case; what it does not have is as in the defaults."""

    id: str = key("its id; left out: its number in the list", default="")
    times: int = key("how many there are like this", default=1)
    rest: Table = hidden()


@frozen(kw_only=True)
class Case(Part):
    """Its other keys are facts: the subject's, tables of events, `history`, and decisions of policies that are used."""

    name: str = key("the sentence that the case proves")
    expect: Expected = key("what must come out")
    period: str | None = key("the period, such as 2024-05", default=None)
    source: str = key("where the figures are from", default="")
    id: str = key("the subject's id; left out: the name of the case", default="")
    others: tuple[Other, ...] | None = key("who else there is, for what depends on a group", default=None)
    groups: dict[str, Value] = key(
        "instead of `others`: group values, by their names in `scorecore expand`", factory=dict
    )
    missing: tuple[str, ...] = key("tables that are not given at all", default=())
    rest: Table = hidden()


@frozen(kw_only=True)
class Defaults(Part):
    period: str | None = key("the period of cases that do not name one", default=None)
    others: tuple[Other, ...] = key("who else there is in cases that do not say it", default=())
    rest: Table = hidden()


@frozen(kw_only=True)
class CaseFile(Part):
    """`<policy>.cases.toml`."""

    case: tuple[Case, ...] = key("the cases")
    defaults: Defaults | None = key("facts that cases share", default=None)


@frozen
class Difference:
    """Something that came out otherwise than expected."""

    what: str
    expected: str
    got: str
    held: tuple[Problem, ...] = ()
    """Why there is no value, which `got` says in English."""


@frozen
class Verdict:
    case: Case
    differences: tuple[Difference, ...]


@frozen(eq=False)
class Prepared:
    """A case whose facts are read."""

    case: Case
    decider: Decider
    record: Record
    """With the group values that the program reads."""
    company: tuple[Record, ...] = ()
    """Everybody, the subject first, where the group values are computed from them."""


def run_cases(source: Source, program: Program, problems: Problems) -> list[Verdict]:
    """Every case of a file against a program. Cases that cannot be read are problems."""
    return [verdict(one, program) for one in prepared(source, program, problems)]


def verdict(of: Prepared, program: Program, outcome: Outcome | None = None) -> Verdict:
    """What came out otherwise than a case expects; of another outcome than the program's own, if one is given."""
    found = of.decider.decide(of.record) if outcome is None else outcome
    return Verdict(of.case, tuple(_differences(of.case.expect, program, found, of.record)))


def prepared(source: Source, program: Program, problems: Problems) -> list[Prepared]:
    """The cases of a file. Those that cannot be read are problems."""
    tree = read(source, problems)
    file = structure(tree, CaseFile, problems) if tree else None
    deciders: dict[Period, Decider] = {}
    found = (_prepare(case, file.defaults, program, deciders, problems) for case in (file.case if file else ()))  # type: ignore[union-attr]
    return [one for one in found if one is not None]


def _prepare(
    case: Case, defaults: Defaults | None, program: Program, deciders: dict[Period, Decider], problems: Problems
) -> Prepared | None:
    label = case.period or (defaults.period if defaults else None) or ""
    period = program.period.period(label)
    if period is None:
        problems.add(kinds.NOT_A_PERIOD, case.place, text=label, example=program.period.example)
        return None
    before = len(problems)
    decider = deciders.get(period) or deciders.setdefault(period, Decider.of(program, period))
    shared = defaults.rest if defaults else None

    def given(subject: str, *tables: Table | None, missing: Sequence[str] = ()) -> Record:
        facts: dict[str, Any] = {}
        for table in tables:
            for name, node in (table.entries if table else {}).items():
                _take(name, node, table, facts, program, problems)  # type: ignore[arg-type]
        events = {one.name: facts.get(one.name, []) for one in program.schema.events if one.name not in missing}
        history = None if HISTORY in missing else facts.get(HISTORY, [])
        own = facts.get(program.schema.subject, {})
        return record_of(program, period, subject, own, events, history=history, groups=case.groups)

    company = [given(case.id or case.name, shared, case.rest, missing=case.missing)]
    several = case.others if case.others is not None or not defaults else defaults.others
    for at, other in enumerate(several or (), 1):
        name = other.id or str(at)
        names = [name] if other.times == 1 else [f"{name}.{number}" for number in range(1, other.times + 1)]
        company += [given(one, shared, other.rest) for one in names]
    if len(problems) > before:
        return None
    if case.groups or not program.grouped:
        return Prepared(case, decider, company[0])
    return Prepared(case, decider, decider.company(company)[0], tuple(company))


def _take(name: str, node: Node, table: Table, facts: dict[str, Any], program: Program, problems: Problems) -> None:
    """Put the facts of one key of a case where they belong; a case's own override the defaults."""
    schema = program.schema
    tables = {one.name: one.columns for one in schema.events}
    tables[HISTORY] = (*schema.history, Column(AGO, schema.columns[0].type)) if schema.history else ()
    if name == schema.subject and isinstance(node, Table):
        facts[name] = facts.get(name, {}) | _row(node, schema.columns, problems)
    elif name in tables and isinstance(node, Array):
        given = [_row(row, tables[name], problems) for row in node.items if isinstance(row, Table)]
        gathered = next(
            (one.use.subject for one in schema.events if one.name == name and one.use and one.use.gather), ""
        )
        facts[name] = [{gathered: str(at), **row} for at, row in enumerate(given, 1)] if gathered else given
    elif name == "uses" and isinstance(node, Table):
        for used, decisions in node.entries.items():
            rows = decisions if isinstance(decisions, Array) else Array(decisions.location, [decisions])
            named = Table(node.location, keys={f"uses.{used}": node.keys[used]})
            _take(f"uses.{used}", rows, named, facts, program, problems)
    elif name in {schema.subject, *tables}:
        kind = kinds.EXPECTED_TABLE if name == schema.subject else kinds.EXPECTED_LIST
        problems.add(kind, node.location, found=name)
    else:
        known = [schema.subject, *tables]
        problems.add(
            kinds.UNKNOWN_KEY, table.keys[name], len(name), key=name, keys=", ".join(known), **hint(name, known)
        )


def _row(row: Table, columns: Sequence[Column], problems: Problems) -> dict[str, Any]:
    known = {column.name for column in columns}
    values = {}
    for name, node in _flat(row).items():
        if name not in known:
            blanks = {"key": name, "keys": ", ".join(sorted(known)), **hint(name, known)}
            problems.add(kinds.UNKNOWN_KEY, row.keys[name.partition(".")[0]], len(name), **blanks)
        values[name] = node.value if isinstance(node, Scalar) else str(node)
    return values


def _flat(row: Table, before: str = "") -> dict[str, Node]:
    """The keys of a row; those of another policy's decision have points in them: `score.total`."""
    found: dict[str, Node] = {}
    for name, node in row.entries.items():
        found |= _flat(node, f"{before}{name}.") if isinstance(node, Table) else {f"{before}{name}": node}
    return found


def _differences(expected: Expected, program: Program, outcome: Outcome, facts: Record) -> Iterator[Difference]:
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


def _compare(what: str, expected: Any, got: Any) -> Iterator[Difference]:  # noqa: ANN401  values of any type
    if isinstance(got, Unknown) or got is None or got != expected:
        text = "—" if got is None else ", ".join(map(str, got.causes)) if isinstance(got, Unknown) else shown(got)
        yield Difference(what, shown(expected), text, got.causes if isinstance(got, Unknown) else ())


def _net(program: Program, values: Mapping[str, Any]) -> Decimal:
    amounts = [(number, values[line.step]) for number, line in enumerate(program.pay)]
    return net(program, [(number, None if isinstance(value, Unknown) else value) for number, value in amounts])


def _held(expected: Expected, program: Program, values: Mapping[str, Any]) -> Iterator[Difference]:
    held = [name for name in program.results() if isinstance(values[name], Unknown)]
    names = [name.removesuffix(".closes") if name.startswith("carry.") else name for name in held]
    if set(names) != set(expected.held):
        yield Difference("held", ", ".join(sorted(expected.held)), ", ".join(sorted(names)))
    if expected.because is not None:
        codes = {cause.kind.code for name in held for cause in values[name].causes}
        yield from _compare("because", ", ".join(sorted(expected.because)), ", ".join(sorted(codes)))


def _entries(
    expected: Sequence[ExpectedEntry], program: Program, outcome: Outcome, facts: Record
) -> Iterator[Difference]:
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
        yield Difference("entries", _list(wanted), _list(got))


def _list(entries: Sequence[tuple[str, str, Decimal, Any, str]]) -> str:
    return "; ".join(
        " ".join(filter(None, (item, reason, shown(points), event))) for item, reason, points, _, event in entries
    )
