"""Two records are compared: the same, one the beginning of the other, parted, or strangers."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from recording import KEY, NOW, decision, filled, reopen
from scorecore.record.log.log import Log
from scorecore.record.log.parting import count_common
from scorecore.record.log.vault import vault_path
from scorecore_cli.main import scorecore


def compare(first_path: Path, second_path: Path, *more: str) -> Result:
    arguments = ["record", "compare", str(first_path), str(second_path), "--lang", "en", *more]
    return CliRunner().invoke(scorecore, arguments, catch_exceptions=False)


@pytest.mark.parametrize("common", [1, 4, 255, 256, 257, 600])
def test_they_part_where_they_part(tmp_path: Path, common: int) -> None:
    """Within tiles and at their ends; copies that go on under one key, with other entries of any number."""
    left, right = tmp_path / "one", tmp_path / "other"
    with filled(left, (common - 1,)):
        pass
    shutil.copy(left, right)
    shutil.copy(vault_path(left), vault_path(right))
    result = compare(left, right)
    expected = "1 entry" if common == 1 else f"{common} entries"
    assert (result.exit_code, result.stdout) == (0, f"both records have the same {expected}\n")
    with reopen(left) as log:
        log.append([decision(number) for number in range(700, 720)], now=NOW)
    result = compare(left, right)
    assert result.exit_code == 0
    assert f"{left} continues {right}, which has its first {expected}" in result.stdout
    assert f"{right} continues" not in result.stdout
    with reopen(right) as log:
        log.append([decision(number) for number in range(800, 803)], now=NOW)
    before = right.read_bytes()
    result = compare(right, left)
    assert result.exit_code == 1
    assert f"diverge after {expected}, and {KEY.name} has signed both" in result.stdout
    assert f"{right}: 3 more entries" in result.stdout
    data = json.loads(compare(left, right, "--json").stdout)
    assert (data["common"], data["parts"], [len(each["next"]) for each in data["records"]]) == (common, True, [10, 3])
    assert right.read_bytes() == before


def test_strangers_have_nothing_in_common(tmp_path: Path) -> None:
    with (
        filled(tmp_path / "one", (3,)) as first_log,
        Log.create(tmp_path / "other", key=KEY, now=NOW, chance=bytes, about={"operator": "B"}) as second_log,
    ):
        assert count_common(first_log, second_log) == 0
    result = compare(tmp_path / "one", tmp_path / "other")
    assert result.exit_code == 1
    assert "have nothing in common: they were begun separately" in result.stdout
