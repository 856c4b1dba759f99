"""Writes the workbook of a decision where the command line says."""

from pathlib import Path

from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.model import SubjectFacts
from scorecore.program.model import Program
from scorecore.values.period import Period
from scorecore_cli.live_workbook.decision_book import ComputedDecision, build_decision_book
from scorecore_cli.live_workbook.workbook_file import write_book
from scorecore_cli.table_output import write_file
from scorecore_cli.visible_text import make_line


def write_decision(
    path: Path, program: Program, period: Period, evaluator: SubjectEvaluator, facts: SubjectFacts
) -> None:
    """Decide about a subject, and write the workbook of it; ends the command if the disk refuses."""
    decision = ComputedDecision(program, period, facts, evaluator.decide(facts))
    title = make_line(f"{program.title}  {period}  {facts.subject}")
    write_file(path, write_book(build_decision_book(decision).book, title))
