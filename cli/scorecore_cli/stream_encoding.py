"""In which encoding text goes out: to files and pipes always UTF-8, to a terminal what it reads, such as GBK."""

import os
from codecs import backslashreplace_errors, lookup, register_error
from typing import Final, TextIO

_LOOKALIKES: Final = {"✓": "√", "✗": "×", "−": "-", "¥": "￥", "\N{NON-BREAKING HYPHEN}": "-", "\N{FIGURE DASH}": "-"}
"""Signs of ours that GBK lacks, and what a reader takes for the same; the first of them not where √ is missing too."""
_HANDLER: Final = "scorecore.lookalike"


def set_encoding(stream: TextIO) -> None:
    """Nothing that is printed can fail: what an encoding lacks becomes a lookalike, or is escaped."""
    if hasattr(stream, "reconfigure"):
        register_error(_HANDLER, _replace)
        stream.reconfigure(encoding=_choose_encoding(stream), errors=_HANDLER)


def _choose_encoding(stream: TextIO) -> str:
    """PYTHONIOENCODING decides where it is set. A terminal of the C locale most often reads UTF-8."""
    if os.environ.get("PYTHONIOENCODING") or stream.isatty():
        encoding = lookup(stream.encoding).name
        return "utf-8" if encoding == "ascii" else encoding
    return "utf-8"


def _replace(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    sign = error.object[error.start]
    replacement = _LOOKALIKES.get(sign, "")
    try:
        replacement.encode(error.encoding)
    except UnicodeEncodeError:
        replacement = ""
    if replacement:
        return replacement, error.start + 1
    escaped, _ = backslashreplace_errors(UnicodeEncodeError(error.encoding, sign, 0, 1, error.reason))
    return escaped, error.start + 1
