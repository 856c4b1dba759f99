"""Write the digest of decide.py into the verifier of proofs, which runs no other.

python tools/pin_decider.py
"""

import re
from hashlib import sha256
from pathlib import Path

RECORD = Path(__file__).parents[1] / "scorecore" / "record"


def main() -> None:
    verifier = RECORD / "log" / "standalone_verifier.py"
    digest = sha256((RECORD / "decide.py").read_bytes()).hexdigest()
    text = verifier.read_text(encoding="utf-8")
    verifier.write_text(re.sub(r'(?m)^DECIDER = ".*"$', f'DECIDER = "{digest}"', text), encoding="utf-8")


if __name__ == "__main__":
    main()
