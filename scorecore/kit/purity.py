"""What a module uses of the outside world, seen in its source."""

import ast
import inspect
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Final

_MODULES: Final = """
    asyncio builtins click ctypes fcntl ftplib glob http importlib io locale logging multiprocessing os pathlib pickle
    platform python_calamine random requests rich rich_click runpy secrets select shutil signal smtplib socket sqlite3
    ssl subprocess sys tempfile threading time urllib uuid warnings xlsxwriter
"""
_CALLS: Final = "open print input breakpoint exit quit exec eval compile __import__"
_METHODS: Final = """
    now utcnow today fromtimestamp read_text write_text read_bytes write_bytes read_csv scan_csv read_parquet
    scan_parquet read_excel read_json read_ndjson read_database write_csv write_parquet write_excel write_json
    write_ndjson write_database sink_csv sink_parquet sink_ndjson shuffle sample
"""
"""Of dates the clock, of paths and frames the disk, of series chance."""
FORBIDDEN: Final = frozenset(_MODULES.split())
CALLS: Final = frozenset(_CALLS.split())
METHODS: Final = frozenset(_METHODS.split())


def touches(tree: ast.AST) -> Iterator[str]:
    """What a module uses of the outside world, by name."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names if alias.name.partition(".")[0] in FORBIDDEN)
            case ast.ImportFrom(module=str() as module) if module.partition(".")[0] in FORBIDDEN:
                yield module
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                yield name
            case ast.Attribute(attr=name) if name in METHODS:
                yield name
            case _:
                pass


def sources_of(cls: type) -> dict[str, ast.Module]:
    """By name the source of a class with what it uses of its module, and the modules of its package that it imports.

    What else the module has, such as a reader of files beside a scorer, is not its own.
    """
    sources: dict[str, ast.Module] = {}
    waiting = [cls.__module__]
    package = cls.__module__.partition(".")[0]
    while waiting:
        name = waiting.pop()
        module = sys.modules.get(name)
        if name in sources or not isinstance(module, ModuleType) or not getattr(module, "__file__", None):
            continue
        tree = ast.parse(inspect.getsource(module))
        sources[name] = _keep_used(tree, cls.__qualname__) if name == cls.__module__ else tree
        waiting += [imported for imported in _imports(sources[name], module) if imported.partition(".")[0] == package]
    return sources


_HOOKS: Final = ("scorers", "words")
"""The functions by which a module brings a scorer."""
_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Import | ast.ImportFrom


def _keep_used(tree: ast.Module, name: str) -> ast.Module:
    """A module without the functions, classes and imports that neither a class nor what runs at import needs."""
    definitions = {
        defined: statement
        for statement in tree.body
        if isinstance(statement, _Definition)
        for defined in _defined_names(statement)
    }
    if name not in definitions:  # a class inside a function may use all that is around it
        return tree
    kept: set[ast.stmt] = set()
    waiting: list[ast.stmt] = [statement for statement in tree.body if not isinstance(statement, _Definition)]
    waiting += [definitions[defined] for defined in (name, *_HOOKS) if defined in definitions]
    while waiting:
        statement = waiting.pop()
        if statement not in kept:
            kept.add(statement)
            used = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
            waiting += [definitions[defined] for defined in used & definitions.keys()]
    return ast.Module([statement for statement in tree.body if statement in kept], [])


def _defined_names(statement: _Definition) -> list[str]:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
    return [statement.name]


def _imports(tree: ast.Module, importer: ModuleType) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                parts = importer.__name__.split(".") + ([""] if hasattr(importer, "__path__") else [])
                base = ".".join([*parts[:-level], *filter(None, [module])]) if level else module or ""
                yield base
                yield from (f"{base}.{alias.name}" for alias in names)
            case _:
                pass
