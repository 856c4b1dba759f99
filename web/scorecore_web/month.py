"""One month of one policy: the facts that it has, what is decided of them, or what the record has of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import evolve, field, frozen

from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.model import SubjectFacts
from scorecore.facts.period_cells import list_periods
from scorecore.facts.raw import RawTable
from scorecore.io.workbooks import WORKBOOKS
from scorecore.language.expressions import HISTORY
from scorecore.library.policy_loader import CheckedPolicy
from scorecore.program.model import Program
from scorecore.record.people.acts import Waiting, find_waiting, list_waiting
from scorecore.record.runs.recorded import Recorded
from scorecore.services.recorded_periods import RecordedPeriod, as_approved, read_period
from scorecore.values.period import Period
from scorecore_cli.assessment_input import Assessment, find_readers, read_tables, start_without_history
from scorecore_cli.earlier_periods import EarlierPeriod, list_earlier_periods
from scorecore_cli.language import _, current
from scorecore_cli.month_review import MonthReview, review_month
from scorecore_cli.record_file import find_changed_texts, take_recorded_history
from scorecore_cli.unused_facts import note_unused_facts
from scorecore_web.requests import Refusal
from scorecore_web.uploads import Upload
from scorecore_web.workbench import PolicyFile, Workbench, sign_files


@frozen(eq=False)
class DecidedMonth:
    """Everybody's decision, from the facts or from the record."""

    program: Program
    period: Period
    decisions: Decisions
    evaluator: SubjectEvaluator
    everybody: tuple[SubjectFacts, ...]
    """In the order of the decisions; from facts without what depends on others."""
    assessment: Assessment | None = None
    """Of a month that is decided from facts."""
    review: MonthReview | None = None
    earlier: Sequence[EarlierPeriod] = ()
    recorded: RecordedPeriod | None = None


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

    @property
    def folder_facts(self) -> Path | None:
        """The facts of the folder, used where none were brought for the month."""
        return self.workbench.find_facts(self.policy)

    @property
    def has_facts(self) -> bool:
        return bool(self.uploads) or self.folder_facts is not None

    def sign(self, *, begins: bool = False) -> tuple[object, ...]:
        """What changes when anything that the decisions rest on does."""
        facts: object = tuple((upload.stored_as, upload.encoding, upload.digest) for upload in self.uploads)
        if not self.uploads and self.folder_facts is not None:
            facts = sign_facts(self.folder_facts)
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
        with self._lay_out() as (paths, names):
            for path, encoding in paths:
                plugins, used = self.checked.plugins, self.checked.used.values()
                raw |= read_tables(self.program, path, None, in_files, encoding, plugins, used)
                participants |= find_readers(plugins, path)
        for diagnostic in in_files:
            diagnostics.take(evolve(diagnostic, location=_rename(diagnostic.location, names)))
        return {
            name: evolve(table, source=_rename_text(table.source, names)) for name, table in raw.items()
        }, participants

    @contextmanager
    def _lay_out(self) -> Iterator[tuple[list[tuple[Path, str]], Mapping[str, str]]]:
        """The files of the month as readers want them, and by path what people call them."""
        if not self.uploads:
            path = self.folder_facts
            assert path is not None  # noqa: S101  it was asked for
            yield [(path, "utf-8")], {f"{self.workbench.folder}/": ""}
            return
        with TemporaryDirectory(prefix="scorecore-") as folder:
            paths: list[tuple[Path, str]] = []
            names: dict[str, str] = {}
            for number, upload in enumerate(self.uploads):
                below = Path(folder, str(number))
                below.mkdir()
                path = below / upload.stored_as
                path.write_bytes(upload.content)
                is_workbook = path.suffix in WORKBOOKS
                paths.append((path if is_workbook else below, upload.encoding))
                names[str(path)] = upload.name
            yield paths, names

    def inspect(self) -> Sequence[Diagnostic]:
        """Everything that is wrong with the facts, without deciding."""

        def compute() -> tuple[Diagnostic, ...]:
            assessment = self.read()
            self._take_history(assessment, begins=False)
            PeriodRunner(self.program, self.checked.used).inspect(self.period, assessment.raw, assessment.diagnostics)
            return tuple(assessment.diagnostics)

        diagnostics: Sequence[Diagnostic] = self.workbench.keep(("inspected", *self.sign()), compute)
        return diagnostics

    def _take_history(self, assessment: Assessment, *, begins: bool) -> Recorded | None:
        if begins:
            start_without_history(assessment)
        if not self.workbench.has_record:
            return None
        with self.workbench.open_record() as log:
            recorded = Recorded.read(log)
            if not begins:
                take_recorded_history(assessment, recorded, None)
            return recorded

    # decisions

    def decide(self, *, begins: bool = False) -> DecidedMonth:
        """Everybody's decision from the facts; `begins` says that nothing was decided before."""
        decided: DecidedMonth = self.workbench.keep(
            ("decided", current(), *self.sign(begins=begins)), lambda: self._decide(begins=begins)
        )
        return decided

    def _decide(self, *, begins: bool) -> DecidedMonth:
        assessment = self.read()
        if not self.workbench.has_record:
            return self.decide_assessment(assessment, None, begins=begins)
        with self.workbench.open_record() as log:
            return self.decide_assessment(assessment, Recorded.read(log), begins=begins)

    def decide_assessment(self, assessment: Assessment, recorded: Recorded | None, *, begins: bool) -> DecidedMonth:
        """Everybody's decision from facts that were read, with what a record has of earlier periods."""
        if begins:
            start_without_history(assessment)
        elif recorded is not None:
            take_recorded_history(assessment, recorded, None)
        if recorded is not None:
            for diagnostic in find_changed_texts(recorded, assessment):
                assessment.diagnostics.take(diagnostic)
        runner = PeriodRunner(self.program, self.checked.used)
        decisions = runner.decide(self.period, assessment.raw, assessment.diagnostics)
        if decisions is None:
            raise Refusal(409, _("nobody can be decided about: the facts have problems"), tuple(assessment.diagnostics))
        review = review_month(runner, assessment, decisions, recorded)
        earlier = list_earlier_periods(assessment, recorded)
        evaluator = SubjectEvaluator.of(self.program, self.period)
        numbers = range(len(decisions.facts))
        everybody = tuple(extract_subject_facts(self.program, decisions.facts, numbers))
        return DecidedMonth(self.program, self.period, decisions, evaluator, everybody, assessment, review, earlier)

    @property
    def is_recorded(self) -> bool:
        return self.period.label in self.workbench.read_periods(self.program.id)

    def read_recorded(self) -> DecidedMonth:
        """Everybody's decision as the record has it."""
        key = ("recorded", self.program.id, self.period.label, self.workbench.sign_record())
        decided: DecidedMonth = self.workbench.keep(key, self._read_recorded)
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

    def read_proposed(self) -> DecidedMonth:
        """Everybody's decision as it would be if what waits were approved; raises Refusal where nothing waits."""
        waiting = self.find_proposal()
        if waiting is None:
            raise Refusal(404, _("nothing waits for approval in {period}", period=self.period.label))
        key = ("proposed month", self.program.id, self.period.label, self.workbench.sign_record())
        decided: DecidedMonth = self.workbench.keep(key, lambda: self._read_recorded(waiting.proposal.head.number))
        return decided

    def _read_recorded(self, number: int | None = None) -> DecidedMonth:
        """Of what is in force, and of the proposal with a run."""
        with self.workbench.open_record() as log:
            in_force = Recorded.read(log)
            proposal = None if number is None else find_waiting(in_force, number)
            shown = in_force if proposal is None else as_approved(in_force, proposal)
            recorded = read_period(shown, self.program.id, self.period.label)
        everybody = tuple(person.facts for person in recorded.people)
        parts = (recorded.program, self.period, recorded.decisions, recorded.evaluator, everybody)
        return DecidedMonth(*parts, recorded=recorded)


def sign_facts(path: Path) -> tuple[object, ...]:
    """What changes when a file of a folder of facts does."""
    return sign_files(sorted(path.iterdir()) if path.is_dir() else [path])


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
