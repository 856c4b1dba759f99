"""The folder that is served: its policies, the facts of each month, and the record."""

import re
from collections.abc import Callable, Hashable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Lock
from typing import Any, Final, cast
from urllib.parse import quote

from attrs import define, evolve, field, frozen

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.io.policy_files import find_policy_files, locate_cases, read_source
from scorecore.io.workbooks import SEEN
from scorecore.library.policy_loader import CheckedPolicy
from scorecore.record.log.log import Log
from scorecore.record.runs.recorded import Recorded
from scorecore.services.open_texts import OpenTexts
from scorecore_cli.record_file import open_record, open_record_to_write
from scorecore_cli.workspace import Workspace
from scorecore_web.accounts import Accounts
from scorecore_web.database import DATABASE_FILE, WorkbenchDatabase
from scorecore_web.drafts import Drafts
from scorecore_web.fact_files import FACT_FILES
from scorecore_web.saved_texts import SavedTexts
from scorecore_web.uploads import Uploads
from scorecore_web.work import Work
from scorecore_web.worker_pool import WorkerPool

RECORD_FILE: Final = "record.scorecore"
_RECORD_ENDING: Final = ".scorecore"
_POLICY: Final = re.compile(r"^\s*\[policy\]", re.MULTILINE)
FACTS_FOLDER: Final = "facts"
FACTS_WORKBOOK: Final = "facts.xlsx"
_MAX_SOURCES: Final = 200
MAX_KEPT: Final = 24


@frozen
class PolicyFile:
    """A policy of the folder."""

    key: str
    """Its name in addresses: where it lies, with ~ between folders, without the ending."""
    path: Path

    @property
    def address(self) -> str:
        return f"/policies/{quote(self.key, safe='~')}"

    @property
    def cases_path(self) -> Path:
        return locate_cases(self.path)


@define(eq=False)
class Workbench:
    """What the pages work on. Nothing of a request becomes a path: policies are looked up by their keys."""

    folder: Path
    workspace: Workspace
    uploads: Uploads
    accounts: Accounts | None = field(default=None, kw_only=True)
    """None where one person works alone."""
    operator: Path | None = None
    """The key of the operator who works here, where the record has operators; None: the only one beside it."""
    pool: WorkerPool | None = None
    """The processes that do what may take long; None: this one does it."""
    max_kept: int = MAX_KEPT
    """Results that are kept, so that the next page of the same month need not compute them."""
    _kept: dict[Hashable, Any] = field(init=False, factory=dict, repr=False)
    _lock: Lock = field(init=False, factory=Lock, repr=False)
    writing: Lock = field(init=False, factory=Lock, repr=False)
    """Held while a file of the folder or the record is written."""

    @classmethod
    def open(cls, folder: Path, operator: Path | None = None, *, has_accounts: bool = False) -> "Workbench":
        folder = folder.resolve()
        database = WorkbenchDatabase(folder / DATABASE_FILE)
        accounts = Accounts(database) if has_accounts else None
        return cls(folder, Workspace.open((folder,)), Uploads(database), operator, accounts=accounts)

    @property
    def saved_texts(self) -> SavedTexts:
        return SavedTexts(self.uploads.database)

    @property
    def drafts(self) -> Drafts:
        return Drafts(self.uploads.database)

    def list_policies(self) -> dict[str, PolicyFile]:
        """The policies below the folder, by their keys."""
        policies: dict[str, PolicyFile] = {}
        for path in find_policy_files((self.folder,)):
            parts = path.relative_to(self.folder).with_suffix("").parts
            if any(part.startswith(".") for part in parts) or not path.is_file():
                continue
            source = read_source(path, Diagnostics())
            if source is not None and is_policy_text(source.text):
                key = "~".join(parts)
                policies[key] = PolicyFile(key, path)
        return policies

    def check(self, policy: PolicyFile) -> CheckedPolicy:
        """The policy as it lies in the folder, compiled; once, as long as no policy beside it changes."""
        signature = ("policy", policy.key, sign_files(sorted(policy.path.parent.glob("*.toml"))))
        return cast("CheckedPolicy", self.keep(signature, lambda: self._loader().check(policy.path)))

    def check_text(self, policy: PolicyFile, text: str) -> CheckedPolicy:
        """A text in the place of the policy."""
        return self._loader().check_source(Source(str(policy.path), text), (policy.path.parent, self.folder))

    def open_texts(self) -> OpenTexts:
        """The texts of the folder, over which one that is being edited is laid."""
        workspace = self.workspace
        return OpenTexts((self.folder,), load_plugins=lambda: (workspace.scorers, workspace.diagnostics))

    def _loader(self) -> Workspace:
        """One for each policy: what a loader keeps of other policies is not for many threads."""
        return Workspace(self.workspace.parents, self.workspace.scorers, self.workspace.diagnostics)

    def name(self, text: str) -> str:
        """A place as people know it: without the way to the folder."""
        return text.replace(f"{self.folder}/", "").replace(str(self.folder), self.folder.name)

    def keep(self, key: Hashable, compute: Callable[[], Any]) -> Any:  # noqa: ANN401  what was computed
        """What was computed of the same before, or is now."""
        with self._lock:
            if key in self._kept:
                self._kept[key] = self._kept.pop(key)
                return self._kept[key]
        value = compute()
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > self.max_kept:
                del self._kept[next(iter(self._kept))]
        return value

    def keep_long(self, key: Hashable, work: Work) -> Any:  # noqa: ANN401  what was computed
        """As `keep` does, what may take long: raises StillWorking where another process has not done it yet."""
        pool = self.pool
        if pool is None:
            return self.keep(key, lambda: work.function(self, *work.arguments))
        return self.keep(key, lambda: pool.ask(key, work))

    # facts

    def list_sources(self) -> dict[str, Path]:
        """The folders and workbooks with facts, by where they lie in the folder."""
        sources: dict[str, Path] = {}
        for path in sorted(self.folder.rglob("*")):
            place = path.relative_to(self.folder)
            if any(part.startswith((".", "~$")) for part in place.parts) or not path.is_file():
                continue
            if path.suffix.lower() in SEEN:
                sources[str(place)] = path
            elif path.suffix.lower() in FACT_FILES and path.parent != self.folder:
                sources[str(place.parent)] = path.parent
            if len(sources) >= _MAX_SOURCES:
                break
        return sources

    def find_facts(self, policy: PolicyFile) -> Path | None:
        """The facts that a policy is connected with, or those beside it: a folder, or a workbook."""
        connected = self.uploads.find_source(policy.key)
        if connected:
            return self.list_sources().get(connected)
        candidates = (policy.path.with_name(FACTS_FOLDER), policy.path.with_name(FACTS_WORKBOOK))
        return next((path for path in candidates if path.exists()), None)

    # the record

    @property
    def record_path(self) -> Path:
        """The record of the folder, or where it will be."""
        records = sorted(path for path in self.folder.glob(f"*{_RECORD_ENDING}") if path.is_file())
        usual = self.folder / RECORD_FILE
        return usual if usual in records or not records else records[0]

    @property
    def has_record(self) -> bool:
        return self.record_path.exists()

    def open_record(self) -> AbstractContextManager[Log]:
        """The record to read; ends as a command does where it cannot be opened."""
        return open_record(self.record_path)

    def open_record_to_write(self, account: str = "") -> Log:
        """The record; where somebody has an account, the operator signs for it. Ends as a command does."""
        log = open_record_to_write(self.record_path, None, operator=self.operator)
        if account and log.signer is not None:
            log.signer = evolve(log.signer, account=account)
        return log

    def sign_record(self) -> tuple[Hashable, ...]:
        """What changes when the record does; not when somebody opens it, which makes an empty log beside it."""
        path, log = self.record_path, self.record_path.with_name(f"{self.record_path.name}-wal")
        try:
            is_empty = log.stat().st_size == 0
        except OSError:  # somebody has just closed it
            is_empty = True
        return sign_files([path] if is_empty else [path, log])

    def read_periods(self, policy: str) -> list[str]:
        """The periods that the record has of a policy by its id."""
        if not self.has_record:
            return []
        with self.open_record() as log:
            return Recorded.read(log).periods(policy)


def is_policy_text(text: str) -> bool:
    """Whether a file with this text would be a policy of the folder, with or without problems."""
    return _POLICY.search(text) is not None


def sign_files(paths: Iterable[Path]) -> tuple[Hashable, ...]:
    """What changes when one of some files does."""
    signatures = []
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            continue
        signatures.append((str(path), status.st_mtime_ns, status.st_size))
    return tuple(signatures)
