"""`scorecore cases suggest`: cases that an author may have forgotten, to be confirmed."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import rich_click as click

from scorecore.analysis.cases.read import prepare_cases
from scorecore.analysis.suggestions.candidates import Reason
from scorecore.analysis.suggestions.case_text import write_cases
from scorecore.analysis.suggestions.suggest import SuggestedCase, suggest_cases
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.io.own_files import try_to_write
from scorecore.io.policy_files import CASES, locate_cases, read_source
from scorecore.program.model import Program
from scorecore_cli import options
from scorecore_cli.labels import labeller
from scorecore_cli.language import _, ngettext
from scorecore_cli.output_path import OutputPath
from scorecore_cli.table_output import check_own, refused_by_the_disk, write_file
from scorecore_cli.terminal import console, localize, show_diagnostics
from scorecore_cli.visible_text import make_line, make_visible
from scorecore_cli.workspace import Workspace

_MAX_NAMED: Final = 6
"""What one case reaches is named as far as a reader takes it in."""


@click.command(cls=options.Command)
@options.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@options.parents
@options.option(
    "--out",
    type=OutputPath(),
    help="Write the suggested cases to this file; by default they are printed.",
)
@options.force
@options.lang
def suggest(path: Path, parents: tuple[Path, ...], out: Path | None, *, force: bool) -> None:
    """Suggest cases for a policy: what no case touches or notices, and what is often forgotten.

    The facts are those of a case with one difference. What is expected is what the policy decides now: read whether the
    rule says so, and put what you confirm among the cases.
    """
    if out is not None and not out.name.endswith(CASES):  # `check` would take it for a policy
        raise click.UsageError(_("the name of a file with cases ends with {ending}", ending=CASES))
    if out is not None:
        with refused_by_the_disk(out):
            try_to_write(out)
            check_own(out, _is_own, force=force)
    checked = Workspace.open(parents).check(path)
    cases_path = locate_cases(path)
    diagnostics = Diagnostics()
    source = read_source(cases_path, diagnostics) if cases_path.exists() else None
    program = checked.program
    cases = prepare_cases(source, program, diagnostics) if program and source else []
    if program is None or source is None or not cases:
        refused = checked.diagnostics if program is None else ()
        show_diagnostics([*refused, *diagnostics], checked.sources, console(error=True))
        if program:
            console(error=True).print(_("there are no cases: a policy `x.toml` has them in `x.cases.toml`"))
        sys.exit(1)
    suggestions = suggest_cases(program, cases)
    label = _label_facts(program)
    texts = write_cases(program, source, suggestions, _name_all(suggestions, label))
    blocks = [
        "\n".join(["[[case]]", *(f"# {make_line(line)}" for line in _explain(suggestions[number], label)), text])
        for number, text in texts.items()
    ]
    head = _("Each case expects what {path} decides now: confirm it, or correct the policy.", path=path.name)
    text = "\n".join([f"# {head}", "", *blocks])
    if out is None:
        sys.stdout.write(make_visible(text))
    else:
        write_file(out, text.encode())
    console(error=True).print(_("cases suggested: {count}", count=len(blocks)))


def _label_facts(program: Program) -> Callable[[str], str]:
    """The labels of facts, tables, fields of tables, and lines."""
    labels = {
        f"{table.name}.{column.name}": f"{table.label or table.name} {column.label or column.name}"
        for table in program.schema.events
        for column in table.columns
    }
    labels |= {table.name: table.label or table.name for table in program.schema.events}
    other = labeller(program)
    return lambda name: labels.get(name) or other(name)


def _name_all(suggestions: Sequence[SuggestedCase], label: Callable[[str], str]) -> list[str]:
    """A sentence for each case; the same one twice is numbered."""
    names: list[str] = []
    for suggestion in suggestions:
        name = _name(suggestion, label)
        again = sum(earlier == name or earlier.startswith(f"{name} (") for earlier in names)
        names.append(f"{name} ({again + 1})" if again else name)
    return names


def _name(suggestion: SuggestedCase, label: Callable[[str], str]) -> str:
    candidate = suggestion.candidate
    params = {"base": candidate.base, "what": label(candidate.what)}
    match candidate.reason:
        case Reason.SECOND_PERIOD:
            return _("the period after: {base}", **params)
        case Reason.STILL_RUNNING:
            return _("{what} on the last day of the period, and nothing after it yet: {base}", **params)
        case Reason.ABSENCE:
            return _("without {what}: {base}", **params)
        case _:
            return _("with another {what}: {base}", **params)


def _explain(suggestion: SuggestedCase, label: Callable[[str], str]) -> Iterator[str]:
    """What the author is asked, and what no case has shown before."""
    for line in suggestion.lines:
        yield _("is {line} paid again?", line=label(line))
    if suggestion.candidate.reason is Reason.STILL_RUNNING:
        yield _("is the deadline still running, so that nothing is late yet?")
    for name in suggestion.absent:
        yield _("no case goes without {what}", what=label(name))
    for diagnostic in suggestion.reached[:_MAX_NAMED]:
        yield localize(diagnostic)
    for mutant in suggestion.killed[:_MAX_NAMED]:
        yield _("no case tells `{before}` from `{after}`", before=mutant.before, after=mutant.after)
    more = len(suggestion.reached[_MAX_NAMED:]) + len(suggestion.killed[_MAX_NAMED:])
    if more:
        yield ngettext("and {count} more such reason", "and {count} more such reasons", more)


def _is_own(_path: Path) -> bool:
    """No file of cases is only ours: whoever confirms a suggestion does so in the file."""
    return False
