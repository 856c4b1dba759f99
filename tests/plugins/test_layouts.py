"""Layouts give text or bytes, of one person or of a whole run."""

from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest
from click.testing import CliRunner, Result

from scorecore import plugins as hooks
from scorecore.plugin import Block, Explanation, Renderer, hookimpl
from scorecore_cli.main import scorecore

POLICY: Final = """
[policy]
id = "p"
version = "1"
title = "考核"
subject = "person"
period = "month"
effective = { from = 2024-01-01 }

[groups.all]
held = "wait"
ties = "first"

[facts.person]
x = { type = "decimal", min = 0, max = 1000 }

[values.place]
is = 'rank(x, "all")'

[score]

[[items]]
id = "praise"
points = "open"
scorer = "formula"
is = "x"
"""


def render(explanation: Explanation, blocks: Sequence[Block], language: str) -> bytes:
    assert blocks
    return b"\xff" + f"{explanation.subject} {explanation.values[0].value} {language}".encode()


def render_run(statements: Sequence[tuple[Explanation, Sequence[Block]]], language: str) -> bytes:
    return b"\n".join(render(explanation, blocks, language) for explanation, blocks in statements)


def nothing(*_: object) -> str:
    return None  # type: ignore[return-value]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A policy, facts, and the layouts `file`, for everybody, `alone`, for one person, and `none`, which fails."""
    module = ModuleType("slips")
    layouts = [Renderer("file", "A file.", render, render_run), Renderer("alone", "A file.", render)]
    broken = Renderer("none", "Nothing.", nothing, nothing)
    vars(module)["renderers"] = hookimpl(lambda: [*layouts, broken])
    point = EntryPoint("slips", "slips", hooks.GROUP)
    vars(point)["load"] = lambda: module
    entry_points = [*hooks.installed(), point]
    monkeypatch.setattr(hooks, "entry_points", lambda **_: entry_points)
    monkeypatch.chdir(tmp_path)
    Path("policy.toml").write_text(POLICY, "utf-8")
    Path("person.csv").write_text("person,x\nB2,5\nB1,7\nB3,\n", "utf-8")
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(scorecore, [*arguments], catch_exceptions=False)


FACTS: Final = ("explain", "policy.toml", "--facts", ".", "--period", "2024-05", "--layout")


@pytest.mark.usefixtures("work")
def test_bytes_are_written_as_they_are() -> None:
    assert call(*FACTS, "file", "--person", "B2").stdout_bytes == b"\xffB2 None en"
    Path("person.csv").write_text("person,x\nB2,5\nB1,7\n", "utf-8")
    assert call(*FACTS, "file", "--person", "B2", "--lang", "zh").stdout_bytes == b"\xffB2 2 zh"


@pytest.mark.usefixtures("work")
def test_a_whole_run_is_laid_out_in_the_order_of_the_ids_from_facts_and_from_a_record() -> None:
    """Those whose decision is held are in it; the exit code says that there are such."""
    assert call("record", "begin", "r", "--single-operator").exit_code == 0
    call("run", "policy.toml", "--facts", ".", "--period", "2024-05", "--record", "r")
    recorded: Callable[..., Result] = lambda *more: call("explain", "--record", "r", "--period", *more)  # noqa: E731
    page = b"\n".join(b"\xffB%d None en" % number for number in (1, 2, 3))
    for result in (call(*FACTS, "file", "--everyone"), recorded("2024-05", "--layout", "file", "--everyone")):
        assert (result.stdout_bytes, result.exit_code) == (page, 1)
    assert recorded("2024-04", "--layout", "file", "--everyone").exit_code == 2


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (("alone", "--everyone"), 2, "is for one person"),
        (("none", "--everyone"), 1, "SC615"),
        (("none", "--person", "B1"), 1, "SC615"),
        (("file",), 2, "name one person"),
        (("file", "--everyone", "--person", "B1"), 2, "name one person"),
    ],
)
def test_what_cannot_be_laid_out_is_said(more: tuple[str, ...], code: int, words: str) -> None:
    result = call(*FACTS, *more)
    assert (result.exit_code, result.stdout_bytes) == (code, b"")
    assert words in result.stderr


@pytest.mark.usefixtures("work")
def test_everybody_has_a_page_of_the_statement() -> None:
    page = call(*FACTS, "statement", "--everyone").stdout
    assert page.index("2024-05  B1</h1>") < page.index("2024-05  B2</h1>") < page.index("2024-05  B3</h1>")
    assert page.count("<article>") == page.count("</article>") == 3
