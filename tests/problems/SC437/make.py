"""A workbook in the format of Excel 97."""

from pathlib import Path

Path("facts.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
