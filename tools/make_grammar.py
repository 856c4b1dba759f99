"""Writes `scorecore/language/cel/grammar.py`: the tables of the CEL grammar, so that no process computes them again.

    PYTHONHASHSEED=0 python tools/make_grammar.py

To be run when cel-python or lark change; a test says so. Computing them takes about a fifth of a second, reading them
a hundredth.
"""

import re
from importlib.metadata import version
from pathlib import Path

import celpy
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

HERE = Path(__file__).parent.parent / "scorecore" / "language" / "cel" / "grammar.py"
TEXT = '''"""The tables of cel-python's grammar of CEL: made by tools/make_grammar.py, not to be edited."""

from typing import Any, Final

MADE_WITH: Final = {made_with}
RULES: Final[dict[str, Any]] = {rules}
SHARED: Final[dict[int, Any]] = {shared}
'''


def text() -> str:
    """The module for the versions that are installed."""
    grammar = (Path(celpy.__file__).parent / "cel.lark").read_text(encoding="utf-8")
    # as celpy.celparser builds it, but for what its debug mode adds
    parser = Lark(
        grammar,
        parser="lalr",
        start="expr",
        g_regex_flags=re.MULTILINE,
        propagate_positions=True,
        maybe_placeholders=False,
        priority="invert",
    )
    rules, shared = parser.memo_serialize([TerminalDef, Rule])
    for options in (rules["options"], rules["parser"]["lexer_conf"]):
        options["g_regex_flags"] = int(options["g_regex_flags"])
    made_with = {name: version(name) for name in ("cel-python", "lark")}
    lines = "".join(f"    {key}: {value},\n" for key, value in shared.items())
    return TEXT.format(made_with=made_with, rules=rules, shared=f"{{\n{lines}}}")


if __name__ == "__main__":
    HERE.write_text(text(), encoding="utf-8")
