"""The layout of a policy changes nothing that it says: no value, no comment; and what is laid out stays so."""

import re
import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Final

import attrs
import pytest
import tomli
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.policy import model as policy
from scorecore.policy.formatter import format_toml
from scorecore.policy.key_order import USUAL
from scorecore.policy.model import HIDDEN
from scorecore.policy.tokens import TokenKind, tokenize
from scorecore.policy.toml import read_toml
from scorecore.program.digest import program_digest
from scorecore_cli.main import scorecore
from scorecore_cli.workspace import Workspace
from strategies.cases import Case, cases, compiled
from strategies.values import SEEDS, seeded

ROOT: Final = Path(__file__).parents[2]
POLICIES: Final = sorted((ROOT / "policies").rglob("*.toml"))
DIGEST: Final = re.compile("[0-9a-f]{64}")


def said(text: str) -> Any:
    return tomli.loads(text, parse_float=Decimal)


def is_toml(path: Path) -> bool:
    """Whether a file can be laid out; some folders of problems show one that cannot even be read."""
    try:
        said(path.read_text("utf-8"))
    except (UnicodeDecodeError, tomli.TOMLDecodeError, ValueError, RecursionError):
        return False
    return True


DIAGNOSTICS: Final = list(filter(is_toml, sorted((ROOT / "tests" / "problems").glob("*/*.toml"))))


def holds(text: str, *, of_cases: bool = False) -> str:
    """The laws of a layout, for one text."""
    assert "".join(token.text for token in tokenize(text)) == text
    formatted = format_toml(text, cases=of_cases)
    assert said(formatted) == said(text)
    assert words(formatted) == words(text)
    assert format_toml(formatted, cases=of_cases) == formatted
    assert not re.search(r"\n\n\n|^\n|[^\n]\Z|[ \t]\n", re.sub(r"(\"\"\"|''')(.|\n)*?\1", "text", formatted))
    return formatted


def words(text: str) -> Counter[tuple[TokenKind, str]]:
    """Keys, values and comments, as they are written."""
    kinds = {TokenKind.KEY, TokenKind.VALUE, TokenKind.COMMENT}
    return Counter((token.kind, token.text.rstrip()) for token in tokenize(text) if token.kind in kinds)


@pytest.mark.sampled(4, 2)
@pytest.mark.parametrize("path", [*POLICIES, *DIAGNOSTICS], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_text_of_the_repository_stays_what_it_is(path: Path) -> None:
    """No value changes, every comment is there as often as before, and a second time changes nothing."""
    text = path.read_text("utf-8").replace("\r\n", "\n")
    formatted = holds(text, of_cases=path.name.endswith(".cases.toml"))
    assert comments(formatted) == comments(text)


def comments(text: str) -> Counter[str]:
    """What follows a `#`, quotes and all: enough to see that nothing is lost."""
    return Counter(line[line.index("#") :].rstrip() for line in text.splitlines() if "#" in line)


@given(case=cases(), seed=SEEDS)
def test_a_program_does_not_depend_on_the_layout(case: Case, seed: int) -> None:
    """However a generated policy is written, it is laid out without a change of its program or of its comments."""
    text, notes = untidy(case.draft.text, seeded(seed))
    formatted = holds(text)
    assert all(formatted.count(f"{note}\n") == 1 for note in notes)
    program, diagnostics = compiled(formatted)
    assert program is not None, list(map(str, diagnostics))
    assert program_digest(program) == program_digest(case.program)


def untidy(text: str, random: Random) -> tuple[str, list[str]]:
    """The same policy with blank lines, blanks and comments wherever a line can have them."""
    lines, notes, is_inside_text = [], [], False
    for line in text.splitlines():
        has_end_of_text = line.count('"""') % 2 == 1
        if is_inside_text:
            lines.append(line)
            is_inside_text = not has_end_of_text
            continue
        is_inside_text = has_end_of_text
        if random.random() < 0.1:
            notes.append(f"# 说明{len(notes)}。")
            lines += [*[""] * random.randrange(3), notes[-1], *[""] * random.randrange(3)]
        match = re.fullmatch(r"([A-Za-z_0-9.]+) = (.*)", line)
        written = line
        if match:
            some = [" " * random.randrange(3) for _ in range(3)]
            written = f"{some[0]}{match[1]}{some[1]}={some[2]}{match[2]}"
        if random.random() < 0.1 and line and not is_inside_text:
            notes.append(f"# 旁注{len(notes)}。")
            written += f"{' ' * random.randrange(3)}{notes[-1]}"
        lines.append(written + " " * random.randrange(2))
    return "\n" * random.randrange(3) + "\n".join(lines) + "\n" * random.randrange(3), notes


_KEYS: Final = ("a", "b-1", '"c d"', "'e.f'", "id", "label", "authority", "中".join('""'))
_WORDS: Final = (
    *("1", "-1_000", "0.5", "+3e2", "inf", "true", "false", "2024-05-31", "2024-05-31 17:30:00", "17:30:00"),
    *('"a # b"', "'c ] }'", '"d \\" e"', '"""f\n# g\n"""', "'''h\n'' i'''", '""', "0xFF", "2024-05-31T17:30:00Z"),
)


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Any TOML: keys and values of every kind, in brackets that go over several lines, with comments in them."""
    random = seeded(draw(SEEDS))
    notes: list[str] = []

    def note() -> str:
        notes.append(f"# note {len(notes)};")
        return notes[-1]

    def gap() -> str:
        ends = ["", "", " ", "\n", "\n\n", f" {note()}\n" if random.random() < 0.2 else ""]
        return random.choice(ends)

    def value(depth: int) -> str:
        kind = random.randrange(6)
        if kind == 0 and depth < 3:
            inside = f"{gap()},{gap()}".join(value(depth + 1) for _ in range(random.randrange(4)))
            comma = "," if inside and random.random() < 0.4 else ""
            return f"[{gap()}{inside}{gap()}{comma}{gap()}]"
        if kind == 1 and depth < 3:
            names = random.sample(_KEYS, random.randrange(4))
            return "{ " + ", ".join(f"{name} = {value(depth + 1)}" for name in names) + " }"
        return random.choice(_WORDS)

    lines = []
    for number in range(random.randrange(5)):
        if number or random.random() < 0.5:
            lines.append(
                random.choice([f"[t{number}]", f"[ t{number} . x ]", f"[[l{number}]]"]) + " " * random.randrange(2)
            )
        for name in random.sample(_KEYS, random.randrange(5)):
            behind = f" {note()}" if random.random() < 0.2 else ""
            lines += [""] * random.randrange(3) + ([note()] if random.random() < 0.2 else [])
            lines.append(f"{name}{' ' * random.randrange(3)}= {value(0)}{behind}")
    kept = "\n".join(lines)
    return kept, [kept_note for kept_note in notes if kept_note in kept]


@given(drawn=texts())
def test_any_toml_can_be_laid_out(drawn: tuple[str, list[str]]) -> None:
    """Whatever is valid TOML is laid out without a change of a value or of a comment."""
    text, notes = drawn
    if read_toml(Source("any.toml", text), Diagnostics()) is None:
        return
    formatted = holds(text)
    assert all(formatted.count(note) == text.count(note) for note in notes)


BEFORE: Final = """\


[policy]
version = "1"   # 版本
id="x.y"


# ---- facts


[facts.person]
volume={label="月交易量",min=0,type="decimal"}
role = { type = "string", among = [  # 岗位
 "broker",# 经纪人
   "customer-manager" , # 客户经理
  ], label = "岗位" }
# a list of the author's own lines
[[items]]
scorer = "target"
actual = "volume"
id = "task"
[tables.x]
bands = [ {is=1,from=0},
{from=5,is=2} ]
"""
AFTER: Final = """\
[policy]
id      = "x.y"
version = "1"  # 版本

# ---- facts

[facts.person]
volume = { type = "decimal", min = 0, label = "月交易量" }
role   = { type = "string", among = [  # 岗位
    "broker",            # 经纪人
    "customer-manager",  # 客户经理
], label = "岗位" }

# a list of the author's own lines
[[items]]
id     = "task"
actual = "volume"
scorer = "target"

[tables.x]
bands = [
    { from = 0, is = 1 },
    { from = 5, is = 2 },
]
"""


def test_this_is_the_layout() -> None:
    assert holds(BEFORE) == AFTER


@pytest.mark.slow
def test_policies_of_the_repository_are_laid_out(capsys: pytest.CaptureFixture[str]) -> None:
    """`scorecore fmt --check policies` finds nothing."""
    result = CliRunner().invoke(scorecore, ["fmt", "--check", str(ROOT / "policies")])
    assert capsys
    assert result.exit_code == 0, result.output


def test_every_key_has_a_place_in_the_usual_order() -> None:
    """The order that differs from that of the class names the same keys."""
    for part, order in USUAL.items():
        field_names = {field.name for field in attrs.fields(part) if not field.metadata.get(HIDDEN)}
        assert set(order) == field_names - {"authority"}
    assert policy.EventsDeclaration in USUAL


def test_a_file_is_written_with_its_own_line_ends(tmp_path: Path) -> None:
    """Check says what would change and changes nothing; without it the file is written, with its line ends."""
    path = tmp_path / "x.toml"
    path.write_bytes(BEFORE.replace("\n", "\r\n").encode())
    before = path.read_bytes()
    result = CliRunner().invoke(scorecore, ["fmt", "--check", str(path), "--lang", "zh"])
    assert (result.exit_code, path.read_bytes()) == (1, before)
    assert f"{path} 的版式不同" in result.output
    assert CliRunner().invoke(scorecore, ["fmt", str(tmp_path)]).exit_code == 0
    assert path.read_bytes() == AFTER.replace("\n", "\r\n").encode()
    assert CliRunner().invoke(scorecore, ["fmt", "--check", str(path)]).exit_code == 0


def test_what_is_no_toml_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text("[policy\n", "utf-8")
    result = CliRunner().invoke(scorecore, ["fmt", str(path)])
    assert result.exit_code == 1
    assert "SC003" in result.output
    assert path.read_text("utf-8") == "[policy\n"


@pytest.mark.slow
def test_a_policy_means_the_same_when_it_is_laid_out(tmp_path: Path) -> None:
    """The programs of all policies of the repository are the same after any other layout of theirs."""
    folder = tmp_path / "policies"
    shutil.copytree(ROOT / "policies", folder)
    for number, path in enumerate(sorted(folder.rglob("*.toml"))):
        if not path.name.endswith(".cases.toml"):
            path.write_text(untidy(path.read_text("utf-8"), seeded(number))[0], "utf-8")
    assert CliRunner().invoke(scorecore, ["fmt", str(folder)]).exit_code == 0
    for path in sorted(folder.rglob("*.toml")):
        if not path.name.endswith(".cases.toml"):
            left, right = (
                Workspace.open().check(file).program for file in (path, ROOT / "policies" / path.relative_to(folder))
            )
            assert (left is None) == (right is None)
            if left and right:
                assert program_digest(left) == program_digest(right)
