"""What can be written at a place, also of a text that is broken there."""

from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecore.services.completion import complete
from scorecore.services.hover import find_hover
from scorecore.services.open_texts import OpenTexts
from scorecore.services.outline import OutlinePart, list_outline
from scorecore.services.references import find_definition, find_references
from scorecore.services.rename import RenameRefused, find_renamable
from scorecore.services.tolerant_toml import read_tolerantly
from spoiled_texts import spoil

ROOT: Final = Path(__file__).parents[2]
GALAXY: Final = ROOT / "policies" / "galaxy"
TEXTS: Final = OpenTexts()
_MATTER: Final = """[matters.volumes]
as = "v"
stages = { date = { next = [] } }
clocks.c = { since = "date" }
"""


def completed(written: str, file: str = "policy.toml", before: str = "[open]") -> list[str]:
    """The suggestions at the sign `|` of a text that is written into a policy, before one of its lines."""
    path = GALAXY / file
    text = path.read_text(encoding="utf-8")
    position = text.index(before)
    edited = text[:position] + written.replace("|", "") + "\n" + text[position:]
    source = TEXTS.open(path, edited)
    try:
        completion = complete(TEXTS, source, position + written.index("|"))
    finally:
        TEXTS.close(path)
    return [suggestion.label for suggestion in completion.suggestions]


@pytest.mark.parametrize(
    ("written", "expected", "absent"),
    [
        ("[|", {"policy", "facts", "pay", "items"}, {"id"}),
        ('[[pay]]\nid = "x"\n|', {"amount", "kind", "label"}, {"id", "scorer"}),
        ('[[pay]]\nkind = "|', {"earning", "fine"}, {"true"}),
        ("[[pay]]\nkind = |", {'"earning"', '"fine"'}, set()),
        ("[[pay]]\nmode = '|'", {"half_up"}, set()),
        ('[[pay]]\namount = "|', {"net_fee", "volume_task", "parameters", "round", "volumes"}, {"client"}),
        ('[[pay]]\namount = "round(net_fee * |', {"net_fee"}, set()),
        ('[[pay]]\namount = "parameters.|"', {"base_salary", "break_even_rate"}, {"commission"}),
        ('[[pay]]\namount = "tables.|', {"commission"}, {"base_salary"}),
        ('[[pay]]\namount = "tables.commission.|', {"rate"}, {"filter"}),
        ('[[pay]]\namount = "volumes.|', {"filter", "map", "size"}, {"client"}),
        ('[[pay]]\namount = "volumes.filter(v, v.|', {"client", "amount"}, {"filter", "upheld"}),
        ('[[pay]]\namount = "volumes.filter(v, v.amount > 1).|', {"map", "size"}, {"client"}),
        ('[[pay]]\namount = "volumes.filter(v, v.amount > 1).map(w, w.|', {"client"}, {"map"}),
        ('[[pay]]\namount = "history[1].|', {"pay", "score"}, {"volumes"}),
        ('[[pay]]\namount = "history[1].carry.|', {"risk_fund"}, {"commission"}),
        ("[[pay]]\nwhen = \"status == '|", {"active", "leave", "left"}, {"broker"}),
        ("[[pay]]\nwhen = \"violations.exists(v, v.state in ['open', '|", {"proven", "dropped"}, set()),
        ('[[items]]\nscorer = "|', {"deduction", "formula"}, {"true"}),
        ('[[items]]\nscorer = "deduction"\n|', {"take", "each", "points", "rules"}, {"scorer"}),
        ('[[items]]\nscorer = "deduction"\neach = "|', {"volumes"}, {"status"}),
        ('[[items]]\nscorer = "deduction"\neach = "volumes"\nas = "v"\ntake = "v.|', {"client"}, {"upheld"}),
        (
            '[[items]]\nscorer = "deduction"\nrules = [ { each = "volumes", as = "w", take = "w.|',
            {"client"},
            {"upheld"},
        ),
        ('[[holds]]\nof = ["pay.commission", "|', {"pay.base", "score.total", "carry.loss"}, set()),
        ("[facts.volumes]\n|", {"shared", "fixed"}, {"type", "label"}),
        ("[matters.|", {"volumes", "complaints"}, {"status"}),
        ("[matters.volumes.stages]\n|", {"date", "client"}, {"upheld"}),
        (_MATTER + "[matters.volumes.clocks.c]\nsince = '|", {"date"}, {"client"}),
        (_MATTER + "[matters.volumes.clocks.c]\nin = '|", {"workdays", "hours"}, set()),
        (_MATTER + "[matters.volumes.clocks.c]\nuntil = 'v.|", {"client", "date"}, {"upheld"}),
        (_MATTER + "[[pay]]\namount = 'volumes.filter(w, w.|", {"c", "client", "open", "stage"}, {"late"}),
        (_MATTER + "[[pay]]\namount = 'volumes.filter(w, w.c.|", {"late", "running"}, {"client"}),
        (_MATTER + "[[pay]]\namount = 'volumes.filter(w, w.date.|", {"reached"}, {"late"}),
        ('[facts.volumes]\ndated_by = "|', {"date", "client"}, {"upheld"}),
        ("[facts.person]\nnew = { |", {"type", "unit"}, {"dated_by"}),
        ('[facts.person]\nnew = { type = "|', {"decimal", "bool"}, {"earning"}),
        ("[facts.person]\nnew = { optional = |", {"true", "false"}, set()),
        ('[policy]\nextends = "|', {"galaxy.broker.example-branch@2024.1"}, {"galaxy.broker@2024.1"}),
        ("# a comment |", set(), {"policy"}),
    ],
)
def test_what_can_be_written(written: str, expected: set[str], absent: set[str]) -> None:
    labels = completed(written)
    assert expected <= set(labels)
    assert not absent & set(labels)
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("[parameters.|", {"base_salary"}),
        ("[parameters]\nbase_salary.|", {"label", "type"}),
        ('[[grades]]\nid = "E"\nwhen = "par|', {"parameters"}),
    ],
)
def test_a_branch_is_offered_what_its_parent_has(written: str, expected: set[str]) -> None:
    assert expected <= set(completed(written, "branch.toml", "[tables.commission]"))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("[[case]]\n|", {"name", "expect", "person", "volumes", "history"}),
        ("[[case]]\nperson = { |", {"status", "volume_task"}),
        ('[[case]]\nperson = { status = "|', {"active", "leave"}),
        ("[[case]]\nvolumes = [ { |", {"client", "amount"}),
        ("[[case]]\nexpect = { pay = { |", {"commission"}),
        ('[[case]]\nexpect = { grade = "|', {"A", "B"}),
        ('[[case]]\nexpect = { held = ["|', {"pay.commission"}),
        ('[[case]]\nperiod = "|', {"2024-05"}),
    ],
)
def test_cases_are_completed_from_their_policy(written: str, expected: set[str]) -> None:
    assert expected <= set(completed(written, "branch.cases.toml", "[[case]]"))


def test_the_word_that_is_being_written_is_replaced_and_no_more() -> None:
    path = GALAXY / "policy.toml"
    text = path.read_text(encoding="utf-8") + '[[pay]]\namount = "\\"😀\\" + parameters.bas * 2"\n'
    source = TEXTS.open(path, text)
    offset = text.rindex("bas") + 2
    completion = complete(TEXTS, source, offset)
    TEXTS.close(path)
    assert text[completion.span.start : completion.span.end] == "ba"
    assert "base_salary" in [suggestion.label for suggestion in completion.suggestions]


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("parameters.break_even", ["营业部盈亏临界点", "parameter · decimal", "第二十七条"]),
        ("exchange_fees - ", ["上交交易所费用", "fact · decimal · CNY · at least 0"]),
        ("least(", ["`least(a, b, …)`"]),
        ("kind      = ", ["one of: `marginal`"]),
    ],
)
def test_hover_says_what_a_name_is(pattern: str, shown: list[str]) -> None:
    source = TEXTS.read(GALAXY / "policy.toml")
    assert source
    hover = find_hover(TEXTS, source, source.text.index(pattern) + len(pattern.rstrip("( -=")) - 1)
    assert hover
    assert all(words in hover.markdown for words in shown), hover.markdown


def test_hover_shows_the_values_that_a_branch_sets_and_the_type_of_what_is_computed() -> None:
    source = TEXTS.read(GALAXY / "branch.toml")
    assert source
    salary = find_hover(TEXTS, source, source.text.index("base_salary"))
    assert salary
    assert "from 2024-05-01: 600" in salary.markdown
    item = find_hover(TEXTS, source, source.text.index("items.rules") + 8)
    assert item
    assert "0 to 10" in item.markdown


def test_a_definition_is_in_the_policy_that_everything_rests_on() -> None:
    source = TEXTS.read(GALAXY / "branch.cases.toml")
    assert source
    definition = find_definition(TEXTS, source, source.text.index("volume_task"))
    assert definition
    assert Path(definition.source.name).name == "policy.toml"
    assert definition.source.text[definition.span.start :].startswith("volume_task")
    references = find_references(TEXTS, source, source.text.index("volume_task"))
    assert {Path(mention.source.name).name for mention in references} == {"policy.toml", "branch.cases.toml"}


def test_the_outline_has_sections_and_parts_with_labels() -> None:
    source = TEXTS.read(GALAXY / "policy.toml")
    assert source
    outline = list_outline(source)
    pay = next(part for part in outline if part.name == "pay")
    assert [(part.name, part.detail) for part in pay.children][:2] == [
        ("base", "底薪"),
        ("commission", "佣金提成×月考评分"),
    ]
    assert [part.name for part in outline[1].children][:2] == ["base_salary", "break_even_rate"]


def check_outline(parts: list[OutlinePart], start: int, end: int) -> None:
    for part in parts:
        assert start <= part.span.start <= part.selection.start <= part.selection.end <= part.span.end <= end
        check_outline(part.children, *part.span)


@given(data=st.data())
def test_no_text_whatever_makes_a_service_raise(data: Any) -> None:
    """Completion, hover, definition, references, outline and what can be renamed, at any place of a spoiled text."""
    path = data.draw(st.sampled_from([GALAXY / "branch.toml", GALAXY / "policy.toml", GALAXY / "branch.cases.toml"]))
    source = TEXTS.open(path, spoil(data, path.read_text(encoding="utf-8")))
    offset = data.draw(st.integers(0, len(source.text)))
    completion = complete(TEXTS, source, offset)
    assert completion.span.start <= offset <= completion.span.end
    hover = find_hover(TEXTS, source, offset)
    assert hover is None or hover.span.touches(offset)
    find_definition(TEXTS, source, offset)
    for mention in find_references(TEXTS, source, offset):
        written = mention.source.text[mention.span.start : mention.span.end]
        assert mention.symbol.name.rpartition(".")[2] in written or "\\" in written
    check_outline(list_outline(source), 0, len(source.text))
    try:
        find_renamable(TEXTS, source, offset)
    except RenameRefused:
        pass
    finally:
        TEXTS.close(path)


@pytest.mark.parametrize(
    "text", ["[" * 5000, 'b={a="' * 3000, "a=" + "[{" * 3000, '"""' + "x\n" * 9, "a.\n=\n.\n]]\r\r\n}}", "a = { b = [ "]
)
def test_deep_and_odd_texts_are_read(text: str) -> None:
    source = TEXTS.open(GALAXY / "deep.toml", text)
    document = read_tolerantly(source)
    check_outline(list_outline(source), 0, len(text))
    assert len(document.keys) + len(document.headings) + len(document.values) > 0
    complete(TEXTS, source, len(text))
    TEXTS.close(GALAXY / "deep.toml")
