"""Whether the repository's own actions are written as GitHub reads them."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import suggested
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.spelling import misspelled, slips
from tasks.domain.workflow import CompositeAction, Step, Workflows

_USING = frozenset({"composite", "docker", "node12", "node16", "node20", "node24"})
_SHELLS = frozenset({"bash", "sh", "pwsh", "powershell", "cmd", "python"})
_KEYS = frozenset({"name", "author", "description", "inputs", "outputs", "runs", "branding"})
_STEP = frozenset(
    {"name", "id", "if", "run", "shell", "env", "working-directory", "uses", "with", "continue-on-error"}
)


@check(
    "local-action-sound",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Write the action.yml as GitHub's metadata syntax has it", minutes=5),
)
def local_action_sound(workflows: Workflows) -> Iterator[Answer]:
    """Every action of the repository says what it is, and its steps what they use, in words GitHub knows."""
    for action in workflows.actions:
        wrong = list(_faults(action))
        path = action.source.path
        for told, line in dict(wrong).items():
            place = action.source.at(line)
            refused = f"GitHub refuses the action: {told}"
            yield broken(f"{path}: {told}", refused, place, edits=suggested(told, place))
        if not wrong:
            yield holds(action.source.path, "is written as GitHub reads it")


def _faults(action: CompositeAction) -> Iterator[tuple[str, int]]:
    for key in action.root:
        near = misspelled(str(key), _KEYS)
        if near is not None:
            yield f"the key {str(key)!r} is not known here; did it mean {near!r}?", action.root.line_of(key)
    using = action.using
    if using is not None and using not in _USING and misspelled(using, _USING):
        yield f"there is no kind of action {str(using)!r}", using.line
    for step in action.steps:
        yield from _of_step(step)


def _of_step(step: Step) -> Iterator[tuple[str, int]]:
    for key in step.root:
        near = misspelled(str(key), _STEP)
        if near is not None:
            yield f"a step has no {str(key)!r}; did it mean {near!r}?", step.root.line_of(key)
    uses = "@" if step.action is None else step.action.written
    if "@" not in uses and "${{" not in uses and not uses.startswith(("docker://", "./", "../", "$/")):
        yield f"`uses: {uses}` names no version", step.root.line_of("uses")
    shell = step.shell
    if shell is None or shell in _SHELLS or "{" in shell:
        return  # a template such as `perl {0}` is a shell of its own
    if slips(shell, "bash", 1) == 1 or misspelled(shell, _SHELLS) is not None:
        yield f"there is no shell {str(shell)!r}", shell.line


@check(
    "local-action-names-exist",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Name what is there, or declare it", minutes=5),
)
def local_action_names_exist(workflows: Workflows) -> Iterator[Answer]:
    """Every `inputs.x` and `steps.x` that an action of the repository reads is there."""
    for action in workflows.actions:
        answers = list(merged(_absent(action)))
        yield from answers
        if not answers:
            yield holds(action.source.path, "every name that is read is there")


def _absent(action: CompositeAction) -> Iterator[Answer]:
    inputs = _lower(action.root.map("inputs"))
    ids = _lower([step.id for step in action.steps if step.id is not None])
    for read in action.reads:
        known = {"inputs": inputs, "steps": ids}.get(read.context)
        if known is None or read.name is None or read.name.lower() in known:
            continue
        what = "declares no input" if read.context == "inputs" else "has no step"
        path = itertools.takewhile(lambda one: one is not None, read.path)
        shown = ".".join([read.context, *map(str, path)])
        told = f"`{shown}` is empty: the action {what} {read.name!r}"
        yield broken(f"{action.source.path}: {read.context}.{read.name}", told, action.source.at(read))


def _lower(names: Collection[str]) -> set[str]:
    return {str(name).lower() for name in names}
