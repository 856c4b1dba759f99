"""Holds that stay whatever anybody decides: no fact can make their condition false."""

from scorecore.compiler.checks.condition_cases import is_always_true
from scorecore.compiler.checks.guarded_walk import Steps
from scorecore.compiler.checks.inputs import find_inputs
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.policy import model as policy
from scorecore.program.steps import Step
from scorecore.values.step_id import StepId

_SAME_FOR_ALL = ("parameters.", "period.")
"""How inputs begin that no fact changes."""


def note_locked_holds(declared: policy.Policy, steps: Steps, diagnostics: Diagnostics) -> None:
    """Note holds that read no fact, and those whose condition cannot be false.

    A hold on the day of the period, or on a figure of the policy, is noted as well: a person may decide what it says,
    but nothing can tell it that somebody has.
    """
    for hold in declared.holds:
        name = StepId("holds", hold.id)
        step = steps.get(name)
        if not isinstance(step, Step):
            continue
        reads_facts = any(not read.startswith(_SAME_FOR_ALL) for read in find_inputs(name, steps))
        if not reads_facts or is_always_true(step.expression, steps):
            diagnostics.add(catalogue.LOCKED_HOLD, *hold.at("when"), name=str(name))
