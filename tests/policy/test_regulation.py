"""A written rule is cut into the clauses that its numbers say, and cited by them."""

from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.policy.regulation.citations import read_citations
from scorecore.policy.regulation.clauses import Regulation, read_regulation
from scorecore.policy.regulation.figures import find_figures, find_policy_figures
from scorecore.policy.toml import read_toml

POLICIES: Final = Path(__file__).parents[2] / "policies"
RULE: Final = """某公司考核办法

第一章 总则
第一条 为规范管理\uff0c制定本办法\u3002
第二条 本办法适用于全体员工\u3002
本办法所称员工\uff0c包括试用期人员\u3002
(以下略)
第二章 考核
第三条 有下列情形之一的\uff0c扣分\uff1a
\uff08一\uff09迟到的\uff0c每次扣2分\uff1b
\uff08二\uff09旷工的:1、当日;2、连续3天以上的。
前款规定的情形,五个工作日内报人力资源部。
第三条之一 奖金按利润的5\uff05提取;5 个名额。
第四条、第五条 由人力资源部负责。
第六条至第八条 附则。
"""


def regulation(text: str = RULE) -> Regulation:
    return read_regulation(Source("rule.txt", text))


def cited(authority: str, rule: Regulation) -> list[list[str]]:
    return [[clause.label for clause in citation.clauses] for citation in read_citations(authority, rule)]


def test_a_text_is_cut_by_its_numbers() -> None:
    """Chapters, articles, paragraphs, items in lines of their own and inside a line; a remark is no clause."""
    rule = regulation()
    assert rule.title == "某公司考核办法"
    assert [clause.label for clause in rule.root.walk()][1:] == [
        *("第一章", "第一条", "第二条", "第二条第二款", "第二章", "第三条", "第三条(一)"),
        *("第三条(二)", "第三条(二)1", "第三条(二)2", "第三条第二款", "第三条之一", "第四条、第五条", "第六条至第八条"),
    ]


@pytest.mark.parametrize(
    ("authority", "clauses"),
    [
        ("第三条(二)2", [["第三条(二)2"]]),
        ("第3条\uff08二\uff092 连续3天", [["第三条(二)2"]]),
        ("第三条第一款第(二)项", [["第三条(二)"]]),
        ("第三条第二款", [["第三条第二款"]]),
        ("第三条(二)1, 2", [["第三条(二)1"], ["第三条(二)2"]]),
        ("第一条至第三条", [["第一条", "第二条", "第三条"]]),
        ("第三条之一 5%, 第七条", [["第三条之一"], ["第六条至第八条"]]),
        ("第三条(二) 迟到、旷工,1天", [["第三条(二)"]]),
        ("第三条(三)", [[]]),
        ("第三条第三款", [[]]),
        ("总则", [[]]),
    ],
)
def test_an_authority_leads_to_clauses(authority: str, clauses: list[list[str]]) -> None:
    """What is quoted after a number, a shared beginning and a range are understood; what is not there leads nowhere."""
    assert cited(authority, regulation()) == clauses


def test_an_ambiguous_number_leads_nowhere() -> None:
    """An item that stands in two chapters needs its chapter."""
    rule = regulation("题\n\n第一章 甲\n1、子\n2、丑\n第二章 乙\n1、寅\n")
    assert cited("2", rule) == [["第一章2"]]
    assert cited("1", rule) == [[]]
    assert cited("第二章1", rule) == [["第二章1"]]


@pytest.mark.parametrize("path", sorted(POLICIES.glob("*/*.txt")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_clause_of_our_texts_is_found_by_its_label(path: Path) -> None:
    rule = regulation(path.read_text(encoding="utf-8"))
    for clause in list(rule.root.walk())[1:]:
        assert [*read_citations(clause.label, rule)][-1].clauses == (clause,)


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("连续3天以上,五个工作日内", ["3天", "五个工作日"]),
        ("第二次扣2分,依照第五条(三)、第十四条", ["2分"]),
        ("每次1分,一次付清,统一办理,每周一", []),
        ("12月20日17:30前", ["12月", "20日", "17:30"]),
        ("损耗率1至3‰,百分之五", ["1", "3‰", "百分之五"]),
        ("5万元以下,两周,半年", ["5万元", "两周", "半年"]),
    ],
)
def test_figures_are_numbers_that_count_something(text: str, figures: list[str]) -> None:
    assert [figure.text for figure in find_figures(text)] == figures


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10%", "0.1"),
        ("10%", "0.9"),
        ("1至3‰", "0.001"),
        ("5万元", "50000"),
        ("两周", "14"),
        ("三个月", "3"),
        ("半年", "6"),
    ],
)
def test_a_figure_has_the_values_that_a_formula_may_write(text: str, value: str) -> None:
    assert Decimal(value) in next(iter(find_figures(text))).values


def test_figures_of_a_formula() -> None:
    """Places of a rounding and names are no figures; the fourth day after the first is the fifth."""
    text = 'amount = "round(x2 * 0.35, 2) + add_days(period.start, 4) + at(d, \'17:00\')"\nlabel = "7"\nround = 3\n'
    tree = read_toml(Source("p.toml", text), Diagnostics())
    assert tree
    figures = [sorted(map(str, alternatives)) for alternatives, _ in find_policy_figures(tree)]
    assert figures == [["0.35"], ["4", "5"], ["17:00"]]
