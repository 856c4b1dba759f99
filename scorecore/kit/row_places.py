"""Whether the rows that a reader gives are where it says: what can be seen in a file of text."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from scorecore.facts.raw import RawTable, convert_to_text


def find_misplaced_rows(path: Path, tables: Mapping[str, RawTable]) -> Iterator[str]:
    """The rows whose cells stand in other lines than their number says.

    A row may take more than one line; it ends where the next one begins. Of its cells that stands for it which is
    in the fewest lines of the file, such as an id. A file that is no text has no lines, and nothing is asked of it.
    """
    lines = _read_lines(path)
    for name, table in tables.items():
        if not table.source.startswith(str(path)):
            yield f"{path}, {name}: its source is {table.source!r}, which does not begin with the path"
        if lines:
            yield from (f"{path}, {name}: {fault}" for fault in _find_misplaced(lines, table))


def _read_lines(path: Path) -> list[str]:
    content = path.read_bytes()
    try:
        return [] if b"\0" in content else content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return []


def _find_misplaced(lines: list[str], table: RawTable) -> Iterator[str]:
    numbers = table.row_numbers.to_list()
    begins = sorted(set(numbers))
    ends = dict(zip(begins, [*begins[1:], len(lines) + 1], strict=True))
    texts = [convert_to_text(column) for column in table.frame.get_columns()]
    for row, number in enumerate(numbers):
        if not 1 <= number <= len(lines):
            yield f"a row has the number {number}, and the file has {len(lines)} lines"
            continue
        cells = {text[row] for text in texts} - {None, ""}
        places = {cell: [place for place, line in enumerate(lines, 1) if cell in line] for cell in cells}
        known = {cell: found for cell, found in places.items() if found}
        if known:
            cell = min(known, key=lambda text: (len(known[text]), text))
            if not any(number <= place < ends[number] for place in known[cell]):
                yield f"the row with {cell!r} has the number {number}, and {cell!r} is in line {known[cell][0]}"
