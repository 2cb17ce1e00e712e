"""`make bench`: what is caught of both sets of breakages, and how the time grows, drawn into a file."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.benchmarks.benchmark import checks, mutations, table
from tests.benchmarks.held_out.hosts import hosts
from tests.benchmarks.held_out.score import (
    FIRST,
    FIRST_FROM_HISTORY,
    breakages,
    from_histories,
    invented,
    report,
    same_meanings,
)
from tests.benchmarks.in_parallel import all_judged
from tests.benchmarks.linearity import LIVED_IN, LIVED_IN_TARGETS, TARGETS, Measured, lived_in, measured, svg
from tests.benchmarks.mutation import sample

DEFAULT = Path("reports") / "static-seconds.svg"


def main(arguments: list[str]) -> int:
    """Print the tables and draw the picture; 1 when a figure is missed."""
    picture = Path(arguments[0]) if arguments else DEFAULT
    whole, every = sample(), checks()
    outcomes = all_judged("development set", mutations(whole))
    lines = ["The development set: checks were written with these breakages in view.", *table(outcomes), ""]
    lines += [*report(all_judged("held-out set", breakages(hosts())), FIRST), ""]
    histories = all_judged("mistakes of other repositories", from_histories(hosts()))
    lines += [*report(histories, FIRST_FROM_HISTORY), ""]
    lines += invented(all_judged("changes that change nothing", same_meanings(hosts())))
    sys.stderr.write("seconds by size of the repository ...\n")
    points = measured(every)
    old = measured(every, sizes=LIVED_IN, made=lived_in)
    lines += ["", *_seconds("seconds of the checks that run no tool", points, TARGETS)]
    lines += ["", *_seconds("the same with scripts, Terraform and many documents", old, LIVED_IN_TARGETS)]
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(svg(points), encoding="utf-8")
    lines.append(f"drawn in {picture}")
    sys.stdout.writelines(f"{line}\n" for line in lines)
    caught = sum(bool(one.caught) for one in outcomes)
    slow = [one for one in points if one.seconds > TARGETS.get(one.workflows, float("inf"))]
    slow += [one for one in old if one.seconds > LIVED_IN_TARGETS.get(one.workflows, float("inf"))]
    return int(caught < 0.95 * len(outcomes) or bool(slow))


def _seconds(title: str, points: Iterable[Measured], limits: Mapping[int, float]) -> Iterator[str]:
    yield f"workflows  crates  {title}"
    for one in points:
        limit = f"  (limit {limits[one.workflows]:g})" if one.workflows in limits else ""
        yield f"{one.workflows:>9}  {one.crates:>6}  {one.seconds:.3f}{limit}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
