"""The tables of the README that come from the code.

``python -m tests.readme`` writes them; `tests/test_readme.py` holds that nobody forgot to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from deployments.embedded.scenarios import SCENARIOS
from tasks.checks import load

README = Path(__file__).parents[1] / "README.md"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Render a Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def checks() -> str:
    """List every check: what holds, before which phase, and what it weighs."""
    ordered = sorted(load(), key=lambda one: (one.subject, one.id))
    rows = ((f"`{one.id}`", one.title, one.phase.value, one.weight.value) for one in ordered)
    return table(("check", "what holds", "for", "weight"), rows)


def scenarios() -> str:
    """List every scenario and the command of its remedy."""
    named = sorted(SCENARIOS.values(), key=lambda one: one.name)
    rows = ((f"`{one.name}`", one.story, f"`.venv/bin/{one.command}`") for one in named)
    return table(("scenario", "what is wrong", "the remedy"), rows)


TABLES: dict[str, Callable[[], str]] = {"checks": checks, "scenarios": scenarios}


def written(text: str) -> str:
    """Return the README's text with every table between its markers made anew."""
    for name, make in TABLES.items():
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, found, rest = text.partition(start)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"the README has no place for the table of {name}: <!-- {name} -->")
        text = f"{before}{start}{make()}\n{end}{after}"
    return text


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
