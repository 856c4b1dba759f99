"""A key with brackets inside brackets, as a machine may write them."""

from pathlib import Path

Path("policy.toml").write_text(f"policy = {'[' * 20_000}{']' * 20_000}\n", encoding="utf-8")
