"""What a written document says of itself, so that it can be seen whether its policy has changed since."""

import re
import zlib
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

from attrs import frozen

from scorecore_cli.document.model import PolicyDocument
from scorecore_cli.language import _

ENDINGS: Final = (".docx", ".html")
STAMP_NAME: Final = "scorecore-document"
_STAMP: Final = re.compile(rf"{STAMP_NAME} (?P<language>[a-z]{{2}}) (?P<digest>[0-9a-f]{{64}})")
_MAX_BYTES: Final = 1 << 16
"""How much of a page, or of the properties of a file, is looked at."""


@frozen
class Stamp:
    """The language and the digest of a document."""

    language: str
    digest: str


def name_digest(document: PolicyDocument) -> str:
    """The last line of a document."""
    return _("Made by scorecore from the policy. Digest of the document: {digest}", digest=document.digest)


def write_stamp(document: PolicyDocument) -> str:
    return f"{STAMP_NAME} {document.language} {document.digest}"


def read_stamp(path: Path) -> Stamp | None:
    """The stamp of a written document; None of any other file. Raises OSError."""
    if path.suffix == ".docx":
        try:
            with ZipFile(path) as archive, archive.open("docProps/core.xml") as properties:
                head = properties.read(_MAX_BYTES).decode(errors="replace")
        except (BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError):
            return None
    else:
        with path.open(encoding="utf-8", errors="replace") as page:
            head = page.read(_MAX_BYTES)
    match = _STAMP.search(head)
    return Stamp(match["language"], match["digest"]) if match else None
