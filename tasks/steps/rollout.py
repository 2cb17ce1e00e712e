"""One environment runs the released version and says so itself.

A dispatch has no natural key, so before one is sent the runs that are already there are looked through: one
of the deploy workflow, at the released commit, for this environment, is adopted instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tasks.domain.change import Change
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.forge import ForgeDeployment, ForgeSecrets
from tasks.domain.health import ServiceState
from tasks.domain.phase import Phase
from tasks.domain.report import Deployment
from tasks.domain.run import PendingDeployment, Run
from tasks.domain.secret_need import SecretNeed, secret_needs
from tasks.domain.settings import Environment, Settings
from tasks.domain.step import Decision
from tasks.domain.trigger import DispatchInput, dispatch_inputs
from tasks.domain.workflow import Workflow, Workflows
from tasks.steps.health import service_state
from tasks.steps.repository_secrets import missing_secrets
from tasks.steps.step import Clock, Step
from tasks.steps.watched_runs import WatchedRun, Watcher, findings
from tasks.steps.workflow_file import workflow_file
from tasks.systems.github import GitHub, Unreachable
from tasks.systems.http import Http

CHECK = "service-healthy"
PATIENCE = 3600.0
HEALTH_SECONDS = 15.0  # how long a service may take to answer after its run was green
LOST_SECONDS = 20.0  # how long to look for the run of a dispatch whose answer was lost


def step_name(environment: str) -> str:
    """Return the name of an environment's step: ``rollout-staging``."""
    return f"rollout-{environment}"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What there is of one environment.

    ``run`` is the dispatch run of this version for this environment; ``unsure`` are open dispatch runs at
    this commit whose environment does not show yet. ``tried``: this program has already started or
    repeated the run, so a failure now is the answer.
    """

    environment: Environment
    repository: str
    version: str | None
    workflow: str | None
    inputs: tuple[DispatchInput, ...] | None = None
    released: bool = True
    run: WatchedRun | None = None
    unsure: tuple[Run, ...] = ()
    deployment: ForgeDeployment | None = None
    service: ServiceState | None = None
    pending: tuple[PendingDeployment, ...] = ()
    lacking: tuple[SecretNeed, ...] = ()
    tried: bool = False
    approved: bool = True
    approver: str | None = None  # who let this run in, when this program did
    warming: bool = False
    ref: str = ""

    @property
    def live(self) -> bool:
        """Tell whether the service is healthy and is this version."""
        return (
            self.service is not None
            and self.version is not None
            and self.service.problem(self.version) is None
        )

    @property
    def settled(self) -> bool:
        """Tell whether waiting changes nothing any more."""
        if self.unsure:
            return False
        if self.run is None:
            return True
        if self.run.run.completed:
            return self.live or not self.warming
        return bool(self.pending)

    def __str__(self) -> str:
        """Say how far it is."""
        name = self.environment.name
        if self.live and self.deployment is not None:
            return f"{name} answers {self.version} at {self.deployment.environment_url}"
        if self.unsure:
            return f"a run of {self.workflow} whose environment does not show yet"
        if self.run is not None and self.run.run.completed and self.run.green:
            return f"{name} is rolled out and does not answer {self.version} yet"
        return self.run.view.progress if self.run is not None else f"nothing rolled out to {name} yet"


def decide(seen: Seen) -> Decision:
    """Roll out what is not there; never twice, never past a red or unhealthy answer."""
    name = seen.environment.name
    if seen.workflow is None or seen.version is None:
        return Decision(skipped=True, why="no workflow can be dispatched to deploy a released version")
    if seen.live:
        return Decision(why=str(seen) + (f"; approved by {seen.approver}" if seen.approver else ""))
    if seen.run is not None and not seen.run.run.completed:
        return _pending(seen, seen.run.run)
    if not seen.released:
        return Decision(waiting=f"the release of {seen.version}")
    if mistakes := _inputs_missing(seen):
        return Decision(blocked=(mistakes,))
    if lacking := missing_secrets(seen.lacking, seen.repository, phase=Phase.DEPLOYMENT):
        return Decision(blocked=lacking)
    if seen.run is not None and seen.tried:
        red = findings(seen.run, seen.repository, Phase.DEPLOYMENT)
        return Decision(blocked=(*red, *_unhealthy(seen)) or (_no_url(seen),))
    if seen.run is not None and seen.run.green and seen.deployment is not None and _url(seen) is None:
        return Decision(blocked=(_no_url(seen),))
    if not seen.approved:
        return Decision(waiting=f"approval of the rollout of {seen.version} to {name}")
    return Decision(changes=(_rollout(seen),))


def deployment_of(seen: Seen) -> Deployment | None:
    """Return what is live for the report, None when nothing answers as it should."""
    if not seen.live or seen.deployment is None or seen.service is None:
        return None
    return Deployment(
        environment=seen.environment.name,
        url=seen.deployment.environment_url or "",
        version=seen.service.version,
        sha256=seen.service.sha256,
    )


@dataclass(frozen=True, kw_only=True)
class RolloutLook:
    """How one environment is looked at: by the step, and again for the report."""

    settings: Settings
    environment: Environment
    workflow: Workflow | None
    github: GitHub
    http: Http
    watcher: Watcher
    clock: Clock
    approved: Callable[[], bool]
    approver: str = "activation"
    granted: list[int] = field(default_factory=list)  # runs this program has approved
    dispatched: list[int] = field(default_factory=list)  # ids this program was told, newest last
    repeated: list[int] = field(default_factory=list)
    ended: dict[int, float] = field(default_factory=dict)

    def __call__(self) -> Seen:
        """Look once."""
        settings, github = self.settings, self.github
        blank = Seen(environment=self.environment, repository=settings.full_name, version=None, workflow=None)
        inputs = dispatch_inputs(self.workflow.triggers) if self.workflow is not None else None
        if self.workflow is None or settings.tag is None or inputs is None:
            return blank
        version = settings.tag.removeprefix("v")
        known = {**blank.__dict__, "version": version, "workflow": self.workflow.path, "inputs": inputs}
        commit = github.repository.tag_commit(settings.tag)
        if commit is None:
            return Seen(**{**known, "released": False})
        deployments = self._deployments(commit)
        runs = [
            run
            for run in github.runs.of_workflow(self.workflow.path, event="workflow_dispatch")
            if run.sha == commit
        ]
        run, unsure = self._mine(runs, deployments, version)
        watched = self.watcher.watch(run) if run is not None else None
        deployment = _deployment(run, deployments)
        if watched is not None and watched.run.completed and not (deployment and deployment.environment_url):
            # The run may have ended after its deployment was read: only now all of it is stated.
            deployment = _deployment(run, self._deployments(commit))
        url = deployment.environment_url if deployment is not None else None
        service = service_state(self.http, url, self.environment) if url else None
        seen = Seen(
            **{
                **known,
                "run": watched,
                "unsure": unsure,
                "deployment": deployment,
                "service": service,
                "pending": github.runs.pending(run.id) if run is not None and run.status == "waiting" else (),
                "tried": run is not None and (run.id in self.dispatched or run.id in self.repeated),
                "approved": not self.environment.approval or self.approved(),
                "approver": self.approver if run is not None and run.id in self.granted else None,
                "warming": self._warming(run),
                "ref": settings.branch
                if github.repository.branch_commit(settings.branch) == commit
                else settings.tag,
            }
        )
        if seen.live or seen.run is not None:
            return seen
        releases = github.releases.of_tag(settings.tag)
        released = settings.release_workflow is None or any(not release.draft for release in releases)
        return Seen(**{**seen.__dict__, "released": released, "lacking": self._lacking()})

    def _deployments(self, commit: str) -> list[ForgeDeployment]:
        found = self.github.deployments.of_environment(self.environment.name)
        return [one for one in found if one.sha == commit]

    def _mine(
        self, runs: Sequence[Run], deployments: Sequence[ForgeDeployment], version: str
    ) -> tuple[Run | None, tuple[Run, ...]]:
        """Return this environment's newest run, and the open runs that may be its."""
        own = {one.run_id for one in deployments} | set(self.dispatched)
        others = [one.name for one in self.settings.environments if one.name != self.environment.name]
        unsure: list[Run] = []
        for run in sorted(runs, key=lambda run: run.id, reverse=True):
            if run.id in own or self._titled(run, self.environment.name, version):
                return run, ()
            if run.completed or any(self._titled(run, other, version) for other in others):
                continue
            names = [one.environment.lower() for one in self.github.runs.pending(run.id)]
            if self.environment.name.lower() in names:
                return run, ()
            elsewhere = any(
                deployment.run_id == run.id
                for other in others
                for deployment in self.github.deployments.of_environment(other)
            )
            if not names and not elsewhere:
                unsure.append(run)
        return None, tuple(unsure)

    def _titled(self, run: Run, environment: str, version: str) -> bool:
        """Tell whether the run's name states environment and version, as a good `run-name:` does."""
        words = re.split(r"[^A-Za-z0-9._+-]+", run.title)
        return environment in words and (version in words or f"v{version}" in words)

    def _warming(self, run: Run | None) -> bool:
        if run is None or not run.green or run.id not in {*self.dispatched, *self.repeated}:
            return False
        first = self.ended.setdefault(run.id, self.clock.monotonic())
        return self.clock.monotonic() - first < HEALTH_SECONDS

    def _lacking(self) -> tuple[SecretNeed, ...]:
        needs = secret_needs([self.workflow]) if self.workflow is not None else ()
        if not needs:
            return ()
        secrets: ForgeSecrets = self.github.secrets.names(self.github.environments.all())
        mine = self.environment.name
        return tuple(need for need in needs if not need.met(secrets) and not secrets.has(need.name, mine))

    def act(self, change: Change, seen: Seen) -> None:
        """Dispatch, repeat or approve; an answer that was lost is looked for before it is called lost."""
        if change.verb == "approve" and seen.run is not None:
            ids = [one.environment_id for one in seen.pending]
            comment = f"approved by {self.approver}"
            self.github.runs.review(seen.run.run.id, ids, approve=True, comment=comment)
            self.granted.append(seen.run.run.id)
        elif change.verb == "repeat" and seen.run is not None:
            self.repeated.append(seen.run.run.id)
            self.github.runs.rerun_failed(seen.run.run.id)
        else:
            self.dispatched.append(self._dispatch(change, seen))

    def _dispatch(self, change: Change, seen: Seen) -> int:
        workflow = seen.workflow or ""
        before = {run.id for run in self.github.runs.of_workflow(workflow, event="workflow_dispatch")}
        inputs = {
            name.removeprefix("input."): value for name, value in change.detail.items() if "input." in name
        }
        lost: Unreachable | None = None
        try:
            run = self.github.runs.dispatch(workflow, seen.ref, inputs)
            if run is not None:
                return run
        except Unreachable as error:
            lost = error
        deadline = self.clock.monotonic() + LOST_SECONDS
        while self.clock.monotonic() < deadline:
            fresh = [
                run
                for run in self.github.runs.of_workflow(workflow, event="workflow_dispatch")
                if run.id not in before
            ]
            if fresh:
                return max(run.id for run in fresh)
            self.clock.sleep(1.0)
        raise lost or Unreachable(f"the dispatch of {workflow} was accepted and no run of it appears")


def _deployment(run: Run | None, deployments: Sequence[ForgeDeployment]) -> ForgeDeployment | None:
    """Return the deployment that a run made, else the newest that succeeded."""
    made = next((one for one in deployments if run is not None and one.run_id == run.id), None)
    return made or next((one for one in deployments if one.state == "success"), None)


def looking(
    settings: Settings,
    environment: Environment,
    workflows: Workflows,
    *,
    github: GitHub,
    http: Http,
    clock: Clock,
    approved: Callable[[], bool],
    approver: str = "activation",
    watcher: Watcher | None = None,
) -> RolloutLook:
    """Bind the look to an environment; ``approved`` is asked where it needs approval, for ``approver``."""
    return RolloutLook(
        settings=settings,
        environment=environment,
        workflow=workflow_file(workflows, settings.deploy_workflow),
        github=github,
        http=http,
        watcher=watcher or Watcher(github, workflows),
        clock=clock,
        approved=approved,
        approver=approver,
    )


def step(look: RolloutLook, *, after: tuple[str, ...]) -> Step[Seen]:
    """Bind the step; ``after`` names the release or the environment before this one."""
    return Step(
        name=step_name(look.environment.name),
        phase=Phase.DEPLOYMENT,
        title=f"Roll out to {look.environment.name}",
        look=look,
        decide=decide,
        act=look.act,
        settled=lambda seen: seen.settled,
        after=after,
        patience=PATIENCE,
        poll_limit=look.github.poll_limit,
        timeout=PATIENCE + 60,
    )


def _rollout(seen: Seen) -> Change:
    """Repeat the run that failed, or start the first one (also when what it rolled out is gone)."""
    name, target = seen.environment.name, f"{seen.environment.name} {seen.version}"
    if seen.run is not None and not seen.run.green:
        return Change(
            verb="repeat", target=target, why=f"run {seen.run.run.id} failed before", reversible=False
        )
    values = {f"input.{key}": value for key, value in _values(seen).items()}
    why = f"{name} does not run {seen.version}"
    return Change(verb="dispatch", target=target, why=why, reversible=False, detail=values)


def _values(seen: Seen) -> dict[str, str]:
    """Return the inputs of the dispatch: environment and version, as far as it asks for them."""
    values: dict[str, str] = {}
    for item in seen.inputs or ():
        if "environment" in item.name.lower() or item.kind == "environment":
            values[item.name] = seen.environment.name
        elif item.name.lower() in ("version", "release_version"):
            values[item.name] = seen.version or ""
        elif item.name.lower() in ("tag", "release_tag", "release"):
            values[item.name] = f"v{seen.version}"
    return values


def _inputs_missing(seen: Seen) -> Finding | None:
    values = _values(seen)
    missing = [
        item.name
        for item in seen.inputs or ()
        if item.required and item.default is None and item.name not in values
    ]
    if not missing:
        return None
    return _finding(
        seen,
        "deploy-inputs-known",
        f"{_file(seen)} asks for inputs that nothing here can give: {', '.join(missing)}",
        Evidence(source="file", file=seen.workflow),
        Remedy(
            summary="Give these inputs a default in the workflow", commands=("git commit --all",), minutes=10
        ),
    )


def _pending(seen: Seen, run: Run) -> Decision:
    name = seen.environment.name
    if not seen.pending:
        return Decision(waiting=f"{run.name} is {run.status}: {run.url}")
    if seen.approved and all(one.may_approve for one in seen.pending):
        return Decision(changes=(Change(verb="approve", target=f"{name} {seen.version}", reversible=False),))
    who = ", ".join(reviewer for one in seen.pending for reviewer in one.reviewers) or "its wait timer"
    return Decision(waiting=f"{name} waits for {who}: approve at {run.url}")


def _url(seen: Seen) -> str | None:
    return seen.deployment.environment_url if seen.deployment is not None else None


def _file(seen: Seen) -> str:
    return (seen.workflow or "").rpartition("/")[2]


def _unhealthy(seen: Seen) -> tuple[Finding, ...]:
    if seen.service is None or seen.version is None:
        return ()
    answer = seen.service.problem(seen.version)
    if answer is None:
        return ()
    said = f"answers {answer.status}" if answer.status is not None else "does not answer"
    told = (
        "" if seen.service.version in (None, seen.version) else f" and states version {seen.service.version}"
    )
    return (
        _finding(
            seen,
            CHECK,
            f"{seen.environment.name} is not live: {answer.url} {said}{told}",
            Evidence(source="http", excerpt=answer.text, url=answer.url),
            Remedy(
                summary="Find out why it answers so; correct it, raise the version, commit, run this again",
                commands=(f"curl --include {answer.url}", "git commit --all"),
                url=answer.url,
                owner="operator",
                minutes=30,
            ),
        ),
    )


def _no_url(seen: Seen) -> Finding:
    return _finding(
        seen,
        CHECK,
        f"the run of {_file(seen)} states no address of {seen.environment.name}: nobody can ask how it is",
        Evidence(source="file", file=seen.workflow),
        Remedy(
            summary="Give the deploying job an `environment:` with a `url:`", commands=("git commit --all",)
        ),
        verdict=Verdict.UNKNOWN,
    )


def _finding(
    seen: Seen,
    check: str,
    message: str,
    evidence: Evidence,
    remedy: Remedy,
    *,
    verdict: Verdict = Verdict.BROKEN,
) -> Finding:
    return Finding(
        check=check,
        phase=Phase.DEPLOYMENT,
        subject=seen.environment.name,
        verdict=verdict,
        weight=Weight.BLOCKER,
        message=message,
        evidence=(evidence,),
        remedy=remedy,
    )
