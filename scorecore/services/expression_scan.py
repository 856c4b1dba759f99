"""The names in an expression, complete or not: what each stands for, and what may follow where the text ends.

The resolver (`scorecore.language.cel`) knows more, but only of expressions that can be parsed; while somebody types,
they cannot. Which name is a variable of which table follows from the brackets that are open, so this goes from left to
right.
"""

import re
from collections.abc import Mapping
from typing import Final

from attrs import define, field, frozen

from scorecore.diagnostics.source import Snippet
from scorecore.language.cel.scope import METHODS_OF_EVENTS, PERIOD
from scorecore.language.expressions import HISTORY
from scorecore.language.groups import GROUP_FUNCTIONS
from scorecore.services.names import Mention, Names, Symbol, mention

CALENDAR_FUNCTIONS: Final = frozenset({"is_workday", "workdays", "add_workdays", "workminutes", "workhours"})
USES: Final = "uses"
_TOKEN: Final = re.compile(
    r"""(?P<text>[rR]?(?:"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?))|(?P<number>[0-9][\w.]*)"""
    r"""|(?P<names>[A-Za-z_]\w*(?:\s*\.\s*(?:[A-Za-z_]\w*)?)*)|(?P<sign>\S)|\s+""",
    re.DOTALL,
)
_FOLLOWING: Final = re.compile(r"\s*(?:[A-Za-z_]\w*(?:\s*\.\s*(?:[A-Za-z_]\w*)?)*)?")
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_NEXT: Final = re.compile(r"\s*(\S?)")


@frozen
class NamePart:
    """One name of a chain such as `pay.bonus`; empty where the chain ends with a dot."""

    name: str
    start: int
    end: int


@frozen
class Base:
    """What is before the dot of a chain: `rows` or a `row` of a table, a `value`, or an earlier period (HISTORY)."""

    kind: str
    table: str = ""


@define
class Frame:
    """An open bracket."""

    name: str
    """The function or method that is called; HISTORY for `history[`; empty for any other bracket."""
    table: str = ""
    """Of a method the table that its rows are of."""
    argument: int = 0
    """How many commas there were."""
    is_begun: bool = False
    """Whether the argument has anything yet."""
    variable: Symbol | None = None
    """The name that a method gives an event."""

    def close(self) -> Base:
        """What the bracket and all before it give."""
        if self.name in {"filter", "map"} and self.table:
            return Base("rows", self.table)
        if self.name in {"row", "on"} and self.table:
            return Base("row", self.table)
        return Base(HISTORY if self.name == HISTORY else "value")

    @property
    def names_kind(self) -> str:
        """What a text among the arguments names."""
        return "group" if self.name in GROUP_FUNCTIONS else "calendar" if self.name in CALENDAR_FUNCTIONS else ""


@define
class ExpressionScan:
    """Goes through an expression when `run`; afterwards it says what it names, and what its end is about."""

    text: Snippet
    names: Names
    variables: Mapping[str, tuple[Symbol, str]] = field(factory=dict)
    """Names of events that the keys beside the expression give, each with its table."""
    mentions: list[Mention] = field(factory=list, init=False)
    frames: list[Frame] = field(factory=list, init=False)
    last_parts: list[NamePart] = field(factory=list, init=False)
    """The chain with which the text ends."""
    last_base: Base | None = field(default=None, init=False)
    """What is before it."""
    in_text: int = field(default=-1, init=False)
    """Where the quoted text begins in which the expression ends; -1: it ends elsewhere."""
    base: Base | None = field(default=None, init=False)

    def run(self) -> "ExpressionScan":
        position, text = 0, self.text.text
        while position < len(text):
            token = _TOKEN.match(text, position)
            assert token  # noqa: S101  each character is a token or blank
            position = token.end()
            if token.lastgroup is None:
                continue
            if token.lastgroup == "names":
                position = self.read_chain(token.start(), token.end(), None)
            elif token[0] == "." and self.base:
                following = _FOLLOWING.match(text, position)
                assert following  # noqa: S101  it may be empty
                position = self.read_chain(following.start(), following.end(), self.base)
            else:
                self.base = self.read_other(token)
        return self

    def read_other(self, token: re.Match[str]) -> Base | None:
        """A text, a number or a sign; gives what a dot after it would be of."""
        sign = token[0]
        if token.lastgroup == "text":
            self.read_string(token)
        if sign in {"(", "[", "{"}:
            self.frames.append(Frame(""))
        elif sign in {")", "]", "}"}:
            return self.frames.pop().close() if self.frames else Base("value")
        elif self.frames and sign == ",":
            self.frames[-1].argument += 1
            self.frames[-1].is_begun = False
        elif self.frames:
            self.frames[-1].is_begun = True
        return Base("value") if token.lastgroup == "text" else None

    def read_string(self, token: re.Match[str]) -> None:
        """A text, which may name a calendar or a group."""
        quote = token[0].lstrip("rR")[:1]
        if token.end() == len(self.text.text) and (len(token[0]) == 1 or token[0][-1] != quote):
            self.in_text = token.start() + 1
        kind = self.frames[-1].names_kind if self.frames and not self.frames[-1].is_begun else ""
        if kind and len(token[0]) > 1 and self.find_next(token.end()) in {")", ",", ""}:
            self.add(Symbol(kind, token[0][1:-1]), token.start() + 1, token.end() - 1)

    def find_next(self, position: int) -> str:
        """The next character that is not blank; empty at the end."""
        following = _NEXT.match(self.text.text, position)
        return following[1] if following else ""

    def add(self, symbol: Symbol, start: int, end: int, *, declares: bool = False) -> None:
        self.mentions.append(mention(symbol, self.text, start, end, declares=declares))

    def read_chain(self, start: int, end: int, base: Base | None) -> int:
        """The names from `start` to `end`, which follow a base; gives where to go on."""
        text = self.text.text
        parts = [NamePart(match[0], *match.span()) for match in _NAME.finditer(text, start, end)]
        if text[start:end].rstrip().endswith(".") or not parts:
            parts.append(NamePart("", end, end))
        if end == len(text):
            self.last_parts, self.last_base = parts, base
        self.base = None
        following = self.find_next(end)
        if following == "(" and parts[-1].name:
            self.open_call(parts, base)
            return text.index("(", end) + 1
        if following == "[" and base is None and [part.name for part in parts] == [HISTORY]:
            self.begin_argument()
            self.frames.append(Frame(HISTORY))
            return text.index("[", end) + 1
        if not self.bind_variable(parts, base, following):
            self.begin_argument()
            self.read_names(parts, base)
            self.base = Base("value")
        return end

    def begin_argument(self) -> None:
        if self.frames:
            self.frames[-1].is_begun = True

    def open_call(self, parts: list[NamePart], base: Base | None) -> None:
        """A function, or a method of what is named before it."""
        *before, called = parts
        is_method = bool(before) or base is not None
        table = self.read_names(before, base) if before else base.table if base and base.kind == "rows" else ""
        self.begin_argument()
        if not (before and before[0].name == "tables" and base is None and len(before) == 1):
            self.add(Symbol("method" if is_method else "function", called.name), called.start, called.end)
        else:
            self.add(Symbol("table", called.name), called.start, called.end)
        self.frames.append(Frame(called.name, table))

    def bind_variable(self, parts: list[NamePart], base: Base | None, following: str) -> bool:
        """Whether a name is the first argument of a method, which gives it to an event."""
        frame = self.frames[-1] if self.frames else None
        if base or len(parts) > 1 or frame is None or following != ",":
            return False
        if frame.name not in METHODS_OF_EVENTS or not frame.table or frame.argument or frame.is_begun:
            return False
        (part,) = parts
        frame.variable = Symbol("variable", part.name, str(self.text.offsets[part.start]))
        frame.is_begun = True
        self.add(frame.variable, part.start, part.end, declares=True)
        return True

    def find_variable(self, name: str) -> tuple[Symbol, str] | None:
        """The event that a name stands for here, and its table."""
        for frame in reversed(self.frames):
            if frame.variable and frame.variable.name == name:
                return frame.variable, frame.table
        return self.variables.get(name)

    def read_names(self, parts: list[NamePart], base: Base | None) -> str:
        """Note what the names of a chain stand for; gives the table, where it is one."""
        if base is not None:
            self.read_after(parts, base)
            return ""
        head, *members = parts
        variable = self.find_variable(head.name)
        if variable:
            symbol, table = variable
            self.add(symbol, head.start, head.end)
            self.read_field(members, table)
            return ""
        if head.name in {"parameters", "tables"} and members:
            self.add(Symbol(head.name[:-1], members[0].name), members[0].start, members[0].end)
            return ""
        if head.name == USES and members:
            return self.read_used(members)
        if head.name == "period" and members and members[0].name in PERIOD:
            self.add(Symbol("result", f"period.{members[0].name}"), members[0].start, members[0].end)
            return ""
        if self.read_result(parts):
            return ""
        bare = self.names.find_bare(head.name)
        if bare:
            self.add(bare, head.start, head.end)
        return head.name if bare and bare.kind == "events" else ""

    def read_after(self, parts: list[NamePart], base: Base) -> None:
        """Names that follow a bracket."""
        if base.kind == "row":
            self.read_field(parts, base.table)
        elif base.kind == HISTORY:
            self.read_result(parts)

    def read_result(self, parts: list[NamePart]) -> bool:
        """Whether names are those of a result, such as `pay.bonus`."""
        symbol = self.names.find_result(".".join(part.name for part in parts[:2]))
        if symbol is None and parts[0].name == "grade":
            symbol = Symbol("result", "grade")
        if symbol:
            named = parts[0] if symbol.name == "grade" and len(parts) == 1 else parts[min(1, len(parts) - 1)]
            self.add(symbol, named.start, named.end)
        return symbol is not None

    def read_field(self, members: list[NamePart], table: str) -> None:
        """What an event, or a decision of another policy, is asked for."""
        if not members:
            return
        if table.startswith(f"{USES}."):
            self.read_used_result(members, table.removeprefix(f"{USES}."))
        else:
            kind = "clock" if members[0].name in self.names.list_names("clock", table) else "field"
            self.add(Symbol(kind, members[0].name, table), members[0].start, members[0].end)

    def read_used(self, members: list[NamePart]) -> str:
        """`uses.department.score.total`; gives the table where only the policy is named."""
        named, *further = members
        self.add(Symbol("use", named.name), named.start, named.end)
        self.read_used_result(further, named.name)
        return "" if further else f"{USES}.{named.name}"

    def read_used_result(self, members: list[NamePart], use: str) -> None:
        shown = members[:2]
        if shown:
            dotted = ".".join(part.name for part in shown)
            self.add(Symbol("used", dotted, use), shown[0].start, shown[-1].end)
