"""What a step depends on in the end."""

from scorecore.compiler.checks.guarded_walk import Steps
from scorecore.program.steps import AnyStep, step_inputs
from scorecore.values.step_id import StepId


def find_inputs(step: StepId, steps: Steps) -> set[str]:
    """What a step depends on that is not a step itself; a value of a group is what it is."""
    by_name: dict[str, AnyStep] = {str(name): computed for name, computed in steps.items()}
    inputs, visited, to_visit = set[str](), set[str](), [str(step)]
    while to_visit:
        name = to_visit.pop()
        if name in visited:
            continue
        visited.add(name)
        computed = by_name.get(name)
        if computed is None or computed.name.section == "groups":
            inputs.add(name)
        else:
            to_visit += step_inputs(computed)
    return inputs
