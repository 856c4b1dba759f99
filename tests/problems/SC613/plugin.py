"""A branch's own house rule."""

from collections.abc import Iterable, Iterator

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.plugins import Check, hookimpl
from scorecore.policy.model import Policy
from scorecore.program.model import Program


def limits(policy: Policy, _program: Program) -> Iterator[Diagnostic]:
    """No line pays more than the limit."""
    raise KeyError(policy.parameters["limit"])


@hookimpl
def checks() -> Iterable[Check]:
    return [Check("limits", limits)]
