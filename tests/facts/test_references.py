"""Facts by which subjects refer to others, and to the policy that decides them: what is written wrong is named."""

from pathlib import Path
from typing import Final

import pytest

from command_line import call, lay_out

_HEAD: Final = """
[policy]
id = "t.{0}"
version = "1"
title = "t"
subject = "{1}"
subject_label = "{2}"
period = "month"
effective = {{ from = 2020-01-01 }}
currency = "CNY"
"""
_PAY: Final = """
[[pay]]
id = "paid"
kind = "earning"
amount = "{}"
"""
_UNIT: Final = (
    _HEAD.format("unit", "dept", "部门")
    + '[uses.members]\npolicy = "t.person@1"\ngather = "dept"\n[facts.dept]\ntarget = { type = "decimal" }'
    + _PAY.format("uses.members.map(m, m.pay.paid).sum() + target")
)
_PERSON: Final = (
    _HEAD.format("person", "person", "工号")
    + '[facts.person]\ndept = { type = "string", kept = true }\nsales = { type = "decimal" }'
    + _PAY.format("sales")
)
_POSTS: Final = (
    _HEAD.format("posts", "person", "工号")
    + '[uses.posts]\npolicies = { "北京" = "t.north@1", "上海" = "t.south@1" }\nby = "branch"\ngather = "person"'
    + '\n[facts.person]\nextra = { type = "decimal" }'
    + _PAY.format("uses.posts.map(m, m.pay.paid).sum() + extra")
)
_POST: Final = (
    '[facts.post]\nperson = { type = "string", kept = true }\nbranch = { type = "string", kept = true }\n'
    'sales = { type = "decimal" }' + _PAY.format("sales")
)
_DEPTS: Final = "部门,target\nSales,1\nIT,2\n"


def gather(folder: Path, person: str | None, command: str = "run") -> tuple[str, int]:
    """What is said about departments whose members are gathered, and the exit code."""
    (folder / "person.toml").write_text(_PERSON, encoding="utf-8")
    tables = {} if person is None else {"person": person}
    named = lay_out(folder, _UNIT, dept=_DEPTS, **tables)
    result = call(*("facts", "check") if command == "check" else ("run",), *named, "--period", "2024-05")
    return result.output, result.exit_code


def test_an_id_is_named_as_it_is_written_with_the_one_that_was_meant(tmp_path: Path) -> None:
    output, code = gather(tmp_path, "工号,dept,sales\nE1,It,10\nE2,ＩＴ,20\nE3,S ales,5\n")
    assert "person.csv:2: SC458 `dept` is `It`" in output
    assert "did you mean `IT`?" in output
    assert "person.csv:3: SC421 `dept` is `ＩＴ`, read as IT" in output
    assert "person.csv:4: SC458 `dept` is `S ales`" in output
    assert code == 1


@pytest.mark.parametrize(
    "rows", ["E1,,10\nE2,IT,20\n", "E1,#N/A,10\nE2,IT,20\n", "E1,Sales,10\nE1,Sales,10\nE2,IT,20\n"]
)
def test_whoever_could_be_meant_by_a_cell_that_says_nothing_is_held(tmp_path: Path, rows: str) -> None:
    output, code = gather(tmp_path, f"工号,dept,sales\n{rows}")
    assert "2 people  2 with something held" in output
    assert output.count("a row without a valid `dept` cannot be assigned") == 2
    assert code == 1


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize(
    ("person", "said"),
    [
        (None, "SC401 table `person` not found"),
        ("工号,period,dept,sales\nE1,2024-04,IT,1\n", "SC409 there are no subjects in 2024-05"),
        ("工号,dept,sales\n", "SC409 there are no subjects in 2024-05"),
    ],
)
def test_a_used_policy_without_facts_is_a_problem(tmp_path: Path, command: str, person: str | None, said: str) -> None:
    output, code = gather(tmp_path, person, command)
    assert said in output
    assert code == 1


def test_a_row_that_no_policy_decides_is_named_at_its_cell(tmp_path: Path) -> None:
    for name in ("north", "south"):
        (tmp_path / f"{name}.toml").write_text(_HEAD.format(name, "post", "单号") + _POST, encoding="utf-8")
    rows = ("1,E1,北京 ,10", "2,E1,上\u200b海,5", "3,E2,上 海,7", "4,E2,广州,7", "5,E2,,7", "6,E2,#REF!,7", "合计,,,43")
    post = "\n".join(("单号,person,branch,sales", *rows))
    named = lay_out(tmp_path, _POSTS, person="工号,extra\nE1,1\nE2,2\n", post=post)
    result = call("run", *named, "--period", "2024-05")
    for said in (
        "post.csv:3: SC421 `branch` is `上\\u200b海`, read as 上海",
        "post.csv:4: SC468 `branch` is `上 海`",
        "did you mean `上海`?",
        "post.csv:5: SC468 `branch` is `广州`",
        "post.csv:6: SC510 `branch` is missing",
        "post.csv:7: SC527 `branch` is the error #REF!",
        "post.csv:8: SC432 the row of `合计`",
    ):
        assert said in result.output
    assert "E1      16.00" in result.output
    assert "2 people  1 with something held" in result.output
    assert result.exit_code == 1
