"""The architecture page names only what is there."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_path_on_the_page_exists() -> None:
    """A path in backticks is a file or folder of the project, below its root or below `scorecore/`."""
    paths = [path for path in re.findall(r"`([\w/]+(?:\.py|/))`", PAGE) if "/" in path]
    assert len(paths) > 5
    missing = [path for path in paths if not any((ROOT / room / path).exists() for room in ROOMS)]
    assert missing == []


ROOMS: Final = ("", "scorecore", "scorecore/language", "scorecore/evaluate", "scorecore/record", "scorecore/compiler")
