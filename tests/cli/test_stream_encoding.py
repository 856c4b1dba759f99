"""Consoles and pipes: what is printed can be read in GBK, and is UTF-8 wherever nobody asks for anything else."""

import io
import os
import pty
import subprocess
import sys

import pytest

from scorecore_cli.stream_encoding import set_encoding


def _start(*arguments: str, **environment: str) -> bytes:
    command = [sys.executable, "-m", "scorecore_cli", *arguments]
    return subprocess.run(command, capture_output=True, check=True, env={**os.environ, **environment}).stdout


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("test", "policies/galaxy"), ("document", "policies/galaxy/branch.toml")])
def test_a_gbk_console_shows_all_of_it(arguments: tuple[str, ...]) -> None:
    """What a Chinese console gets is GBK, sign for sign what a UTF-8 console gets but for signs that GBK lacks."""
    in_utf8 = _start("--lang", "zh", *arguments).decode("utf-8")
    in_gbk = _start("--lang", "zh", *arguments, PYTHONIOENCODING="gbk").decode("gbk")
    assert in_gbk == in_utf8.translate({ord("✓"): "√", ord("✗"): "×", ord("−"): "-"})


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("gbk", "合格 √ × -5 ￥ \\u20b9"),
        ("ascii", "合格 ✓ ✗ −5 ¥ ₹"),
        ("latin-1", "\\u5408\\u683c \\u2713 × -5 ¥ \\u20b9"),
    ],
)
def test_what_an_encoding_lacks_is_a_lookalike_or_escaped(
    encoding: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding=encoding)
    set_encoding(stream)
    stream.write("合格 ✓ ✗ −5 ¥ ₹")
    stream.flush()
    assert written.getvalue().decode("utf-8" if encoding == "ascii" else encoding) == shown


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_a_terminal_gets_what_it_reads_and_a_file_gets_utf8(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    reading, writing = pty.openpty() if encoding == "gbk" else os.pipe()
    with os.fdopen(reading, "rb"), os.fdopen(writing, "w", encoding="gbk") as stream:
        set_encoding(stream)
        assert stream.encoding == encoding
