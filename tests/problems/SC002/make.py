"""A policy into which somebody has pasted the trades of a year."""

from pathlib import Path

policy = """\
[policy]
id        = "chengnan.manager"
version   = "2024.1"
title     = "城南营业部客户经理月度考核"
subject   = "person"
subject_label = "工号"
period    = "month"
effective = { from = 2024-01-01 }
currency  = "CNY"

[facts.person]
volume = { type = "decimal", label = "月交易量" }

# 2024年全部成交明细
"""
Path("policy.toml").write_text(policy + "# 张三,000001,平安银行,买入,100\n" * 110_000, encoding="utf-8")
