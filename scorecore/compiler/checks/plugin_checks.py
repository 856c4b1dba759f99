"""House rules: what the checks of plugins find in a policy that names them."""

from collections.abc import Iterable, Iterator, Mapping

from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.failures import describe_failure, locate_code
from scorecore.diagnostics.source import Location
from scorecore.diagnostics.suggest import suggest
from scorecore.plugins import Check, Plugins
from scorecore.plugins.provenance import normalize_distribution
from scorecore.plugins.reserved import has_reserved_code
from scorecore.policy.model import Policy
from scorecore.program.digest import program_digest
from scorecore.program.model import Program


def run_plugin_checks(
    declared: Policy, program: Program, checks: Mapping[str, Check], diagnostics: Diagnostics
) -> None:
    """Run the checks that a policy names. One that is not there, or fails, refuses the policy."""
    for number, name in enumerate(declared.policy.checks):
        place = declared.policy.at(f"checks.{number}")
        if name not in checks:
            installed = {"known": ", ".join(checks)} if checks else {}
            diagnostics.add(catalogue.UNKNOWN_CHECK, *place, name=name, **installed, **suggest(name, checks))
            continue
        _run_check(evolve(checks[name], name=name), declared, program, place, diagnostics)


def check_plugin_versions(declared: Policy, plugins: Plugins, diagnostics: Diagnostics) -> None:
    """Refuse plugins of other versions than a policy pins."""
    versions = {origin.distribution: origin.version for origin in plugins.origins.values()}
    for name, pinned in declared.policy.plugins.items():
        place, installed = declared.policy.at(f"plugins.{name}"), versions.get(normalize_distribution(name))
        if installed is None:
            nearest = suggest(normalize_distribution(name), versions)
            diagnostics.add(catalogue.PINNED_MISSING, *place, name=name, pinned=pinned, **nearest)
        elif installed != pinned.strip():
            diagnostics.add(catalogue.PLUGIN_VERSION, *place, name=name, pinned=pinned, installed=installed)


def _run_check(
    check: Check, declared: Policy, program: Program, place: tuple[Location, int], diagnostics: Diagnostics
) -> None:
    """Take what one check finds; whatever it raises or returns instead, or changes, is a fault of its own."""
    module = str(getattr(check.diagnostics, "__module__", ""))
    digest = program_digest(program)
    try:
        for diagnostic in _check_findings(check.diagnostics(declared, program)):
            if has_reserved_code(diagnostic.kind, module):
                params = {"name": check.name, "code": diagnostic.kind.code, "where": locate_code(check.diagnostics)}
                diagnostics.add(catalogue.CODE_RESERVED, *place, **params)
            else:
                diagnostics.take(diagnostic)
        if program_digest(program) != digest:
            raise TypeError("it changed the program, which it may only read")  # noqa: TRY301  reported like any other failure
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a foreign check raises, it has a name and a place
        params = {"name": check.name, **describe_failure(error, module, check.diagnostics)}
        diagnostics.take(Diagnostic(catalogue.CHECK_FAILED, place[0], params, place[1], cause=error))


def _check_findings(findings: object) -> Iterator[Diagnostic]:
    if not isinstance(findings, Iterable):
        raise TypeError(f"it returned {findings!r:.80}; it must `yield` problems, or return a list of them")
    for finding in findings:
        if not isinstance(finding, Diagnostic):
            raise TypeError(f"{finding!r:.80} is not a problem")
        yield finding
