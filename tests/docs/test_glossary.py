"""The glossary has the words that are in use: in Chinese those of the messages, and keys and commands that exist."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
ROWS: Final = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ")
][2:]
IN_USE: Final = "".join(
    (ROOT / "docs" / path).read_text(encoding="utf-8")
    for path in ("reference/cli.md", "reference/keys.md", "reference/scorers.md", "language.md")
)


def test_every_term_has_a_row_of_its_own_in_alphabetical_order() -> None:
    terms = [row[0].lower() for row in ROWS]
    assert terms == sorted(set(terms))
    assert {len(row) for row in ROWS} == {5}
    assert all(all(row) for row in ROWS)


def test_the_chinese_words_are_those_of_the_messages_and_of_headings() -> None:
    paths = ("scorecore/locale/zh.po", "scorecore/facts/bitemporal.py")
    used = "".join((ROOT / path).read_text(encoding="utf-8") for path in paths)
    assert [row[1] for row in ROWS if row[1] not in used] == []


def test_the_commands_options_and_sections_exist() -> None:
    places = [place for row in ROWS for place in re.findall(r"`([^`]+)`", row[4])]
    words = {word for place in places for word in re.findall(r"--[a-z-]+|^scorecore(?: [a-z]+)+|^\[+[a-z]+", place)}
    assert len(words) > 30
    assert [word for word in sorted(words) if word not in IN_USE] == []
