"""Failures in code that is not ours: what happened in one line, and the line of the plugin in which it did."""

from collections.abc import Iterator
from inspect import isfunction, unwrap
from types import CodeType
from typing import Any


def describe_failure(error: BaseException, module: str, code: object = None) -> dict[str, str]:
    """The parameters `error` and, where it is known, `where`, of a failure in a module of a plugin.

    `code` is the function or class that was at work; its line is named where no line of its package raised.
    """
    where = _find_line(error, module.partition(".")[0]) or locate_code(code)
    return {"error": f"{type(error).__name__}: {error}", **({"where": where} if where else {})}


def locate_code(plugin: object) -> str:
    """The file and line of a function, or of the first function of a class; empty if it has none."""
    module = str(getattr(plugin, "__module__", ""))
    functions = vars(plugin).values() if isinstance(plugin, type) else [plugin]
    codes = [unwrap(function).__code__ for function in functions if isfunction(function)]
    written = [code for code in codes if not code.co_filename.startswith("<attrs")]
    return min((_join_place(module, code, code.co_firstlineno) for code in written), key=_line_of, default="")


def _line_of(place: str) -> int:
    return int(place.rpartition(":")[2])


def _find_line(error: BaseException, package: str) -> str:
    """The innermost line of a package that an error came through."""
    place = ""
    for module, code, line in _walk_frames(error):
        if module.partition(".")[0] == package:
            place = _join_place(module, code, line)
    return place


def _walk_frames(error: BaseException) -> Iterator[tuple[str, CodeType, int]]:
    traceback: Any = error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        yield str(frame.f_globals.get("__name__", "")), frame.f_code, traceback.tb_lineno
        traceback = traceback.tb_next


def _join_place(module: str, code: CodeType, line: int) -> str:
    """A line of a module as a path within its package, which is the same on every machine."""
    is_package = code.co_filename.replace("\\", "/").endswith("/__init__.py")
    return f"{module.replace('.', '/')}{'/__init__' if is_package else ''}.py:{line}"
