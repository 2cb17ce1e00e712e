"""Starts runs for what happens in a repository, and takes each of them to its end."""

import logging
import shutil
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

from deployments.embedded.github.actions import payloads
from deployments.embedded.github.actions.concurrency import Concurrency
from deployments.embedded.github.actions.gates import Gates
from deployments.embedded.github.actions.host import RunHost
from deployments.embedded.github.actions.interruption import cancel_jobs, explain_stop, goes_on
from deployments.embedded.github.actions.registry import name_of, parsed, seen, synchronise
from deployments.embedded.github.actions.request import Surroundings, requested
from deployments.embedded.github.actions.rerun import carried_over
from deployments.embedded.github.forge import Forge
from deployments.embedded.github.records.accounts import Token, User
from deployments.embedded.github.records.actions import Attempt, Job, Run, Status, Workflow
from deployments.embedded.github.records.repositories import Push, Repository
from deployments.embedded.runner.interface import Execute, JobRecord, RunHeader, RunRequest
from tasks.domain.trigger import Happening, events, starts

_log = logging.getLogger(__name__)

# GitHub starts nothing for tags when more than three are pushed at once.
_MOST_TAGS = 3


class Header(Protocol):
    """The shape of `deployments.embedded.runner.run.header`."""

    def __call__(self, request: RunRequest, variables: Mapping[str, str]) -> RunHeader:
        """Read what a workflow file says about itself."""


@dataclass(frozen=True, kw_only=True)
class _Active:
    """An attempt that has not ended."""

    thread: threading.Thread
    host: RunHost
    cancel: threading.Event


class Engine:
    """All runs of the embedded GitHub; each attempt has a thread of its own."""

    def __init__(self, forge: Forge, surroundings: Surroundings, execute: Execute, header: Header) -> None:
        self.forge = forge
        self.gates = Gates(forge)
        self._surroundings = surroundings
        self._execute = execute
        self._header = header
        self._concurrency = Concurrency()
        self._active: dict[int, _Active] = {}
        self._stopping = threading.Event()

    @property
    def busy(self) -> int:
        """How many runs have not ended."""
        return len(self._active)

    @contextmanager
    def push(self, repository: Repository, user: User, token: Token | None) -> Iterator[None]:
        """Let a push move refs inside, then start its runs; if this process is killed, the next one does."""
        store, before = self.forge.store, self.forge.git(repository).refs()
        push = store.pushes.put(
            Push(
                id=store.next_id(),
                repository_id=repository.id,
                login=user.login,
                refs=before,
                quiet=token is not None and token.kind == "actions",
                created_at=self.forge.now(),
            )
        )
        try:
            yield
            self.refs_changed(repository, before, user, token)
        finally:
            store.pushes.remove(push.id)

    def refs_changed(
        self,
        repository: Repository,
        before: Mapping[str, str],
        user: User,
        token: Token | None,
        *,
        there: Collection[tuple[str, str]] = (),
    ) -> list[Run]:
        """Start what a push starts, `before` being the refs as they were; a job's token starts nothing.

        `there` names the runs that it has started already, by ref and workflow file.
        """
        git = self.forge.git(repository)
        after = git.refs()
        moved = [ref for ref in {**before, **after} if before.get(ref) != after.get(ref)]
        if not moved:
            return []
        repository = self.forge.store.repositories.change(
            repository.id, lambda item: replace(item, pushed_at=self.forge.now(), updated_at=self.forge.now())
        )
        synchronise(self.forge, repository)
        if token is not None and token.kind == "actions":
            return []
        tags = [ref for ref in moved if ref.startswith("refs/tags/")]
        quiet = set(tags) if len(tags) > _MOST_TAGS else set()
        started: list[Run] = []
        for ref in moved:
            if ref in quiet or not ref.startswith(("refs/heads/", "refs/tags/")) or ref not in after:
                continue
            known = frozenset(path for at, path in there if at == ref)
            started += self._pushed(repository, ref, before.get(ref), after[ref], user, there=known)
        return started

    def happened(
        self,
        repository: Repository,
        happening: Happening,
        *,
        sha: str,
        user: User,
        token: Token | None,
        payload: Mapping[str, Any],
    ) -> list[Run]:
        """Start the workflows of a commit that wait for an event other than a push."""
        if token is not None and token.kind == "actions":
            return []
        body = {
            "action": happening.activity,
            **payload,
            **payloads.common(self.forge, repository, user),
        }
        return self._start_matching(repository, happening, sha, user, body)

    def dispatch(
        self,
        repository: Repository,
        workflow: Workflow,
        *,
        ref: str,
        sha: str,
        user: User,
        inputs: Mapping[str, Any],
    ) -> Run:
        """Start one workflow by hand; `inputs` have their defaults and types already."""
        as_text = {name: _as_text(value) for name, value in inputs.items()}
        payload = {
            "ref": ref,
            "workflow": workflow.path,
            "inputs": as_text,
            **payloads.common(self.forge, repository, user),
        }
        return self._start(
            repository,
            workflow,
            event="workflow_dispatch",
            ref=ref,
            sha=sha,
            user=user,
            payload=payload,
            inputs=inputs,
        )

    def rerun(self, run: Run, user: User, *, jobs: set[str] | None = None) -> Run:
        """Begin a new attempt. With `jobs` (keys) only these and what needs them run again."""
        repository = self.forge.store.repositories.get(run.repository_id)
        assert repository is not None
        before = self.forge.store.jobs.all(
            lambda item: item.run_id == run.id and item.attempt == run.latest.number
        )
        now = self.forge.now()
        attempt = Attempt(
            number=run.latest.number + 1,
            status="queued",
            conclusion=None,
            started_at=now,
            updated_at=now,
            actor=user.login,
        )
        run = self.forge.store.runs.change(
            run.id, lambda item: replace(item, attempts=(*item.attempts, attempt))
        )
        kept: list[Job] = []
        if jobs is not None:
            document = parsed(self._text(repository, run.sha, run.path)) or {}
            for job in carried_over(document, before, jobs):
                number = self.forge.store.next_id()
                copy = replace(job, id=number, attempt=attempt.number, record=replace(job.record, id=number))
                kept.append(self.forge.store.jobs.put(copy))
        self._launch(repository, run, kept)
        return run

    def cancel(self, run_id: int) -> bool:
        """Cancel a run; False when it has ended already."""
        active = self._active.get(run_id)
        if active is None:
            return False
        active.cancel.set()
        return True

    def recover(self) -> None:
        """Go on from what a process that is gone left: what had begun ends honestly, what had not begins."""
        store = self.forge.store
        for token in store.tokens.all(lambda item: item.job_id is not None):
            store.tokens.remove(token.digest)
        for run in store.runs.all(lambda item: item.latest.status != "completed"):
            jobs = store.jobs.all(
                lambda item, run=run: (  # type: ignore[misc]
                    item.run_id == run.id and item.attempt == run.latest.number
                )
            )
            repository = store.repositories.get(run.repository_id)
            if repository is None or not goes_on(jobs):
                cancel_jobs(self.forge, self.gates, run)
                self._conclude(run.id, "cancelled")
                continue
            for job in jobs:
                if job.record.status != "completed":
                    store.jobs.remove(job.id)
            self._launch(repository, run, [job for job in jobs if job.record.status == "completed"])
        for push in store.pushes.all():
            self._go_on(push)

    def stop(self, *, seconds: float = 20.0) -> bool:
        """Cancel every run and wait; False when some did not end in time."""
        self._stopping.set()
        active = list(self._active.values())
        for one in active:
            one.cancel.set()
        for one in active:
            one.thread.join(seconds)
        return not any(one.thread.is_alive() for one in active)

    # From an event to runs.

    def _go_on(self, push: Push) -> None:
        """Start the runs of a push that a killed process had begun to take in, but those that are there."""
        store = self.forge.store
        repository = store.repositories.get(push.repository_id)
        if repository is not None and not push.quiet:
            there = [
                (run.ref, run.path)
                for run in store.runs.all(lambda item: item.repository_id == push.repository_id)
                if run.event == "push" and run.id > push.id
            ]
            self.refs_changed(repository, push.refs, self.forge.user(push.login), None, there=there)
        store.pushes.remove(push.id)

    def _pushed(
        self,
        repository: Repository,
        ref: str,
        before: str | None,
        after: str,
        user: User,
        *,
        there: Collection[str],
    ) -> list[Run]:
        git = self.forge.git(repository)
        sha = git.resolve(after)
        if sha is None:
            return []
        old = git.resolve(before) if before else None
        changed = [path for _, path in git.changed(old, sha)] if old else None
        happening = Happening(event="push", ref=ref, changed=changed, message=git.commit(sha).message)
        payload = payloads.push(self.forge, repository, user, ref, before=before, after=after)
        return self._start_matching(repository, happening, sha, user, payload, there=there)

    def _start_matching(
        self,
        repository: Repository,
        happening: Happening,
        sha: str,
        user: User,
        payload: Mapping[str, Any],
        *,
        there: Collection[str] = (),
    ) -> list[Run]:
        if not repository.actions_enabled:
            return []
        started = []
        git = self.forge.git(repository)
        for path, blob in sorted(git.workflow_files(sha).items()):
            text = git.blob(blob).decode(errors="replace")
            document = parsed(text)
            # GitHub shows a file that it cannot read as a failed run of every push.
            broken = document is None and happening.event == "push"
            if not broken and not (document and starts(document.get("on"), happening).starts):
                continue
            if path in there or (happening.event == "workflow_run" and not _named(document, payload)):
                continue
            workflow = seen(self.forge, repository, path, text)
            if workflow.state == "active":
                started.append(
                    self._start(
                        repository,
                        workflow,
                        event=happening.event,
                        ref=happening.ref,
                        sha=sha,
                        user=user,
                        payload=payload,
                        inputs={},
                    )
                )
        return started

    def _start(
        self,
        repository: Repository,
        workflow: Workflow,
        *,
        event: str,
        ref: str,
        sha: str,
        user: User,
        payload: Mapping[str, Any],
        inputs: Mapping[str, Any],
    ) -> Run:
        store, now = self.forge.store, self.forge.now()
        late = self.forge.faults.take("late-runs", "POST", f"/{repository.full_name}/{workflow.path}")
        workflow = store.workflows.change(workflow.id, lambda item: replace(item, runs=item.runs + 1))
        attempt = Attempt(
            number=1, status="queued", conclusion=None, started_at=now, updated_at=now, actor=user.login
        )
        run = Run(
            id=store.next_id(),
            repository_id=repository.id,
            workflow_id=workflow.id,
            workflow_name=workflow.name,
            path=workflow.path,
            event=event,
            ref=ref,
            sha=sha,
            actor=user.login,
            payload=dict(payload),
            inputs=dict(inputs),
            number=workflow.runs,
            title=workflow.name,
            created_at=now,
            visible_at=now + timedelta(seconds=late.seconds if late else 0),
            attempts=(attempt,),
            suite_id=store.next_id(),
        )
        text = self._text(repository, sha, workflow.path)
        head = self._header(self._request(repository, run, text, ()), self._variables(repository))
        subject = self.forge.git(repository).commit(sha).message.partition("\n")[0]
        run = replace(
            run,
            workflow_name=name_of(parsed(text), workflow.path),
            title=head.run_name or (subject if event == "push" else workflow.name),
        )
        store.runs.put(run)
        self._launch(repository, run, [])
        return run

    # One attempt.

    def _launch(self, repository: Repository, run: Run, kept: list[Job]) -> None:
        cancel = threading.Event()
        host = RunHost(
            forge=self.forge,
            gates=self.gates,
            concurrency=self._concurrency,
            repository=repository,
            run=run,
            cancel=cancel,
            changed=self._job_changed,
        )
        thread = threading.Thread(
            target=self._work, args=(repository, run, kept, host, cancel), name=f"run-{run.id}", daemon=True
        )
        self._active[run.id] = _Active(thread=thread, host=host, cancel=cancel)
        if self._stopping.is_set():
            cancel.set()
        thread.start()

    def _work(
        self, repository: Repository, run: Run, kept: list[Job], host: RunHost, cancel: threading.Event
    ) -> None:
        problem: str | None
        try:
            wait = (run.visible_at - self.forge.now()).total_seconds()
            if wait > 0:
                cancel.wait(wait)
            text = self._text(repository, run.sha, run.path)
            request = self._request(repository, run, text, tuple(job.record for job in kept))
            result = self._execute(request, host, cancel)
            conclusion, problem = str(result.conclusion), result.problem
            shutil.rmtree(request.work_directory, ignore_errors=True)
        except Exception as error:  # noqa: BLE001 - see below
            # The run is a fact that clients wait for: it must end even when the executor has a defect.
            _log.exception("The executor failed on run %s", run.id)
            conclusion, problem = "failure", f"{type(error).__name__}: {error}"
        if self._stopping.is_set():
            explain_stop(self.forge, run)
        self._active.pop(run.id, None)
        ended = self._conclude(run.id, conclusion, problem)
        if not self._stopping.is_set():
            self._after(repository, ended)

    def _conclude(self, run_id: int, conclusion: str, problem: str | None = None) -> Run:
        now = self.forge.now()
        return self.forge.store.runs.change(
            run_id,
            lambda item: replace(
                item,
                failure=problem,
                attempts=(
                    *item.attempts[:-1],
                    replace(item.latest, status="completed", conclusion=conclusion, updated_at=now),
                ),
            ),
        )

    def _after(self, repository: Repository, run: Run) -> None:
        """Start the workflows that wait for this one to end; they run from the default branch."""
        git = self.forge.git(repository)
        ref = f"refs/heads/{repository.default_branch}"
        sha = git.ref(ref)
        if sha is None or run.event == "workflow_run":
            return
        self._start_matching(
            repository,
            Happening(event="workflow_run", ref=ref, activity="completed"),
            sha,
            self.forge.user(run.actor),
            payloads.ended(self.forge, repository, run),
        )

    def _job_changed(self, run_id: int) -> None:
        """Tell from its jobs how a run stands."""
        active = self._active.get(run_id)
        store = self.forge.store
        with store.lock:
            run = store.runs.get(run_id)
            if run is None or run.latest.status == "completed":
                return
            states = {
                job.record.status
                for job in store.jobs.all(
                    lambda item: item.run_id == run_id and item.attempt == run.latest.number
                )
            }
            status: Status = "in_progress" if states else "queued"
            if active is not None and active.host.pending.is_set():
                status = "pending"
            elif "in_progress" not in states and self.gates.open(run):
                status = "waiting"
            elif states == {"queued"}:
                status = "queued"
            if status != run.latest.status:
                attempt = replace(run.latest, status=status, updated_at=self.forge.now())
                store.runs.put(replace(run, attempts=(*run.attempts[:-1], attempt)))

    def _request(
        self, repository: Repository, run: Run, text: str, earlier: tuple[JobRecord, ...]
    ) -> RunRequest:
        return requested(self.forge, self._surroundings, repository, run, text=text, earlier=earlier)

    def _variables(self, repository: Repository) -> dict[str, str]:
        owner = -repository.owner_id
        shared = self.forge.store.variables.all(lambda item: item.repository_id == owner)
        own = self.forge.store.variables.all(
            lambda item: item.repository_id == repository.id and not item.environment
        )
        return {item.name: item.value for item in (*shared, *own)}

    def _text(self, repository: Repository, sha: str, path: str) -> str:
        git = self.forge.git(repository)
        return git.blob(f"{sha}:{path}").decode(errors="replace")


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _named(document: Mapping[str, Any] | None, payload: Mapping[str, Any]) -> bool:
    """Say whether a `workflow_run` workflow names the one that ended."""
    filters = events((document or {}).get("on")).get("workflow_run") or {}
    wanted = filters.get("workflows") or []
    return payload["workflow"]["name"] in ([wanted] if isinstance(wanted, str) else wanted)
