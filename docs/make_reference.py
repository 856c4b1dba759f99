"""Writes `docs/reference/` from the code, so that it is never out of date: python docs/make_reference.py."""

import ast
import importlib
import inspect
import json
import pkgutil
import re
import textwrap
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import attrs
import rich_click as click

import scorecore
import scorecore_extras
import scorecore_scorers
from scorecore import plugin
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.facts.raw import RawTable
from scorecore.io.databases import FactsQuery
from scorecore.io.formats import Block, Reader, Renderer
from scorecore.io.result_writers import ResultTable, Writer
from scorecore.language.cel.builders import call, history, require
from scorecore.language.cel.syntax import (
    Call,
    Index,
    LiteralSyntax,
    Method,
    Name,
    Operation,
    Place,
    Select,
    Syntax,
    greatest,
    least,
)
from scorecore.language.operators import OPERATORS
from scorecore.language.signatures import GROUPS, IN_PROGRAMS_ONLY, METHODS, NUMBERS, list_operators
from scorecore.plugins import (
    CONTRACT,
    Check,
    Entry,
    Hooks,
    ItemContext,
    NamedValue,
    Operator,
    Scorer,
    installed,
    load_scorers,
)
from scorecore.policy import model as policy
from scorecore.policy.model import HIDDEN
from scorecore_cli.language import _, choose, learn_plugin_words
from scorecore_cli.main import scorecore as group
from scorecore_web.month_api import list_api_routes
from scorecore_web.open_api import describe_api

HERE = Path(__file__).parent / "reference"
PARTS = {
    "policy": policy.PolicyHeader,
    "parameters.<name>": policy.ParameterDeclaration,
    "tables.<name>": policy.BandTableDeclaration,
    "calendars.<name>": policy.CalendarDeclaration,
    "facts.<subject>.<name>": policy.FactDeclaration,
    "facts.<events>": policy.EventsDeclaration,
    "matters.<events>": policy.MatterDeclaration,
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
    "bounded[]": policy.BoundedDeclaration,
    "paid_once[]": policy.PaidOnceDeclaration,
    "open": policy.Open,
    "text.silent[]": policy.SilenceDeclaration,
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


def pages() -> Mapping[str, str]:
    """Every page of the reference by its name, in its own language whatever was chosen before."""
    choose(["--lang", "en"])
    lines_by_page = {
        "keys": keys(),
        "operators": operators(),
        "scorers": scorers(),
        "cli": commands(),
        "contract": contract(),
        "results": results(),
        "problems.zh": diagnostics("zh"),
        "problems": diagnostics("en"),  # the last, which leaves English as the language
    }
    note = "<!-- made by docs/make_reference.py; do not edit -->\n\n"
    texts = {f"{page}.md": note + "\n".join(lines) + "\n" for page, lines in lines_by_page.items()}
    return texts | {"openapi.json": json.dumps(describe_api(list_api_routes()), indent=1) + "\n"}


def keys() -> Iterator[str]:
    yield "# Keys of a policy file"
    for name, part in PARTS.items():
        summary = (part.__doc__ or "").partition(":")[2].strip() if "`[" in (part.__doc__ or "") else ""
        yield f"\n## `[[{name.removesuffix('[]')}]]`" if name.endswith("[]") else f"\n## `[{name}]`"
        yield f"\n{summary[:1].upper()}{summary[1:]}\n" if summary else ""
        yield from _key_tables(part)


def _key_tables(part: type) -> Iterator[str]:
    """The table of a part, and one of each part within it."""
    yield from _key_table(part)
    for inner_part in dict.fromkeys(_inner_parts(part)):
        yield f"\n`{inner_part.__name__}` within it:\n"
        yield from _key_table(inner_part)


def _inner_parts(part: type) -> Iterator[type]:
    """Parts that are written inside a part and not in a section of their own."""
    for field in attrs.fields(part):
        for field_class in _classes(field.type):
            if field_class not in PARTS.values() and not field.metadata.get(HIDDEN):
                yield field_class
                yield from _inner_parts(field_class)


def _classes(annotation: Any) -> Iterator[type]:
    if get_origin(annotation):
        for argument in get_args(annotation):
            yield from _classes(argument)
    elif isinstance(annotation, type) and attrs.has(annotation) and annotation.__name__ not in WORDS:
        yield annotation


def _key_table(part: type) -> Iterator[str]:
    yield "| key | type | default | meaning |\n| --- | --- | --- | --- |"
    for field in attrs.fields(part):
        if not field.metadata.get(HIDDEN):
            name = field.name.rstrip("_")
            row = f"| `{name}` | {_type_words(field.type)} | {_default(field)} | {field.metadata['about']} |"
            yield row.replace("  |", " |")


def _type_words(annotation: Any) -> str:
    """What an author writes for a type."""
    origin = get_origin(annotation)
    arguments = [argument for argument in get_args(annotation) if argument not in {NoneType, Ellipsis}]
    if origin is Literal:
        return " \\| ".join(f"`{choice}`" for choice in arguments)
    if origin in {Union, UnionType}:
        return WORDS["value"] if set(arguments) >= {bool, str} else " or ".join(map(_type_words, arguments))
    if origin is tuple:
        return f"list of {_type_words(arguments[0])}"
    if origin is dict:
        return "named parts"
    if attrs.has(annotation) and annotation.__name__ not in WORDS:
        return f"`{annotation.__name__}`"
    return WORDS.get(annotation.__name__, annotation.__name__)


def _default(field: "attrs.Attribute[Any]") -> str:
    if field.default is attrs.NOTHING:
        return "required"
    if field.default in (None, "", ()) or isinstance(field.default, attrs.Factory):  # type: ignore[arg-type]
        return ""
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


def operators() -> Iterator[str]:
    yield "# Operators and functions\n\n| written | gives |\n| --- | --- |"
    for operator in list_operators():
        yield f"| `{operator.signature}` | {operator.summary} |".replace("||", "\\|\\|")
    yield "\n## From the plugins that come with scorecore\n\nA program contains the expressions that these expand to.\n"
    yield "| written | gives |\n| --- | --- |"
    plugins = load_scorers(installed(), Diagnostics())
    yield from (f"| `{operator.signature}` | {operator.summary} |" for _, operator in sorted(plugins.operators.items()))
    yield "\n## Events and earlier periods\n\n| written | gives |\n| --- | --- |"
    yield from (f"| {row.written} | {row.gives} |" for row in (*METHODS, *NUMBERS))
    yield "\n## Groups\n\n| written | gives |\n| --- | --- |"
    yield from (f"| {row.written} | {row.gives} |" for row in GROUPS)
    yield "\n## In programs only\n\n`scorecore expand` shows these as well; authors do not write them.\n"
    yield "| operator | gives |\n| --- | --- |"
    yield from (f"| `{name}` | {OPERATORS[name].summary} |" for name in IN_PROGRAMS_ONLY)


def scorers() -> Iterator[str]:
    yield "# Scorers"
    for name, scorer in sorted(load_scorers(installed(), Diagnostics()).items()):
        yield f"\n## `{name}`\n\n{inspect.cleandoc(scorer.parameters.__doc__ or '')}\n"
        yield from _key_tables(scorer.parameters)


CONTRACT_CLASSES = (
    *(Entry, NamedValue, ItemContext, Scorer, Operator, Check),
    *(Reader, RawTable, FactsQuery, Writer, ResultTable, Renderer, Block),
    *(DiagnosticKind, Diagnostic, Location),
)
INTERNAL_FIELDS = {
    *((RawTable, name) for name in ("begins", "whole", "refusal", "unclear", "memory")),
    (scorecore.FormulaInput, "expression"),
}
"""Fields that scorecore itself fills and reads."""


def contract() -> Iterator[str]:
    yield f"# The plugin contract\n\nVersion {CONTRACT}. [Writing a plugin](../plugins.md) explains it.\n"
    names = ", ".join(f"`{name}`" for name in plugin.__all__)
    yield f"`scorecore.plugin` has all of it, and nothing else of scorecore belongs to it: {names}.\n\n## Hooks\n"
    yield "| hook | gives | what |\n| --- | --- | --- |"
    for name, hook in vars(Hooks).items():
        if not name.startswith("_"):
            yield f"| `{name}()` | `{_annotation(inspect.signature(hook).return_annotation)}` | {hook.__doc__} |"
    for cls in CONTRACT_CLASSES:
        yield f"\n## `{cls.__name__}`\n\n{inspect.cleandoc(cls.__doc__ or '')}\n"
        field_docs = _field_docs(cls)
        yield "| field | type | default | meaning |\n| --- | --- | --- | --- |"
        for field in attrs.fields(cls):
            if (cls, field.name) in INTERNAL_FIELDS:
                continue
            default = "required" if field.default is attrs.NOTHING else f"`{field.default!r}`"
            row = f"| `{field.name}` | `{_annotation(field.type)}` | {default} | {field_docs.get(field.name, '')} |"
            yield row.replace("  |", " |")
    yield from _python_expressions()


RESULT_CLASSES = (
    *(scorecore.Decision, scorecore.DecisionEntry, scorecore.DecisionPay),
    *(scorecore.Explanation, scorecore.ExplainedResult, scorecore.ItemExplanation, scorecore.ExplainedEntry),
    *(scorecore.ExplainedPay, scorecore.FormulaInput, scorecore.GroupComparison, scorecore.OpenMatter),
    scorecore.TotalRange,
)


def results() -> Iterator[str]:
    yield "# What the library gives\n"
    yield "[From Python](../library.md) shows it at work; each name is in `scorecore`. `json_schema` of a policy"
    yield "describes the same as plain data."
    for cls in RESULT_CLASSES:
        yield f"\n## `{cls.__name__}`\n\n{inspect.cleandoc(cls.__doc__ or '')}\n"
        field_docs = _field_docs(cls)
        yield "| field | type | meaning |\n| --- | --- | --- |"
        for field in attrs.fields(cls):
            if (cls, field.name) not in INTERNAL_FIELDS:
                row = f"| `{field.name}` | `{_annotation(field.type)}` | {field_docs.get(field.name, '')} |"
                yield row.replace("  |", " |")
        for name, member in vars(cls).items():
            if isinstance(member, property):
                annotation = _annotation(inspect.signature(member.fget).return_annotation)
                yield f"| `{name}` | `{annotation}` | {' '.join(inspect.getdoc(member).split())} |"


_ABOUT_EXPRESSIONS = """\
For expressions `x`, `y` and `z`; any but the first may be an int, a Decimal or a text, and never a bool or a float.
The events of a table that a key names are `events(self.each)`."""


def _python_expressions() -> Iterator[str]:
    yield f"\n## Expressions in Python\n\n{_ABOUT_EXPRESSIONS}\n"
    yield "| written | means |\n| --- | --- |"
    x, y, z = (Name(name, Place(Location("", 1, 1))) for name in "xyz")
    for code, expressions in (
        ("x + y, x - y, x * y, x / y, -x", (x + y, x - y, x * y, x / y, -x)),
        ("x < y, x <= y, x > y, x >= y", (x < y, x <= y, x > y, x >= y)),
        ("x.equals(y)", (x.equals(y),)),
        ("x & y, x | y, ~x", (x & y, x | y, ~x)),
        ("x.then(y, z)", (x.then(y, z),)),
        ("x.decimal(), x.rounded(2), x.rounded(0, 'up')", (x.decimal(), x.rounded(2), x.rounded(0, "up"))),
        ("least(x, y), greatest(x, y)", (least(x, y), greatest(x, y))),
        ("call('days', x, y)", (call("days", x, y),)),
        ("x.field('fine')", (x.field("fine"),)),
        ("x.filter('e', y).size()", (x.filter("e", y).size(),)),
        ("x.map('e', y).sum()", (x.map("e", y).sum(),)),
        ("x.exists('e', y), x.all('e', y)", (x.exists("e", y), x.all("e", y))),
        ("call('rank', x, 'branch')", (call("rank", x, "branch"),)),
        ("call('pool', x, y, 'branch', 2)", (call("pool", x, y, "branch", 2),)),
        ("require(x, y, 'why')", (require(x, y, "why"),)),
        ("history(1, 'score.total', x.place)", (history(1, "score.total", x.place),)),
    ):
        row = f"| `{code}` | `{', '.join(map(_cel, expressions))}` |"
        yield row.replace("||", "\\|\\|").replace("x | y", "x \\| y")


SIGNS = {"and": "&&", "or": "||"}


def _cel(syntax: Syntax) -> str:
    """A small expression as an author would write it."""
    match syntax:
        case Name(name):
            return name
        case LiteralSyntax(value):
            return f'"{value}"' if isinstance(value, str) else str(value)
        case Operation("negate", (operand,)):
            return f"-{_cel(operand)}"
        case Operation("not", (operand,)):
            return f"!{_cel(operand)}"
        case Operation("if", (condition, then, otherwise)):
            return f"{_cel(condition)} ? {_cel(then)} : {_cel(otherwise)}"
        case Operation(operator, (left, right)):
            return f"{_cel(left)} {SIGNS.get(operator, operator)} {_cel(right)}"
        case Call(function, arguments):
            return f"{function}({', '.join(map(_cel, arguments))})"
        case Method(base, method, arguments):
            return f"{_cel(base)}.{method}({', '.join(map(_cel, arguments))})"
        case Select(base, member):
            return f"{_cel(base)}.{member}"
        case Index(base, index):
            return f"{_cel(base)}[{_cel(index)}]"
        case _:
            raise TypeError(syntax)


def _annotation(annotation: Any) -> str:
    """A type as it is written, without the modules."""
    if isinstance(annotation, str):
        text = annotation
    else:
        text = str(annotation) if get_args(annotation) else getattr(annotation, "__name__", str(annotation))
    return re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Za-z])", "", text).replace("|", "\\|")


def _field_docs(cls: type) -> dict[str, str]:
    """The docstrings below the fields of a class and its bases."""
    docs: dict[str, str] = {}
    for base in reversed(cls.__mro__[:-1]):
        definition = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
        for field, docstring in pairwise(definition.body if isinstance(definition, ast.ClassDef) else ()):
            match field, docstring:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    docs[name] = " ".join(inspect.cleandoc(text).split())
                case _:
                    pass
    return docs


@attrs.frozen
class ProblemsPage:
    """What the page of problems says in a language beside the sentences themselves."""

    heading: str
    columns: str
    family: str
    another: str
    """Between two pieces of advice."""
    families: Mapping[str, str]


PROBLEMS_PAGES = {
    "en": ProblemsPage(
        heading="# Problems\n\n[中文](problems.zh.md)\n\n"
        "A folder in `tests/problems/` shows each problem that a command can meet, in both languages.",
        columns="| code | sentence | advice |",
        family="## {family}xx: {title}",
        another="; or: ",
        families={
            "SC0": "The text of a file",
            "SC1": "The structure of a policy",
            "SC2": "Expressions",
            "SC3": "What a policy means",
            "SC4": "Files of facts",
            "SC5": "Why a value is unknown",
            "SC6": "Plugins",
            "SC7": "The keys of scorers",
            "SC8": "Records",
            "SC9": "What cases do not prove, and keys of records",
        },
    ),
    "zh": ProblemsPage(
        heading="# 问题\n\n[English](problems.md)\n\n"
        "命令可能遇到的每个问题，在 `tests/problems/` 中各有一个文件夹，用两种语言展示实际输出。",
        columns="| 代码 | 说明 | 建议 |",
        family="## {family}xx：{title}",
        another="<br>或：",
        families={
            "SC0": "文件的文本",
            "SC1": "考核办法的结构",
            "SC2": "表达式",
            "SC3": "考核办法的含义",
            "SC4": "事实数据文件",
            "SC5": "值为何未知",
            "SC6": "插件",
            "SC7": "计分器的键",
            "SC8": "记录",
            "SC9": "用例没有证明的内容，以及记录的密钥",
        },
    ),
}


def diagnostics(language: str) -> Iterator[str]:
    choose(["--lang", language])
    learn_plugin_words(load_scorers(installed(), Diagnostics()).words)
    page = PROBLEMS_PAGES[language]
    yield page.heading
    kinds = _kinds()
    for family, title in page.families.items():
        yield f"\n{page.family.format(family=family, title=title)}\n\n{page.columns}\n| --- | --- | --- |"
        for kind in kinds:
            if kind.code.startswith(family):
                advice = page.another.join(map(_, kind.advice)).replace("{{", "{").replace("}}", "}")
                yield f"| {kind.code} | {_(kind.message)} | {advice} |".replace("||", "\\|\\|").replace("  |", " |")


def _kinds() -> list[DiagnosticKind]:
    """Every kind with a code, of scorecore and of the plugins that come with it."""
    plugin_modules = [
        importlib.import_module(f"{package.__name__}.{module.name}")
        for package in (scorecore_scorers, scorecore_extras)
        for module in pkgutil.iter_modules(package.__path__)
    ]
    kinds = {
        kind.code: kind
        for module in (catalogue, *plugin_modules)
        for kind in vars(module).values()
        if isinstance(kind, DiagnosticKind) and kind.code
    }
    return [kind for _code, kind in sorted(kinds.items())]


def commands() -> Iterator[str]:
    yield "# The command line"
    for name, command in _commands(group):
        context = click.Context(command, info_name=f"scorecore {name}")
        summary = inspect.cleandoc(command.help or "")
        yield f"\n## `scorecore {name}`\n\n{summary}\n\n```text\n{command.get_usage(context)}\n```\n"
        yield "| option | meaning |\n| --- | --- |"
        for parameter in command.get_params(context):
            help_record = parameter.get_help_record(context)
            if help_record and help_record[1]:
                yield f"| `{help_record[0].replace('|', chr(92) + '|')}` | {help_record[1]} |"


def _commands(parent: click.Group, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command by what is typed for it; for a group, the commands below it."""
    context = click.Context(parent)
    for name in parent.list_commands(context):
        command = parent.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, f"{prefix}{name} ")
        elif command:
            yield f"{prefix}{name}", command


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for file, text in pages().items():
        (HERE / file).write_text(text, encoding="utf-8")
