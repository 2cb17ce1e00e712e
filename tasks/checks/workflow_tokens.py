"""Whether what a job makes with its own token starts what waits for it: GitHub keeps back its events."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.glob import GlobError, selected
from tasks.domain.located import Map
from tasks.domain.phase import Phase
from tasks.domain.release_plz import made_by_release_plz
from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.token_made import PUSH, Made, made_by_token
from tasks.domain.workflow import Job, Workflow, Workflows

_BY_HAND = re.compile(r"\bgh workflow run\b|/dispatches\b|createWorkflowDispatch|workflow-dispatch@")
_OF_RELEASE = ("created", "published")


@check(
    "token-starts-workflow",
    phase=Phase.RELEASE,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Make it with an App's or a person's token, or start the other one by `gh workflow run`",
        owner="github-admin",
        minutes=20,
    ),
)
def token_starts_workflow(
    workflows: Workflows, scripts: Scripts, manifests: Manifests, sources: Sources
) -> Iterator[Answer]:
    """No workflow waits for a tag or release that a job's own token makes: that starts nothing."""
    for workflow in workflows:
        made = _made(workflows, workflow, scripts)
        for job in workflow.jobs.values() if "release-plz" in workflow.source.text else ():
            made += made_by_release_plz(workflow, job, manifests, sources)
        for kind in ("tag", "release"):
            own = [one for one in made if one.kind == kind]
            unheard = [
                one
                for one in workflows
                if one is not workflow
                and any(_waits(one, thing) for thing in own)
                and not _started_otherwise(workflow, one)
            ]
            if unheard:
                waited = [thing for thing in own if any(_waits(one, thing) for one in unheard)]
                files = listed([one.file for one in unheard], most=4)
                told = f"{workflow.file} makes a {kind} with GITHUB_TOKEN, which does not start {files}"
                event = "push" if kind == "tag" else "release"
                places = [workflow.source.at(one.line) for one in waited]
                places += [_at_event(one, event) for one in unheard]
                subject = f"{workflow.file}: {kind}"
                yield broken(subject, told, *dict.fromkeys(places[:MOST_PLACES]), remedy=_heard(unheard))
            elif own:
                yield holds(f"{workflow.file}: {kind}", "is waited for by nobody")


def _heard(unheard: Sequence[Workflow]) -> Remedy | None:
    """Return what starts workflows of which some cannot be started by hand; None for the usual."""
    deaf = [one.file for one in unheard if one.event("workflow_dispatch") is None]
    if not deaf:
        return None
    has = "has" if len(deaf) == 1 else "have"
    return Remedy(
        summary=(
            "Make it with an App's or a person's token: `gh workflow run` starts nothing that lacks "
            f"`on: workflow_dispatch`, and {listed(deaf, most=3)} {has} none"
        ),
        owner="github-admin",
        minutes=20,
    )


@check(
    "pull-requests-start-checks",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(
        summary="Approve the runs on each of them, or make them with an App's or a person's token",
        owner="github-admin",
        minutes=20,
    ),
)
def pull_requests_start_checks(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """No checks wait for an approval because the job's own token makes the pull request."""
    checks = [one for one in workflows if _checks_every_request(one)]
    places: list[Evidence] = []
    files: list[str] = []
    waiting: dict[str, None] = {}
    for workflow in workflows if checks else ():
        made = [one for one in _made(workflows, workflow, scripts) if one.kind == "pull request"]
        left = [one.file for one in checks if not _dispatches(workflow, one)] if made else []
        if left:
            waiting |= dict.fromkeys(left)
            places += [workflow.source.at(one.line) for one in made]
            files.append(workflow.file)
    if places:
        makes = "makes" if len(files) == 1 else "make"
        starts = "starts" if len(waiting) == 1 else "start"
        told = (
            f"{listed(files, most=4)} {makes} pull requests with GITHUB_TOKEN: on them "
            f"{listed([*waiting], most=4)} {starts} only after somebody approves the run"
        )
        yield broken("pull requests", told, *dict.fromkeys(places[:MOST_PLACES]))


def _checks_every_request(workflow: Workflow) -> bool:
    """Tell whether a workflow looks at every new pull request, whatever it changes."""
    request = workflow.event("pull_request")
    types = request.texts("types") if request is not None else ()
    return (
        request is not None
        and "paths" not in request
        and "branches" not in request
        and (not types or "opened" in types)
    )


def _made(workflows: Workflows, workflow: Workflow, scripts: Scripts) -> list[Made]:
    return [one for job in workflow.jobs.values() for one in made_by_token(workflows, workflow, job, scripts)]


def _waits(workflow: Workflow, made: Made) -> bool:
    """Tell whether a workflow would be started by a tag or release, were it made by a person."""
    if made.kind == "release":
        release = workflow.event("release")
        if release is None or all(_looks_at_tag(job) for job in workflow.jobs.values()):
            return False
        types = release.texts("types")
        kinds = {True: ("prereleased",), False: ("released",), None: ("prereleased", "released")}
        return not types or not {*_OF_RELEASE, *kinds[made.prerelease]}.isdisjoint(types)
    push = workflow.event("push")
    if made.kind != "tag" or push is None:
        return False
    patterns = push.texts("tags")
    if made.names is None:
        return bool(patterns) and (made.by == PUSH or {"*", "**"} & set(patterns) != set())
    return any(_selected(patterns, name) for name in made.names)


def _selected(patterns: Sequence[str], name: str) -> bool:
    try:
        return selected([*map(str, patterns)], name)
    except GlobError:
        return False


def _looks_at_tag(job: Job) -> bool:
    """Tell whether a job runs only for some releases, or only after one that does."""
    told = str(job.condition or "")
    return bool(job.needs) or "refs/tags/" in told or "tag_name" in told


def _started_otherwise(workflow: Workflow, other: Workflow) -> bool:
    """Tell whether the other one is started, called or followed up by the workflow all the same."""
    followed = (other.event("workflow_run") or Map()).texts("workflows")
    return other.file in workflow.source.text or workflow.name in followed


def _dispatches(workflow: Workflow, other: Workflow) -> bool:
    """Tell whether a workflow starts the other one by hand, as a job's own token may."""
    if other.event("workflow_dispatch") is None or not _BY_HAND.search(workflow.source.text):
        return False
    said = [line for line in workflow.source.text.split("\n") if not line.lstrip().startswith("#")]
    name = other.file.rpartition("/")[2]
    named = [line for line in said if name in line or (other.name and other.name in line)]
    return bool(named) and any(_BY_HAND.search(line) for line in said)


def _at_event(workflow: Workflow, event: str) -> Evidence:
    on = workflow.triggers
    return workflow.source.at(on.line_of(event) if isinstance(on, Map) else workflow.root.line_of("on"))
