"""What `run` and `explain` share: a program, its facts, and a period."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final, NoReturn

import polars as pl
import rich_click as click
from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.facts.expected import list_expected
from scorecore.facts.raw import RawTable
from scorecore.io.formats import find_reader
from scorecore.io.mapping import apply_mapping, read_mapping
from scorecore.io.readers import read_facts
from scorecore.language.expressions import HISTORY
from scorecore.plugins import Plugins
from scorecore.plugins.provenance import Participant, describe_participants
from scorecore.program.model import Program
from scorecore.values.period import Period
from scorecore_cli.labels import find_history, find_history_among_facts, name_histories, with_canonical_headings
from scorecore_cli.language import _
from scorecore_cli.options import find_mapping
from scorecore_cli.terminal import console, show_diagnostics
from scorecore_cli.unused_facts import note_unused_facts
from scorecore_cli.workspace import CheckedPolicy, Workspace


@frozen
class Assessment:
    """What is to be decided."""

    program: Program
    used: Mapping[str, Program]
    """By `id@version` the programs that it uses, and that they use."""
    period: Period
    raw: dict[str, RawTable]
    diagnostics: Diagnostics
    """Of the facts; they hold nobody up but whom they concern."""
    plugins: Plugins
    texts: tuple[str, ...] = ()
    """The texts of the policy, of its parents and of those that it uses."""
    known_at: date | None = None
    """The day whose knowledge of facts counts; None if all of it does."""
    participants: frozenset[Participant] = frozenset()
    """What plugins brought to the policy, and to its facts."""

    @property
    def plugin_versions(self) -> dict[str, str]:
        """What plugins brought, as a manifest has it."""
        return describe_participants(self.plugins.origins, self.participants)


def compile_or_stop(policy: Path, parents: tuple[Path, ...]) -> tuple[Program, CheckedPolicy]:
    """The program of a policy file; ends the run with its problems if it has none."""
    workspace = Workspace.open(parents)
    checked = workspace.check(policy)
    if checked.program is None:
        stop(checked.diagnostics, checked.sources)
    return checked.program, checked


class Stopped(SystemExit):
    """The end of a command, with the problems that keep anything from being decided."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(1)
        self.diagnostics = diagnostics


def stop(diagnostics: tuple[Diagnostic, ...], sources: Mapping[str, Source]) -> NoReturn:
    """End with the problems that keep anything from being decided."""
    show_diagnostics(diagnostics, sources, console(error=True))
    raise Stopped(diagnostics)


def prepare_assessment(
    policy: Path, facts: Path, period: str, history: Path | None, parents: tuple[Path, ...], encoding: str
) -> Assessment:
    """Compile the policy and read the facts; ends the run where that cannot be done."""
    program, checked = compile_or_stop(policy, parents)
    assessed_period = parse_period(program, period)
    require_in_force(program, assessed_period)
    diagnostics = Diagnostics()
    raw = read_tables(
        program, facts, history, diagnostics, encoding, checked.plugins, checked.used.values(), assessed_period
    )
    note_unused_facts(program, checked.used, raw, policy.parent, diagnostics)
    texts = tuple(source.text for source in checked.sources.values())
    participants = checked.participants | find_readers(checked.plugins, facts, history)
    return Assessment(
        program,
        checked.used,
        assessed_period,
        raw,
        diagnostics,
        checked.plugins,
        texts,
        participants=participants,
    )


def require_in_force(program: Program, period: Period) -> None:
    """End with a mistake of usage where a policy does not decide a period."""
    if not program.in_force(period):
        message = _("{name} is not in force on {day}", name=f"{program.id}@{program.version}", day=period.end)
        raise click.UsageError(message)


def find_readers(plugins: Plugins, *paths: Path | None) -> frozenset[Participant]:
    """The readers of plugins that read some files of facts."""
    readers = (find_reader(plugins.readers, path) for path in paths if path is not None)
    return frozenset(("readers", reader.name) for reader in readers if reader is not None)


def require_history(assessment: Assessment, record: Path, tables: Container[str] | None = None) -> None:
    """End with a mistake of usage where it is not known what was decided before: later periods would all be held.

    `tables` are the names of those that there are, if they are not all in memory.
    """
    if assessment.program.schema.history and HISTORY not in (assessment.raw if tables is None else tables):
        raise click.UsageError(
            _(
                "the policy reads earlier decisions, and neither the facts nor the record {path} has any: nothing was "
                "recorded; supply them with --history, or use --no-history if nothing was decided before",
                path=record,
            )
        )


def start_without_history(assessment: Assessment) -> None:
    """Let it be known that nothing was decided in earlier periods; a mistake of usage where something was."""
    if HISTORY in assessment.raw:
        raise click.UsageError(_("--no-history was given, but there are earlier decisions"))
    names = (
        assessment.program.schema.subject,
        "period",
        *(column.name for column in assessment.program.schema.history),
    )
    assessment.raw[HISTORY] = RawTable(pl.DataFrame(schema=dict.fromkeys(names, pl.String)), HISTORY)


def parse_period(program: Program, label: str) -> Period:
    """The period that a label names; ends the run where it names none."""
    named_period = program.period.period(label)
    if named_period is None:
        message = _(
            "{period} is not a period of this policy; write it like {example}",
            period=label,
            example=program.period.example,
        )
        raise click.UsageError(message)
    return named_period


def parse_periods(program: Program, labels: Sequence[str], span: str | None) -> list[Period]:
    """The periods that `--period` and `--periods` name, in their order; ends the run where there are none."""
    periods = {parse_period(program, label) for label in labels}
    if span is not None:
        first, _dots, last = span.partition("..")
        current_period: Period | None = parse_period(program, first)
        end = parse_period(program, last or first)
        while current_period is not None and current_period.end <= end.end:
            periods.add(current_period)
            current_period = program.period.ago(current_period, -1)
    if not periods:
        raise click.UsageError(
            _("no period is given: {example}", example="--period 2024-05, --periods 2024-01..2024-12")
        )
    return sorted(periods)


def get_only(periods: Sequence[Period]) -> Period | None:
    """The period that is decided, where it is the only one."""
    return periods[0] if len(periods) == 1 else None


def read_tables(  # noqa: PLR0913, PLR0917  what the command line names
    program: Program,
    facts: Path,
    history: Path | None,
    diagnostics: Diagnostics,
    encoding: str,
    plugins: Plugins,
    used: Iterable[Program] = (),
    period: Period | None = None,
) -> dict[str, RawTable]:
    """The tables of facts, and the decisions of earlier periods; `used` are the policies that the program uses.

    `period` is what queries of databases ask for; None where more than one is decided.
    """
    schemas = [policy.schema for policy in (program, *used)]
    expected = list_expected(schemas, name_histories())
    path = find_mapping()
    mapping = read_mapping(path, diagnostics) if path else None
    if path and mapping is None:
        stop(tuple(diagnostics), {})
    if mapping:
        expected = mapping.extend(expected)
    raw = read_facts(facts, diagnostics, encoding, plugins.readers, expected, period)
    if mapping:
        raw = apply_mapping(mapping, schemas, raw, diagnostics)
    past = find_history_among_facts(raw)
    if history is not None:
        past = _read_past(history, diagnostics, encoding, plugins, period)
    raw.pop(HISTORY, None)
    if past is not None and len(past.frame):
        raw[HISTORY] = with_canonical_headings(past, program)
    elif past is not None and program.schema.history:
        diagnostics.add(catalogue.HISTORY_EMPTY, past.locate(0))
    return raw


def _read_past(
    path: Path, diagnostics: Diagnostics, encoding: str, plugins: Plugins, period: Period | None
) -> RawTable | None:
    """The decisions of a file or folder; how its other tables are laid out, such as an overview, does not matter."""
    in_file = Diagnostics()
    tables = read_facts(path, in_file, encoding, plugins.readers, period=period)
    past = find_history(tables)
    if past is None and tables:
        known = ", ".join(sorted(tables))
        raise click.UsageError(_("there is no table `{name}`; there are {known}", name=_("decisions"), known=known))
    for diagnostic in select_diagnostics(in_file, tables, past):
        if past is None or diagnostic.kind not in _BESIDE_HISTORY:
            diagnostics.take(diagnostic)
    return past


_BESIDE_HISTORY: Final = frozenset({catalogue.UNREAD_FOLDER, catalogue.UNUSED_FILE})
"""What is noted in a folder of facts; what `run` wrote beside decisions is none of them."""


def select_diagnostics(
    diagnostics: Diagnostics, tables: Mapping[str, RawTable], used: RawTable | None
) -> Iterator[Diagnostic]:
    """What is wrong with a file, but not with those of its tables that are not used."""
    unused = {table.source for table in tables.values()} - {used.source if used else ""}
    return (diagnostic for diagnostic in diagnostics if diagnostic.location.source not in unused)
