"""Whether bash can fill in what is written between ``${`` and ``}``: ``bash -n`` does not look at that."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts

_CHEAP = ("${$", "${#$")
_BAD = re.compile(r"\$\{#?\$(?P<name>[A-Za-z_]\w*)")
# What stands for itself: an escaped character, and in a text without double quotes a single-quoted part.
_LITERAL = re.compile(r"\\.|(?P<double>\"(?:\\.|[^\"\\])*\"?)|'[^']*'?", re.DOTALL)


@check(
    "shell-substitutes",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    subject="workflow-shell",
    remedy=Remedy(summary="Write `${NAME}` or `${#NAME}`; for a name in a variable `${!NAME}`", minutes=2),
)
def shell_substitutes(scripts: Scripts) -> Iterator[Answer]:
    """No script has a `$` inside `${NAME}` or `${#NAME}`: bash calls that a bad substitution and ends."""
    for script in scripts:
        if script.shell == "bash" and any(mark in script.text for mark in _CHEAP) and not script.never:
            yield from merged(_bad(script))


def _bad(script: Script) -> Iterator[Answer]:
    step = f": {script.job.id}: {script.step.label}" if script.job and script.step else ""
    for number, command in enumerate(script.commands):
        texts = [word.text for word in command.words]
        texts += [one.value.text for one in command.assignments if one.value is not None]
        found = next((one for text in texts if (one := _BAD.search(_filled_in(text)))), None)
        if found is None:
            continue
        told = f"bash calls `{found[0]}}}` a bad substitution and ends the script there"
        behind = script.commands[number + 1 :]
        yield broken(
            f"{script.path}{step}", told, script.source.at(command), weight=_weight(script, command, behind)
        )


def _weight(script: Script, command: Command, behind: tuple[Command, ...]) -> Weight:
    """Weigh by what does not happen any more: a script that ends there anyway only lacks a message."""
    following = behind[0] if behind else None
    if command.conditional and following is not None and following.program in ("exit", "return", "false"):
        return Weight.NOTE
    step = script.step
    sure = step is not None and not step.may_fail and step.condition is None
    always = not (command.conditional or command.loop or command.function or command.substituted)
    return (
        Weight.BLOCKER
        if sure and always and script.job is not None and not script.job.condition
        else Weight.WARNING
    )


def _filled_in(text: str) -> str:
    """Return what of a word bash fills in."""
    return _LITERAL.sub(lambda one: re.sub(r"\\.", "", one["double"] or ""), text)
