"""The folder of the sample firm: policies with cases, facts, the record, and what to try."""

import csv
import io
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final

from scorecore.policy.formatter import format_toml
from scorecore_cli.language import current
from scorecore_cli.sample_firm.half_year import record_half_year
from scorecore_cli.sample_firm.months import HEADINGS, list_rows

_CHOICE: Final = re.compile(r"\{\{(?P<en>[^{}|]*)\|(?P<zh>[^{}|]*)\}\}")
"""A text in both languages."""


def write_sample_firm(folder: Path, *, is_shared: bool = False) -> None:
    """Write everything but the schemas for editors; the folder must have been made."""
    for name, text in _list_texts():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    record_half_year(folder, is_shared=is_shared)


def _list_texts() -> Iterator[tuple[str, str]]:
    templates = files("scorecore_cli").joinpath("templates", "sample_firm")
    yield "README.md", templates.joinpath("README.md").read_text(encoding="utf-8")
    for template in sorted(templates.joinpath("policies").iterdir(), key=lambda policy: policy.name):
        text = _localize(template.read_text(encoding="utf-8"))
        yield f"policies/{template.name}", format_toml(text, cases=template.name.endswith(".cases.toml"))
    for department, tables in HEADINGS.items():
        rows = list_rows(department)
        for table, headings in tables.items():
            content = io.StringIO(newline="")
            csv.writer(content, lineterminator="\n").writerows([headings, *rows[table]])
            yield f"facts/{department}/{table}.csv", _localize(content.getvalue())


def _localize(text: str) -> str:
    language = current()
    return _CHOICE.sub(lambda choice: choice[language if language == "zh" else "en"], text)
