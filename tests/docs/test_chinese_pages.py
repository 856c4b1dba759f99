"""A Chinese page is its English page in Chinese: the same sections, examples and commands, so that neither gets ahead.

The tests that run the English examples cover the Chinese ones, which differ only in their comments.
"""

import re
from pathlib import Path
from typing import Final

import pytest

DOCS: Final = Path(__file__).parents[2] / "docs"
PAGES: Final = sorted(path.name.removesuffix(".zh.md") for path in DOCS.glob("*.zh.md"))
SHOWS_OUTPUT: Final = ("authors",)
"""Pages whose examples print sentences, in the language of the page."""
BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMENT: Final = re.compile(r"\s+# .*|(?<=\S)\s{2,}(?=[^=\s])[^=]*$")
"""A comment of an example in TOML, or the words on the right of one in plain text."""
COMMAND_IN_TEXT: Final = re.compile(r"`((?:scorecore|python) [^`]+)`")


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def heading_levels(text: str) -> list[str]:
    return re.findall(r"^#+(?= )", BLOCK.sub("", text), re.MULTILINE)


def examples(text: str) -> list[tuple[str, list[str]]]:
    """The blocks of a page by their language, each line without its comment."""
    return [
        (language, [COMMENT.sub("", line) for line in block.splitlines()]) for language, block in BLOCK.findall(text)
    ]


@pytest.mark.parametrize("name", PAGES)
def test_a_chinese_page_has_the_sections_of_the_english_one(name: str) -> None:
    assert heading_levels(page(f"{name}.zh.md")) == heading_levels(page(f"{name}.md"))


@pytest.mark.parametrize("name", [name for name in PAGES if name not in SHOWS_OUTPUT])
def test_a_chinese_page_has_the_examples_and_commands_of_the_english_one(name: str) -> None:
    english, chinese = page(f"{name}.md"), page(f"{name}.zh.md")
    assert examples(chinese) == examples(english)
    assert COMMAND_IN_TEXT.findall(chinese) == COMMAND_IN_TEXT.findall(english)


@pytest.mark.parametrize("name", PAGES)
def test_the_two_pages_link_to_each_other(name: str) -> None:
    assert f"[English]({name}.md)" in page(f"{name}.zh.md")
    assert f"[中文]({name}.zh.md)" in page(f"{name}.md")


def test_an_example_without_its_comments_keeps_all_else() -> None:
    text = '```toml\nid     = "x"          # what it is\nkind = "whole"\n```\n```text\nx.size()      how many\n```\n'
    assert examples(text) == [("toml", ['id     = "x"', 'kind = "whole"']), ("text", ["x.size()"])]
