"""Whether runs of one thing wait for each other, and none ends another that must not be ended."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterator

from tasks.domain.cargo_command import cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.located import Map, Text
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Scripts
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_run import TerraformRun, terraform_runs
from tasks.domain.trigger import dispatch_inputs
from tasks.domain.workflow import Job, Workflow, Workflows

_STAGE = re.compile(
    r"(?:^|[^a-z])(?:prod|production|live|stage|staging|dev|development|qa|uat|preview)", re.IGNORECASE
)
_DEPLOYS = re.compile(
    r"deploy|\brollout (?:status|restart)|kubectl|\bhelm\b|terraform|\btofu\b|pulumi|\bssm\b|\becs\b|"
    r"\bssh -|rsync|\bscp\b|wrangler|flyctl|ansible|\baws (?:s3|lambda)\b",
    re.IGNORECASE,
)
"""What a job says that changes what runs somewhere: other environments only keep a job's secrets."""
_TEST = re.compile(
    r"(?:^|[^a-z])(?:e2e|tests?|testing|lint|bench|benchmarks?|audit)(?:[^a-z]|$)", re.IGNORECASE
)
_ONLY_BUILDS = frozenset({"build", "check", "clippy", "doc", "fetch", "fmt", "nextest", "test"})
_EDITS = frozenset({"cat", "cd", "echo", "export", "grep", "mkdir", "printf", "rustup", "sed", "set", "test"})
_LOCK_TIMEOUT = re.compile(r"--?lock-timeout=(?!0s?$)\S")
_CHANGES_NOTHING = (
    "actions/checkout", "actions/cache", "actions-rs/toolchain", "actions-rust-lang/",
    "dtolnay/rust-toolchain", "mozilla-actions/sccache-action", "swatinem/rust-cache",
    "taiki-e/install-action",
)  # fmt: skip


@check(
    "deployments-wait-for-each-other",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Add `concurrency:` with a group for the environment and `cancel-in-progress: false`",
        minutes=5,
    ),
)
def deployments_wait_for_each_other(
    workflows: Workflows, scripts: Scripts, terraform: Terraform
) -> Iterator[Answer]:
    """Every job that deploys to an environment or changes infrastructure has a concurrency group."""
    queued = {
        (one.script.path, one.command.line) for one in terraform_runs(scripts, terraform) if _queues(one)
    }
    for workflow in workflows:
        deploying = [(job, _deploys(workflow, job, scripts)) for job in workflow.jobs.values()]
        free = [
            (job, what)
            for job, what in deploying
            if what is not None
            and "concurrency" not in job.root
            and "concurrency" not in workflow.root
            and not (job.environment is None and _waits_for_state(workflow, job, scripts, queued))
        ]
        if free and "workflow_call" not in workflow.events:
            told = f"the job {free[0][0].id!r} {free[0][1]}; two runs can do so at the same time"
            yield broken(workflow.file, told, *(workflow.source.at(job) for job, _ in free[:5]))
        elif not free and any(what is not None for _, what in deploying):
            yield holds(workflow.file, "has a concurrency group")


@check(
    "deployment-is-not-cancelled",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Set `cancel-in-progress: false` where jobs deploy", minutes=5),
)
def deployment_is_not_cancelled(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """No newer run ends a job in the middle of a deployment."""
    for workflow in workflows:
        for job in workflow.jobs.values():
            what = _deploys(workflow, job, scripts)
            if what is None:
                continue
            subject = f"{workflow.file}: {job.id}"
            cancelling = [
                root
                for root in (job.root, workflow.root)
                if _group(root)[1] and "concurrency" in root and not _same_again(workflow, root)
            ]
            if cancelling:
                told = f"the job {job.id!r} {what}, and a newer run ends it half done"
                line = cancelling[0].map("concurrency").line_of("cancel-in-progress")
                yield broken(subject, told, workflow.source.at(line))
            else:
                yield holds(subject, "is never ended by a newer run")


def _deploys(workflow: Workflow, job: Job, scripts: Scripts) -> str | None:
    """Return how a job changes what runs somewhere, as a person would say it; None when it does not."""
    if job.environment is not None and not _only_unlocks(job):
        # Pages and the like have an address of their own, and the newest always wins there.
        if "pages" in job.environment.name:
            return None
        said = " ".join([str(job.id), str(job.root.get("name")), *(str(one.root) for one in job.steps)])
        placed = job.environment.url is not None or _is_stage(job.environment.name)
        placed = placed and not _tests(job) and not _only_builds(workflow, job, scripts)
        if placed or _DEPLOYS.search(said):
            return f"deploys to {job.environment.name}"
    return next((f"runs terraform {name}" for name, _ in _changing(workflow, job, scripts)), None)


def _changing(workflow: Workflow, job: Job, scripts: Scripts) -> Iterator[tuple[str, Command]]:
    """Go through the calls of terraform that change infrastructure, each with its subcommand."""
    for step in job.steps:
        script = scripts.of(workflow.path, job, step)
        for command in script.running("terraform", "tofu") if script is not None and not script.never else ():
            words = [word for word in command.literals if word and not word.startswith("-")]
            if words[:1] in (["apply"], ["destroy"]):
                yield str(words[0]), command


def _waits_for_state(
    workflow: Workflow, job: Job, scripts: Scripts, queued: Container[tuple[str, int]]
) -> bool:
    """Tell whether terraform itself waits until another run has ended or gives the lock of the state back."""
    commands = [command for _, command in _changing(workflow, job, scripts)]
    return bool(commands) and all(
        (workflow.path, one.line) in queued or any(_LOCK_TIMEOUT.match(word or "") for word in one.literals)
        for one in commands
    )


def _queues(run: TerraformRun) -> bool:
    """Tell whether HCP Terraform runs it, which takes the runs of a workspace one after the other."""
    backend = run.module.backend if run.module is not None else None
    return backend is not None and (backend.type == "cloud" or backend.labels == ("remote",))


def _same_again(workflow: Workflow, root: Map) -> bool:
    """Tell whether only a run with the same choice of everything ends another: it does the same work."""
    inputs = dispatch_inputs(workflow.triggers) or ()
    group = str(_group(root)[0])
    chosen = all(re.search(rf"\b(?:inputs|matrix)\.{re.escape(one.name)}\b", group) for one in inputs)
    return workflow.events == ("workflow_dispatch",) and bool(inputs) and chosen


def _only_builds(workflow: Workflow, job: Job, scripts: Scripts) -> bool:
    """Tell whether a job does nothing but build and test: its environment is there for a secret."""
    builds = False
    for step in job.steps:
        if step.action is not None:
            if not step.action.name.startswith(_CHANGES_NOTHING) and "slack" not in step.action.name:
                return False
            continue
        script = scripts.of(workflow.path, job, step)
        if script is None or not script.understood:
            return False
        for command in script.commands:
            call = cargo_command(command)
            if call is not None and call.subcommand in _ONLY_BUILDS:
                builds = True
            elif command.words and command.program not in _EDITS:
                return False
    return builds


def _only_unlocks(job: Job) -> bool:
    """Tell whether a job says of its environment that nothing is deployed to it."""
    written = job.root.get("environment")
    return isinstance(written, Map) and written.get("deployment") is False


def _tests(job: Job) -> bool:
    """Tell whether a job is called a test: its environment is there for what it tests against."""
    return _TEST.search(f"{job.id} {job.root.text('name') or ''}") is not None


def _is_stage(name: str) -> bool:
    """Tell whether an environment is called like a place where something runs, not like a set of secrets."""
    return "${{" in name or _STAGE.search(name) is not None


def _group(root: Map) -> tuple[Text | None, bool]:
    """Return the group of a concurrency, and whether newer runs end older ones for sure."""
    written = root.get("concurrency")
    if isinstance(written, Map):
        return written.text("group"), written.get("cancel-in-progress") is True
    return root.text("concurrency"), False


@check(
    "concurrency-group-is-own",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Put `${{ github.workflow }}` into the group", minutes=5),
)
def concurrency_group_is_own(workflows: Workflows) -> Iterator[Answer]:
    """No two workflows share a concurrency group by accident, so that one run ends another's."""
    groups: dict[str, list[tuple[Workflow, bool]]] = defaultdict(list)
    for workflow in workflows:
        group, cancels = _group(workflow.root)
        # A called workflow has the caller's name and group; what it shares is the caller's business.
        if group is not None and "github.workflow" not in group and "workflow_call" not in workflow.events:
            groups["".join(group.lower().split())].append((workflow, cancels))
    for sharing in groups.values():
        files = [workflow.file for workflow, _ in sharing]
        if len(sharing) == 1 or not any(cancels for _, cancels in sharing):
            yield holds(files[0], "ends no run of another workflow")
            continue
        shared = str(_group(sharing[0][0].root)[0])
        told = f"{', '.join(files)} share the group {shared!r}: a run of one ends those of the others"
        yield broken(files[0], told, *(_at_group(workflow) for workflow, _ in sharing))


def _at_group(workflow: Workflow) -> Evidence:
    written = workflow.root.get("concurrency")
    if isinstance(written, Map) and "group" in written:
        return workflow.source.at(written.line_of("group"))
    return workflow.source.at(workflow.root.line_of("concurrency"))


@check(
    "concurrency-keeps-branches-apart",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Put `${{ github.ref }}` into the group", minutes=2),
)
def concurrency_keeps_branches_apart(workflows: Workflows) -> Iterator[Answer]:
    """No workflow for pull requests has one cancelling group for all: each push would end others' runs."""
    for workflow in workflows:
        written = workflow.root.get("concurrency")
        cancels = written.get("cancel-in-progress") if isinstance(written, Map) else None
        group = _group(workflow.root)[0]
        asked = "pull_request" in workflow.events and "workflow_call" not in workflow.events
        if group is None or not asked or cancels in (None, False):
            continue
        if "${{" in group:
            yield holds(workflow.file, "has a group for each")
        elif cancels is True or "pull_request" in str(cancels):
            told = f"every pull request is in the group {str(group)!r}: a push to one ends the runs of others"
            yield broken(workflow.file, told, _at_group(workflow))
