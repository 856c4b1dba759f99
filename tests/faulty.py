"""A disk that can be trusted with nothing: it remembers what was written and synced, and fails when it is told to.

From what was remembered any state is made that a loss of power may leave: what was synced is there; of what was written
since, each piece may be there, or a part of it, or not.
"""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final, Self

import apsw
from attrs import define, field, frozen

SECTOR: Final = 512
"""A disk writes so many bytes at once; a longer write may be torn between two of them."""
_NAMES: Final = count()


@frozen
class Operation:
    """What was done to a file, by the end of its name; `done` is what the test itself notes: what was acknowledged."""

    kind: str
    name: str = ""
    at: int = 0
    data: bytes = b""


@define
class Disk:
    """A VFS of SQLite over the real one, with a memory. Use its `name`; it is a context manager that takes it away."""

    fails: Callable[[int, str], BaseException | None] = lambda _number, _kind: None
    """From the number of an operation that changes something, and its kind, to the error that it ends in."""
    name: str = field(init=False)
    operations: list[Operation] = field(factory=list, init=False)
    changes: int = field(default=0, init=False)
    _vfs: Any = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self.name = f"disk-{next(_NAMES)}"

    def __enter__(self) -> Self:
        self._vfs = _Vfs(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._vfs.unregister()

    def change(self, operation: Operation) -> None:
        self.changes += 1
        if error := self.fails(self.changes, operation.kind):
            raise error
        self.operations.append(operation)

    def acknowledge(self, size: int) -> None:
        self.operations.append(Operation("done", at=size))


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        super().__init__(disk.name, "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self.disk, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: FBT001, N802
        self.disk.change(Operation("delete", Path(name).name, int(sync)))
        super().xDelete(name, sync)


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        self.disk = disk
        self.name = Path(name.filename() if isinstance(name, apsw.URIFilename) else str(name)).name
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self.disk.change(Operation("write", self.name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self.disk.change(Operation("truncate", self.name, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self.disk.change(Operation("sync", self.name))
        super().xSync(flags)


def _apply(content: bytearray, operation: Operation) -> None:
    if operation.kind == "truncate":
        del content[operation.at :]
    else:
        content.extend(bytes(max(0, operation.at - len(content))))
        content[operation.at : operation.at + len(operation.data)] = operation.data


@frozen
class State:
    """What a loss of power may leave, and what had been acknowledged by then."""

    files: dict[str, bytes]
    acknowledged: int
    attempted: int
    """What was being acknowledged next; the last write may have gone through before the power did."""
    after: int
    """How many operations there were."""

    def write(self, folder: Path) -> None:
        for old in folder.iterdir():
            old.unlink()
        for name, content in self.files.items():
            (folder / name).write_bytes(content)


def states(operations: list[Operation], chosen: Random, subsets: int = 3) -> Iterator[State]:
    """Every beginning of what was done, each as it may be left: nothing unsynced, all, some of it, some of it torn."""
    for after in range(len(operations) + 1):
        done = [operation.at for operation in operations[:after] if operation.kind == "done"]
        coming = [operation.at for operation in operations[after:] if operation.kind == "done"]
        params = (done[-1] if done else 0, coming[0] if coming else 0, after)
        if after and operations[after - 1].kind == "done":
            continue  # the same as before it, but for what is expected; the next operation is in the next state
        yield State(left(operations[:after], lambda _: False), *params)
        yield State(left(operations[:after], lambda _: True), *params)
        for _ in range(subsets):
            yield State(left(operations[:after], lambda _: chosen.random() < 0.5), *params)
        yield State(left(operations[:after], lambda _: chosen.random() < 0.5, chosen), *params)


def left(
    operations: list[Operation], kept: Callable[[Operation], bool], torn: Random | None = None
) -> dict[str, bytes]:
    """The files after a loss of power, where `kept` says of each operation that was not synced whether it is there."""
    files: dict[str, bytearray] = {}
    waiting: dict[str, list[Operation]] = {}
    for operation in operations:
        match operation.kind:
            case "sync":
                content = files.setdefault(operation.name, bytearray())
                for written in waiting.pop(operation.name, []):
                    _apply(content, written)
            case "delete":
                if operation.at or kept(operation):
                    files.pop(operation.name, None)
                    waiting.pop(operation.name, None)
            case "write" | "truncate":
                waiting.setdefault(operation.name, []).append(operation)
            case _:
                pass
    for name, unsynced in waiting.items():
        there = [held_operation for held_operation in unsynced if kept(held_operation)]
        if there or name in files:
            content = files.setdefault(name, bytearray())
            for operation in there:
                _apply(content, _tear(operation, torn) if torn else operation)
    return {name: bytes(content) for name, content in files.items()}


def _tear(operation: Operation, chosen: Random) -> Operation:
    """The first or the last sectors of a write."""
    sectors = range(0, len(operation.data), SECTOR)
    if len(sectors) < 2:
        return operation
    cut = chosen.choice(sectors[1:])
    if chosen.random() < 0.5:
        return Operation(operation.kind, operation.name, operation.at, operation.data[:cut])
    return Operation(operation.kind, operation.name, operation.at + cut, operation.data[cut:])
