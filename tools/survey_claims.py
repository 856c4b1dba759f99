"""What can be said of each result and each fact of the policies: proved, broken or open; and a trial of the proofs.

    python tools/survey_claims.py --pairs 300 > docs/claims_survey.md
    python tools/survey_claims.py --deep 100000 --mutants 40

For each result that depends on a number, or on a table of events, there are two claims: that more of it never raises
the result, and that it never lowers it. The first line proves or breaks each, and writes the page. The second draws so
many pairs of facts in all, over the policies and over changed texts of them, and fails if a step moves in a direction
that was excluded: what is proved is never broken, and no claim that search breaks is ever proved.
"""

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from scorecore.analysis.cases.read import prepare_cases
from scorecore.analysis.claim_search import ClaimSearch, sample_cases
from scorecore.analysis.directions import DirectionAnalysis
from scorecore.analysis.proofs import prove_result
from scorecore.analysis.samples import FactSample, RandomNumbers
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.io.policy_files import find_policy_files, locate_cases, read_source
from scorecore.program.model import Program, result_name
from scorecore.program.steps import step_inputs
from scorecore.values.ratio import Ratio
from scorecore.values.step_id import GRADE
from scorecore.values.unknown import Maybe
from scorecore_cli.workspace import Workspace

ROOT: Final = Path(__file__).parents[1]
POLICIES: Final = ROOT / "policies"
ANSWERS: Final = ("proved", "broken", "open")
CHANGES: Final = (
    *((" < ", " >= "), (" >= ", " < "), (" > ", " <= "), (" + ", " - "), (" - ", " + "), (" * ", " / "), ("&&", "||")),
    *(("least(", "greatest("), ("greatest(", "least("), (" ? ", " ? 1 + "), ("is = ", "is = -"), (" == ", " != ")),
)
"""What a mutant has instead, in one place of its text."""


INTRODUCTION: Final = """# A survey of claims

`python tools/survey_claims.py` writes this page, with the cases of each policy and {pairs} pairs of facts for each
fact. For each result of each policy, and each number or table of events that it depends on, there are two claims:
that more of it never raises the result, and that it never lowers it. [Claims](claims.md) says what a proof rests on.
"""


class OpenClaim(NamedTuple):
    """A claim that is neither proved nor broken, and the step at which its proof stops."""

    fact: str
    result: str
    never: str
    stop: str


class Survey(NamedTuple):
    """The answers for one policy."""

    counts: Counter[str]
    open_claims: list[OpenClaim]
    seconds: float
    """For the proofs alone."""


def list_programs() -> Iterator[tuple[Path, Program]]:
    """The policies that can decide."""
    workspace = Workspace.open()
    for path in sorted(find_policy_files((POLICIES,))):
        program = workspace.check(path).program
        if program is not None:
            yield path, program


def list_growing(program: Program) -> list[str]:
    """The facts of which there can be more; not what another policy decided."""
    numbers = [column.name for column in program.schema.columns if column.type.is_number]
    return numbers + [table.name for table in program.schema.events if not table.use]


def list_results(program: Program) -> dict[str, frozenset[str]]:
    """The results that can rise and fall, each with what it is computed from."""
    results = [name for name in program.results() if program.step(name).type.is_number or name == GRADE]
    inputs = {}
    for result in results:
        needed = {str(result)}
        for step in reversed(program.steps):
            needed |= step_inputs(step) if step.name in needed else set()
        inputs[str(result)] = frozenset(needed)
    return inputs


def read_cases(path: Path, program: Program) -> list[FactSample]:
    """The facts of the cases beside a policy."""
    beside, diagnostics = locate_cases(path), Diagnostics()
    source = read_source(beside, diagnostics) if beside.exists() else None
    return sample_cases(prepare_cases(source, program, diagnostics), program) if source else []


def find_moves(
    search: ClaimSearch, before: Mapping[str, Maybe], after: Mapping[str, Maybe], steps: Mapping[str, object]
) -> Iterator[tuple[str, str]]:
    """The steps that rise, or fall, between two decisions."""
    for name in steps:
        low, high = (
            search.grades.get(side[name], side[name]) if isinstance(side[name], str) else side[name]  # type: ignore[index]
            for side in (before, after)
        )
        if isinstance(low, int | Decimal | Ratio) and isinstance(high, int | Decimal | Ratio) and low != high:
            yield name, "raises" if high > low else "lowers"


def survey(path: Path, program: Program, pairs: int) -> Survey:
    """Prove or break two claims for each result and each fact that it depends on."""
    counts: Counter[str] = Counter()
    open_claims, seconds = [], 0.0
    results, search = list_results(program), ClaimSearch(program, read_cases(path, program))
    for fact in list_growing(program):
        start = time.process_time()
        analysis = DirectionAnalysis(program, fact)
        proofs = {result: prove_result(analysis, result) for result, inputs in results.items() if fact in inputs}
        seconds += time.process_time() - start
        pending = {(name, "raises") for name, proof in proofs.items() if proof.direction.rises}
        pending |= {(name, "lowers") for name, proof in proofs.items() if proof.direction.falls}
        counts["proved"] += 2 * len(proofs) - len(pending)
        for number in range(pairs):
            pair = search.draw_pair(fact, number) if pending else None
            moves = set(find_moves(search, *map(search.decide, pair), proofs)) if pair else set()
            counts["broken"] += len(pending & moves)
            pending -= moves
        counts["open"] += len(pending)
        open_claims += [OpenClaim(fact, name, never, proofs[name].stop or "") for name, never in sorted(pending)]
    return Survey(counts, open_claims, seconds)


def write_page(pairs: int) -> Iterator[str]:
    """The survey as a page."""
    surveys = {path: survey(path, program, pairs) for path, program in list_programs()}
    total = sum((each.counts for each in surveys.values()), Counter())
    claims = sum(total.values())
    slowest = max(each.seconds for each in surveys.values())
    yield INTRODUCTION.format(pairs=pairs)
    yield "| | claims | share |\n|---|---:|---:|"
    yield from (f"| {answer} | {total[answer]} | {100 * total[answer] / claims:.1f} % |" for answer in ANSWERS)
    yield f"| all | {claims} | |\n"
    yield f"To prove all of them for one policy takes {1000 * slowest:.0f} ms at most.\n"
    yield "## By policy\n\n| policy | proved | broken | open |\n|---|---:|---:|---:|"
    names = {path: path.relative_to(POLICIES).with_suffix("") for path in surveys}
    for path, each in surveys.items():
        if sum(each.counts.values()):
            yield f"| {names[path]} | " + " | ".join(str(each.counts[answer]) for answer in ANSWERS) + " |"
    yield "\n## What is open\n\nNo facts that break these were met; the proof stops at the step that is named.\n"
    yield "| policy | more of | never | result | stops at |\n|---|---|---|---|---|"
    for path, each in surveys.items():
        for fact, result, never, stop in each.open_claims:
            step = "a group value" if stop.startswith("groups.") else f"`{result_name(stop)}`" if stop else "two ways"
            yield f"| {names[path]} | `{fact}` | {never} | `{result_name(result)}` | {step} |"


def list_mutants(count: int, random: RandomNumbers) -> Iterator[tuple[Path, Program]]:
    """Policies with one place of their text changed, as far as they are policies still."""
    paths = [path for path, program in list_programs() if list_growing(program)]
    while count:
        path = random.pick(paths)
        text = path.read_text("utf-8")
        before, after = random.pick(CHANGES)
        places = [match.start() for match in re.finditer(re.escape(before), text)]
        if not places:
            continue
        place = random.pick(places)
        with tempfile.TemporaryDirectory() as folder:
            changed = Path(folder, path.name)
            changed.write_text(text[:place] + after + text[place + len(before) :], "utf-8")
            program = Workspace.open((path.parent,)).check(changed).program
        if program is not None:
            count -= 1
            yield path, program


def try_proofs(pairs: int, mutants: int, seed: int) -> str:
    """The first move of a step in a direction that was excluded; empty if there is none in so many pairs."""
    random = RandomNumbers(seed)
    subjects = [*list_programs(), *list_mutants(mutants, random)]
    works = [(path, program, fact) for path, program in subjects for fact in list_growing(program)]
    decided = moved = 0
    for path, program, fact in works:
        search, analysis = ClaimSearch(program, read_cases(path, program)), DirectionAnalysis(program, fact)
        search.sampler.random.state = random.below(2**63)
        steps = {str(step.name): analysis.find_step(step.name) for step in program.steps}
        for number in range(-(-pairs // len(works))):
            pair = search.draw_pair(fact, number)
            for name, way in find_moves(search, *map(search.decide, pair), steps) if pair else ():
                moved += 1
                if not (steps[name].rises if way == "raises" else steps[name].falls):
                    return f"{path}: more of {fact} {way} {name}, which was excluded: {pair}"
            decided += pair is not None
    sys.stdout.write(f"{len(subjects)} programs, {mutants} of them mutants; {decided} pairs; {moved} moves of steps\n")
    return ""


def main() -> None:
    """As the docstring of this file says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=300, help="pairs of facts for each fact of a policy")
    parser.add_argument("--deep", type=int, default=0, help="pairs of facts in all, to try what is proved")
    parser.add_argument("--mutants", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.deep:
        sys.exit(try_proofs(options.deep, options.mutants, options.seed) or 0)
    sys.stdout.writelines(f"{line}\n" for line in write_page(options.pairs))


if __name__ == "__main__":
    main()
