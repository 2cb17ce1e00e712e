"""Who chooses what an expression of a workflow gives: only those who may push here, or anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.located import Map
from tasks.domain.use import spans
from tasks.domain.workflow import CompositeAction, Workflow, Workflows

_READ = re.compile(r"(?<![\w.-])(github|inputs|matrix|env|needs|steps|secrets|vars|jobs)\.([\w.*-]+)")
_WRITERS = re.compile(
    r"(?:ref|ref_name|ref_type|base_ref|sha|repository|repository_owner|event_name|run_id|run_number|"
    r"run_attempt|workflow|job|server_url|api_url|actor|actor_id|token|workspace|"
    r"event\.repository\.\w+|event\.release\.tag_name|event\.number|event\.pull_request\.number|"
    r"event\.pull_request\.(?:base|head)\.sha|event\.pull_request\.base\.ref)"
)
"""What of ``github`` nobody chooses freely but those who may push: a pull request's ref is ``N/merge``."""
_DEPTH = 4  # calls of calls


def only_writers_choose(text: str, path: str, workflows: Workflows) -> bool:
    """Tell whether what the expressions of a text read of ``github`` and ``inputs`` comes from writers alone.

    ``path`` is the workflow or action that the text stands in. False where it reads neither.
    """
    read = [one for one in _reads(text) if one[0] in ("github", "inputs")]
    return bool(read) and all(_is_ours(root, name, path, workflows, _DEPTH) for root, name in read)


def _reads(text: str) -> Iterator[tuple[str, str]]:
    for start, end in spans(text):
        inner = text[start : end if end >= 0 else len(text)]
        yield from ((found[1], found[2]) for found in _READ.finditer(re.sub(r"'(?:[^']|'')*'", "''", inner)))


def _is_ours(root: str, name: str, path: str, workflows: Workflows, depth: int) -> bool:
    if root == "github" and not name.startswith("event.inputs."):
        return _WRITERS.fullmatch(name) is not None
    if depth == 0 or root not in ("github", "inputs"):
        return False
    name = name.removeprefix("event.inputs.")
    action = next((one for one in workflows.actions if one.source.path == path), None)
    if action is not None and not path.startswith(".github/"):
        return False  # others may call it too
    for file, given in _calls(path, action, workflows):
        value = given.get(name)
        reads = list(_reads(value)) if isinstance(value, str) else []
        if isinstance(value, str) and "${{" in value and not reads:
            return False
        if not all(_is_ours(*one, file, workflows, depth - 1) for one in reads):
            return False
    return True


def _calls(path: str, action: CompositeAction | None, workflows: Workflows) -> Iterator[tuple[str, Map]]:
    """Go through the calls of a workflow or an action in this repository: whose they are, what they pass."""
    for workflow in workflows:
        if action is None:
            yield from ((workflow.path, one) for one in _jobs_calling(workflow, path))
        else:
            for _, step in workflow.steps():
                if step.action is not None and step.action.local == action.directory:
                    yield workflow.path, step.inputs
    for other in workflows.actions if action is not None else ():
        for step in other.steps:
            if step.action is not None and action is not None and step.action.local == action.directory:
                yield other.source.path, step.inputs


def _jobs_calling(workflow: Workflow, path: str) -> Iterator[Map]:
    for job in workflow.jobs.values():
        if job.action is not None and job.action.local == path:
            yield job.inputs
