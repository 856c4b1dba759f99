"""From policy files to programs: plugins, parents and used policies are found beside them."""

from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import field, frozen

from scorecore.compiler.compile import check_policy_with
from scorecore.compiler.dependencies import Compilations
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.io.policy_files import ReadNamed, find_parents, read_named, read_source
from scorecore.io.regulation_files import RegulationFiles
from scorecore.plugins import Plugins
from scorecore.plugins.provenance import Participant
from scorecore.policy.model import Policy
from scorecore.program.model import Program


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
    participants: frozenset[Participant] = frozenset()
    """What plugins brought to it, and to the policies that it uses."""

    @property
    def refused(self) -> bool:
        return any(not diagnostic.kind.warning for diagnostic in self.diagnostics)


@frozen
class PolicyLoader:
    """Compiles policy files with some plugins; parents are looked for beside each file, and in more folders."""

    parents: tuple[Path, ...] = ()
    scorers: Plugins = field(factory=Plugins)
    """With all else that plugins bring."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What is wrong with the plugins; nothing is compiled then."""
    adjust_used: Callable[[str, Policy], Policy] | None = field(default=None, eq=False)
    """Changes what was read of a used policy, by its `id@version`, before it is checked."""
    read_named: ReadNamed = field(default=read_named, eq=False, kw_only=True)
    """How the policies beside a file are read."""
    _compilations: dict[frozenset[tuple[str, Source]], Compilations] = field(factory=dict, init=False, eq=False)
    """The policies that were compiled because others use them, by the texts that they may be made of."""
    regulations: RegulationFiles = field(factory=RegulationFiles, init=False, eq=False)
    """The texts of the written rules that policies carry out."""

    def check(self, path: Path, adjust: Callable[[Policy], Policy] = lambda policy: policy) -> CheckedPolicy:
        """Compile a policy file; `adjust` changes what was read before it is checked."""
        if self.diagnostics:
            return CheckedPolicy(path, None, self.diagnostics, {})
        diagnostics = Diagnostics()
        source = read_source(path, diagnostics)
        if source is None:
            return CheckedPolicy(path, None, tuple(diagnostics), {})
        return self.check_source(source, (path.parent, *self.parents), adjust)

    def check_source(
        self, source: Source, folders: tuple[Path, ...], adjust: Callable[[Policy], Policy] = lambda policy: policy
    ) -> CheckedPolicy:
        """Compile the text of a policy; its parents are looked for in some folders."""
        path = Path(source.name)
        if self.diagnostics:
            return CheckedPolicy(path, None, self.diagnostics, {})
        parents = find_parents(source, folders, self.read_named)
        texts = frozenset(parents.items())
        compilations = self._compilations.setdefault(texts, self._begin(parents))
        program, diagnostics = check_policy_with(compilations, source, adjust)
        if program is None and self.adjust_used:  # a used policy may be refused for what was changed in it
            diagnostics = (*compilations.problems, *diagnostics)
        collected = Diagnostics()
        for diagnostic in diagnostics:
            collected.take(diagnostic)
        self.regulations.check(source, parents, collected)
        sources = {text.name: text for text in (source, *parents.values())}
        used = _used(program, compilations.programs) if program else {}
        participants = frozenset[Participant]()
        for name in (f"{program.id}@{program.version}", *used) if program else ():
            participants |= compilations.participants[name]
        return CheckedPolicy(path, program, tuple(collected), sources, self.scorers, used, participants)

    def _begin(self, parents: Mapping[str, Source]) -> Compilations:
        if self.adjust_used is None:
            return Compilations(parents, self.scorers)
        return Compilations(parents, self.scorers, self.adjust_used)


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
