"""The tutorial is done as it says: every line in a shell, every listing written to its file, every output compared."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fresh import Fresh

PAGE: Final = Path(__file__).parents[2] / "docs" / "tutorial_plugin.md"
BLOCK: Final = re.compile(
    r"(?:^`(?P<file>[^`\n]+)`\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
CHANGES: Final = re.compile(r"cd (\S+)")


def commands(block: str) -> Iterator[tuple[str, list[str]]]:
    """The lines of a shell, each with the lines that it prints among others."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *expected = part.rstrip("\n").split("\n")
        yield command, expected


def test_the_tutorial_works(tmp_path: Path) -> None:
    """From nothing to a wheel, on a fresh environment, without a step that the page does not have."""
    fresh = Fresh.made(tmp_path / "venv")
    here = tmp_path / "work"
    here.mkdir()
    seen = 0
    for block in BLOCK.finditer(PAGE.read_text("utf-8")):
        if block["file"]:
            assert (here / block["file"]).exists(), f"{block['file']} is changed before it is there"
            (here / block["file"]).write_text(block["text"], "utf-8")
            continue
        for command, expected in commands(block["text"]):
            moved = CHANGES.fullmatch(command)
            if moved:
                here /= moved[1]
                continue
            printed = [line.rstrip() for line in fresh.run(command, here).splitlines()]
            for line in expected:
                assert [
                    printed_line
                    for printed_line in printed
                    if printed_line.startswith(line) or f"{line} in " in printed_line
                ], f"{command}: {printed}"
            seen += 1
    assert seen >= 10
