"""An entry is rewritten."""

from recording import RECORD_FILE, filled, tamper

filled(RECORD_FILE).close()
tamper("UPDATE entry SET body = replace(body, '2024-05', '2024-04') WHERE idx = 7")
