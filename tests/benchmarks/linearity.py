"""How the time of the checks that run no tool grows with the size of a repository, in figures and drawn.

What is measured is processor time of one process: reading the texts of the files (YAML, TOML, HCL, shell,
documents) and asking every check that needs nothing else. Python's start and git's listing are not in it.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tasks.domain.check import Check, evaluate
from tasks.facts.collect import collect
from tasks.facts.tree import Files, LiteralFiles
from tests.benchmarks import generated as generated_files
from tests.benchmarks import lived_in as lived_in_files

SIZES = (20, 50, 100, 150, 200)
TARGETS = {20: 0.5, 200: 2.0}  # workflows -> seconds that are allowed
LIVED_IN = (5, 10, 20)
LIVED_IN_TARGETS = {
    20: 1.0
}  # our own: the same where years of scripts and documents lie beside the workflows
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 720, 400, 64, 40, 84, 56
_LINES = (0.5, 1.0, 1.5, 2.0)  # seconds at which a line is drawn


Made = Callable[[int], Files]
"""Makes a repository with a number of workflows."""


def generated(workflows: int) -> Files:
    """Return a repository of workflows and crates, with little beside them."""
    files = generated_files.repository(workflows, workflows // 2)
    return LiteralFiles(files, executable=generated_files.executable(workflows))


def lived_in(workflows: int) -> Files:
    """Return one with scripts, Terraform, policies and documents besides, as they gather over the years."""
    files = lived_in_files.repository(workflows, workflows // 2)
    return LiteralFiles(files, executable=lived_in_files.executable(workflows))


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The best of several times for one size of repository."""

    workflows: int
    crates: int
    seconds: float


def measured(
    checks: Sequence[Check], sizes: Iterable[int] = SIZES, times: int = 3, made: Made = generated
) -> tuple[Measured, ...]:
    """Read and ask about repositories of growing size; half as many crates as workflows."""
    return tuple(
        Measured(
            workflows=size,
            crates=size // 2,
            seconds=min(_seconds(made(size), checks) for _ in range(times)),
        )
        for size in sizes
    )


def look(files: Files, checks: Sequence[Check]) -> None:
    """Read and ask once, as the preflight does."""
    for _ in evaluate(checks, collect(files)):
        pass


def _seconds(files: Files, checks: Sequence[Check]) -> float:
    gc.collect()
    gc.disable()  # as in the preflight
    try:
        started = time.process_time()
        look(files, checks)
        return time.process_time() - started
    finally:
        gc.enable()


def svg(points: Sequence[Measured]) -> str:
    """Draw the times over the number of workflows, with the limits and proportional growth."""
    return "\n".join([*_drawn(points), ""])


def _drawn(points: Sequence[Measured]) -> Iterator[str]:
    first, last = points[0], points[-1]
    most_x = last.workflows * 1.05
    most_y = max(*TARGETS.values(), *(one.seconds for one in points)) * 1.1

    def x(workflows: float) -> float:
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * workflows / most_x, 1)

    def y(seconds: float) -> float:
        return round(_HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * seconds / most_y, 1)

    proportional = first.seconds * last.workflows / first.workflows
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="12" fill="#333">'
    )
    yield "<title>Seconds of the checks that run no tool, by number of workflows</title>"
    yield f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>'
    yield f'<text x="{_LEFT}" y="28" font-size="16" font-weight="600">Checks that run no tool</text>'
    yield (
        f'<text x="{_LEFT}" y="48" fill="#666">Processor seconds to read a generated repository and to ask '
        "every check, over its workflows.</text>"
    )
    yield (
        f'<text x="{_LEFT}" y="64" fill="#666">Half as many crates as workflows; best of three. '
        "Dashed: the first time, grown in proportion.</text>"
    )
    for seconds in _LINES:
        yield f'<path d="M{x(0)} {y(seconds)}H{x(most_x)}" stroke="#e5e5e5"/>'
        yield _text(x(0) - 8, y(seconds) + 4, f"{seconds:g} s", "end")
    yield f'<path d="M{x(0)} {y(0)}H{x(most_x)}" stroke="#999"/>'
    yield _text(x(0) - 8, y(0) + 4, "0", "end")
    yield _text(x(most_x), _HEIGHT - 12, "workflows", "end")
    yield (
        f'<path d="M{x(0)} {y(0)}L{x(last.workflows)} {y(proportional)}" stroke="#999" '
        'stroke-dasharray="5 4" fill="none"/>'
    )
    for workflows, limit in TARGETS.items():
        yield f'<path d="M{x(workflows) - 10} {y(limit)}h20" stroke="#b22222" stroke-width="2"/>'
        yield _text(x(workflows), y(limit) - 6, f"limit {limit:g} s", "middle", "#b22222")
    way = " ".join(f"{x(one.workflows)},{y(one.seconds)}" for one in points)
    yield f'<polyline points="{way}" fill="none" stroke="#4682b4" stroke-width="2"/>'
    for one in points:
        at = x(one.workflows)
        yield f'<circle cx="{at}" cy="{y(one.seconds)}" r="4" fill="#4682b4"/>'
        yield _text(at, y(one.seconds) - 10, f"{one.seconds:.2f}", "middle", "#2f5f87")
        yield _text(at, y(0) + 16, str(one.workflows))
    yield "</svg>"


def _text(x: float, y: float, words: str, anchor: str = "middle", colour: str = "#333") -> str:
    return f'<text x="{round(x, 1)}" y="{round(y, 1)}" text-anchor="{anchor}" fill="{colour}">{words}</text>'
