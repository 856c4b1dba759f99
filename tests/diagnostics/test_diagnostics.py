"""Diagnostics: sentences that are right for every count, advice that can be filled, and a catalogue in order."""

import importlib
import pkgutil
import re
from types import ModuleType
from typing import Final

import pytest

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind, Diagnostics, Rejected, placeholders
from scorecore.diagnostics.source import Location

MODULES: Final = [
    importlib.import_module(f"{catalogue.__name__}.{module.name}")
    for module in pkgutil.iter_modules(catalogue.__path__)
]
KINDS: Final = [kind for kind in vars(catalogue).values() if isinstance(kind, DiagnosticKind) and kind.code]
COUNTED: Final = DiagnosticKind("XX1", "{count} rows", singular="{count} row", count="count")
PLACE: Final = Location("policy.toml", 1, 1)
TRANSLATED_ENGLISH: Final = re.compile(
    r"digits behind|(?<!there )\b(?:is|are) no (?!longer)|\b(?:whoever|mend|anew|told|comes? to|stands?|several)\b"
)
"""What a sentence does not say, because it is not English that people write."""


@pytest.mark.parametrize(("count", "sentence"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows")])
def test_a_sentence_is_singular_for_one_and_else_plural(count: int, sentence: str) -> None:
    diagnostics = Diagnostics()
    diagnostics.add(COUNTED, PLACE, count=count)
    assert [diagnostic.message() for diagnostic in diagnostics] == [sentence]


def test_the_sentence_that_is_translated_is_the_one_that_fits() -> None:
    chinese = {"{count} row": "一行", "{count} rows": "{count} 行"}
    messages = [Diagnostic(COUNTED, PLACE, {"count": count}).message(chinese.__getitem__) for count in ("1", "2")]
    assert messages == ["一行", "2 行"]


def test_the_first_advice_that_can_be_filled_is_shown() -> None:
    kind = DiagnosticKind("XX2", "unknown", ("did you mean {nearest}?", "the names are {names}", "choose another"))
    advice = [Diagnostic(kind, PLACE, params).advice() for params in ({"nearest": "a"}, {"names": "b"}, {})]
    assert advice == ["did you mean a?", "the names are b", "choose another"]


def test_warnings_alone_reject_nothing_and_are_raised_with_what_does() -> None:
    diagnostics = Diagnostics()
    diagnostics.add(DiagnosticKind("XX3", "odd", warning=True), PLACE)
    diagnostics.refuse()
    diagnostics.add(COUNTED, PLACE, count=1)
    with pytest.raises(Rejected) as rejection:
        diagnostics.refuse()
    assert [diagnostic.kind.code for diagnostic in rejection.value.diagnostics] == ["XX1", "XX3"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_sentences_are_lower_case_english_without_a_full_stop(kind: DiagnosticKind) -> None:
    for sentence in kind.sentences:
        assert not sentence.endswith(".")
        assert sentence[0] == sentence[0].lower() or sentence.split()[0].rstrip(":") in {"SQLite", "UNANCHORED"}
        assert not TRANSLATED_ENGLISH.search(sentence)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.singular], ids=lambda kind: kind.code)
def test_singular_and_plural_have_the_same_placeholders(kind: DiagnosticKind) -> None:
    assert kind.count in placeholders(kind.message)
    assert placeholders(kind.singular) == placeholders(kind.message)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_module_of_the_catalogue_has_its_codes_in_order(module: ModuleType) -> None:
    codes = [kind.code for kind in vars(module).values() if isinstance(kind, DiagnosticKind) and kind.code]
    assert codes == sorted(codes)
    assert module.__doc__


def test_every_code_and_every_name_is_of_one_kind() -> None:
    names = [name for module in MODULES for name, kind in vars(module).items() if isinstance(kind, DiagnosticKind)]
    assert len(names) == len(set(names))
    assert len({kind.code for kind in KINDS}) == len(KINDS)
