"""Policy and plugins to program: the only place where plugins speak."""

from collections.abc import Callable, Iterator, Mapping

from attrs import evolve

from scorecore.compiler.accounts import (
    applies_step,
    define_item,
    define_score,
    expand_scorer,
)
from scorecore.compiler.calendars import declare_calendar, placeholder_calendar
from scorecore.compiler.checks.branch_bounds import BranchBounds
from scorecore.compiler.checks.condition_cases import check_exceptions, check_grades, check_points
from scorecore.compiler.checks.lint import lint_policy
from scorecore.compiler.checks.plugin_checks import run_plugin_checks
from scorecore.compiler.declare import (
    MAX_MONEY,
    declare_band_table,
    declare_columns,
    declare_event_table,
    declare_group,
    declare_parameter,
    number_type,
    placeholder_table,
    placeholder_type,
)
from scorecore.compiler.define import (
    Definition,
    define_closing_balance,
    define_expression,
    define_grade,
    define_opening_balance,
    define_pay,
    define_value,
    grade_applies,
    order_definitions,
)
from scorecore.compiler.dependencies import Compilations, Compiled, compile_dependencies, dependency_table
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import (
    Diagnostic,
    Diagnostics,
    Rejected,
    suggest,
)
from scorecore.diagnostics.source import Source
from scorecore.language.bands import BandTable
from scorecore.language.cel.resolve import Resolver
from scorecore.language.cel.scope import FactName, Scope
from scorecore.language.expressions import HISTORY, Expression, Field, walk
from scorecore.plugins import Plugins, Scorer
from scorecore.policy import model as policy
from scorecore.policy.load import Loaded, load
from scorecore.program import model as program
from scorecore.program.model import AnyStep, Program, Step
from scorecore.values.calendar import Calendar
from scorecore.values.period import PeriodKind
from scorecore.values.types import (
    BOOL,
    MAX_DECIMAL,
    PLACES,
    Type,
    TypeKind,
    decimal_type,
    string_type,
)

MAX_POINTS = 10**6
"""What a total of an earlier period can be, where the policy gives it no bounds."""


def compile_policy(source: Source, parents: Mapping[str, Source], scorers: Mapping[str, Scorer]) -> Program:
    """The program of a policy; raises Refused with every problem that it has."""
    compiled, diagnostics = check_policy(source, parents, scorers)
    if compiled is None:
        raise Rejected(diagnostics)
    return compiled


def check_policy(
    source: Source,
    parents: Mapping[str, Source],
    scorers: Mapping[str, Scorer],
    adjust: Callable[[policy.Policy], policy.Policy] = lambda of: of,
) -> tuple[Program | None, tuple[Diagnostic, ...]]:
    """The program, and all problems in the order of the files; no program if one is more than a warning.

    `parents` gives the texts of the policies that may be extended, by `id@version`; `scorers` may be all that plugins
    bring, as `load_scorers` gives it. `adjust` changes what was read, such as a figure of it; the result is checked as
    if it had been written so.
    """
    return check_policy_with(Compilations(parents, scorers), source, adjust)


def check_policy_with(
    compilations: Compilations,
    source: Source,
    adjust: Callable[[policy.Policy], policy.Policy] = lambda of: of,
    users: tuple[str, ...] = (),
) -> tuple[Program | None, tuple[Diagnostic, ...]]:
    """`check_policy` that takes used policies from `compilations`, and leaves there those that it had to compile.

    `users` are the policies that use this one, each the next.
    """
    diagnostics = Diagnostics()
    loaded = load(source, compilations.parents, diagnostics)
    compiled = None
    if loaded:
        loaded = evolve(loaded, policy=adjust(loaded.policy))
        path = (*users, loaded.documents[0].id)

        def compile_used(name: str) -> Compiled:
            return compilations.get_or_compile(name, lambda text: check_policy_with(compilations, text, users=path))

        used = compile_dependencies(loaded.policy, path, compile_used, compilations.parents, diagnostics)
        compiled = _Expansion(loaded, compilations.scorers, used, diagnostics).expanded()
    found = tuple(diagnostics)
    refused = any(not one.kind.warning or one.kind is catalogue.LEFT_OPEN for one in found)
    return (None if refused else compiled), found


class _Expansion:
    def __init__(
        self,
        loaded: Loaded,
        scorers: Mapping[str, Scorer],
        used: Mapping[str, Mapping[str, Program]],
        diagnostics: Diagnostics,
    ) -> None:
        self.used = used
        self.of = loaded.policy
        self.documents = loaded.documents
        self.scorers = Plugins.of(scorers)
        self.diagnostics = diagnostics
        self.steps: dict[str, AnyStep] = {}
        self.score = self.of.score or policy.ScoreDeclaration(place=self.of.place)
        header = self.of.policy
        self.effective = header.effective.from_
        if header.effective.to and header.effective.to < self.effective:
            diagnostics.add(
                catalogue.ENDS_BEFORE, *header.effective.at("to"), to=header.effective.to, start=self.effective
            )
        if not 0 <= header.period.closes <= 28:  # noqa: PLR2004  every month has 28 days
            diagnostics.add(catalogue.BAD_CLOSING_DAY, *header.period.at("closes"), day=header.period.closes)

    def expanded(self) -> Program | None:
        of, header, currency = self.of, self.of.policy, self.of.policy.currency
        schema = program.Schema(
            header.subject,
            declare_columns(of.subject, currency, self.diagnostics),
            header.subject_label,
            (
                *(declare_event_table(name, one, currency, self.diagnostics) for name, one in of.events.items()),
                *(dependency_table(of, name, one, self.diagnostics) for name, one in self.used.items()),
            ),
        )
        parameters = dict(self.parameters())
        tables = dict(self.tables())
        self.known_days = dict(self.calendars())
        self.carry = {
            name: number_type(part, TypeKind.DECIMAL, currency, self.diagnostics) for name, part in of.carry.items()
        }
        scope = self.scope(schema, parameters, tables)
        self.build(scope)
        self.limits(scope, parameters, tables)
        self.collisions(scope)
        self.whole_checks()
        claims = tuple(self.claims(schema))
        if any(not one.kind.warning for one in self.diagnostics):
            return None
        lint_policy(self.of, schema, self.steps, self.diagnostics)
        made = evolve(self.assemble(schema, scope, parameters, tables), monotone=claims)
        run_plugin_checks(self.of, made, self.scorers.checks, self.diagnostics)
        return made

    def parameters(self) -> Iterator[tuple[str, program.Parameter]]:
        for name, part in self.of.parameters.items():
            found = declare_parameter(name, part, self.effective, self.diagnostics)
            if found is None:
                if not part.values:
                    self.diagnostics.add(catalogue.LEFT_OPEN, *part.at(), name=f"parameters.{name}")
                found = program.Parameter(name, placeholder_type(part), ())
            yield name, found

    def tables(self) -> Iterator[tuple[str, BandTable]]:
        for name, part in self.of.tables.items():
            found = declare_band_table(name, part, self.effective, self.diagnostics)
            if found is None:
                if part.open and not part.bands:
                    self.diagnostics.add(catalogue.LEFT_OPEN, *part.at(), name=f"tables.{name}")
                found = placeholder_table(name, part)
            yield name, found

    def calendars(self) -> Iterator[tuple[str, Calendar]]:
        for name, part in self.of.calendars.items():
            found = declare_calendar(name, part, self.diagnostics)
            if found is None:
                if part.open and not part.covers:
                    self.diagnostics.add(catalogue.LEFT_OPEN, *part.at(), name=f"calendars.{name}")
                found = placeholder_calendar(name, part)
            yield name, found

    def scope(
        self,
        schema: program.Schema,
        parameters: Mapping[str, program.Parameter],
        tables: Mapping[str, BandTable],
    ) -> Scope:
        self.definitions = list(self.define())
        return Scope(
            facts={one.name: FactName(one.type, one.optional) for one in schema.columns},
            values=frozenset(self.of.values),
            events={
                table.name: {one.name: FactName(one.type, one.optional) for one in table.columns}
                for table in schema.events
            },
            uses=frozenset(self.of.uses),
            single={table.name: table.use.policy for table in schema.events if table.use and not table.key},
            parameters={name: one.type for name, one in parameters.items()},
            tables=tables,
            calendars=self.known_days,
            history=dict(self.history()),
            groups={
                name: declare_group(name, one, schema.columns, self.diagnostics) for name, one in self.of.groups.items()
            },
            defined=frozenset(one.name for one in self.definitions),
            documents={one.source.name: one.id for one in self.documents},
            operators=self.scorers.operators,
        )

    def history(self) -> Iterator[tuple[str, Type]]:
        """What is kept of a period, with bounds that do not depend on how it was computed."""
        of = self.of
        if of.items:
            low = -MAX_POINTS if self.score.min is None else self.score.min
            high = MAX_POINTS if self.score.max is None else self.score.max
            yield "score.total", decimal_type(low, high, self.score.round)
        if of.grades:
            yield "grade", string_type(dict.fromkeys(one.id for one in of.grades))
        for item in of.items:
            most = MAX_POINTS if item.points == "open" else item.points
            yield f"items.{item.id}", decimal_type(-MAX_POINTS if item.points == "open" else 0, most, PLACES)
        for line in of.pay:
            yield f"pay.{line.id}", decimal_type(-MAX_MONEY, MAX_MONEY, line.round)
        for name, carried in self.carry.items():
            yield f"carry.{name}", carried
        yield from ((f"actions.{action.id}", BOOL) for action in of.actions)

    def define(self) -> Iterator[Definition]:
        """Everything that computes something, in the order of the file."""
        of = self.of
        held = self.held_by()
        yield from self.define_score(held)
        for hold in of.holds:
            yield define_expression(f"holds.{hold.id}", hold, hold.when, hold.reason, expect=TypeKind.BOOL)
        for name, value in of.values.items():
            yield define_value(name, value)
        for line in of.pay:
            if line.when is not None:
                yield define_expression(
                    f"pay.{line.id}.applies", line, line.when, line.label, held(f"pay.{line.id}"), TypeKind.BOOL
                )
            yield define_pay(line, held(f"pay.{line.id}"))
        for name, part in of.carry.items():
            yield define_opening_balance(name, part, self.carry[name])
            yield define_closing_balance(name, part, self.carry[name], held(f"carry.{name}"))
        for action in of.actions:
            reason = action.label or action.reason
            yield define_expression(
                f"actions.{action.id}", action, action.when, reason, held(f"actions.{action.id}"), TypeKind.BOOL
            )

    def define_score(self, held: Callable[[str], tuple[str, ...]]) -> Iterator[Definition]:
        """Items, total and grades."""
        of = self.of
        for item in of.items:
            if item.when is not None:
                yield define_expression(applies_step(item), item, item.when, item.label, expect=TypeKind.BOOL)
            entries = expand_scorer(item, of, self.scorers, self.diagnostics)
            scorer = self.scorers.get(item.scorer)
            full = scorer is not None and scorer.opens_full
            yield define_item(item, entries or (), full=full, held=held(f"items.{item.id}"))
        if of.items:
            yield define_score(self.score, of.items, held("score.total"))
        elif of.grades:
            self.diagnostics.add(catalogue.NO_SCORE, *of.grades[0].at())
        for number, one in enumerate(of.grades if of.items else ()):
            if one.when is not None:
                yield define_expression(grade_applies(number), one, one.when, one.label, expect=TypeKind.BOOL)
        if of.grades and of.items:
            yield define_grade(of.grades, held("grade"))

    def held_by(self) -> Callable[[str], tuple[str, ...]]:
        """Which holds hold a step."""
        of = self.of
        targets = [f"items.{one.id}" for one in of.items]
        targets += ["score.total"] if of.items else []
        targets += ["grade"] if of.grades else []
        targets += [f"pay.{one.id}" for one in of.pay]
        targets += [f"carry.{name}" for name in of.carry]
        targets += [f"actions.{one.id}" for one in of.actions]
        sections = {name.partition(".")[0] for name in targets}
        holds: dict[str, list[str]] = {}
        for hold in of.holds:
            for number, name in enumerate(hold.of or sorted(sections)):
                if name not in targets and name not in sections:
                    near = suggest(name, [*targets, *sections])
                    self.diagnostics.add(catalogue.UNKNOWN_TARGET, *hold.at(f"of.{number}"), name=name, **near)
                for target in targets:
                    if name in {target, target.partition(".")[0]}:
                        holds.setdefault(target, []).append(f"holds.{hold.id}")
        self.held_targets = holds
        return lambda name: tuple(dict.fromkeys(holds.get(name.removesuffix(".applies"), ())))

    def build(self, scope: Scope) -> None:
        checker = Resolver(scope, self.diagnostics)
        for definition in order_definitions(self.definitions, scope, self.diagnostics):
            built = definition.build(checker)
            self.steps |= scope.made
            if built is not None:
                self.steps[built.name] = built
                scope.steps[built.name] = built.type

    def limits(
        self,
        scope: Scope,
        parameters: Mapping[str, program.Parameter],
        tables: Mapping[str, BandTable],
    ) -> None:
        known = {name: one for name, one in parameters.items() if one.values}
        if any(not one.kind.warning for one in self.diagnostics):
            return
        limits = BranchBounds(evolve(scope, facts={}, steps={}, groups={}), known, self.diagnostics)
        for name, one in known.items():
            limits.parameter(self.of.parameters[name], one)
        for name, table in tables.items():
            if self.of.tables[name].bands or self.of.tables[name].versions:
                limits.table(self.of.tables[name], table)

    def collisions(self, scope: Scope) -> None:
        """Exceptions that never hold alone."""
        checker = Resolver(scope, Diagnostics())  # what is wrong with a condition was told when its value was built
        for value in self.of.values.values():
            whens = [checker.check(one.when, expect=TypeKind.BOOL) for one in value.exceptions]
            known = [(one, when) for one, when in zip(value.exceptions, whens, strict=True) if when is not None]
            check_exceptions(known, self.steps, self.diagnostics)

    def whole_checks(self) -> None:
        """What can only be seen when all steps are there."""
        of, steps = self.of, self.steps
        conditions = {
            item.id: condition
            for item in of.items
            if item.when is not None and (condition := self.expression(applies_step(item))) is not None
        }
        if len(conditions) == sum(item.when is not None for item in of.items):
            check_points(of, conditions, steps, self.diagnostics)
        grades = {
            number: condition
            for number, one in enumerate(of.grades)
            if one.when is not None and (condition := self.expression(grade_applies(number))) is not None
        }
        if len(grades) == sum(one.when is not None for one in of.grades):
            check_grades(of.grades, grades, steps, self.diagnostics)
        low, high = self.score.min, self.score.max
        if low is not None and high is not None and low > high:
            self.diagnostics.add(catalogue.CONTRADICTION, *self.score.at("min"), low=low, high=high)
        net = sum(steps[f"pay.{line.id}"].type.magnitude for line in of.pay if f"pay.{line.id}" in steps)
        if net > MAX_DECIMAL:
            self.diagnostics.add(catalogue.NET_TOO_LARGE, *of.pay[-1].at("amount"))

    def claims(self, schema: program.Schema) -> Iterator[program.MonotoneClaim]:
        """What the policy claims of itself."""
        more = [one.name for one in schema.events]
        more += [one.name for one in schema.columns if one.type.is_number]
        numbers = [name for name, step in self.steps.items() if step.type.is_number]
        written = {
            "score.total",
            *(f"items.{one.id}" for one in self.of.items),
            *(f"pay.{one.id}" for one in self.of.pay),
        }
        broken = written - self.steps.keys() if len(self.diagnostics) else set()  # which has been told already
        for claim in self.of.monotone:
            if claim.more not in more:
                self.diagnostics.add(
                    catalogue.NO_MORE_OF, *claim.at("more"), name=claim.more, **suggest(claim.more, more)
                )
            for at, name in enumerate(claim.of):
                if name not in numbers and name not in broken:
                    self.diagnostics.add(
                        catalogue.NO_NUMBER, *claim.at(f"of.{at}"), name=name, **suggest(name, numbers)
                    )
            yield program.MonotoneClaim(claim.more, claim.of, claim.never)

    def expression(self, name: str) -> Expression | None:
        step = self.steps.get(name)
        return step.expression if isinstance(step, Step) else None

    def assemble(
        self,
        schema: program.Schema,
        scope: Scope,
        parameters: Mapping[str, program.Parameter],
        tables: Mapping[str, BandTable],
    ) -> Program:
        of, header = self.of, self.of.policy
        return Program(
            id=header.id,
            version=header.version,
            title=header.title,
            authority=header.authority,
            status=header.status,
            currency=header.currency,
            period=PeriodKind(header.period.every, header.period.closes),
            effective_from=self.effective,
            effective_to=header.effective.to,
            assumptions=header.assumptions,
            documents=tuple((one.id, one.digest) for one in self.documents),
            schema=evolve(schema, history=self.past(scope)),
            groups=tuple(scope.groups.values()),
            parameters=tuple(parameters.values()),
            tables=tuple(tables.values()),
            calendars=tuple(self.known_days.values()),
            steps=tuple(self.steps.values()),
            items=tuple(
                program.Item(f"items.{one.id}", None if one.points == "open" else one.points, applies_step(one))
                for one in of.items
            ),
            grades=tuple(program.Grade(one.id, one.label, one.authority) for one in of.grades),
            pay=tuple(
                program.PayLine(
                    f"pay.{one.id}",
                    one.kind,
                    policy.SIGNS[one.kind],
                    f"pay.{one.id}.applies" if one.when is not None else "",
                )
                for one in of.pay
            ),
            carries=tuple(program.Carry(name, f"carry.{name}.closes") for name in of.carry),
            holds=tuple(program.Hold(f"holds.{one.id}", one.reason, one.refer, one.of) for one in of.holds),
            actions=tuple(program.Action(f"actions.{one.id}", one.reason) for one in of.actions),
        )

    def past(self, scope: Scope) -> tuple[program.FactColumn, ...]:
        """The values of earlier periods that some step reads."""
        read = {
            part.name
            for step in self.steps.values()
            for whole in program.step_expressions(step)
            for part in walk(whole)
            if isinstance(part, Field) and part.table == HISTORY
        }
        return tuple(program.FactColumn(name, of) for name, of in scope.history.items() if name in read)
