"""A commission that names every client, pasted out of a spreadsheet."""

from pathlib import Path

clients = "\n    + ".join(f'(client == "客户{number:04}" ? volume * 0.001 : 0.0)' for number in range(250))
policy = f'''\
[policy]
id        = "chengnan.manager"
version   = "2024.1"
title     = "城南营业部客户经理月度考核"
subject   = "person"
subject_label = "工号"
period    = "month"
effective = {{ from = 2024-01-01 }}
currency  = "CNY"

[facts.person]
volume = {{ type = "decimal", unit = "CNY", min = 0, label = "月交易量" }}
client = {{ type = "string", label = "客户" }}

[[pay]]
id     = "commission"
label  = "佣金提成"
kind   = "earning"
amount = """
    {clients}
"""
'''
Path("policy.toml").write_text(policy, encoding="utf-8")
