"""How good the cases of a policy are: what they do not touch, and which changes they do not notice."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen
from rich.text import Text

from scorecore.analysis.cases.read import PreparedCase
from scorecore.analysis.coverage import Coverage, measure_coverage
from scorecore.analysis.mutation import MutationReport, run_mutation
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Source
from scorecore.policy.load import identify
from scorecore.program.model import Program
from scorecore_cli.language import t
from scorecore_cli.terminal import console, diagnostic_data, show_diagnostics


@frozen
class Thorough:
    """What was asked for about the cases of one policy."""

    policy: str
    coverage: Coverage | None
    tested: MutationReport | None

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
    ) -> "Thorough":
        """Places are told in the files that were read, not by the names of policies."""
        homes = {name: one.name for one in sources.values() if (name := identify(one))}
        covered = measure_coverage(program, cases) if coverage else None
        tested = run_mutation(program, cases) if mutate else None
        return cls(
            policy,
            covered and evolve(covered, missed=tuple(_at_home(covered.missed, homes))),
            tested and evolve(tested, survivors=tuple(_at_home(tested.survivors, homes))),
        )

    def show(self, sources: Mapping[str, Source]) -> None:
        out = console()
        if self.coverage:
            show_diagnostics(self.coverage.missed, sources, out)
            line = t(
                "the cases touch {touched} of {total} parts ({share} %)",
                touched=self.coverage.touched,
                total=self.coverage.total,
                share=_share(self.coverage.touched, self.coverage.total),
            )
            names = _names()
            counts = (f"{names[part]} {a}/{b}" for part, (a, b) in self.coverage.counts.items() if b)
            out.print(Text.assemble((line, "bold"), "  ", "  ".join(counts)))
        if self.tested:
            show_diagnostics(self.tested.survivors, sources, out)
            line = t(
                "{tried} changes tried: {killed} noticed ({share} %), {survived} not",
                tried=self.tested.tried,
                killed=self.tested.killed,
                share=_share(self.tested.killed, self.tested.tried),
                survived=len(self.tested.survivors),
            )
            out.print(Text(line, "bold"))

    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = {"policy": self.policy}
        if self.coverage:
            counts = {part: {"touched": a, "of": b} for part, (a, b) in self.coverage.counts.items()}
            found["coverage"] = {**counts, "missed": list(map(diagnostic_data, self.coverage.missed))}
        if self.tested:
            survivors = list(map(diagnostic_data, self.tested.survivors))
            found["mutants"] = {"tried": self.tested.tried, "killed": self.tested.killed, "survivors": survivors}
        return found


def _at_home(several: Sequence[Diagnostic], homes: Mapping[str, str]) -> Iterator[Diagnostic]:
    moved = []
    for one in several:
        location = one.location
        moved.append(evolve(one, location=evolve(location, source=homes.get(location.source, location.source))))
    yield from sorted(moved, key=lambda one: one.location)


def _share(part: int, whole: int) -> int:
    """In whole per cent, rounded down: 100 is all."""
    return 100 * part // whole if whole else 100


def _names() -> dict[str, str]:
    return {
        "entries": t("entries"),
        "branches": t("branches"),
        "bands": t("bands"),
        "grades": t("grades"),
        "holds": t("holds"),
        "lines": t("lines of pay"),
        "actions": t("actions"),
    }
