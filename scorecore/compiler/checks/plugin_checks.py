"""House rules: what the checks of plugins find in a policy that names them."""

from collections.abc import Mapping

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.suggest import suggest
from scorecore.plugins import Check
from scorecore.policy.model import Policy
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
        try:
            for diagnostic in checks[name].diagnostics(declared, program):
                if not isinstance(diagnostic, Diagnostic):
                    raise TypeError(f"{diagnostic!r:.80} is no problem")  # noqa: TRY301  told like any other failure
                diagnostics.take(diagnostic)
        except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a foreign check raises, it has a name and a place
            diagnostics.add(catalogue.CHECK_FAILED, *place, name=name, error=f"{type(error).__name__}: {error}")
