"""Statements: what everybody reads about their own pay, and nothing about anybody else."""

import io
import re
import shlex
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Final

import pylopdf_fonts_zh_cn
import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from scorecore_cli.main import scorecore
from scorecore_cli.statements.privacy import OtherPeople
from scorecore_cli.statements.statement import format_money

FONT: Final = Path(pylopdf_fonts_zh_cn.__file__).parent / "NotoSansSC-Regular.otf"
POLICY: Final = """
[policy]
id = "shop"
version = "1"
title = "门店考核"
subject = "person"
period = "month"
effective = { from = 2024-01-01 }
currency = "CNY"

[facts.person]
name = { type = "string" }
shop = { type = "string", label = "门店" }
mentor = { type = "string", optional = true, label = "师傅" }
sales = { type = "decimal", min = 0, max = 1_000_000, places = 2, label = "销售额" }

[facts.misses]
label = "缺勤"
key = ["id"]
dated_by = "date"
shown = ["decided_by", "late"]
[facts.misses.fields]
id = { type = "string" }
date = { type = "date" }
upheld = { type = "bool", optional = true }
late = { type = "int", min = 0, max = 600, optional = true, label = "分钟" }
decided_by = { type = "string", optional = true, label = "决定人" }

[parameters]
rate = { type = "decimal", label = "提成比例", values = [ { from = 2024-01-01, is = 0.05 }, { from = 2024-05-01, is = 0.06 } ], bounds = { min = 0, max = 1 } }

[groups.shop]
by = "shop"
held = "exclude"
ties = "first"

[[items]]
id = "presence"
label = "出勤"
points = 10
scorer = "complaints"
each = "misses"
as = "m"
upheld = "m.upheld"
take = "2"
authority = "第三条"

[[pay]]
id = "commission"
label = "提成"
kind = "earning"
amount = "round(sales * parameters.rate, 2)"
authority = "第七条"

[[pay]]
id = "prize"
label = "冠军奖"
kind = "reward"
when = "rank(sales, 'shop') == 1"
amount = "100"

[[pay]]
id = "lent_phone"
kind = "deduction"
when = "sales < 1500"
amount = "30"
"""  # noqa: E501  a line for each key
PEOPLE: Final = """person,period,name,shop,mentor,sales
E001,2024-04,王芳,城南店,,1000
E001,2024-05,王芳,城南店,,2000
E002,2024-04,王芳芳,城南店,E001,1000.5
E002,2024-05,王芳芳,城南店,E001,1000.55
E003,2024-05,<b>=1+1</b>,城北店,王芳,9.99
"""
MISSES: Final = """person,id,date,upheld,late,decided_by
E001,M1,2024-05-06,true,45,李经理
E002,王芳-7,2024-05-07,false,,E001
E003,王芳,2024-05-08,,,
"""


def call(line: str) -> Result:
    return CliRunner().invoke(scorecore, shlex.split(line), catch_exceptions=False)


ASSESSED: Final = "statements shop.toml --facts facts --period 2024-05"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop with three people, and texts of the facts that name others."""
    monkeypatch.chdir(tmp_path)
    write_shop(tmp_path)
    return tmp_path


def write_shop(folder: Path) -> None:
    (folder / "facts").mkdir()
    files = {"shop.toml": POLICY, "facts/person.csv": PEOPLE, "facts/misses.csv": MISSES}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def read_page(page: str) -> dict[str, list[list[str]]]:
    """By headline the rows of each statement of a page, cell by cell."""
    articles = re.findall(r"<article>(.*?)</article>", page, re.DOTALL)
    return {
        unescape(re.findall(r"<h1>(.*?)</h1>", article)[0]): [
            [unescape(re.sub("<[^>]*>", " ", cell)).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
            for row in re.findall(r"<tr>(.*?)</tr>", article)
        ]
        for article in articles
    }


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The statements of everybody; E002 had another line the month before."""
    folder = tmp_path_factory.mktemp("shop")
    write_shop(folder)
    history = "person,period,pay.net,partial,pay.commission,pay.prize,pay.lent_phone,pay.old,items.presence\n"
    history += "E001,2024-04,20,false,50,0,30,,10\nE002,2024-04,25.02,false,50.02,,30,5,10\n"
    (folder / "before.csv").write_text(history, encoding="utf-8")
    command = f"statements {folder}/shop.toml --facts {folder}/facts --period 2024-05 --history {folder}/before.csv"
    result = call(f"{command} --out {folder}/all.html --object-to HR --object-by 2024-06-20")
    assert "3 statements written" in result.output
    return (folder / "all.html").read_text(encoding="utf-8")


def test_a_statement_says_in_words_how_pay_came_about(page: str) -> None:
    statements = read_page(page)
    rows = statements["王芳  2024-05  net pay 220.00 CNY"]
    commission = ["提成 销售额 (2,000) × 提成比例 (0.06), rounded to 2 places", "第七条", "120.00", "50.00", "+70.00"]
    assert commission in rows
    assert ["lent phone does not apply", "", "0.00", "\u221230.00", "+30.00"] in rows
    assert ["– upheld; 缺勤 2024-05-06 分钟 45", "", "\u22122", "", ""] in rows
    assert "200.00 more than in 2024-04, when it was 20.00" in page
    assert "Submit it to HR, by 2024-06-20 at the latest." in page
    for code in ("parameters.", "round(", "lent_phone", "rank("):
        assert code not in page


def list_changes(rows: list[list[str]]) -> list[Decimal]:
    """The last cells of the first table, down to net pay."""
    pay = [row for row in rows if row]
    last = next(number for number, row in enumerate(pay) if row[0] == "net pay")
    return [Decimal(row[-1].replace("\u2212", "-")) for row in pay[: last + 1]]


def test_the_changes_of_the_lines_add_up_to_the_change_of_net_pay(page: str) -> None:
    first, second, third = map(list_changes, read_page(page).values())
    assert sum(first[:-1]) == first[-1] == 200
    assert sum(second[:-1]) == second[-1] == Decimal("5.01")
    assert sum(third[:-1]) == third[-1] == Decimal("70.60")  # nothing is compared: the last cells are amounts


def test_nobody_reads_the_name_or_id_of_another(page: str) -> None:
    first, second, third = re.findall(r"<article>(.*?)</article>", page, re.DOTALL)
    assert "李经理" not in first  # who decided is not among the people
    assert not re.search("E001|王芳(?!芳)|E003", second)
    assert not re.search("E001|E002|王芳", third)
    assert "another person has no" in third  # the id of an event names somebody
    assert "城北店" not in first + second


def test_hostile_texts_are_inert(page: str) -> None:
    assert "&lt;b&gt;=1+1&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "<script" not in page


def test_an_amount_is_shown_with_all_its_places() -> None:
    """A balance of a tenth of a cent is not a balance of nothing."""
    amounts = ("1234.5", "-0.0012", "-0.00", "10.0200")
    assert [format_money(Decimal(amount)) for amount in amounts] == ["1,234.50", "\u22120.0012", "0.00", "10.02"]


@pytest.mark.parametrize("ending", ["pdf", "html"])
def test_each_has_a_file(shop: Path, ending: str) -> None:
    assert call(f"{ASSESSED} --out each --each {ending} --font {FONT}").exit_code == 0
    assert len(list((shop / "each").glob(f"*.{ending}"))) == 3
    assert (shop / "each" / f"E002_王芳芳.{ending}").exists()
    assert (shop / "each" / f"E003_b_1_1_b.{ending}").exists()


@pytest.mark.parametrize(
    ("options", "name"),
    [("--out all.html", "all.html"), ("--out all.pdf", "all.pdf"), ("--out each --each pdf", "each/E002_王芳芳.pdf")],
)
def test_a_statement_replaces_only_what_scorecore_wrote(shop: Path, options: str, name: str) -> None:
    """Files are their owner's only, written again without a word, and never written over another's work."""
    line, path = f"{ASSESSED} {options} --font {FONT}", shop / name
    assert [call(line).exit_code, call(line).exit_code] == [0, 0]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [child.name for child in path.parent.iterdir() if child.name.startswith(".")] == []
    if path.suffix == ".pdf":
        path.write_bytes(path.read_bytes() + b"% signed by somebody")
        assert call(line).exit_code == 2
    path.write_text("mine", encoding="utf-8")
    refused = call(line)
    assert (refused.exit_code, path.read_text(encoding="utf-8")) == (2, "mine")
    assert "--force" in refused.output
    assert call(f"{line} --force").exit_code == 0
    assert path.stat().st_size > len("mine")


def test_chinese_can_be_searched_and_copied_from_a_pdf(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also from one that is set in parts."""
    monkeypatch.setattr("scorecore_cli.statements.pdf._TOGETHER", 2)
    assert call(f"{ASSESSED} --out all.pdf --lang zh --font {FONT}").exit_code == 0
    pages = [page.extract_text() for page in PdfReader(io.BytesIO((shop / "all.pdf").read_bytes())).pages]
    assert [text.split()[0] for text in pages] == ["王芳", "王芳芳", "<b>=1+1</b>"]
    assert "实发金额 220.00 CNY" in pages[0]
    assert "比 2024-04 的 20.00 多 200.00" in pages[0]
    assert [text.split()[-3:] for text in pages] == [["1", "/", "1"]] * 3


def test_a_letter_that_no_font_has_is_not_an_empty_box(shop: Path) -> None:
    people = (shop / "facts" / "person.csv").read_text(encoding="utf-8")
    (shop / "facts" / "person.csv").write_text(people.replace("王芳", "\U0010fffd芳"), encoding="utf-8")
    result = call(f"{ASSESSED} --out all.pdf --font {FONT}")
    assert result.exit_code == 2
    assert "no font has the letters" in result.output
    assert not (shop / "all.pdf").exists()


def test_a_recorded_run_has_the_statements_of_its_facts(shop: Path) -> None:
    assert call("record begin r --single-operator").exit_code == 0
    for period in ("2024-04", "2024-05"):
        call(f"run shop.toml --facts facts --period {period} --record r")
    assert call("statements --record r --period 2024-05 --out recorded.html").exit_code == 0
    call(f"{ASSESSED} --out all.html")
    assert (shop / "recorded.html").read_text(encoding="utf-8") == (shop / "all.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"{ASSESSED} --out all.docx", "ends in neither .pdf nor .html"),
        (f"{ASSESSED} --out shop.toml --each pdf", "is a file"),
        (f"{ASSESSED} --out all.html --person E004", "there is no E004"),
        (f"{ASSESSED} --out all.pdf --font shop.toml", "is not a font"),
        ("statements --period 2024-05 --out all.html", "a policy and --facts are needed"),
    ],
)
@pytest.mark.usefixtures("shop")
def test_mistakes_of_usage_are_named(line: str, message: str) -> None:
    result = call(line)
    assert result.exit_code == 2
    assert message in " ".join(result.output.replace("│", " ").split())


def test_longer_names_and_words_are_not_taken_for_names() -> None:
    people = OtherPeople.of(["王芳", "王芳芳", "Ann", "E1", "李", None])
    assert people.conceal("王芳芳和王芳,李", "王芳芳") == "王芳芳和another person,李"
    assert people.conceal("Anna, Ann; E11 E1") == "Anna, another person; E11 another person"


def test_a_statement_says_why_net_pay_has_changed(tmp_path: Path) -> None:
    """Each thing that has changed has its line; they add up to the change."""
    firm = tmp_path / "firm"
    policy, facts = firm / "shop.toml", firm / "facts"
    facts.mkdir(parents=True)
    policy.write_text(
        '[policy]\nid = "s"\nversion = "1"\ntitle = "t"\nsubject = "person"\nperiod = "month"\n'
        "effective = { from = 2024-01-01 }\n[facts.person]\n"
        'sales = { type = "decimal", places = 2, min = 0, max = 9999 }\n'
        '[parameters]\nrate = { type = "decimal", values = [ { from = 2024-01-01, is = 0.1 }, '
        "{ from = 2024-05-01, is = 0.2 } ] }\n"
        '[[pay]]\nid = "p"\nkind = "earning"\namount = "round(sales * parameters.rate, 2)"\n',
        encoding="utf-8",
    )
    (facts / "person.csv").write_text("person,period,sales\nA,2024-04,100\nA,2024-05,250.50\n", encoding="utf-8")
    out = tmp_path / "all.html"
    assert call(f"statements {policy} --facts {facts} --period 2024-05 --out {out}").exit_code == 0
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", out.read_text(encoding="utf-8")))
    assert "the figures of the policy +10.00 sales: 100 → 250.5 +30.10 change of net pay +40.10" in text


OBJECTIONS: Final = """
[calendars.work]
covers = { from = 2024-01-01, to = 2024-12-31 }

[objections]
within = 5
answered_within = 5
unanswered = "accepted"
"""


@pytest.mark.parametrize(
    ("policy", "options", "sentences"),
    [
        ("", "", ["The policy says neither who receives objections nor until when they are possible."]),
        ("", "--object-to HR", ["Submit it to HR.", "The policy sets no last day for objections."]),
        (
            OBJECTIONS + 'refer = "the council"',
            "",
            ["Submit it to the council.", "within 5 days after the decision takes effect"],
        ),
        (
            OBJECTIONS + 'calendar = "work"',
            "",
            ["The policy does not say who receives it.", "within 5 working days after the decision"],
        ),
        (
            OBJECTIONS + 'refer = "the council"',
            "--object-to HR --object-by 2024-06-20",
            ["to HR, by 2024-06-20 at the latest."],
        ),
    ],
)
def test_a_statement_says_to_whom_and_until_when_to_object(
    shop: Path, policy: str, options: str, sentences: list[str]
) -> None:
    (shop / "shop.toml").write_text(POLICY + policy, encoding="utf-8")
    assert call(f"{ASSESSED} --out all.html {options}").exit_code == 0
    words = unescape((shop / "all.html").read_text(encoding="utf-8"))
    assert [sentence for sentence in sentences if words.count(sentence) != 3] == []
    assert not policy or "neither" not in words
    (shop / "shop.toml").write_text(POLICY, encoding="utf-8")


def test_amounts_have_their_cents_and_reasons_no_backticks(shop: Path) -> None:
    money = POLICY.replace('places = 2, label = "销售额"', 'places = 2, unit = "CNY", label = "销售额"')
    (shop / "shop.toml").write_text(money, encoding="utf-8")
    assert call(f"{ASSESSED} --out all.html").exit_code == 0
    words = unescape((shop / "all.html").read_text(encoding="utf-8"))
    assert "销售额 (2,000.00) × 提成比例 (0.06)" in words
    assert "1,000.55" in words
    assert "no “upheld”" in words
    assert "`" not in words


@pytest.mark.slow
def test_the_line_to_sign_is_never_alone_on_a_page(shop: Path) -> None:
    """Whatever the length: facts are added until the end of the statement has passed the end of the page."""
    pages = set()
    for count in range(20, 50, 4):
        facts = "".join(f'fact_{number} = {{ type = "int", fixed = true }}\n' for number in range(count))
        policy = POLICY.replace("[facts.misses]", f"{facts}\n[facts.misses]", 1)
        (shop / "shop.toml").write_text(policy, encoding="utf-8")
        headings, *rows = PEOPLE.splitlines()
        filled = [headings + "".join(f",fact_{n}" for n in range(count)), *(row + ",1" * count for row in rows)]
        (shop / "facts" / "person.csv").write_text("\n".join(filled), encoding="utf-8")
        done = call(f"{ASSESSED} --out long.pdf --person E001 --font {FONT}")
        assert done.exit_code == 0, done.output
        texts = [page.extract_text() for page in PdfReader(shop / "long.pdf").pages]
        pages.add(len(texts))
        assert "if you disagree" in next(text for text in texts if "signature" in text)
    assert len(pages) > 1
