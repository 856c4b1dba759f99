"""What a step depends on in the end."""

from scorecore.compiler.checks.guarded_walk import Steps
from scorecore.program.steps import AnyStep, step_inputs
from scorecore.values.step_id import StepId


def find_inputs(step: StepId, steps: Steps) -> set[str]:
    """What a step depends on that is not a step itself; a value of a group is what it is."""
    return trace_back(step, steps)[1]


def trace_back(step: StepId, steps: Steps) -> tuple[list[AnyStep], set[str]]:
    """The steps that a step depends on, itself among them, and what these read that is not a step."""
    by_name: dict[str, AnyStep] = {str(name): computed for name, computed in steps.items()}
    computed_before, inputs, visited, to_visit = list[AnyStep](), set[str](), set[str](), [str(step)]
    while to_visit:
        name = to_visit.pop()
        if name in visited:
            continue
        visited.add(name)
        computed = by_name.get(name)
        if computed is None or computed.name.section == "groups":
            inputs.add(name)
        else:
            computed_before.append(computed)
            to_visit += step_inputs(computed)
    return computed_before, inputs
