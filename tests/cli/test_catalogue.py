"""The Chinese catalogue says everything that the program can say, and nothing else."""

import ast
import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from types import ModuleType
from typing import Final, get_args

import attrs
import click
import pytest
import tomli
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from click.testing import CliRunner

import scorecore
import scorecore_cli
import scorecore_scorers
from scorecore.analysis.cases.json_schema import build_cases_schema
from scorecore.diagnostics.diagnostic import DiagnosticKind, Diagnostics
from scorecore.language import signatures
from scorecore.plugins import Scorer, installed, load_scorers
from scorecore.policy.json_schema import build_policy_schema
from scorecore.policy.model import (
    HIDDEN,
    SIGNS,
    BandTableDeclaration,
    PeriodKind,
    PolicyHeader,
    Weekday,
)
from scorecore.services import wording
from scorecore.services.rename import REASONS
from scorecore_cli import labels
from scorecore_cli import third_party_messages as foreign
from scorecore_cli.language import _, choose, ngettext
from scorecore_cli.main import scorecore as program

CATALOGUE: Final = Path(scorecore.__file__).parent / "locale" / "zh.po"
POLICIES: Final = Path(__file__).parents[2] / "policies" / "galaxy"

MADE_OF_BLANKS: Final = frozenset({"{reason}"})
"""What has no words of its own, and so reads the same in every language."""
NOT_LITERAL: Final = frozenset(
    {
        "scorer.summary",
        "about",
        "program.status",
        "program.period.every",
        "band_table.kind",
        "band_table.edge",
        "english",
        "singular if count == 1 else plural",
        "piece",
        "super().make_metavar(ctx)",
        "wording.KINDS[suggestion.kind]",
    }
)
"""What is translated without standing there word for word: `sentences` finds these where they are declared."""
NOT_WORDS: Final = frozenset({"BOOLEAN"})
"""Metavars that are never shown, because the option is a switch."""

ENGLISH: Final = re.compile(r"[A-Za-z']{2,}(?:[ \n│]+[A-Za-z']{2,}){2,}")
"""Three words in a row. Commands and names of the language are at most two."""
HALF_WIDTH: Final = re.compile(r"[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]")


def modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.startswith("scorecore.spark"):  # an extra, which says nothing of its own
            yield importlib.import_module(module.name)


def kinds() -> set[DiagnosticKind]:
    packages_modules = [*modules(scorecore), *modules(scorecore_scorers)]
    return {
        value
        for module in packages_modules
        for value in vars(module).values()
        if isinstance(value, DiagnosticKind) and value.code
    }


def said_by_kinds() -> set[str]:
    return {text for kind in kinds() for text in kind.sentences}


def calls() -> Iterator[ast.expr]:
    """The sentences of every `_(…)` and `ngettext(…)` of the command line."""
    sentences = {_.__name__: 1, ngettext.__name__: 2}
    for path in Path(scorecore_cli.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in sentences:
                yield from node.args[: sentences[node.func.id]]


def said_by_the_command_line() -> set[str]:
    return {str(call.value) for call in calls() if isinstance(call, ast.Constant)}


def commands(command: click.Command = program, before: str = "") -> dict[str, click.Command]:
    """The whole program, and every command below it, by what is typed for it."""
    commands_by_name = {before: command}
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            commands_by_name |= commands(below, f"{before} {name}".strip())
    return commands_by_name


def said_by_help() -> set[str]:
    """Help and the words of the usage lines, as they are in English."""
    choose(["--lang", "en"])
    sentences: set[str] = set()
    for command in commands().values():
        context = click.Context(command)
        sentences |= {command.help or "", *command.collect_usage_pieces(context)}
        for param in command.get_params(context):
            sentences.add(getattr(param, "help", None) or "")
            if not isinstance(param.type, click.Choice):
                sentences.add(param.make_metavar(context))
    return sentences - {""} - NOT_WORDS


def said_by_scorers() -> set[str]:
    scorers: list[Scorer] = list(load_scorers(installed(), Diagnostics()).values())
    fields = [field for scorer in scorers for field in attrs.fields(scorer.parameters)]
    abouts = {str(field.metadata["about"]) for field in fields if not field.metadata.get(HIDDEN)}
    return abouts | {scorer.summary for scorer in scorers}


def said_by_the_schema() -> set[str]:
    """What editors show of each key."""
    asked: set[str] = set()

    def note(english: str) -> str:
        asked.add(english)
        return english

    build_policy_schema(load_scorers(installed(), Diagnostics()), note)
    build_cases_schema(note)
    return asked


def said_by_the_services() -> set[str]:
    """What editors show of names, and why a name cannot be changed."""
    rows = (*signatures.METHODS, *signatures.GROUPS, *signatures.NUMBERS)
    functions = {operator.summary for operator in signatures.list_operators()} | {row.gives for row in rows}
    return {*wording.SENTENCES, *REASONS} | functions


def words_of_the_language() -> set[str]:
    """Values of keys that are shown in words."""
    table = attrs.fields_dict(BandTableDeclaration)
    edges = next(choices for choices in get_args(table["edge"].type) if get_args(choices))
    types = (attrs.fields_dict(PolicyHeader)["status"].type, PeriodKind, Weekday, table["kind"].type, edges)
    return {word for choice in types for word in get_args(choice)}


def sentences() -> set[str]:
    """All that the program can say."""
    parts = (
        said_by_kinds(),
        said_by_the_command_line(),
        said_by_help(),
        said_by_scorers(),
        words_of_the_language(),
        said_by_the_schema(),
        said_by_the_services(),
    )
    return set(foreign.SENTENCES).union(*parts)


def translations() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        messages = [message for message in read_po(file, locale="zh") if message.id]
    return {sentence: translation for message in messages for sentence, translation in forms(message)}


def forms(message: Message) -> Iterator[tuple[str, str]]:
    """The singular and the plural of a message, each with the one form that Chinese has."""
    if isinstance(message.id, str):
        yield message.id, str(message.string)
    else:
        (translation,) = message.string or ()
        yield from ((sentence, translation) for sentence in message.id)


def placeholder_counts(sentence: str) -> Counter[str]:
    return Counter(name for _, name, _, _ in Formatter().parse(sentence) if name)


@pytest.fixture
def in_chinese() -> Iterator[None]:
    choose(["--lang", "zh"])
    yield
    choose(["--lang", "en"])


def output(*arguments: str, **variables: str | None) -> str:
    unset: dict[str, str | None] = dict.fromkeys(("SCORECORE_LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"))
    try:
        return CliRunner().invoke(program, arguments, env=unset | variables).output
    finally:
        choose(["--lang", "en"])


def test_everything_that_can_be_said_is_translated() -> None:
    translated = {english for english, chinese in translations().items() if chinese}
    assert not sentences() - translated


def test_no_entry_is_obsolete() -> None:
    assert not translations().keys() - sentences()


def test_no_entry_occurs_twice() -> None:
    entries = [line for line in CATALOGUE.read_text(encoding="utf-8").splitlines() if line.startswith("msgid ")]
    assert not [line for line, count in Counter(entries).items() if count > 1]


def test_what_is_translated_is_written_literally_or_declared() -> None:
    assert {ast.unparse(call) for call in calls() if not isinstance(call, ast.Constant)} == NOT_LITERAL


def test_translations_have_the_blanks_of_the_english() -> None:
    assert not [
        english
        for english, chinese in translations().items()
        if placeholder_counts(english) != placeholder_counts(chinese)
    ]


def test_translations_are_not_english() -> None:
    assert {english for english, chinese in translations().items() if english == chinese} == MADE_OF_BLANKS


def test_diagnostics_and_advice_end_without_a_full_stop() -> None:
    chinese = translations()
    assert not [text for text in said_by_kinds() if chinese[text].endswith(("。", "."))]


def test_a_sentence_ends_with_a_full_stop_where_the_english_does() -> None:
    unlike = {english: chinese for english, chinese in translations().items() if not english.endswith("...")}
    differ = [
        english for english, chinese in unlike.items() if english.endswith((".", "?")) != chinese.endswith(("。", "？"))
    ]
    assert set(differ) <= {
        sentence for sentence in unlike if sentence.endswith("?)")
    }  # click puts the question into brackets


def test_punctuation_beside_chinese_is_full_width() -> None:
    assert not [chinese for chinese in translations().values() if HALF_WIDTH.search(chinese)]


def test_every_kind_of_pay_line_has_a_word() -> None:
    assert all(labels.pay_kind_label(sign) for sign in SIGNS)


def test_every_reason_that_tomli_can_give_is_known() -> None:
    """The text of tomli itself is read, so that a new version with new sentences is noticed."""
    tree = ast.parse((Path(tomli.__file__).parent / "_parser.py").read_text(encoding="utf-8"))
    broken_texts = {
        plain(template(node.args[0]))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "TOMLDecodeError"
    }
    assert broken_texts
    assert {plain(reason) for reason in foreign.TOML} == {reason[:1].lower() + reason[1:] for reason in broken_texts}


def template(expression: ast.expr) -> str:
    match expression:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(template(part) for part in parts)
        case _:
            return "{}"


def plain(sentence: str) -> str:
    """With placeholders that have no name, and no quotes around them."""
    return re.sub(r"""['"]?\{\w*\}['"]?""", "{}", sentence)


@pytest.mark.parametrize("english", foreign.SENTENCES)
@pytest.mark.usefixtures("in_chinese")
def test_sentences_of_other_libraries_are_recognised(english: str) -> None:
    filled = {name: f"X{number}" for number, name in enumerate(placeholder_counts(english))}
    assert foreign.translate_third_party(english.format_map(filled)) == _(english, **filled)


@pytest.mark.usefixtures("in_chinese")
def test_what_nobody_knows_stays_as_it_is() -> None:
    assert foreign.translate_third_party("something else went wrong") == "something else went wrong"


@pytest.mark.parametrize("command", sorted(commands()))
def test_help_has_no_english_sentence(command: str) -> None:
    shown = output("--lang", "zh", *command.split(), "--help")
    assert "用法：" in shown
    assert not ENGLISH.findall(shown.replace(f"scorecore {command}", ""))
    assert not [
        word for word in ("Usage", "Options", "Commands", "required", "default", "PATH", "TEXT") if word in shown
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["chek"],
        ["check"],
        ["check", "there/is/none"],
        ["check", "--pints", "."],
        ["check", "--lang", "fr", "."],
        ["check", "--parents"],
        ["check", "--json=x", "."],
        ["check", "--parents", str(POLICIES / "policy.toml"), "."],
        ["run", str(POLICIES)],
        ["run", str(POLICIES / "policy.toml")],
        ["run", str(POLICIES / "branch.toml"), "--facts", str(POLICIES), "--period", "2024"],
        ["run", str(POLICIES / "branch.toml"), "--facts", str(POLICIES), "--period", "2023-05"],
        ["run", "--rows", "x"],
        ["run", "--rows", "-1"],
        ["expand", str(POLICIES / "branch.toml"), "more"],
        ["plugin", "list"],
    ],
    ids=" ".join,
)
def test_nothing_that_is_printed_has_an_english_sentence(arguments: list[str]) -> None:
    shown = output(*arguments, LANG="zh_CN.UTF-8")
    assert re.search(r"[\u4e00-\u9fff]", shown)
    assert not ENGLISH.findall(shown)
    assert "Error" not in shown


@pytest.mark.parametrize(
    ("arguments", "variables", "chinese"),
    [
        (["--help"], {"LANG": "zh_CN.UTF-8"}, True),
        (["--help"], {"LANG": "en_US.UTF-8"}, False),
        (["--help"], {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
        (["--help"], {"LANG": "en_US.UTF-8", "SCORECORE_LANG": "zh"}, True),
        (["--lang", "en", "--help"], {"LANG": "zh_CN.UTF-8"}, False),
        (["--lang", "zh", "--help"], {"LANG": "en_US.UTF-8"}, True),
        (["--help", "--lang=zh"], {"LANG": "en_US.UTF-8"}, True),
        (["plugin", "list", "--lang", "en"], {"LANG": "zh_CN.UTF-8"}, False),
        (["plugin", "list", "--lang", "zh"], {"LANG": "en_US.UTF-8"}, True),
        (["--lang", "zh", "plugin", "list"], {"LANG": "en_US.UTF-8"}, True),
    ],
)
def test_the_option_says_the_language_and_else_the_locale(
    arguments: list[str], variables: dict[str, str | None], *, chinese: bool
) -> None:
    assert bool(re.search(r"[\u4e00-\u9fff]", output(*arguments, **variables))) is chinese


def test_one_process_can_speak_both_languages() -> None:
    first, chinese, first_again = (output("--lang", language, "check", "--help") for language in ("en", "zh", "en"))
    assert first == first_again
    assert first != chinese
