"""Files that scorecore writes: beside their place and then renamed, for their owner only, never over another's work.

A workbook, a page or a PDF says itself that scorecore wrote it, and stops saying so when somebody saves it again.
Tables in a folder cannot; a list of them lies beside, with the digest of each.
"""

import errno
import os
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import file_digest, sha256
from pathlib import Path
from stat import S_IMODE
from typing import Final
from zipfile import BadZipFile, ZipFile

from scorecore.policy.json_schema import WRITTEN_BY

AUTHOR: Final = "scorecore"
LIST: Final = ".scorecore"
"""The file with the digests of the tables in its folder, as `sha256sum` writes them."""
PAGE_MARK: Final = f'<meta name="generator" content="{AUTHOR}">'
_PDF_MARK: Final = b"%scorecore sha256 "
"""A comment in a PDF, with the digest of the file without it."""
_SCHEMA_MARK: Final = f'"$comment": "{WRITTEN_BY}"'
_UNTOUCHED: Final = (f"<dc:creator>{AUTHOR}</dc:creator>", re.compile(r"<dcterms:modified[^>]*>2000-01-01T00:00:00Z<"))
"""In the properties of a workbook that nobody has saved since it was written."""
_MODE_OF_NEW: Final = 0o644
_HEAD: Final = 2_000
"""How many characters of a page or a schema are looked at."""


Write = Callable[[Path], None]
"""Writes the content of a file to a path."""


def write_beside(path: Path, content: bytes) -> None:
    """Write a file in one step: whoever reads it finds all of it or what was there before. Raises OSError."""
    draft = _make_draft(path.parent)
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def rewrite_text(path: Path, text: str) -> None:
    """Write a text into the file of an author in one step; raises OSError, and then the file is as it was.

    The file keeps its line ends, its mode and its owner; a link still leads to it. Where there is none, it is made.
    """
    target = path.resolve()
    try:
        before, status = target.read_bytes(), target.stat()
    except FileNotFoundError:
        before, status = b"", None
    content = text.replace("\n", "\r\n") if b"\r\n" in before else text
    draft = _make_draft(target.parent)
    try:
        with draft.open("wb") as file:
            file.write(content.encode())
            file.flush()
            os.fsync(file.fileno())
        if sys.platform != "win32" and status is not None:
            with suppress(PermissionError):  # of another's file we may write the content, but not give a file away
                os.chown(draft, status.st_uid, status.st_gid)
        draft.chmod(_MODE_OF_NEW if status is None else S_IMODE(status.st_mode))
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _make_draft(folder: Path) -> Path:
    """An empty file in a folder, for its owner only; raises OSError."""
    handle, name = tempfile.mkstemp(prefix=".scorecore-", dir=folder)
    os.close(handle)
    return Path(name)


def write_tables_beside(folder: Path, tables: Mapping[str, Write], *, is_listed: bool) -> None:
    """Write the files of some tables to a folder, by their names, and then rename all; raises OSError.

    With `is_listed` they are ours from then on. The list has them before they are there, in case this ends halfway.
    """
    drafts: dict[str, Path] = {}
    try:
        for name, write in tables.items():
            drafts[name] = _make_draft(folder)
            write(drafts[name])
        if is_listed:
            listed = _read_list(folder)
            digests = {name: {_digest(draft)} for name, draft in drafts.items()}
            write_beside(folder / LIST, _format_list(listed, digests))
        for name, draft in drafts.items():
            draft.replace(folder / name)
        if is_listed:
            write_beside(folder / LIST, _format_list(listed | digests))
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _format_list(*lists: Mapping[str, set[str]]) -> bytes:
    lines = {f"{digest}  {name}\n" for listed in lists for name in listed for digest in listed[name]}
    return "".join(sorted(lines)).encode()


def _read_list(folder: Path) -> dict[str, set[str]]:
    """By name the digests that a table of ours may have; what is no list names nothing."""
    listed: dict[str, set[str]] = {}
    with suppress(OSError, UnicodeDecodeError):
        for line in (folder / LIST).read_text(encoding="utf-8").splitlines():
            digest, _, name = line.partition("  ")
            listed.setdefault(name, set()).add(digest)
    return listed


def is_own_table(path: Path) -> bool:
    """Whether a file in a folder of tables is as scorecore wrote it; raises OSError."""
    return _digest(path) in _read_list(path.parent).get(path.name, set())


def mark_pdf(content: bytes) -> bytes:
    """A PDF that says that scorecore wrote it: before its last `startxref`, where no offset changes."""
    before, keyword, after = content.rpartition(b"startxref")
    return b"".join((before, _PDF_MARK, sha256(content).hexdigest().encode(), b"\n", keyword, after))


def _is_own_pdf(content: bytes) -> bool:
    before, _, marked = content.rpartition(_PDF_MARK)
    digest, _, after = marked.partition(b"\n")
    return digest == sha256(before + after).hexdigest().encode()


def is_own_file(path: Path) -> bool:
    """Whether a workbook, an archive, a page, a PDF or a schema is as scorecore wrote it; raises OSError."""
    if path.suffix.lower() == ".pdf":
        return _is_own_pdf(path.read_bytes())
    with suppress(BadZipFile, KeyError, UnicodeDecodeError), ZipFile(path) as archive:
        if archive.comment == AUTHOR.encode():
            return True
        properties = archive.read("docProps/core.xml").decode()
        return _UNTOUCHED[0] in properties and bool(_UNTOUCHED[1].search(properties))
    with path.open(encoding="utf-8", errors="replace") as file:
        head = file.read(_HEAD)
    return PAGE_MARK in head or _SCHEMA_MARK in head


def try_to_write(path: Path) -> None:
    """Write an empty file to the folder of a path, and take it away again; raises OSError where that is impossible."""
    missing = [folder for folder in path.parents if not folder.exists()]
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_draft(path.parent).unlink()
        path.exists()  # raises where the name is too long
    finally:
        for folder in missing:
            with suppress(OSError):
                folder.rmdir()
