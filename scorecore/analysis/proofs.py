"""Proofs of claims by directions: through which steps a fact moves a result, and where a proof stops."""

from attrs import frozen

from scorecore.analysis.direction_rules import EITHER, STILL, Direction
from scorecore.analysis.directions import DirectionAnalysis
from scorecore.program.model import MonotoneClaim, Program
from scorecore.program.steps import step_inputs


@frozen
class Proof:
    """How a result moves with a fact, and through what."""

    result: str
    direction: Direction
    path: tuple[tuple[str, Direction], ...]
    """The steps between the fact and the result that move, in the order in which they are computed."""
    stop: str | None
    """Where the proof stops: the first step that may rise and fall though nothing that it reads may do both."""


def prove_claim(program: Program, claim: MonotoneClaim) -> tuple[Proof, ...]:
    """For each result of a claim, how it moves."""
    analysis = DirectionAnalysis(program, claim.more)
    return tuple(prove_result(analysis, result) for result in claim.of)


def is_proved(claim: MonotoneClaim, proof: Proof) -> bool:
    """Whether a result never moves as the claim says that it never does."""
    return not (proof.direction.rises if claim.never == "raises" else proof.direction.falls)


def prove_result(analysis: DirectionAnalysis, result: str) -> Proof:
    """How a result moves, through which steps, and where a proof would stop."""
    direction = analysis.find_step(result)
    path = tuple(
        (name, analysis.steps[name]) for name in _list_inputs(analysis, result) if analysis.steps[name] != STILL
    )
    return Proof(result, direction, path, _find_stop(analysis, path))


def _list_inputs(analysis: DirectionAnalysis, result: str) -> list[str]:
    """A step and all steps that it is computed from, in their order."""
    wanted, names = {result}, [step.name for step in analysis.program.steps]
    for name in reversed(names):
        if name in wanted:
            wanted |= step_inputs(analysis.program.step(name))
    return [name for name in names if name in wanted and name in analysis.steps]


def _find_stop(analysis: DirectionAnalysis, path: tuple[tuple[str, Direction], ...]) -> str | None:
    unclear = {name for name, direction in path if direction == EITHER}
    return next((name for name, _ in path if name in unclear and unclear.isdisjoint(_read_steps(analysis, name))), None)


def _read_steps(analysis: DirectionAnalysis, name: str) -> frozenset[str]:
    return step_inputs(analysis.program.step(name)) - {name}
