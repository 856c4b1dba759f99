"""Whether the documents beside a policy still say what the policy says."""

from collections.abc import Iterator
from pathlib import Path

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.io.translations import LANGUAGES
from scorecore.library.policy_loader import CheckedPolicy
from scorecore.policy.toml import TomlScalar, read_toml
from scorecore.program.model import Program
from scorecore_cli.document.stamp import ENDINGS, Stamp, read_stamp
from scorecore_cli.language import in_language


def note_outdated(checked: CheckedPolicy) -> Iterator[Diagnostic]:
    """A note for each document of the policy's own name that scorecore wrote, and would write otherwise now."""
    program = checked.program
    if program is None:
        return
    for ending in ENDINGS:
        path = checked.path.with_suffix(ending)
        stamp = _read(path)
        if stamp is None or stamp.language not in LANGUAGES:
            continue
        if in_language(stamp.language, lambda: _digest(program, checked.path)) != stamp.digest:
            place, length = _find_place(checked)
            noted = Diagnostics()
            noted.add(catalogue.DOCUMENT_CHANGED, place, length, file=path.name, policy=checked.path.name)
            yield from noted


def _digest(program: Program, policy: Path) -> str:
    """Of what would be written now."""
    from scorecore_cli.document.articles import read_cases, write_document  # noqa: PLC0415  loads Polars

    return write_document(program, read_cases(policy)).digest


def _read(path: Path) -> Stamp | None:
    try:
        return read_stamp(path) if path.is_file() else None
    except OSError:
        return None


def _find_place(checked: CheckedPolicy) -> tuple[Location, int]:
    """Where the policy has its title."""
    source = checked.sources[str(checked.path)]
    tree = read_toml(source, Diagnostics())
    node = tree.get("policy", "title") if tree else None
    return (node.location, node.length) if isinstance(node, TomlScalar) else (Location(source.name, 1, 1), 1)
