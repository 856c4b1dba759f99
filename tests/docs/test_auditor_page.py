"""What the auditor's page tells people to type works as it stands there, from top to bottom."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pylopdf_fonts_zh_cn

ROOT: Final = Path(__file__).parents[2]
FONT: Final = Path(pylopdf_fonts_zh_cn.__file__).parent / "NotoSansSC-Regular.otf"
PAGE: Final = (ROOT / "docs" / "auditor.md").read_text(encoding="utf-8")
TABLE: Final = re.compile(r"^\| [^|]+ \| `(scorecore [^`]+)`", re.MULTILINE)
"""A command in a table of questions."""
PASSPHRASES: Final = {"SCORECORE_PASSPHRASE": "four plain words", "SCORECORE_NEW_PASSPHRASE": "four plain words"}
"""What people type on a terminal, which tests do not have."""


def test_the_commands_of_the_auditors_page(tmp_path: Path) -> None:
    """None is a mistake of usage; the questions of the table come before somebody is erased."""
    (tmp_path / "policies").symlink_to(ROOT / "policies")
    blocks = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
    assert len(blocks) >= 6
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    asked = [line for line in TABLE.findall(PAGE) if "payroll" not in line]  # of which there is none yet
    erasure = next(number for number, line in enumerate(blocks) if " record erase " in line)
    for line in [*blocks[:erasure], *asked, *blocks[erasure:]]:
        if "copy.scorecore" in line:
            shutil.copy(tmp_path / "record.scorecore", tmp_path / "copy.scorecore")
        typed = f"{line} --font {FONT}" if ".pdf" in line else line  # a machine need not have a Chinese one
        done = subprocess.run(
            ["/bin/sh", "-c", typed],
            cwd=tmp_path,
            env={**os.environ, **PASSPHRASES, "PATH": path},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode in {0, 1, 3}, (line, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
