"""The workbench's Chinese catalogue says what its pages say beside what the command line says, and nothing else."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Final

from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

import scorecore
import scorecore_web

ROOM: Final = Path(scorecore_web.__file__).parent
CATALOGUE: Final = ROOM / "locale" / "zh.po"
FUNCTIONS: Final = {"_": 1, "ngettext": 2}


def translations(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        messages = [message for message in read_po(file, locale="zh") if message.id]
    return {
        english: str(message.string if isinstance(message.string, str) else message.string[0])
        for message in messages
        for english in ([message.id] if isinstance(message.id, str) else message.id)
    }


def said_in_code() -> Iterator[str]:
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
                for sentence in node.args[: FUNCTIONS[node.func.id]]:
                    assert isinstance(sentence, ast.Constant), (path, node.lineno)
                    yield str(sentence.value)


def said_in_templates() -> Iterator[str]:
    for path in (ROOM / "templates").glob("*.jinja"):
        for call in Environment(autoescape=True).parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in FUNCTIONS:
                for sentence in call.args[: FUNCTIONS[call.node.name]]:
                    assert isinstance(sentence, nodes.Const), (path, call.lineno)
                    yield str(sentence.value)


def test_everything_that_a_page_says_is_translated() -> None:
    said = {*said_in_code(), *said_in_templates()}
    catalogue = translations(CATALOGUE)
    of_commands = translations(Path(scorecore.__file__).parent / "locale" / "zh.po")
    assert said - catalogue.keys() - of_commands.keys() == set()
    assert catalogue.keys() - said == set()


def test_translations_have_the_blanks_of_the_english() -> None:
    for english, chinese in translations(CATALOGUE).items():
        blanks = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (english, chinese)]
        assert blanks[0] == blanks[1], english
