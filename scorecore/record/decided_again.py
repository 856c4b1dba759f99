"""What a proof has beside the evidence: the program that decides again, and pages of explanation that it can write.

`decide.py` shares no code with the rest. The pages are written by it from what is in the proof alone, so that who
receives the proof can write them again, and compare.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from scorecore.record import decide

DECIDER: Final = "decide.py"


def explain_proof(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """`decide.py`, and the page of each decision in a proof, in both languages."""
    return {DECIDER: Path(decide.__file__).read_bytes(), **decide.write_pages(files)}
