"""A branch's own house rule."""

from collections.abc import Iterable, Iterator

from scorecore.plugin import Check, Diagnostic, Policy, Program, hookimpl


def limits(policy: Policy, _program: Program) -> Iterator[Diagnostic]:
    """No line pays more than the limit."""
    raise KeyError(policy.parameters["limit"])


@hookimpl
def checks() -> Iterable[Check]:
    return [Check("limits", limits)]
