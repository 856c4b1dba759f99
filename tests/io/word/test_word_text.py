"""A file of Word has the text that people see, with the numbers that Word counts."""

import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from typing import Final

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecore.io.word.text import WordRefused, read_word

MAIN: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def level(number: int, number_format: str, text: str, more: str = "", start: int = 1) -> str:
    counted = f'<w:start w:val="{start}"/><w:numFmt w:val="{number_format}"/>{more}<w:lvlText w:val="{text}"/>'
    return f'<w:lvl w:ilvl="{number}">{counted}</w:lvl>'


NUMBERING: Final = f"""<w:numbering {MAIN}>
<w:abstractNum w:abstractNumId="7">
{level(0, "chineseCountingThousand", "第%1章")}
{level(1, "chineseCounting", "第%2条", '<w:lvlRestart w:val="0"/>')}
{level(2, "chineseCounting", "（%3）")}
{level(3, "decimal", "%4.")}
{level(4, "decimalEnclosedCircle", "%5")}
{level(5, "bullet", "●")}
{level(6, "decimal", "%1.%2.%7", "<w:isLgl/>")}
</w:abstractNum>
<w:abstractNum w:abstractNumId="8">{level(0, "upperRoman", "%1.", start=3)}</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>
<w:num w:numId="2">
<w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="2"><w:startOverride w:val="5"/></w:lvlOverride>
</w:num>
<w:num w:numId="3"><w:abstractNumId w:val="8"/></w:num>
</w:numbering>"""
STYLES: Final = f"""<w:styles {MAIN}>
<w:style w:styleId="Base"><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:styleId="Article"><w:basedOn w:val="Base"/></w:style>
<w:style w:styleId="Plain"><w:basedOn w:val="Plain"/></w:style>
</w:styles>"""


def paragraph(text: str, number: tuple[int, int] | None = None, style: str = "") -> str:
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if number:
        properties += f'<w:numPr><w:ilvl w:val="{number[1]}"/><w:numId w:val="{number[0]}"/></w:numPr>'
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def pack(body: str, parts: Mapping[str, str] | None = None) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document {MAIN}><w:body>{body}</w:body></w:document>")
        for name, xml in ({"numbering": NUMBERING, "styles": STYLES} if parts is None else parts).items():
            archive.writestr(f"word/{name}.xml", xml)
    return packed.getvalue()


def read_lines(paragraphs: Sequence[str]) -> list[str]:
    return read_word(pack("".join(paragraphs))).text.splitlines()


def test_numbers_are_those_that_word_shows() -> None:
    assert read_lines(
        [
            paragraph("总则", (1, 0)),
            paragraph("适用", (1, 1)),
            paragraph("迟到", (1, 2)),
            paragraph("旷工", (1, 2)),
            paragraph("一次", (1, 3)),
            paragraph("细目", (1, 4)),
            paragraph("点", (1, 5)),
            paragraph("没有编号"),
            paragraph("考核", (1, 0)),
            paragraph("条在各章连续编号", (1, 1)),
            paragraph("项重新编号", (1, 2)),
            paragraph("另起编号", (2, 2)),
            paragraph("接着编号", (1, 2)),
            paragraph("由样式编号", style="Article"),
            paragraph("样式没有编号", style="Plain"),
            paragraph("取消样式的编号", (0, 0), style="Article"),
            paragraph("数字", (1, 6)),
            paragraph("罗马数字", (3, 0)),
            paragraph("没有这个列表", (9, 0)),
        ]
    ) == [
        "第一章 总则",
        "第一条 适用",
        "（一）迟到",
        "（二）旷工",
        "1. 一次",
        "① 细目",
        "点",
        "没有编号",
        "第二章 考核",
        "第二条 条在各章连续编号",
        "（一）项重新编号",
        "（五）另起编号",
        "（六）接着编号",
        "第三条 由样式编号",
        "样式没有编号",
        "取消样式的编号",
        "2.3.1 数字",
        "III. 罗马数字",
        "没有这个列表",
    ]


def test_an_empty_paragraph_counts_and_is_not_numbered() -> None:
    assert read_lines([paragraph("", (1, 1)), paragraph("条", (1, 1))]) == ["", "第二条 条"]


def test_a_row_of_a_table_is_a_line() -> None:
    cells = "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("迟到", "每次20元"))
    assert read_lines([f"<w:tbl><w:tblPr/><w:tr>{cells}</w:tr></w:tbl>", paragraph("完")]) == ["迟到 每次20元", "完"]


def test_a_table_in_a_cell_is_read_once() -> None:
    inner = f"<w:tbl><w:tr><w:tc>{paragraph('20元')}</w:tc></w:tr></w:tbl>"
    row = f"<w:tr><w:tc>{paragraph('迟到')}{inner}</w:tc><w:tc>{paragraph('每次')}</w:tc></w:tr>"
    gone = f"<w:tr><w:trPr><w:del/></w:trPr><w:tc>{paragraph('旷工')}</w:tc></w:tr>"
    text = read_word(pack(f"<w:tbl>{row}{gone}</w:tbl>"))
    assert (text.text, text.pending) == ("迟到 20元 每次\n", 1)


def test_what_is_marked_as_not_hidden_is_read() -> None:
    text = read_word(pack('<w:p><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>每次20元</w:t></w:r></w:p>'))
    assert (text.text, text.unread) == ("每次20元\n", 0)


def test_changes_are_read_as_accepted_and_what_is_left_out_is_counted() -> None:
    text = read_word(
        pack(
            "<w:p><w:r><w:t>每次</w:t></w:r><w:del><w:r><w:delText>20</w:delText></w:r></w:del>"
            "<w:ins><w:r><w:t>30</w:t></w:r></w:ins><w:r><w:t>元</w:t><w:footnoteReference/></w:r>"
            "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
            "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>"
        )
    )
    assert (text.text, text.pending, text.unread) == ("每次30元\n", 2, 3)


def test_a_file_of_a_library_reads_as_it_was_written() -> None:
    file, packed = docx.Document(), BytesIO()
    file.add_heading("办法", level=0)
    file.add_paragraph("第一条\t迟到的\uff0c每次20元\u3002\n第二款")
    file.save(packed)
    assert read_word(packed.getvalue()).text == "办法\n第一条\t迟到的\uff0c每次20元\u3002\n第二款\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        pack("", {})[:-30],
        pack("").replace(b"w:body", b"w:bodx"),
        pack("<w:p>"),
        pack(f'<!DOCTYPE x [<!ENTITY a "{"b" * 99}">]><w:p/>'),
        pack("<w:p/>", {"numbering": "<w:numbering"}),
        pack("x" * 33_000_000),
        pack("<w:sdt>" * 5000 + "</w:sdt>" * 5000),
    ],
    ids=["empty", "cut", "cut short", "no body", "no XML", "entities", "numbering", "large", "deep"],
)
def test_what_is_no_file_of_word_is_refused(content: bytes) -> None:
    with pytest.raises(WordRefused):
        read_word(content)


@given(st.binary(max_size=200), st.integers(0, 2000))
def test_a_damaged_file_is_read_or_refused(noise: bytes, offset: int) -> None:
    intact = pack(paragraph("条", (1, 1)))
    with suppress(WordRefused):
        assert isinstance(read_word(intact[:offset] + noise + intact[offset + len(noise) :]).text, str)
