"""Sugar has the type of what it stands for, down to the order of a closed list of texts, on which columns depend."""

from hypothesis import given

from scorecore.language.expressions import Sugar, walk
from scorecore.language.sugar import desugar
from scorecore.program.steps import step_expressions
from strategies.cases import Case, cases


@given(case=cases())
def test_sugar_has_the_type_of_its_meaning(case: Case) -> None:
    for step in case.program.steps:
        for expression in step_expressions(step):
            for node in walk(expression):
                if isinstance(node, Sugar) and node.type.among is not None:
                    assert desugar(node).type.among == node.type.among, step.name
