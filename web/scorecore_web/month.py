"""One month of one policy: the facts that it has, what is decided of them, or what the record has of it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from attrs import evolve, field, frozen

from scorecore.analysis.reconciliation import Reconciliation, describe_side
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.model import SubjectFacts
from scorecore.facts.period_cells import list_periods
from scorecore.facts.raw import RawTable
from scorecore.io.parquet_files import list_pieces
from scorecore.language.expressions import HISTORY
from scorecore.library.policy_loader import CheckedPolicy
from scorecore.program.model import Program
from scorecore.record.people.acts import Waiting, find_waiting, list_waiting
from scorecore.record.people.proposals import ProposalState
from scorecore.record.runs.last_period import read_last_period
from scorecore.record.runs.recorded import Recorded
from scorecore.services.recorded_periods import as_approved, read_period
from scorecore.values.period import Period
from scorecore_cli.assessment_input import Assessment, find_readers, read_tables, start_without_history
from scorecore_cli.branch_report import build_report
from scorecore_cli.earlier_periods import EarlierPeriod, list_earlier_periods, read_recorded_results
from scorecore_cli.language import _, current
from scorecore_cli.month_review import MonthReview, review_month
from scorecore_cli.proposal_view import describe_state
from scorecore_cli.record_file import find_changed_texts, take_recorded_history
from scorecore_cli.report_tables import BranchReport
from scorecore_cli.unused_facts import note_unused_facts
from scorecore_web.fact_files import UTF_8, FactFiles, lay_out_uploads, list_unreplaced
from scorecore_web.progress import report_progress
from scorecore_web.refusals import Refusal
from scorecore_web.uploads import Upload
from scorecore_web.work import Work
from scorecore_web.workbench import PolicyFile, Workbench, sign_files

_NOWHERE: Final = Location("", 0, 0)


@frozen(eq=False)
class DecidedMonth:
    """Everybody's decision, from the facts or from the record."""

    program: Program
    period: Period
    decisions: Decisions
    everybody: tuple[SubjectFacts, ...]
    """In the order of the decisions; from facts without what depends on others."""
    report: BranchReport
    assessment: Assessment | None = None
    """Of a month that is decided from facts."""
    review: MonthReview | None = None
    earlier: Sequence[EarlierPeriod] = ()
    run: int = 0
    """The last run that has decided it; 0 of a month that is decided from facts."""
    differing: tuple[str, ...] = ()
    """Whose recorded decision is not what its facts give today."""
    moved: tuple[Diagnostic, ...] = ()
    """What is another than in the period before, of a month that is read from the record."""

    @cached_property
    def evaluator(self) -> SubjectEvaluator:
        """Code that is generated from the program, in each process for itself."""
        return SubjectEvaluator.of(self.program, self.period)


@frozen(eq=False)
class Month:
    """A policy and a period, of which a page is asked."""

    workbench: Workbench
    policy: PolicyFile
    checked: CheckedPolicy
    program: Program
    period: Period
    uploads: tuple[Upload, ...] = field(repr=False)

    @classmethod
    def of(cls, workbench: Workbench, policy: PolicyFile, label: str) -> "Month":
        """Raises Refusal where the policy does not compile, or knows no such period."""
        checked = workbench.check(policy)
        if checked.program is None:
            message = _("the policy has problems: correct them first, then its months can be decided")
            raise Refusal(409, message, checked.diagnostics)
        period = checked.program.period.period(label)
        if period is None:
            example = checked.program.period.example
            message = _(
                "{period} is not a period of this policy; write it like {example}", period=label, example=example
            )
            raise Refusal(404, message)
        return cls(workbench, policy, checked, checked.program, period, workbench.uploads.list_files(policy.key, label))

    @classmethod
    def open(cls, workbench: Workbench, key: str, label: str) -> "Month":
        """In another process, by the key of its policy."""
        policy = workbench.list_policies().get(key)
        if policy is None:
            raise Refusal(404, _("this folder has no such policy"))
        return cls.of(workbench, policy, label)

    def begin_work(self, title: str, function: Callable[..., Any], *arguments: object) -> Work:
        """What another process may do about the month: it opens the month itself, and then calls the function."""
        return Work(title, work_on_month, (function, self.policy.key, self.period.label, *arguments))

    @property
    def folder_facts(self) -> Path | None:
        """The facts of the folder, used where none were brought for the month."""
        return self.workbench.find_facts(self.policy)

    @property
    def unreplaced(self) -> list[Path]:
        """The files of the folder that are read beside those that were brought."""
        return list_unreplaced(self.program, self.folder_facts, self.uploads) if self.uploads else []

    @property
    def has_facts(self) -> bool:
        return bool(self.uploads) or self.folder_facts is not None

    def sign(self, *, begins: bool = False) -> tuple[object, ...]:
        """What changes when anything that the decisions rest on does."""
        facts: object = tuple((upload.stored_as, upload.encoding, upload.digest) for upload in self.uploads)
        if not self.uploads and self.folder_facts is not None:
            facts = sign_facts(self.folder_facts)
        elif unreplaced := self.unreplaced:
            facts = (facts, sign_files(unreplaced))
        policy = sign_files(sorted(self.policy.path.parent.glob("*.toml")))
        return (self.policy.key, self.period.label, policy, facts, self.workbench.sign_record(), begins)

    # facts

    def read(self) -> Assessment:
        """The facts of the month as they are; raises Refusal where there are none, and ends as a command does."""
        if not self.program.in_force(self.period):
            name, day = f"{self.program.id}@{self.program.version}", self.period.end
            raise Refusal(409, _("{name} is not in force on {day}", name=name, day=day))
        if not self.has_facts:
            raise Refusal(404, _("there are no facts for {period} yet", period=self.period.label))
        diagnostics = Diagnostics()
        raw, participants = self._read_tables(diagnostics)
        note_unused_facts(self.program, self.checked.used, raw, self.policy.path.parent, diagnostics)
        return Assessment(
            self.program,
            self.checked.used,
            self.period,
            raw,
            diagnostics,
            self.checked.plugins,
            tuple(source.text for source in self.checked.sources.values()),
            participants=self.checked.participants | participants,
        )

    def _read_tables(self, diagnostics: Diagnostics) -> tuple[dict[str, RawTable], frozenset[tuple[str, str]]]:
        in_files = Diagnostics()
        raw: dict[str, RawTable] = {}
        participants: frozenset[tuple[str, str]] = frozenset()
        with self._lay_out() as files:
            names = files.names
            for path, encoding in files.paths:
                plugins, used = self.checked.plugins, self.checked.used.values()
                raw |= read_tables(self.program, path, None, in_files, encoding, plugins, used)
                participants |= find_readers(plugins, path)
        for diagnostic in in_files:
            diagnostics.take(evolve(diagnostic, location=_rename(diagnostic.location, names)))
        return {
            name: evolve(table, source=_rename_text(table.source, names)) for name, table in raw.items()
        }, participants

    def _lay_out(self) -> AbstractContextManager[FactFiles]:
        """The files of the month as readers want them, and by path what people call them."""
        folder = self.workbench.folder
        if self.uploads:
            return lay_out_uploads(self.uploads, self.unreplaced, folder)
        assert self.folder_facts is not None  # noqa: S101  it was asked for
        return nullcontext(FactFiles(((self.folder_facts, UTF_8),), {f"{folder}/": ""}))

    def inspect(self) -> "InspectedFacts":
        """The facts as they are read, and everything that is wrong with them, without deciding."""
        title = _("Facts of {period}", period=self.period.label)
        inspected: InspectedFacts = self.workbench.keep_long(
            ("inspected", *self.sign()), self.begin_work(title, _inspect)
        )
        return inspected

    # decisions

    def decide(self, *, begins: bool = False) -> DecidedMonth:
        """Everybody's decision from the facts; `begins` says that nothing was decided before."""
        decided: DecidedMonth = self.workbench.keep_long(
            ("decided", current(), *self.sign(begins=begins)),
            self.begin_work(_("Deciding {period}", period=self.period.label), _decide, begins),
        )
        return decided

    def decide_assessment(self, assessment: Assessment, recorded: Recorded | None, *, begins: bool) -> DecidedMonth:
        """Everybody's decision from facts that were read, with what a record has of earlier periods."""
        report_progress(_("what was decided before"))
        if begins:
            start_without_history(assessment)
        elif recorded is not None:
            take_recorded_history(assessment, recorded, None)
        report_progress(_("deciding"))
        if recorded is not None:
            for diagnostic in find_changed_texts(recorded, assessment):
                assessment.diagnostics.take(diagnostic)
        runner = PeriodRunner(self.program, self.checked.used)
        decisions = runner.decide(self.period, assessment.raw, assessment.diagnostics)
        if decisions is None:
            raise Refusal(409, _("nobody can be decided about: the facts have problems"), tuple(assessment.diagnostics))
        report_progress(_("comparing with the months before"))
        review = review_month(runner, assessment, decisions, recorded)
        earlier = list_earlier_periods(assessment, recorded)
        numbers = range(len(decisions.facts))
        everybody = tuple(extract_subject_facts(self.program, decisions.facts, numbers))
        report = build_report(decisions, earlier, None, review.waiting)
        return DecidedMonth(self.program, self.period, decisions, everybody, report, assessment, review, earlier)

    @property
    def is_recorded(self) -> bool:
        return self.period.label in self.workbench.read_periods(self.program.id)

    def read_recorded(self) -> DecidedMonth:
        """Everybody's decision as the record has it."""
        key = ("recorded", current(), self.program.id, self.period.label, self.workbench.sign_record())
        work = self.begin_work(_("Reading {period} from the record", period=self.period.label), _read_recorded, None)
        decided: DecidedMonth = self.workbench.keep_long(key, work)
        return decided

    def find_proposal(self) -> Waiting | None:
        """What waits for approval in this month."""
        if not self.workbench.has_record:
            return None
        with self.workbench.open_record() as log:
            waiting = list_waiting(Recorded.read(log))
        runs = ((each, run) for each in waiting for run in each.proposal.runs)
        mine = (each for each, run in runs if (run.id, run.period) == (self.program.id, self.period.label))
        return next(mine, None)

    def find_returned(self) -> str:
        """By whom and why the last proposal of this month was sent back; empty where it was not."""
        if not self.workbench.has_record:
            return ""
        with self.workbench.open_record() as log:
            return describe_returned(Recorded.read(log)).get((self.program.id, self.period.label), "")

    def read_proposed(self) -> DecidedMonth:
        """Everybody's decision as it would be if what waits were approved; raises Refusal where nothing waits."""
        waiting = self.find_proposal()
        if waiting is None:
            raise Refusal(404, _("nothing waits for approval in {period}", period=self.period.label))
        key = ("proposed month", current(), self.program.id, self.period.label, self.workbench.sign_record())
        number = waiting.proposal.head.number
        work = self.begin_work(_("Reading {period} from the record", period=self.period.label), _read_recorded, number)
        decided: DecidedMonth = self.workbench.keep_long(key, work)
        return decided

    def read_from_record(self, number: int | None = None) -> DecidedMonth:
        """Of what is in force, and of the proposal with a run."""
        with self.workbench.open_record() as log:
            in_force = Recorded.read(log)
            proposal = None if number is None else find_waiting(in_force, number)
            shown = in_force if proposal is None else as_approved(in_force, proposal)
            recorded = read_period(shown, self.program.id, self.period.label)
            before = recorded.program.period.ago(self.period, 1)
            results = read_recorded_results(shown, self.program.id, before.label) if before else {}
            last = read_last_period(shown, recorded.program, self.period.label)
        decisions, earlier = recorded.decisions, [EarlierPeriod(before.label, results)] if before and results else []
        everybody = tuple(person.facts for person in recorded.people)
        parts = (recorded.program, self.period, decisions, everybody, build_report(decisions, earlier))
        notes = Reconciliation(recorded.program, last, describe_side(decisions)).notes(_NOWHERE) if last else ()
        return DecidedMonth(*parts, run=recorded.run.number, differing=recorded.differing, moved=tuple(notes))


@frozen(eq=False)
class InspectedFacts:
    """The tables of a month, with what is wrong with them."""

    tables: Mapping[str, RawTable]
    diagnostics: tuple[Diagnostic, ...]


def describe_returned(recorded: Recorded) -> dict[tuple[str, str], str]:
    """Of each policy and period whose last proposal was sent back, by whom and why."""
    people = recorded.people
    last = {(run.id, run.period): (proposal, run) for proposal in people.proposals for run in proposal.runs}
    returned = {key: run for key, (proposal, run) in last.items() if proposal.state is ProposalState.RETURNED}
    return {key: describe_state(people, run) for key, run in returned.items()}


# what other processes do


def work_on_month(workbench: Workbench, function: Callable[..., Any], key: str, label: str, *arguments: object) -> Any:  # noqa: ANN401  what the function gives
    """Open a month, and do something about it."""
    return function(Month.open(workbench, key, label), *arguments)


def _inspect(month: Month) -> InspectedFacts:
    report_progress(_("reading the facts"))
    assessment = month.read()
    if month.workbench.has_record:
        with month.workbench.open_record() as log:
            take_recorded_history(assessment, Recorded.read(log), None)
    raw = dict(assessment.raw)
    PeriodRunner(month.program, month.checked.used).inspect(month.period, assessment.raw, assessment.diagnostics)
    return InspectedFacts(raw, tuple(assessment.diagnostics))


def _decide(month: Month, begins: bool) -> DecidedMonth:  # noqa: FBT001  as the button says it
    report_progress(_("reading the facts"))
    assessment = month.read()
    if not month.workbench.has_record:
        return month.decide_assessment(assessment, None, begins=begins)
    with month.workbench.open_record() as log:
        return month.decide_assessment(assessment, Recorded.read(log), begins=begins)


def _read_recorded(month: Month, number: int | None) -> DecidedMonth:
    return month.read_from_record(number)


def sign_facts(path: Path) -> tuple[object, ...]:
    """What changes when a file of a folder of facts does, also one of a table that is a folder itself."""
    if not path.is_dir():
        return sign_files([path])
    files = [file for each in sorted(path.iterdir()) for file in (each, *list_pieces(each))]
    return sign_files(files)


def list_fact_periods(raw: Mapping[str, RawTable], program: Program) -> list[str]:
    """The periods that the facts have rows for; none where no column says it."""
    table = raw.get(program.schema.subject)
    names = {name for column in program.schema.columns for name in (column.name, column.label)} - {""}
    return list_periods(table, program.period, names) if table and table.frame.width else []


def _rename(location: Location, names: Mapping[str, str]) -> Location:
    return evolve(location, source=_rename_text(location.source, names))


def _rename_text(text: str, names: Mapping[str, str]) -> str:
    for path, name in names.items():
        if text.startswith(path):
            return name + text[len(path) :]
    return text


def has_history(assessment: Assessment) -> bool:
    """Whether it is known what was decided before, where the policy reads it."""
    return not assessment.program.schema.history or HISTORY in assessment.raw
