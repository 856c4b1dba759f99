"""Policy and plugins to program, stage by stage: declare, define, order, build, verify, lint, assemble.

This is the only place where plugins speak.
"""

from collections.abc import Callable, Mapping
from functools import partial

from attrs import evolve

from scorecore.compiler.assemble import assemble
from scorecore.compiler.checks.lint import lint_policy
from scorecore.compiler.checks.matters import check_clock_expressions, check_matters
from scorecore.compiler.checks.plugin_checks import check_plugin_versions, run_plugin_checks
from scorecore.compiler.checks.quantities import check_quantities
from scorecore.compiler.checks.whole import check_branch_bounds, check_claims, verify
from scorecore.compiler.declarations import declare, make_scope
from scorecore.compiler.define import Definition
from scorecore.compiler.definitions import define_steps
from scorecore.compiler.dependencies import Compilations, Compiled, compile_dependencies
from scorecore.compiler.group_steps import group_steps, hold_groups
from scorecore.compiler.keyed_tables import split_keyed_tables
from scorecore.compiler.matters import Matter, add_escalations, add_to_schema, derive_members
from scorecore.compiler.order import order_definitions
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics, PolicyRejected
from scorecore.diagnostics.source import Source
from scorecore.language.cel.resolution import find_bounded
from scorecore.language.cel.resolve import Resolver
from scorecore.language.cel.scope import Scope
from scorecore.plugins import Plugins, Scorer
from scorecore.plugins.provenance import CallRecorder, Participant
from scorecore.policy.labels import name_labels
from scorecore.policy.load import Loaded, load_what_fits
from scorecore.policy.model import Policy
from scorecore.policy.salvage import drop_consequences
from scorecore.program.model import Program
from scorecore.program.steps import AnyStep, step_expressions
from scorecore.values.step_id import StepId


def _unchanged(declared: Policy) -> Policy:
    return declared


def compile_policy(source: Source, parents: Mapping[str, Source], scorers: Mapping[str, Scorer]) -> Program:
    """The program of a policy; raises PolicyRejected with every diagnostic that it has."""
    program, diagnostics = check_policy(source, parents, scorers)
    if program is None:
        raise PolicyRejected(diagnostics)
    return program


def check_policy(
    source: Source,
    parents: Mapping[str, Source],
    scorers: Mapping[str, Scorer],
    adjust: Callable[[Policy], Policy] = _unchanged,
) -> tuple[Program | None, tuple[Diagnostic, ...]]:
    """The program, and all diagnostics in the order of the files; no program if one is more than a warning.

    `parents` gives the texts of the policies that may be extended, by `id@version`; `scorers` may be all that plugins
    bring, as `load_scorers` gives it. `adjust` changes what was read, such as a figure of it; the result is checked as
    if it had been written so.
    """
    return check_policy_with(Compilations(parents, scorers), source, adjust)


def check_policy_with(
    compilations: Compilations,
    source: Source,
    adjust: Callable[[Policy], Policy] = _unchanged,
    users: tuple[str, ...] = (),
) -> tuple[Program | None, tuple[Diagnostic, ...]]:
    """`check_policy` that takes used policies from `compilations`, and leaves there those that it had to compile.

    `users` are the policies that use this one, each the next.
    """
    diagnostics = Diagnostics()
    loaded = load_what_fits(source, compilations.parents, diagnostics)
    program = None
    if loaded:
        loaded = evolve(loaded, policy=adjust(loaded.policy))
        path = (*users, loaded.documents[0].id)

        def compile_used(name: str) -> Compiled:
            adjust_used = partial(compilations.adjust, name)
            return compilations.get_or_compile(
                name, lambda text: check_policy_with(compilations, text, adjust_used, users=path)
            )

        dependencies = compile_dependencies(loaded.policy, path, compile_used, compilations.parents, diagnostics)
        plugins = Plugins.of(compilations.scorers)
        operators = CallRecorder(plugins.operators)
        program = _compile(loaded, evolve(plugins, operators=operators), dependencies, diagnostics)
        compilations.participants[loaded.documents[0].id] = _find_participants(loaded.policy, operators)
    reported = tuple(diagnostics)
    if loaded:
        reported = tuple(name_labels(drop_consequences(reported, loaded.broken), loaded.policy))
    is_refused = any(not diagnostic.kind.warning or diagnostic.kind is catalogue.LEFT_OPEN for diagnostic in reported)
    return (None if is_refused else program), reported


def _find_participants(declared: Policy, operators: CallRecorder) -> frozenset[Participant]:
    """What plugins brought to a policy."""
    scorers = (("scorers", item.scorer) for item in declared.items)
    checks = (("checks", name) for name in declared.policy.checks)
    return frozenset((*scorers, *checks, *(("operators", name) for name in operators.called)))


def _compile(
    loaded: Loaded,
    plugins: Plugins,
    dependencies: Mapping[str, Mapping[str, Program]],
    diagnostics: Diagnostics,
) -> Program | None:
    """All stages; None where a diagnostic is more than a warning."""
    declared, keyed_tables = split_keyed_tables(loaded.policy, diagnostics)
    check_plugin_versions(declared, plugins, diagnostics)
    matters, broken_matters = check_matters(declared, diagnostics)
    declared = add_escalations(declared, matters)
    declarations = declare(declared, dependencies, diagnostics)
    definitions = list(define_steps(declared, declarations, plugins, diagnostics))
    names: dict[str, StepId] = {definition.name: definition.name for definition in definitions}
    scope = make_scope(declared, declarations, names, loaded.documents, plugins.operators)
    scope.keyed_tables = keyed_tables
    scope.broken = broken_matters
    _derive_members(matters, scope, diagnostics)
    steps = hold_groups(declared.policy, build_steps(definitions, scope, diagnostics), diagnostics)
    resolver = Resolver(scope, diagnostics)
    for expression in loaded.salvage.expressions:
        resolver.resolve(expression)
    check_branch_bounds(declared, declarations, scope, diagnostics)
    if loaded.salvage.is_complete:
        verify(declared, steps, diagnostics)
    check_quantities(declared, declarations, dependencies, steps, loaded.documents, diagnostics)
    claims = check_claims(declared, declarations.schema, steps, diagnostics)
    if any(not diagnostic.kind.warning for diagnostic in diagnostics):
        return None
    lint_policy(declared, declarations.schema, steps, loaded.documents, diagnostics)
    declarations = evolve(declarations, schema=add_to_schema(declarations.schema, matters, scope))
    program = assemble(declared, declarations, scope, steps, claims, loaded.documents)
    run_plugin_checks(declared, program, plugins.checks, diagnostics)
    return program


def _derive_members(matters: Mapping[str, Matter], scope: Scope, diagnostics: Diagnostics) -> None:
    """Give expressions what they can read of matters; nothing of those that have a fault."""
    scope.derived = {table: derive_members(matter, scope) for table, matter in matters.items()}
    scope.broken |= check_clock_expressions(matters, scope, diagnostics)
    scope.derived = {table: members for table, members in scope.derived.items() if table not in scope.broken}


def build_steps(definitions: list[Definition], scope: Scope, diagnostics: Diagnostics) -> dict[StepId, AnyStep]:
    """The steps in an order in which each reads only earlier ones, with those that group values take."""
    resolver = Resolver(scope, diagnostics)
    steps: dict[StepId, AnyStep] = {}
    for definition in order_definitions(definitions, scope, diagnostics):
        step = definition.build(resolver)
        if step is None:
            continue
        for group_step in group_steps(step):
            steps.setdefault(group_step.name, group_step)
        steps[step.name] = step
        scope.steps[step.name] = step.type
        scope.bounded[step.name] = find_bounded(step_expressions(step), scope)
    return steps
