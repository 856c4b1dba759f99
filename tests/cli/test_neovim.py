"""The language server in a real editor: Neovim without a screen."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("neovim.lua")
POLICY = """\
[policy]
id = "shop"
version = "1"
title = "绩效😀"
subject = "person"
period = "month"
effective = { from = 2024-01-01 }

[facts.person]
sales = { type = "decimal", min = 0, max = 1000, label = "销售额" }

[values.share]
is = "sales / 10"

[[pay]]
id = "bonus"
kind = "earning"
label = "奖金😀"
amount = "shar * 2"
"""
CASES = """\
[[case]]
name   = "ten"
period = "2024-05"
person = { sales = 100 }
expect = { pay = { bonus = 20 } }
"""


@pytest.mark.browser
def test_a_policy_is_written_in_neovim(tmp_path: Path) -> None:
    assert shutil.which("nvim"), "apt-get install neovim"
    (tmp_path / "shop.toml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "shop.cases.toml").write_text(CASES, encoding="utf-8")
    environment = os.environ | {"PYTHON": sys.executable, "POLICY": "shop.toml", "REPORT": "report.json"}
    environment |= {"HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    command = ["nvim", "--headless", "--clean", "-S", str(SCRIPT)]
    subprocess.run(command, cwd=tmp_path, env=environment, timeout=100, check=True, capture_output=True)
    seen = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert "error" not in seen
    message, line, column, end = seen["problem"]
    assert message.startswith("`shar` is not defined\nhelp: did you mean `share`")
    assert (line, column, end) == (18, 10, 14)
    assert "销售额" in seen["hover"]
    assert seen["completed"] == 'amount = "share * 2"'
    text = (tmp_path / "shop.toml").read_text(encoding="utf-8")
    assert 'turnover = { type = "decimal"' in text
    assert 'is = "turnover / 10"' in text
    assert 'label  = "奖金😀"\nkind   = "earning"\namount = "share * 2"\n' in text
    assert "turnover = 100" in (tmp_path / "shop.cases.toml").read_text(encoding="utf-8")
