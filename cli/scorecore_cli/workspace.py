"""From paths to programs: what every command begins with."""

from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import field, frozen

from scorecore.expand.compiler import check_policy
from scorecore.files.policies import parents_near, policy_files, read_source
from scorecore.hooks import Scorer, installed, load_scorers
from scorecore.load.policies import identify
from scorecore.policy import Policy
from scorecore.problems import Problem, Problems
from scorecore.program import Program
from scorecore.source import Source


@frozen
class Checked:
    """A policy file, its program if it has one, and what is wrong with it."""

    path: Path
    program: Program | None
    problems: tuple[Problem, ...]
    sources: dict[str, Source]
    used: dict[str, Program] = field(factory=dict)
    """By `id@version` the programs that it uses, and that they use."""

    @property
    def refused(self) -> bool:
        return any(not one.kind.warning for one in self.problems)


@frozen
class Workspace:
    """The installed scorers, and the folders in which parents are looked for."""

    parents: tuple[Path, ...] = ()
    scorers: dict[str, Scorer] = field(factory=dict)
    problems: tuple[Problem, ...] = ()
    """What is wrong with the plugins; nothing is compiled then."""

    @classmethod
    def open(cls, parents: tuple[Path, ...] = ()) -> "Workspace":
        problems = Problems()
        scorers = load_scorers(installed(), problems)
        return cls(parents, scorers, tuple(problems))

    def check(self, path: Path, adjust: Callable[[Policy], Policy] = lambda of: of) -> Checked:
        """Compile a policy file; `adjust` changes what was read before it is checked."""
        if self.problems:
            return Checked(path, None, self.problems, {})
        problems = Problems()
        source = read_source(path, problems)
        if source is None:
            return Checked(path, None, tuple(problems), {})
        parents = parents_near(source, (path.parent, *self.parents))
        program, found = check_policy(source, parents, self.scorers, adjust)
        sources = {one.name: one for one in (source, *parents.values())}
        return Checked(path, program, found, sources, self._used(program, parents) if program else {})

    def _used(self, program: Program, parents: Mapping[str, Source]) -> dict[str, Program]:
        """The programs that one uses, and that they use in turn."""
        found: dict[str, Program] = {}
        for use in (table.use for table in program.schema.events if table.use):
            for name in use.policies:
                other, _ = check_policy(parents[name], parents, self.scorers)
                if other:
                    found |= {name: other, **self._used(other, parents)}
        return found


def located(name: str, folders: tuple[Path, ...]) -> Path:
    """A policy file: a path, or `id@version` of one in some folders. That there is none is said when it is read."""
    path = Path(name)
    if path.exists() or "@" not in name:
        return path
    for folder in folders:
        for one in policy_files((folder,)):
            source = read_source(one, Problems())
            if source and identify(source) == name:
                return one
    return path
