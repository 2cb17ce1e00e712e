"""Whether the reports that actions publish are written by anybody."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.installed import History
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.tree import Tree
from tasks.domain.workflow import Workflow, Workflows

_REPORTER = "dorny/test-reporter"
_WRITERS = ("xml", "junit", "nextest", "trx", "download-artifact", "json", "report")
"""Words of steps that write a report or fetch one."""


@check(
    "test-report-is-written",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Write the report, for instance with `cargo nextest run --profile ci`, or delete the step",
        minutes=20,
    ),
)
def test_report_is_written(workflows: Workflows, scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Every test report that an action publishes is written by a step before; it fails without one."""
    history = History(workflows, scripts)
    for workflow in workflows:
        yield from _reports(history, workflow, tree)


def _reports(history: History, workflow: Workflow, tree: Tree) -> Iterator[Answer]:
    for job, step in workflow.steps():
        path = step.inputs.text("path")
        if step.action is None or step.action.name != _REPORTER or path is None or "artifact" in step.inputs:
            continue
        if step.inputs.text("fail-on-empty") == "false" or "${{" in path:
            continue
        subject = f"{workflow.file}: {job.id}: {path}"
        said = history.before_step(workflow, job, step)
        text = said.text.lower()
        matched = any(tree.matching(one.strip()) for one in path.split(","))
        if matched or said.opaque or any(word in text for word in _WRITERS):
            yield holds(subject, "may be written")
        else:
            told = f"no step before writes a report that {path!r} finds; cargo test itself writes none"
            yield broken(subject, told, workflow.source.at(step.inputs.line_of("path")))
