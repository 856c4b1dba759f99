"""Writes `docs/reference/` from the code, so that no line of it can be out of date: python docs/make_reference.py."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import attrs
import rich_click as click

from scorecore import plugin
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.io.formats import Block, Reader, Renderer
from scorecore.language.cel.syntax import (
    Call,
    LiteralSyntax,
    Name,
    Operation,
    Place,
    Syntax,
    greatest,
    least,
)
from scorecore.language.expressions import Fold
from scorecore.language.operators import OPERATORS
from scorecore.plugins import (
    CONTRACT,
    Check,
    Entry,
    Hooks,
    ItemContext,
    Operator,
    Scorer,
    installed,
    load_scorers,
)
from scorecore.policy import model as policy
from scorecore.policy.model import HIDDEN
from scorecore_cli.language import choose
from scorecore_cli.main import scorecore as group

HERE = Path(__file__).parent / "reference"
PARTS = {
    "policy": policy.PolicyHeader,
    "parameters.<name>": policy.ParameterDeclaration,
    "tables.<name>": policy.BandTableDeclaration,
    "calendars.<name>": policy.CalendarDeclaration,
    "facts.<subject>.<name>": policy.FactDeclaration,
    "facts.<events>": policy.EventsDeclaration,
    "uses.<name>": policy.UsesDeclaration,
    "values.<name>": policy.ValueDeclaration,
    "groups.<name>": policy.GroupDeclaration,
    "items[]": policy.ItemDeclaration,
    "score": policy.ScoreDeclaration,
    "grades[]": policy.GradeDeclaration,
    "pay[]": policy.PayDeclaration,
    "carry.<name>": policy.CarryDeclaration,
    "holds[]": policy.HoldDeclaration,
    "actions[]": policy.ActionDeclaration,
    "monotone[]": policy.MonotoneDeclaration,
    "open": policy.Open,
}
"""The parts of a file in the order of the language page."""
WORDS = {
    "str": "text",
    "Snippet": "text",
    "bool": "true or false",
    "int": "whole number",
    "Decimal": "number",
    "Syntax": "expression",
    "value": "value",
}
FOLDS = {
    Fold.SIZE: "`t.size()`, `t.filter(e, …).size()` | how many events",
    Fold.SUM: "`t.map(e, …).sum()` | the sum of a number of each event",
    Fold.EXISTS: "`t.exists(e, …)` | whether an event meets the condition",
    Fold.ALL: "`t.all(e, …)` | whether every event meets the condition",
    Fold.EXISTS_ONE: "`t.exists_one(e, …)` | whether exactly one event meets the condition",
    Fold.AT: "`history[1].x` | a value of so many periods ago",
    Fold.ONE: "`uses.d.x` | a value that another policy decided",
    Fold.RUN: "`streak(…)` | how many periods in a row meet the condition, this one included",
}
"""Folds that authors write; `last` is what a balance opens with."""
GROUPS = (
    '`rank(x, "g")` | the place of `x` in the group: 1 is the greatest; `rank(-x, "g")` has the least first',
    '`sum_in(x, "g")`, `mean_in(x, "g")` | the sum, or the mean, of `x` over all members',
    '`greatest_in(x, "g")`, `least_in(x, "g")` | the greatest, or the least, `x` of all members',
    '`count_in(condition, "g")` | how many members meet a condition',
    '`pool(amount, weight, "g", 2)` | the share of an amount by weight, to 2 places; all shares add up to the amount',
)
"""Functions of all members of a group."""
NUMBERS = (
    "`nth(order)` | which one an event is, from 1, in the order of a date, a time or a number; none for equals",
    "`nth(by, order)` | the same among the events that have the same `by`",
    "`nth(by, order, condition)` | the same among those of them that meet a condition",
)
"""Functions of one event that look at the others."""
FAMILIES = {
    "SC0": "The text of a file",
    "SC1": "The shape of a policy",
    "SC2": "Expressions",
    "SC3": "What a policy means",
    "SC4": "Fact files",
    "SC5": "Why a value is unknown",
    "SC6": "Plugins",
    "SC8": "Records",
    "SC9": "What cases do not prove",
}


def pages() -> Mapping[str, str]:
    """Every page of the reference by its name, in English whatever was chosen before."""
    choose(["--lang", "en"])
    made = {
        "keys": keys(),
        "operators": operators(),
        "scorers": scorers(),
        "problems": diagnostics(),
        "cli": commands(),
        "contract": contract(),
    }
    note = "<!-- made by docs/make_reference.py; do not edit -->\n\n"
    return {f"{name}.md": note + "\n".join(lines) + "\n" for name, lines in made.items()}


def keys() -> Iterator[str]:
    yield "# Keys of a policy file"
    for name, part in PARTS.items():
        summary = (part.__doc__ or "").partition(":")[2].strip() if "`[" in (part.__doc__ or "") else ""
        yield f"\n## `[[{name.removesuffix('[]')}]]`" if name.endswith("[]") else f"\n## `[{name}]`"
        yield f"\n{summary[:1].upper()}{summary[1:]}\n" if summary else ""
        yield from _table(part)
        for inner in dict.fromkeys(_inner(part)):
            yield f"\n`{inner.__name__}` within it:\n"
            yield from _table(inner)


def _inner(part: type) -> Iterator[type]:
    """Parts that stand inside a part and not in a section of their own."""
    for one in attrs.fields(part):
        for found in _classes(one.type):
            if found not in PARTS.values() and not one.metadata.get(HIDDEN):
                yield found
                yield from _inner(found)


def _classes(of: Any) -> Iterator[type]:
    if get_origin(of):
        for part in get_args(of):
            yield from _classes(part)
    elif isinstance(of, type) and attrs.has(of) and of.__name__ not in WORDS:
        yield of


def _table(part: type) -> Iterator[str]:
    yield "| key | what stands there | default | meaning |\n| --- | --- | --- | --- |"
    for one in attrs.fields(part):
        if not one.metadata.get(HIDDEN):
            shown = f"| `{one.name.rstrip('_')}` | {_kind(one.type)} | {_default(one)} | {one.metadata['about']} |"
            yield shown.replace("  |", " |")


def _kind(of: Any) -> str:
    """What an author writes for a type."""
    origin, inside = get_origin(of), [one for one in get_args(of) if one not in {NoneType, Ellipsis}]
    if origin is Literal:
        return " \\| ".join(f"`{one}`" for one in inside)
    if origin in {Union, UnionType}:
        return WORDS["value"] if set(inside) >= {bool, str} else " or ".join(map(_kind, inside))
    if origin is tuple:
        return f"list of {_kind(inside[0])}"
    if origin is dict:
        return "named parts"
    if attrs.has(of) and of.__name__ not in WORDS:
        return f"`{of.__name__}`"
    return WORDS.get(of.__name__, of.__name__)


def _default(of: "attrs.Attribute[Any]") -> str:
    if of.default is attrs.NOTHING:
        return "needed"
    if of.default in (None, "", ()) or isinstance(of.default, attrs.Factory):  # type: ignore[arg-type]
        return ""
    return f"`{str(of.default).lower() if isinstance(of.default, bool) else of.default}`"


def operators() -> Iterator[str]:
    yield "# Operators and functions\n\n| written | gives |\n| --- | --- |"
    for one in OPERATORS.values():
        if not one.name.startswith("round_") and one.name not in {"not_negative", "within"}:
            yield f"| `{one.signature}` | {one.summary} |".replace("||", "\\|\\|")
    yield "\n## Of plugins that come with scorecore\n\nA program has what they stand for.\n"
    yield "| written | gives |\n| --- | --- |"
    brought = load_scorers(installed(), Diagnostics())
    yield from (f"| `{one.signature}` | {one.summary} |" for _, one in sorted(brought.operators.items()))
    yield "\n## Events and earlier periods\n\n| written | gives |\n| --- | --- |"
    yield from (f"| {text} |" for text in FOLDS.values())
    yield from (f"| {text} |" for text in NUMBERS)
    yield "\n## Groups\n\n| written | gives |\n| --- | --- |"
    yield from (f"| {text} |" for text in GROUPS)
    yield "\n## In programs only\n\n`scorecore expand` shows these as well; authors do not write them.\n"
    yield "| operator | gives |\n| --- | --- |"
    for name in ("round_product", "round_quotient", "not_negative", "within"):
        yield f"| `{name}` | {OPERATORS[name].summary} |"


def scorers() -> Iterator[str]:
    yield "# Scorers"
    found = load_scorers(installed(), Diagnostics())
    for name in sorted(found):
        scorer = found[name]
        text = inspect.cleandoc(scorer.parameters.__doc__ or "")
        yield f"\n## `{name}`\n\n{text}\n"
        yield from _table(scorer.parameters)
        for inner in dict.fromkeys(_inner(scorer.parameters)):
            yield f"\n`{inner.__name__}` within it:\n"
            yield from _table(inner)


def contract() -> Iterator[str]:
    yield f"# The plugin contract\n\nVersion {CONTRACT}. [Writing a plugin](../plugins.md) explains it.\n"
    names = ", ".join(f"`{name}`" for name in plugin.__all__)
    yield f"`scorecore.plugin` has all of it, and nothing else of scorecore belongs to it: {names}.\n\n## Hooks\n"
    yield "| hook | gives | what |\n| --- | --- | --- |"
    for name, hook in vars(Hooks).items():
        if not name.startswith("_"):
            yield f"| `{name}()` | `{_written(inspect.signature(hook).return_annotation)}` | {hook.__doc__} |"
    for cls in (Entry, ItemContext, Scorer, Operator, Check, Reader, Renderer, Block):
        yield f"\n## `{cls.__name__}`\n\n{inspect.cleandoc(cls.__doc__ or '')}\n"
        about = _attribute_docs(cls)
        yield "| field | type | default | meaning |\n| --- | --- | --- | --- |"
        for one in attrs.fields(cls):
            default = "needed" if one.default is attrs.NOTHING else f"`{one.default!r}`"
            shown = f"| `{one.name}` | `{_written(one.type)}` | {default} | {about.get(one.name, '')} |"
            yield shown.replace("  |", " |")
    yield "\n## Expressions in Python\n\nOf expressions `x`, `y` and `z`; a number may stand for any but the first.\n"
    yield "| written | means |\n| --- | --- |"
    x, y, z = (Name(one, Place(Location("", 1, 1))) for one in "xyz")
    for text, made in (
        ("x + y, x - y, x * y, x / y, -x", (x + y, x - y, x * y, x / y, -x)),
        ("x < y, x <= y, x > y, x >= y", (x < y, x <= y, x > y, x >= y)),
        ("x.equals(y)", (x.equals(y),)),
        ("x & y, x | y, ~x", (x & y, x | y, ~x)),
        ("x.then(y, z)", (x.then(y, z),)),
        ("x.decimal(), x.rounded(2), x.rounded(0, 'up')", (x.decimal(), x.rounded(2), x.rounded(0, "up"))),
        ("least(x, y), greatest(x, y)", (least(x, y), greatest(x, y))),
        ("Call('days', (x, y), x.place)", (Call("days", (x, y), x.place),)),
    ):
        yield f"| `{text}` | `{', '.join(map(cel, made))}` |".replace("||", "\\|\\|").replace("x | y", "x \\| y")


SIGNS = {"and": "&&", "or": "||"}


def cel(of: Syntax) -> str:
    """An expression of few parts as an author would write it."""
    match of:
        case Name(name):
            return name
        case LiteralSyntax(value):
            return f'"{value}"' if isinstance(value, str) else str(value)
        case Operation("negate", (one,)):
            return f"-{cel(one)}"
        case Operation("not", (one,)):
            return f"!{cel(one)}"
        case Operation("if", (condition, one, other)):
            return f"{cel(condition)} ? {cel(one)} : {cel(other)}"
        case Operation(operator, (one, other)):
            return f"{cel(one)} {SIGNS.get(operator, operator)} {cel(other)}"
        case Call(function, arguments):
            return f"{function}({', '.join(map(cel, arguments))})"
        case _:
            raise TypeError(of)


def _written(of: Any) -> str:
    """A type as it is written, without the modules."""
    text = of if isinstance(of, str) else getattr(of, "__name__", str(of)) if not get_args(of) else str(of)
    return re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Za-z])", "", text).replace("|", "\\|")


def _attribute_docs(cls: type) -> dict[str, str]:
    """What stands as text below the fields of a class and its bases."""
    found: dict[str, str] = {}
    for one in reversed(cls.__mro__[:-1]):
        parsed = ast.parse(textwrap.dedent(inspect.getsource(one))).body[0]
        for field, text in pairwise(parsed.body if isinstance(parsed, ast.ClassDef) else ()):
            match field, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(about))):
                    found[name] = " ".join(inspect.cleandoc(about).split())
                case _:
                    pass
    return found


def diagnostics() -> Iterator[str]:
    yield "# Problems\n\nA folder in `tests/problems/` shows each that a command can meet, in both languages."
    found = [one for one in vars(catalogue).values() if isinstance(one, DiagnosticKind) and one.code]
    for family, title in FAMILIES.items():
        yield f"\n## {family}xx: {title}\n\n| code | sentence | advice |\n| --- | --- | --- |"
        for one in sorted(found, key=lambda kind: kind.code):
            if one.code.startswith(family):
                advice = "; or: ".join(one.advice).replace("{{", "{").replace("}}", "}")
                yield f"| {one.code} | {one.message} | {advice} |".replace("||", "\\|\\|").replace("  |", " |")


def commands() -> Iterator[str]:
    yield "# The command line"
    for name, command in _commands(group):
        context = click.Context(command, info_name=f"scorecore {name}")
        yield f"\n## `scorecore {name}`\n\n{command.help}\n\n```text\n{command.get_usage(context)}\n```\n"
        yield "| option | meaning |\n| --- | --- |"
        for one in command.get_params(context):
            record = one.get_help_record(context)
            if record and record[1]:
                yield f"| `{record[0].replace('|', chr(92) + '|')}` | {record[1]} |"


def _commands(of: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command by what is typed for it; of a group the commands below it."""
    whole = click.Context(of)
    for name in of.list_commands(whole):
        command = of.get_command(whole, name)
        if isinstance(command, click.Group):
            yield from _commands(command, f"{before}{name} ")
        elif command:
            yield f"{before}{name}", command


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for file, text in pages().items():
        (HERE / file).write_text(text, encoding="utf-8")
