"""LibreOffice without a window: it computes the formulas of workbooks, and prints what somebody would see."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_ALWAYS: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""
"""A setting: no value in a file is believed, all formulas are computed when it is opened."""
_PATIENCE: Final = 300


def recalculate(paths: Sequence[Path], folder: Path) -> list[Path]:
    """The same workbooks with the values that LibreOffice computes, in a folder."""
    return convert(paths, folder, "xlsx")


def convert(paths: Sequence[Path], folder: Path, ending: str, *, is_computed: bool = True) -> list[Path]:
    """The workbooks as files of another kind, such as PDF, in a folder; with the usual settings if not computed."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    if is_computed:
        (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS, encoding="utf-8")
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", ending]
    subprocess.run([*command, "--outdir", folder, *paths], check=True, capture_output=True, timeout=_PATIENCE)
    converted = [folder / f"{path.stem}.{ending}" for path in paths]
    assert all(path.exists() for path in converted)
    return converted
