"""An entry is rewritten."""

from recording import LEDGER, filled, tamper

filled(LEDGER).close()
tamper("UPDATE entry SET body = replace(body, '2024-05', '2024-04') WHERE idx = 7")
