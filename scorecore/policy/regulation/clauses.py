"""A text of numbered clauses as a tree.

Lines begin with their numbers; inside a line clauses follow a full stop, a semicolon or a colon. A number opens a
clause beside the open one of its form, or below the innermost. A line without a number is the next paragraph (款) of
the open article, a line in parentheses a remark.
"""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

from attrs import define, field, frozen

from scorecore.diagnostics.source import Source
from scorecore.policy.regulation.labels import read_labels
from scorecore.policy.regulation.markers import ARTICLE, DIVISIONS, NAMED, PARAGRAPH, ClauseMarker, expand_range
from scorecore.policy.regulation.numerals import narrow

_BREAK: Final = re.compile(r"[。;:]\s*")
_REMARK: Final = re.compile(r"\([^()]*\)")
_HEADING: Final = re.compile(r"[^\W\d_][^,。;:、()\s]{1,19}")
_MAX_LISTED: Final = 2
"""Numbers of one clause that are named one by one."""
_NAME: Final = re.compile(r"([^\W\d_][^\s\d:,。;、()]{1,13})(?:\s+|(?=[:(]))")


@define(eq=False)
class Clause:
    """A clause with its own text, without that of the clauses below it."""

    markers: tuple[ClauseMarker, ...]
    """Its numbers: more than one where a line says what clauses say together; none for the text as a whole."""
    line: int
    parent: "Clause | None" = field(default=None, repr=False)
    text: str = ""
    clauses: list["Clause"] = field(factory=list)

    @property
    def label(self) -> str:
        """How one cites it: 第二十七条(四)1; chapters are left out before an article."""
        if len(self.markers) > _MAX_LISTED and self.markers == expand_range(self.markers[0], self.markers[-1]):
            return f"{self._label_before}{self.markers[0]}至{self.markers[-1]}"
        return self._label_before + "、".join(map(str, self.markers))

    @property
    def _label_before(self) -> str:
        """What stands before its own numbers: of a clause with more than one, the last."""
        if self.parent is None or not self.parent.markers or self._stands_alone:
            return ""
        return self.parent._label_before + str(self.parent.markers[-1])  # noqa: SLF001  its own class

    @property
    def _stands_alone(self) -> bool:
        """Articles are numbered through all chapters."""
        return any(marker.form == ARTICLE for marker in self.markers)

    def walk(self) -> Iterator["Clause"]:
        """The clause and all below it, in the order of the text."""
        yield self
        for clause in self.clauses:
            yield from clause.walk()

    def is_within(self, other: "Clause") -> bool:
        """Whether it is another clause, or below it."""
        clause: Clause | None = self
        while clause is not None:
            if clause is other:
                return True
            clause = clause.parent
        return False


@frozen(eq=False)
class Regulation:
    """A written rule."""

    source: Source
    title: str
    root: Clause
    unread: int = 0
    """Of a file of Word: how many text boxes, footnotes and hidden passages are left out."""
    pending: int = 0
    """Of a file of Word: how many changes nobody has accepted or refused."""

    @property
    def digest(self) -> str:
        """By which a policy pins it; line ends do not change it."""
        return sha256(self.source.text.encode()).hexdigest()

    @property
    def names(self) -> frozenset[str]:
        """The headings that stand for clauses."""
        return frozenset(
            marker.name for clause in self.root.walk() for marker in clause.markers if marker.form == NAMED
        )


def read_regulation(source: Source) -> Regulation:
    """A text cut into its clauses."""
    builder = _Builder()
    after_blank = True
    for number, raw in enumerate(source.text.split("\n"), 1):
        line = raw.strip()
        if line:
            builder.add_line(line.lstrip("# "), number, is_heading=line.startswith("#"), after_blank=after_blank)
        after_blank = not line
    return Regulation(source, builder.title, builder.root)


@define(eq=False)
class _Builder:
    root: Clause = field(factory=lambda: Clause((), 0))
    title: str = ""
    names: set[str] = field(factory=set)
    _open: list[Clause] = field(init=False)
    """From the root to the innermost open clause."""

    def __attrs_post_init__(self) -> None:
        self._open = [self.root]

    def add_line(self, line: str, number: int, *, is_heading: bool, after_blank: bool) -> None:
        plain = narrow(line)
        labels = read_labels(plain, 0, self.names, self._last_numbers(), begins_line=self._can_prefix())
        if labels:
            self.add_clause(labels.chains, number, is_range=labels.is_range)
            self.add_text(line, labels.end, number)
        elif not self.title:
            self.title = line
        elif _REMARK.fullmatch(plain):
            return
        elif is_heading or (after_blank and _HEADING.fullmatch(plain)):
            self.add_clause(((ClauseMarker(NAMED, name=plain),),), number)
        elif self._can_name() and (match := _NAME.match(plain)):
            self.add_clause(((ClauseMarker(NAMED, name=match[1]),),), number)
            self.add_text(line, match.end(), number)
        else:
            self.add_paragraph(line, number)

    def add_text(self, line: str, start: int, number: int) -> None:
        """What follows the number of a clause, with the clauses inside the line."""
        plain, position = narrow(line), start
        while True:
            labels = read_labels(plain, position, self.names, self._last_numbers())
            if labels:
                self._open[-1].text += line[start:position].strip()
                self.add_clause(labels.chains, number, is_range=labels.is_range)
                start = position = labels.end
                continue
            pause = _BREAK.search(plain, position)
            if pause is None:
                break
            position = pause.end()
        self._open[-1].text += line[start:].strip()

    def add_clause(self, chains: Sequence[Sequence[ClauseMarker]], line: int, *, is_range: bool = False) -> None:
        first, *others = chains
        self._close_for(first[0])
        for marker in first[:-1]:
            self._enter(marker, line)
        last = (first[-1], *(chain[-1] for chain in others))
        markers = expand_range(*last) if is_range and len(last) == 2 else last  # noqa: PLR2004  from, to
        if markers[0].form == NAMED:
            self._enter(markers[0], line)
            return
        self._add(Clause(tuple(markers), line, self._open[-1]))

    def add_paragraph(self, line: str, number: int) -> None:
        """A line without a number: the text of a clause that has none yet, or its next paragraph."""
        while len(self._open) > 1 and self._open[-1].parent and not self._takes_paragraphs():
            self._open.pop()
        clause = self._open[-1]
        if clause is not self.root and not clause.text and not clause.clauses:
            clause.text = line
            return
        count = sum(below.markers[0].form == PARAGRAPH for below in clause.clauses)
        paragraph = ClauseMarker(PARAGRAPH, (count + (1 if clause is self.root else 2),))
        self._add(Clause((paragraph,), number, clause))
        self.add_text(line, 0, number)

    def _takes_paragraphs(self) -> bool:
        """Whether the innermost open clause is an article, or counts like one: no numbered clause is around it."""
        around = self._open[-1].parent
        form = self._open[-1].markers[0].form
        is_inner = (
            around is not None and bool(around.markers) and around.markers[0].form not in {*DIVISIONS[:-1], NAMED}
        )
        return form == ARTICLE or (not is_inner and form != PARAGRAPH)

    def _add(self, clause: Clause) -> None:
        self._open[-1].clauses.append(clause)
        self._open.append(clause)

    def _enter(self, marker: ClauseMarker, line: int) -> None:
        """Go on in the clause with a number, which begins here where it is new."""
        if marker.form == NAMED:
            self.names.add(marker.name)
        below = next((clause for clause in self._open[-1].clauses if marker in clause.markers), None)
        if below is None:
            self._add(Clause((marker,), line, self._open[-1]))
        else:
            self._open.append(below)

    def _close_for(self, marker: ClauseMarker) -> None:
        """Close the clauses that end where one with this number begins."""
        forms = [clause.markers[0].form if clause.markers else None for clause in self._open]
        if marker.form in forms:
            del self._open[forms.index(marker.form) :]
        elif marker.form in DIVISIONS:
            larger = {NAMED, *DIVISIONS[: DIVISIONS.index(marker.form)]}
            while len(self._open) > 1 and self._open[-1].markers[0].form not in larger:
                self._open.pop()
        elif marker.form == NAMED and not marker.name.isdecimal():
            while len(self._open) > 1 and self._open[-1].markers[0].form not in DIVISIONS[:-1]:
                self._open.pop()

    def _last_numbers(self) -> dict[str, tuple[int, ...]]:
        """For each form that is open, the number that was reached."""
        return {marker.form: marker.number for clause in self._open for marker in clause.markers[-1:]}

    def _can_name(self) -> bool:
        """Whether a line may begin with a heading: no clause with a number is open, or one below a heading."""
        forms = [marker.form for clause in self._open for marker in clause.markers[:1]]
        return all(form in {NAMED, PARAGRAPH} for form in forms) or NAMED in forms

    def _can_prefix(self) -> bool:
        """Whether a word may stand before a number, such as 计划3: not among the paragraphs of articles."""
        return all(marker.form != ARTICLE for clause in self._open for marker in clause.markers[:1])
