"""The empty workbook of a policy: filled in, it is read like any other facts; and what is checked of it."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner, Result
from hypothesis import event, given

from laws import readable, told
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.batch import evaluator as columns
from scorecore.facts.expected import list_expected
from scorecore.facts.ingest import ingest
from scorecore.facts.inspect import find_fact_faults
from scorecore.facts.raw import RawTable, choose_headings
from scorecore.io.readers import read_facts
from scorecore.io.template import write_template
from scorecore.io.writers import label_columns
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program
from scorecore.values.types import Type, TypeKind
from scorecore_cli.labels import find_history_among_facts, labeller, name_histories, with_canonical_headings
from scorecore_cli.language import _
from scorecore_cli.main import scorecore
from scorecore_cli.template import guide_of, sheets_of, words
from scorecore_cli.workspace import Workspace
from strategies.cases import Case, cases
from strategies.facts import Situation, raw_tables, situations

POLICIES: Final = Path(__file__).parents[2] / "policies"
GALAXY: Final = POLICIES / "galaxy" / "branch.toml"
SAMPLE: Final = POLICIES / "galaxy" / "facts"
MAY: Final = "2024-05"
_EXACT: Final = 15


def scorecore_(*arguments: object) -> Result:
    return CliRunner().invoke(scorecore, [str(argument) for argument in arguments], catch_exceptions=False)


def compiled(policy: Path = GALAXY) -> Program:
    program = Workspace.open().check(policy).program
    assert program is not None
    return program


def keyed(program: Program) -> dict[str, tuple[str, dict[str, str], dict[str, Type]]]:
    """For each table: its sheet, how the sheet heads each name, and the type of each name."""
    schema = program.schema
    who = schema.label or schema.subject
    keyed_tables = {}
    sheets = {sheet.name for sheet in sheets_of(program, ())}
    for name, label, sheet_columns in [
        (schema.subject, "", schema.columns),
        *((table.name, table.label, table.columns) for table in schema.events),
    ]:
        headings = choose_headings(sheet_columns, {who, name}) | {schema.subject: who, schema.label: who}
        headings |= {column.label: headings[column.name] for column in sheet_columns if column.label}
        types = {column.name: column.type for column in sheet_columns} | {
            column.label: column.type for column in sheet_columns
        }
        keyed_tables[name] = (label if label in sheets else name, headings, types)
    if schema.history:
        headings = label_columns([column.name for column in schema.history], labeller(program))
        types = {column.name: column.type for column in schema.history}
        keyed_tables[HISTORY] = (_("earlier decisions"), headings | {schema.subject: who}, types)
    return keyed_tables


def typed_in(value: Any, value_type: Type | None) -> Any:
    """What a person types for a value, as the spreadsheet then holds it: numbers in binary, dates."""
    if value_type is None or value is None or value_type.kind in {TypeKind.STRING, TypeKind.TIMESTAMP}:
        return None if value is None else str(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        return value if value.year > 1900 else f"{value:%Y-%m-%d}".zfill(10)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day) if value.year > 1900 else str(value)
    text = f"{value:f}" if isinstance(value, Decimal) else str(value).strip()
    plain = text.lstrip("-").replace(".", "", 1)
    if value_type.is_number and plain.isascii() and plain.isdigit() and len(plain.strip("0")) <= _EXACT:
        return float(text)
    return str(value)


def fill(book: Any, program: Program, raw: Mapping[str, RawTable]) -> None:
    for name, (sheet, headings, types) in keyed(program).items():
        if name not in raw:
            del book[sheet]
            continue
        page = book[sheet]
        places = {str(cell.value): cell.column for cell in page[1]}
        for heading in raw[name].frame.columns:
            place = places.setdefault(headings.get(heading, heading), len(places) + 1)
            page.cell(1, place, headings.get(heading, heading))
            for row, value in enumerate(raw[name].frame[heading], 2):
                cell = page.cell(row, place)
                cell.value = typed_in(value, types.get(heading))
                if isinstance(cell.value, str):
                    cell.data_type = "s"  # openpyxl would make a formula of what begins with a sign


def filled(path: Path, program: Program, raw: Mapping[str, RawTable]) -> dict[str, RawTable]:
    """The tables of a template, filled in and saved by another program, as `run` reads them."""
    sheets = sheets_of(program, ())
    write_template(path, guide_of(program, sheets), sheets, words())
    book = openpyxl.load_workbook(path)
    fill(book, program, raw)
    book.save(path)
    diagnostics = Diagnostics()
    read_back = dict(read_facts(path, diagnostics, expected=list_expected([program.schema], name_histories())))
    past = find_history_among_facts(read_back)
    if past is not None:
        read_back[HISTORY] = with_canonical_headings(past, program)
    assert not list(diagnostics)
    return read_back


@pytest.mark.slow
@given(case=cases(), situation=situations())
def test_a_template_that_is_filled_in_is_read_like_other_facts(
    case: Case, situation: Situation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same facts give the same decisions from a filled-in template as from files of text."""
    raw = raw_tables(case.program, case.period, situation)
    path = tmp_path_factory.mktemp("template") / "facts.xlsx"
    tables_by_source = [one_of(case, tables) for tables in (raw, filled(path, case.program, raw))]
    event("nobody" if tables_by_source[0] is None else "somebody")
    assert tables_by_source[0] == tables_by_source[1]


def one_of(case: Case, raw: Mapping[str, RawTable]) -> Any:
    diagnostics = Diagnostics()
    facts = ingest(case.program, case.period, raw, diagnostics)
    readable(diagnostics)
    return None if facts is None else told(columns.evaluate_each(case.program, facts))


@given(case=cases(), situation=situations())
def test_what_is_held_for_its_facts_is_found_by_the_check(case: Case, situation: Situation) -> None:
    """A fact that holds a decision is named by the check, with the same reason; in good facts nothing is found."""
    facts = ingest(case.program, case.period, raw_tables(case.program, case.period, situation), Diagnostics())
    assert facts is not None
    faults = list(find_fact_faults(case.program, facts))
    codes = {(diagnostic.kind.code, diagnostic.params.get("name", "")) for diagnostic in faults}
    decided = columns.evaluate_each(case.program, facts)
    missing = {"SC510", "SC512", "SC513", "SC514", "SC515", "SC516", "SC522"}
    causes = {
        (reason.kind.code, reason.params.get("name", ""))
        for reasons in decided.held.values()
        for held in reasons.values()
        for reason in held
        if reason.kind.code in missing
    }
    assert causes <= codes
    if not situation.bad:
        assert codes <= {(code, name) for code, name in codes if code == "SC522"}  # a year is its own example


SHEETS: Final = ("填表说明", "person", "客户交易量", "会议考勤", "客户投诉", "违规", "直接奖励", "应赔损失")


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "facts.xlsx"
    assert scorecore_("facts", "template", GALAXY, "--out", path, "--lang", "zh").exit_code == 0
    return path


def test_a_template_explains_itself(template: Path) -> None:
    """Sheets and headings have the labels; notes say unit and bounds, drop-downs the choices, cells the formats."""
    book = openpyxl.load_workbook(template)
    assert tuple(book.sheetnames[: len(SHEETS)]) == SHEETS
    assert book["选项"].sheet_state == "hidden"
    page = book["person"]
    headings = {cell.value: cell for cell in page[1]}
    assert "单位：CNY" in headings["手续费收入"].comment.text
    assert "0 至" in headings["手续费收入"].comment.text
    rules = {
        str(validation.sqref).partition("2:")[0]: validation for validation in page.data_validations.dataValidation
    }
    by_heading = {name: rules[cell.column_letter] for name, cell in headings.items() if cell.column_letter in rules}
    assert by_heading["岗位"].type == "list"
    assert [cell.value for cell in book["选项"]["A"] if cell.value][1:] == ["broker", "manager"]
    assert by_heading["手续费收入"].type == "decimal"
    assert (by_heading["手续费收入"].formula1, by_heading["手续费收入"].formula2) == ("0", "1000000000000")
    assert by_heading["岗位"].promptTitle == "岗位"
    assert by_heading["市场行情正常(认定)"].formula1 == '"是,否"'
    assert "姓名" not in by_heading
    formats = {letter: dimension.number_format for letter, dimension in page.column_dimensions.items()}
    assert formats["A"] == "@"
    assert formats[headings["手续费收入"].column_letter] == "#,##0.00"


def test_a_template_never_replaces_a_file(template: Path) -> None:
    """What somebody may have filled in is left as it is."""
    before = template.read_bytes()
    result = scorecore_("facts", "template", GALAXY, "--out", template)
    assert result.exit_code == 2
    assert template.read_bytes() == before


def test_the_same_policy_gives_the_same_template(template: Path, tmp_path: Path) -> None:
    other_path = tmp_path / "other.xlsx"
    scorecore_("facts", "template", GALAXY, "--out", other_path, "--lang", "zh")
    assert other_path.read_bytes() == template.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("policy", "period"),
    [
        ("galaxy/branch.toml", MAY),
        ("credit_union/points.toml", MAY),
        ("work_plan/rule_c.toml", MAY),
        ("performance_salary/branch.toml", MAY),
    ],
)
def test_samples_in_a_template_give_the_same_decisions(policy: str, period: str, tmp_path: Path) -> None:
    """The sample facts, typed into a template, give what the sample files give, to the last digit."""
    path = POLICIES / policy
    folder = path.parent / "facts"
    program = compiled(path)
    raw = {name: table for name, table in read_facts(folder, Diagnostics()).items() if name in keyed(program)}
    if HISTORY in raw:
        history_names = [column.name for column in program.schema.history]
        kept = [
            column
            for column in raw[HISTORY].frame.columns
            if column in {*history_names, "period", program.schema.subject}
        ]
        raw[HISTORY] = RawTable(raw[HISTORY].frame.select(kept), "history.csv")
    book = tmp_path / "facts.xlsx"
    filled(book, program, raw)
    runs = [
        scorecore_("run", path, "--facts", where, "--period", period, "--out", tmp_path / name, "--rows", "0")
        for where, name in ((folder, "one"), (book, "two"))
    ]
    assert runs[0].exit_code == runs[1].exit_code
    for name in ("decisions", "entries", "pay"):
        first_table, two = (
            pl.read_csv(tmp_path / run / f"{name}.csv", infer_schema=False).rows() for run in ("one", "two")
        )
        assert first_table == two


def sabotaged(template: Path) -> Path:
    """A template with one mistake of each kind, each in a cell that is known."""
    book = openpyxl.load_workbook(template)
    page = book["person"]
    program = compiled()
    columns_ = {str(cell.value): cell.column for cell in page[1]}
    raw = read_facts(SAMPLE, Diagnostics())["person"].frame.filter(pl.col("period") == MAY).head(3)
    headings = keyed(program)["person"][1]
    for row, values in enumerate(raw.iter_rows(named=True), 2):
        for name, value in values.items():
            if name != "period":
                page.cell(row, columns_[headings[name]], value)
    page.cell(2, columns_["手续费收入"], "12o.50")
    page.cell(3, columns_["岗位"], "brokr")
    page.cell(4, columns_["月交易量任务"]).value = None
    page.cell(5, columns_["姓名"], "无名")
    visits = book["会议考勤"]
    visits.append([raw["person"][0], "2024-13-45", "是", "否"])
    visits.append([raw["person"][1], datetime(2024, 5, 6), "是", "否"])
    visits.append([raw["person"][1], datetime(2024, 5, 6), "是", "否"])
    visits.append(["B9999", datetime(2024, 5, 6), "是", "否"])
    del book["违规"]
    book.save(template)
    return template


def test_the_check_names_sheet_and_cell(template: Path) -> None:
    """Every mistake is told with its sheet and cell, and nothing is decided."""
    result = scorecore_("facts", "check", GALAXY, "--facts", sabotaged(template), "--period", MAY, "--lang", "zh")
    assert result.exit_code == 1
    lines = [line.replace(str(template), "") for line in result.stdout.splitlines() if str(template) in line]
    marks = {(line.partition(": ")[0], line.split()[1]) for line in lines}
    assert ("[person]!E2", "SC512") in marks
    marks.remove(("[以前期间的结果]", "SC462"))  # the sheet of earlier decisions, which stayed empty
    assert {code for _, code in marks} == {"SC406", "SC407", "SC510", "SC512", "SC515", "SC517"}
    assert ("[person]!A5", "SC406") in marks
    assert ("[会议考勤]!B2", "SC512") in marks
    assert ("[会议考勤]!A5", "SC407") in marks
    assert all("!" in place for place, _ in marks)
    assert "SC511" in result.stdout


def test_good_facts_are_found_good(template: Path) -> None:
    """Exit code 0 and no problem for facts that are complete; that two tables have April's events too is noted."""
    raw = read_facts(SAMPLE, Diagnostics())
    raw["person"] = RawTable(raw["person"].frame.filter(pl.col("period") == MAY).head(2), "person.csv")
    history_names = [column.name for column in compiled().schema.history]
    raw[HISTORY] = RawTable(raw[HISTORY].frame.select("person", "period", *history_names), "history.csv")
    ids = set(raw["person"].frame["person"])
    raw = {
        name: RawTable(table.frame.filter(pl.col("person").is_in(list(ids))), table.source)
        for name, table in raw.items()
    }
    template.unlink()
    filled(template, compiled(), raw)
    result = scorecore_("facts", "check", GALAXY, "--facts", template, "--period", MAY)
    assert result.exit_code == 0
    assert result.stdout.count("SC453") == 2
    assert result.stdout.endswith("people in 2024-05: 2; problems: 0; notes: 2\n")


def test_the_check_reads_files_of_text_too() -> None:
    """The sample has two cells that are wrong on purpose; the check finds these and no others."""
    result = scorecore_("facts", "check", GALAXY, "--facts", SAMPLE, "--period", MAY)
    assert result.exit_code == 1
    assert result.stdout.count("SC5") == 2
