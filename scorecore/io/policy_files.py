"""Policy texts on disk, and the parents that they extend."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location, Source
from scorecore.policy.load import identify

CASES: Final = ".cases.toml"
"""Ending of the file with a policy's cases."""


def find_policy_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The policy files among paths: files as they are, folders with all that lies below them, in order of name."""
    for path in paths:
        if path.is_dir():
            yield from (file for file in sorted(path.rglob("*.toml")) if not file.name.endswith(CASES))
        else:
            yield path


def locate_cases(policy: Path) -> Path:
    """The file with a policy's cases."""
    return policy.with_name(policy.stem + CASES)


def read_source(path: Path, diagnostics: Diagnostics, encoding: str = "") -> Source | None:
    """The text of a file, known by its path; None with a problem. A file of facts may name its encoding."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        diagnostics.add(catalogue.UNREADABLE, Location(str(path), 0, 0), reason=error.strerror or str(error))
        return None
    try:
        return Source(str(path), raw.decode(encoding or "utf-8").removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        byte = f"0x{raw[error.start]:02X}"
        params = {"encoding": encoding or "utf-8", "byte": byte, "offset": error.start}
        params |= {"other": _guess_encoding(raw, encoding)} if encoding else {}
        line = raw.count(b"\n", 0, error.start) + 1
        diagnostics.add(catalogue.NOT_TEXT, Location(str(path), line, 0), **params)
        return None
    except (LookupError, UnicodeError):  # some of Python's encodings are not for text, such as punycode
        diagnostics.add(catalogue.NO_ENCODING, Location(str(path), 0, 0), encoding=encoding)
        return None


_MARKS: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8"}
"""How files begin of which the encoding can be seen."""


def _guess_encoding(raw: bytes, tried: str) -> str:
    """The encoding that a file of facts may have, which is not the one that was tried."""
    marked = next((encoding for mark, encoding in _MARKS.items() if raw.startswith(mark)), "")
    return marked or ("gb18030" if tried == "utf-8" else "utf-8")


def read_named(path: Path) -> tuple[str, Source] | None:
    """A policy with its `id@version`; None if it cannot be read, or has none."""
    source = read_source(path, Diagnostics())
    name = identify(source) if source else None
    return (name, source) if source and name else None


ReadNamed = Callable[[Path], tuple[str, Source] | None]


def find_parents(source: Source, folders: Iterable[Path], read: ReadNamed = read_named) -> dict[str, Source]:
    """The policies in some folders by `id@version`; none are read if the policy names none."""
    parents: dict[str, Source] = {}
    if not any(word in source.text for word in ("extends", "uses", "same_as")):
        return parents
    for folder in dict.fromkeys(folders):
        for path in sorted(folder.glob("*.toml")):
            named = None if path.name.endswith(CASES) else read(path)
            if named:
                parents.setdefault(*named)
    return parents
