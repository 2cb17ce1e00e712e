"""What stands between a job and its environment, and the deployment behind it."""

import fnmatch
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from deployments.embedded.github.forge import BOT, Forge
from deployments.embedded.github.records.actions import Run
from deployments.embedded.github.records.deployments import (
    Deployment,
    DeploymentStatus,
    Environment,
    Gate,
    Verdict,
)
from deployments.embedded.github.records.repositories import Repository
from deployments.embedded.runner.interface import Admission

_LOOK_AGAIN = 0.1


@dataclass
class Gates:
    """The environments' gates; reviews wake the jobs that wait."""

    forge: Forge
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def environment(self, repository: Repository, name: str) -> Environment:
        """Return an environment; an unknown one is made without protection, as GitHub does."""
        store = self.forge.store
        with store.lock:
            known = store.environments.all(
                lambda item: item.repository_id == repository.id and item.name.lower() == name.lower()
            )
            if known:
                return known[0]
            now = self.forge.now()
            return store.environments.put(
                Environment(
                    id=store.next_id(), repository_id=repository.id, name=name, created_at=now, updated_at=now
                )
            )

    def pass_through(
        self,
        repository: Repository,
        run: Run,
        environment: Environment,
        *,
        cancel: threading.Event,
        waiting: Callable[[], None],
    ) -> Admission:
        """Wait until an environment lets a run in, or say why it does not.

        `waiting` is called once when the gate is there to be seen.
        """
        if not _ref_allowed(self.forge, repository, run, environment):
            kind = "Tag" if run.ref.startswith("refs/tags/") else "Branch"
            return Admission(
                allowed=False,
                reason=f'{kind} "{run.ref_name}" is not allowed to deploy to {environment.name}'
                " due to environment protection rules.",
            )
        gate = self._gate(run, environment)
        waiting()
        while gate.verdict is None:
            if cancel.is_set():
                return Admission(allowed=False, reason="The operation was canceled.")
            waited = self.forge.now() - gate.opened_at >= timedelta(minutes=environment.wait_minutes)
            if not environment.reviewers and waited:
                gate = self._decide(gate, "approved", None, "")
                break
            with self._changed:
                self._changed.wait(_LOOK_AGAIN)
            gate = self.forge.store.gates.get(gate.id) or gate
        if gate.verdict == "rejected":
            return Admission(allowed=False, reason=f"{environment.name} was rejected by {gate.reviewer}.")
        return Admission(allowed=True)

    def open(self, run: Run) -> list[Gate]:
        """Return the gates that a run's latest attempt waits before."""
        return self.forge.store.gates.all(
            lambda item: item.run_id == run.id and item.attempt == run.latest.number and item.verdict is None
        )

    def review(self, gate: Gate, verdict: Verdict, reviewer: str, comment: str) -> None:
        """Let a run in or turn it away."""
        self._decide(gate, verdict, reviewer, comment)

    def deploy(self, repository: Repository, run: Run, environment: Environment, log_url: str) -> Deployment:
        """Make the deployment of a job that asks to enter an environment."""
        now = self.forge.now()
        made = self.forge.store.deployments.put(
            Deployment(
                id=self.forge.store.next_id(),
                repository_id=repository.id,
                sha=run.sha,
                ref=run.ref_name,
                task="deploy",
                payload={},
                environment=environment.name,
                description=None,
                creator=BOT,
                created_at=now,
                updated_at=now,
            )
        )
        return self.note(made.id, "waiting" if environment.reviewers else "queued", log_url=log_url)

    def note(
        self,
        deployment_id: int,
        state: str,
        *,
        creator: str = BOT,
        description: str = "",
        url: str = "",
        log_url: str = "",
        auto_inactive: bool = True,
    ) -> Deployment:
        """Add a status to a deployment; success makes the earlier ones of its environment inactive."""
        store, now = self.forge.store, self.forge.now()
        with store.lock:
            changed = store.deployments.change(
                deployment_id,
                lambda item: replace(
                    item,
                    updated_at=now,
                    statuses=(
                        *item.statuses,
                        DeploymentStatus(
                            id=store.next_id(),
                            state=state,
                            creator=creator,
                            description=description,
                            environment=item.environment,
                            environment_url=url,
                            log_url=log_url,
                            created_at=now,
                        ),
                    ),
                ),
            )
            if state == "success" and auto_inactive:
                self._retire(changed)
            return changed

    def _retire(self, newest: Deployment) -> None:
        for old in self.forge.store.deployments.all(
            lambda item: (
                item.repository_id == newest.repository_id
                and item.environment == newest.environment
                and item.id < newest.id
                and not item.transient
                and bool(item.statuses)
                and item.statuses[-1].state == "success"
            )
        ):
            last = old.statuses[-1]
            self.note(
                old.id, "inactive", creator=last.creator, url=last.environment_url, log_url=last.log_url
            )

    def _gate(self, run: Run, environment: Environment) -> Gate:
        store = self.forge.store
        with store.lock:
            known = store.gates.all(
                lambda item: (
                    item.run_id == run.id
                    and item.attempt == run.latest.number
                    and item.environment_id == environment.id
                )
            )
            return (
                known[0]
                if known
                else store.gates.put(
                    Gate(
                        id=store.next_id(),
                        run_id=run.id,
                        attempt=run.latest.number,
                        environment_id=environment.id,
                        environment=environment.name,
                        opened_at=self.forge.now(),
                    )
                )
            )

    def _decide(self, gate: Gate, verdict: Verdict, reviewer: str | None, comment: str) -> Gate:
        decided = self.forge.store.gates.put(
            replace(gate, verdict=verdict, reviewer=reviewer, comment=comment)
        )
        with self._changed:
            self._changed.notify_all()
        return decided


def _ref_allowed(forge: Forge, repository: Repository, run: Run, environment: Environment) -> bool:
    if environment.branch_policy is None:
        return True
    is_tag = run.ref.startswith("refs/tags/")
    if environment.branch_policy == "protected":
        protected = {
            item.branch
            for item in forge.store.protections.all(lambda item: item.repository_id == repository.id)
        }
        return not protected or (not is_tag and run.ref_name in protected)  # without any, all may
    return any(
        (policy.type == "tag") == is_tag and fnmatch.fnmatchcase(run.ref_name, policy.name)
        for policy in environment.policies
    )
