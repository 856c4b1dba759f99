"""From a program and its cases to a document: which chapters it has, and what stands in them."""

from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from scorecore.analysis.cases.model import CaseFile
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.io.policy_files import locate_cases, read_source
from scorecore.language.expressions import Ladder
from scorecore.policy.salvage import Salvage
from scorecore.policy.structure import structure
from scorecore.policy.toml import read_toml
from scorecore.program.model import Program
from scorecore.program.steps import AnyStep, GroupStep, Step
from scorecore.values.canonical_json import digest
from scorecore.values.step_id import APPLIES, ASSESSED, GRADE, SCORE_TOTAL, StepId
from scorecore_cli.document.account_words import describe_account
from scorecore_cli.document.case_words import describe_case, describe_facts_of
from scorecore_cli.document.input_words import describe_bands, describe_calendar, describe_facts, describe_parameters
from scorecore_cli.document.matter_words import describe_matters
from scorecore_cli.document.model import Article, Chapter, Grid, PolicyDocument
from scorecore_cli.document.rule_words import RuleWords, join_words
from scorecore_cli.labels import pay_kind_label
from scorecore_cli.language import _, current
from scorecore_cli.statements.formula_words import format_figure


def read_cases(policy: Path) -> CaseFile | None:
    """The cases beside a policy; None where there is no file of them, or none that can be read."""
    path = locate_cases(policy)
    source = read_source(path, Diagnostics()) if path.exists() else None
    tree = read_toml(source, Diagnostics()) if source else None
    return structure(tree, CaseFile, Diagnostics(), salvage=Salvage()) if tree else None


def write_document(program: Program, cases: CaseFile | None = None) -> PolicyDocument:
    """The policy as a document in the reader's language, with cases as its examples."""
    writer = _Writer(program, RuleWords(program), cases)
    chapters = tuple(chapter for chapter in writer.write_chapters() if chapter.articles)
    title = program.title or program.id
    subtitle = _("{name}, in force from {start}", name=f"{program.id}@{program.version}", start=program.effective_from)
    notice = {
        "illustrative": _("All figures of this document are invented, as an illustration."),
        "draft": _("This is a draft, which is not in force."),
    }.get(program.status, "")
    words = [title, subtitle, notice, *(line for chapter in chapters for line in chapter.list_words())]
    return PolicyDocument(title, subtitle, notice, chapters, current(), digest=digest("document", words))


@frozen
class _Writer:
    program: Program
    words: RuleWords
    cases: CaseFile | None

    def write_chapters(self) -> Iterator[Chapter]:
        yield Chapter(_("General"), tuple(self._general()))
        yield Chapter(_("What is recorded"), (*describe_facts(self.program), *describe_matters(self.words)))
        yield Chapter(_("Figures and tables"), (*self._inputs(),))
        yield Chapter(_("How it is computed"), tuple(self._values()))
        yield Chapter(_("Points and grade"), (*self._items(), *self._score(), *self._grades()))
        yield Chapter(_("Pay"), (*self._pay(), *self._carries()))
        yield Chapter(_("What waits, and what is proposed"), (*self._holds(), *self._actions()))
        yield Chapter(_("Examples"), tuple(self._examples()))

    def _general(self) -> Iterator[Article]:
        program = self.program
        subject = program.schema.label or program.schema.subject
        until = (
            _("It is in force from {start} to {end}.", start=program.effective_from, end=program.effective_to)
            if program.effective_to
            else _("It is in force from {start} on.", start=program.effective_from)
        )
        sentences = [
            _("It decides every {period}, for each {subject}.", period=_(program.period.every), subject=subject)
        ]
        assessed = program.step(ASSESSED) if program.has_step(ASSESSED) else None
        if isinstance(assessed, Step):
            rule = self.words.describe(assessed.expression)
            sentences.append(_("Only those are assessed for whom this holds: {rule}.", rule=rule))
        sentences.append(until)
        sentences += [_("Amounts are in {currency}.", currency=program.currency)] if program.currency else []
        yield Article("policy", _("Scope"), tuple(sentences), program.authority)
        if program.assumptions:
            yield Article("policy.assumptions", _("Where the written rule is silent"), program.assumptions)

    def _inputs(self) -> Iterator[Article]:
        yield from describe_parameters(self.program)
        yield from (describe_bands(table) for table in self.program.tables)
        yield from (describe_calendar(calendar) for calendar in self.program.calendars)

    def _steps(self, section: str) -> Iterator[Step]:
        for step in self.program.steps:
            if isinstance(step, Step) and step.name.section == section and not step.name.role:
                yield step

    def _values(self) -> Iterator[Article]:
        for step in self._steps("values"):
            yield Article(step.name, step.label or step.name.name, (self._sentence(step),), step.authority)
        for group in self.program.groups:
            members = _("Everybody is looked at together.")
            if group.by:
                members = _("Those with the same {fact} are looked at together.", fact=self.words.name(group.by))
            waiting = _("While a value of a member is unknown, all members wait.")
            if group.held != "wait":
                waiting = _("A member whose value is unknown is left out.")
            yield Article(f"groups.{group.name}", group.label or group.name, (members, waiting), group.authority)

    def _sentence(self, step: Step) -> str:
        return _("It is: {rule}.", rule=self.words.describe(step.expression))

    def _applies(self, name: StepId) -> tuple[str, ...]:
        """Whom a part applies to, if not to everyone."""
        condition = name.with_role(APPLIES)
        if not self.program.has_step(condition):
            return ()
        step = self.program.step(condition)
        return (_("Applies if: {rule}.", rule=self.words.describe(step.expression)),) if isinstance(step, Step) else ()

    def _items(self) -> Iterator[Article]:
        for item in self.program.items:
            step = self.program.step(item.step)
            most = () if item.points is None else (_("At most {points} points.", points=format_figure(item.points)),)
            sentences = (*self._applies(item.step), *most, *self._computed(step))
            yield Article(item.step, step.label or item.step.name, sentences, step.authority)

    def _computed(self, step: AnyStep) -> tuple[str, ...]:
        match step:
            case Step():
                return (self._sentence(step),)
            case GroupStep():
                return (step.text,)
        return tuple(describe_account(step, self.words))

    def _score(self) -> Iterator[Article]:
        if self.program.has_step(SCORE_TOTAL):
            step = self.program.step(SCORE_TOTAL)
            total = _("The total is the sum of the points of all items.")
            yield Article(SCORE_TOTAL, step.label or _("Total"), (total, *self._computed(step)), step.authority)

    def _grades(self) -> Iterator[Article]:
        step = self.program.step(GRADE) if self.program.has_step(GRADE) else None
        if not isinstance(step, Step) or not isinstance(step.expression, Ladder):
            return
        authorities = {grade.id: grade.authority for grade in self.program.grades}
        rows = []
        for rung in step.expression.rungs:
            least = _("any") if rung.least is None else self.words.describe(rung.least)
            applies = self.program.step(rung.applies.name) if rung.applies else None
            condition = self.words.describe(applies.expression) if isinstance(applies, Step) else ""
            rows.append((self.words.describe_grade(rung.grade), least, condition, authorities.get(rung.grade, "")))
        headings = (_("grade"), _("total from"), _("only if"), _("clause"))
        sentence = _("The grade is the first of these whose total is reached.")
        yield Article(GRADE, _("Grade"), (sentence,), step.authority, Grid(headings, tuple(rows)))

    def _pay(self) -> Iterator[Article]:
        for line in self.program.pay:
            step = self.program.step(line.step)
            kind = _("A line of pay ({kind}).", kind=pay_kind_label(line.kind))
            sentences = (kind, *self._applies(line.step), *self._computed(step))
            yield Article(line.step, step.label or line.step.name, sentences, step.authority)

    def _carries(self) -> Iterator[Article]:
        for carry in self.program.carries:
            step = self.program.step(carry.closes)
            sentences = (_("A balance that goes from one period into the next."), *self._computed(step))
            yield Article(carry.closes.owner, step.label or carry.name, sentences, step.authority)

    def _holds(self) -> Iterator[Article]:
        for hold in self.program.holds:
            step = self.program.step(hold.step)
            held = join_words(self.words.name(name) for name in hold.of) or _("everything")
            sentences = [_("Waits for a person: {parts}, if {rule}.", parts=held, rule=self._condition(step))]
            sentences += [_("{person} decides.", person=hold.refer)] if hold.refer else []
            yield Article(hold.step, hold.reason or hold.step.name, tuple(sentences), step.authority)

    def _actions(self) -> Iterator[Article]:
        for action in self.program.actions:
            step = self.program.step(action.step)
            sentences = [_("Proposed if: {rule}.", rule=self._condition(step))]
            sentences += [_("Reason: {reason}.", reason=action.reason)] if action.reason else []
            yield Article(action.step, step.label or action.step.name, tuple(sentences), step.authority)

    def _condition(self, step: AnyStep) -> str:
        return self.words.describe(step.expression) if isinstance(step, Step) else step.name

    def _examples(self) -> Iterator[Article]:
        if self.cases is None:
            return
        defaults = self.cases.defaults
        shared = tuple(describe_facts_of(defaults.rest, self.words)) if defaults else ()
        if shared:
            yield Article("case", _("What is recorded in each example, unless it says otherwise"), shared)
        for case in self.cases.case:
            yield Article(f"case.{case.name}", case.name, tuple(describe_case(case, self.words)), case.source)
