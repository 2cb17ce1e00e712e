"""How the time of the checks that run no tool grows with the number of workflows, in figures and drawn."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tasks.domain.check import Check, evaluate
from tasks.facts.collect import collect
from tasks.facts.tree import LiteralFiles
from tests.benchmarks.generated import executable, repository

SIZES = (20, 50, 100, 150, 200)
TARGETS = {20: 0.5, 200: 2.0}  # workflows -> seconds that are allowed
_WIDTH, _HEIGHT, _EDGE = 640, 360, 56


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The best of several times for one size of repository."""

    workflows: int
    crates: int
    seconds: float


def measured(checks: Sequence[Check], sizes: Iterable[int] = SIZES, times: int = 3) -> tuple[Measured, ...]:
    """Read and ask about repositories of growing size; half as many crates as workflows."""
    return tuple(
        Measured(
            workflows=size,
            crates=size // 2,
            seconds=min(_seconds(size, size // 2, checks) for _ in range(times)),
        )
        for size in sizes
    )


def _seconds(workflows: int, crates: int, checks: Sequence[Check]) -> float:
    files = LiteralFiles(repository(workflows, crates), executable=executable(workflows))
    started = time.process_time()
    for _ in evaluate(checks, collect(files)):
        pass
    return time.process_time() - started


def svg(points: Sequence[Measured]) -> str:
    """Draw the times over the number of workflows, with the limits and proportional growth."""
    most_x = max(one.workflows for one in points)
    most_y = max(*TARGETS.values(), *(one.seconds for one in points)) * 1.1

    def x(workflows: float) -> float:
        return round(_EDGE + (_WIDTH - 2 * _EDGE) * workflows / most_x, 1)

    def y(seconds: float) -> float:
        return round(_HEIGHT - _EDGE - (_HEIGHT - 2 * _EDGE) * seconds / most_y, 1)

    last = points[-1]
    made = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif">',
        "<title>Seconds of the checks that run no tool, by number of workflows</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<path d="M{x(0)} {y(most_y)}V{y(0)}H{x(most_x)}" fill="none" stroke="black"/>',
        f'<text x="{x(0)}" y="{y(most_y) - 8}" font-size="12">CPU seconds; line: proportional growth</text>',
        f'<text x="{x(most_x)}" y="{_HEIGHT - 12}" text-anchor="end" font-size="12">workflows</text>',
        f'<path d="M{x(0)} {y(0)}L{x(last.workflows)} {y(last.seconds)}" stroke="silver"/>',
    ]
    for workflows, limit in TARGETS.items():
        made.append(f'<path d="M{x(workflows) - 8} {y(limit)}h16" stroke="firebrick"/>')
        made.append(_text(x(workflows), y(limit) - 5, f"limit {limit:g} s"))
    for one in points:
        at = x(one.workflows)
        made.append(f'<circle cx="{at}" cy="{y(one.seconds)}" r="4" fill="steelblue"/>')
        made += [
            _text(at, y(one.seconds) + 18, f"{one.seconds:.2f}"),
            _text(at, y(0) + 16, str(one.workflows)),
        ]
    return "\n".join([*made, "</svg>", ""])


def _text(x: float, y: float, words: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="middle" font-size="12">{words}</text>'
