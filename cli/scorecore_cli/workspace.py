"""From paths to programs: what every command begins with."""

from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import field, frozen

from scorecore.compiler.compile import check_policy_with
from scorecore.compiler.dependencies import Compilations
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.io.policy_files import find_parents, find_policy_files, read_source
from scorecore.plugins import Plugins, installed, load_scorers
from scorecore.policy.load import identify
from scorecore.policy.model import Policy
from scorecore.program.model import Program
from scorecore_cli.language import learn_plugin_words


@frozen
class CheckedPolicy:
    """A policy file, its program if it has one, and what is wrong with it."""

    path: Path
    program: Program | None
    diagnostics: tuple[Diagnostic, ...]
    sources: dict[str, Source]
    plugins: Plugins = field(factory=Plugins)
    used: dict[str, Program] = field(factory=dict)
    """By `id@version` the programs that it uses, and that they use."""

    @property
    def refused(self) -> bool:
        return any(not diagnostic.kind.warning for diagnostic in self.diagnostics)


@frozen
class Workspace:
    """The installed plugins, and the folders in which parents are looked for."""

    parents: tuple[Path, ...] = ()
    scorers: Plugins = field(factory=Plugins)
    """With all else that plugins bring."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What is wrong with the plugins; nothing is compiled then."""
    _compilations: dict[frozenset[tuple[str, Source]], Compilations] = field(factory=dict, init=False, eq=False)
    """The policies that were compiled because others use them, by the texts that they may be made of."""

    @classmethod
    def open(cls, parents: tuple[Path, ...] = ()) -> "Workspace":
        diagnostics = Diagnostics()
        scorers = load_scorers(installed(), diagnostics)
        learn_plugin_words(scorers.words)
        return cls(parents, scorers, tuple(diagnostics))

    def check(self, path: Path, adjust: Callable[[Policy], Policy] = lambda policy: policy) -> CheckedPolicy:
        """Compile a policy file; `adjust` changes what was read before it is checked."""
        if self.diagnostics:
            return CheckedPolicy(path, None, self.diagnostics, {})
        diagnostics = Diagnostics()
        source = read_source(path, diagnostics)
        if source is None:
            return CheckedPolicy(path, None, tuple(diagnostics), {})
        parents = find_parents(source, (path.parent, *self.parents))
        texts = frozenset(parents.items())
        compilations = self._compilations.setdefault(texts, Compilations(parents, self.scorers))
        program, diagnostics_found = check_policy_with(compilations, source, adjust)
        sources = {text.name: text for text in (source, *parents.values())}
        used = _used(program, compilations.programs) if program else {}
        return CheckedPolicy(path, program, diagnostics_found, sources, self.scorers, used)


def _used(program: Program, programs: Mapping[str, Program]) -> dict[str, Program]:
    """The programs that one uses, and that they use in turn."""
    used: dict[str, Program] = {}
    pending = [program]
    while pending:
        policies = (name for table in pending.pop().schema.events if table.use for name in table.use.policies)
        for name in policies:
            if name not in used:
                used[name] = programs[name]
                pending.append(programs[name])
    return used


def find_policy(name: str, folders: tuple[Path, ...]) -> Path:
    """A policy file: a path, or `id@version` of one in some folders. That there is none is said when it is read."""
    path = Path(name)
    if path.exists() or "@" not in name:
        return path
    for folder in folders:
        for candidate in find_policy_files((folder,)):
            source = read_source(candidate, Diagnostics())
            if source and identify(source) == name:
                return candidate
    return path
