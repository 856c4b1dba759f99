"""May is recorded by a machine whose clock is centuries ahead."""

from datetime import UTC, datetime
from pathlib import Path
from shutil import copy, copytree

from recording import BRANCH, KEY, RECORD_FILE, Chance
from scorecore.record.log.log import Log

copytree(BRANCH / "facts", "facts")
copy(BRANCH / "policy.toml", ".")
Path("record.scorecore.key").write_text(KEY.text(), encoding="ascii")
Path("record.scorecore.key").chmod(0o600)
ahead = datetime(2999, 1, 1, tzinfo=UTC)
Log.create(RECORD_FILE, key=KEY, now=ahead, chance=Chance()).close()
