"""How good the cases of a policy are: what they do not touch, and which changes they do not notice."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen
from rich.text import Text

from scorecore.analysis.cases.read import PreparedCase
from scorecore.analysis.coverage import Coverage, measure_coverage
from scorecore.analysis.mutation import MutationReport, run_mutation
from scorecore.analysis.reachability import Reachability, explore_untouched
from scorecore.analysis.samples import describe_sample
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Source
from scorecore.policy.load import identify
from scorecore.program.model import Program
from scorecore_cli.language import _, ngettext
from scorecore_cli.terminal import bold, console, diagnostic_data, localize, show_diagnostics


@frozen
class CaseQuality:
    """What was asked for about the cases of one policy."""

    policy: str
    coverage: Coverage | None
    tested: MutationReport | None
    reach: Reachability | None = None
    """What can be touched of what no case touches."""
    program: Program | None = None

    @classmethod
    def of(
        cls,
        policy: str,
        program: Program,
        cases: Sequence[PreparedCase],
        sources: Mapping[str, Source],
        *,
        coverage: bool,
        mutate: bool,
    ) -> "CaseQuality":
        """Measure the cases. Locations name the files that were read, not the policies."""
        homes = {name: source.name for source in sources.values() if (name := identify(source))}
        covered = measure_coverage(program, cases) if coverage else None
        tested = run_mutation(program, cases) if mutate else None
        return cls(
            policy,
            covered and evolve(covered, missed=tuple(_with_file_names(covered.missed, homes))),
            tested and evolve(tested, survivors=tuple(_with_file_names(tested.survivors, homes))),
            _explore(program, cases, homes) if coverage else None,
            program,
        )

    def show(self, sources: Mapping[str, Source]) -> None:
        out = console()
        if self.coverage:
            show_diagnostics(self.coverage.missed, sources, out)
            line = _(
                "the cases touch {touched} of {total} parts ({share} %)",
                touched=self.coverage.touched,
                total=self.coverage.total,
                share=_share(self.coverage.touched, self.coverage.total),
            )
            names = _part_labels()
            counts = (f"{names[part]} {a}/{b}" for part, (a, b) in self.coverage.counts.items() if b)
            out.print(Text.assemble((line, "bold"), "  ", "  ".join(counts)))
        if self.reach:
            self._show_reach(self.reach, sources)
        if self.tested:
            show_diagnostics(self.tested.survivors, sources, out)
            line = ngettext(
                "{count} change tried: {killed} noticed ({share} %), {survived} not",
                "{count} changes tried: {killed} noticed ({share} %), {survived} not",
                self.tested.tried,
                killed=self.tested.killed,
                share=_share(self.tested.killed, self.tested.tried),
                survived=len(self.tested.survivors),
            )
            out.print(bold(line))

    def _show_reach(self, reach: Reachability, sources: Mapping[str, Source]) -> None:
        """Of what no case touches: what is dead, and what facts that were drawn touch."""
        show_diagnostics(reach.dead, sources, console())
        line = _(
            "of what no case touches: met by facts that were drawn {met}, dead {dead}, not met {unmet}",
            met=len(reach.met),
            dead=len(reach.dead),
            unmet=len(reach.unmet),
        )
        console().print(bold(line))
        for diagnostic, sample in reach.met:
            facts = "; ".join(map(": ".join, describe_sample(sample, self.program))) if self.program else ""
            console().print(Text(f"  {diagnostic.location}: {localize(diagnostic)}  ← {facts}", "dim"), soft_wrap=True)

    def data(self) -> dict[str, Any]:
        report: dict[str, Any] = {"policy": self.policy}
        if self.coverage:
            counts = {part: {"touched": a, "of": b} for part, (a, b) in self.coverage.counts.items()}
            report["coverage"] = {**counts, "missed": list(map(diagnostic_data, self.coverage.missed))}
        if self.reach:
            report["reach"] = {
                "met": [diagnostic_data(diagnostic) for diagnostic, _sample in self.reach.met],
                "dead": list(map(diagnostic_data, self.reach.dead)),
                "unmet": list(map(diagnostic_data, self.reach.unmet)),
            }
        if self.tested:
            survivors = list(map(diagnostic_data, self.tested.survivors))
            report["mutants"] = {"tried": self.tested.tried, "killed": self.tested.killed, "survivors": survivors}
        return report


def _with_file_names(diagnostics: Sequence[Diagnostic], homes: Mapping[str, str]) -> Iterator[Diagnostic]:
    moved = []
    for diagnostic in diagnostics:
        location = diagnostic.location
        moved.append(evolve(diagnostic, location=evolve(location, source=homes.get(location.source, location.source))))
    yield from sorted(moved, key=lambda diagnostic: diagnostic.location)


def _explore(program: Program, cases: Sequence[PreparedCase], homes: Mapping[str, str]) -> Reachability:
    reach = explore_untouched(program, cases)
    met = [(next(_with_file_names([diagnostic], homes)), sample) for diagnostic, sample in reach.met]
    dead, unmet = (tuple(_with_file_names(notes, homes)) for notes in (reach.dead, reach.unmet))
    return Reachability(tuple(met), dead, unmet)


def _share(part: int, total: int) -> int:
    """In whole per cent, rounded down: 100 is all."""
    return 100 * part // total if total else 100


def _part_labels() -> dict[str, str]:
    return {
        "entries": _("entries"),
        "branches": _("branches"),
        "bands": _("bands"),
        "grades": _("grades"),
        "holds": _("holds"),
        "lines": _("pay lines"),
        "actions": _("actions"),
    }
