"""A branch's own house rule."""

from collections.abc import Iterable, Iterator

from scorecore.hooks import Check, hookimpl
from scorecore.policy import Policy
from scorecore.problems import Problem
from scorecore.program import Program


def limits(policy: Policy, _program: Program) -> Iterator[Problem]:
    """No line pays more than the limit."""
    raise KeyError(policy.parameters["limit"])


@hookimpl
def checks() -> Iterable[Check]:
    return [Check("limits", limits)]
