"""One job on this machine: its set-up, its steps, what it leaves behind."""

import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployments.embedded.runner.contexts import RUNNER_NAME, exported, runner_context
from deployments.embedded.runner.document import JobLines
from deployments.embedded.runner.errors import StepEndedError, StepFailedError
from deployments.embedded.runner.files import StepFiles
from deployments.embedded.runner.frame import Frame
from deployments.embedded.runner.hashing import hash_files
from deployments.embedded.runner.interface import (
    Access,
    Annotation,
    Conclusion,
    Host,
    RunRequest,
)
from deployments.embedded.runner.log import JobLog
from deployments.embedded.runner.masks import Masks
from deployments.embedded.runner.moments import now
from deployments.embedded.runner.process import end_marked
from deployments.embedded.runner.rooms import JOB_MARK, Rooms, base_environment
from deployments.embedded.runner.standing import Standing
from deployments.embedded.runner.steps import run_steps
from tasks.domain.expression import (
    CaseSensitive,
    ExpressionError,
    Scope,
    holds,
    interpolate,
    text_of,
    to_number,
)
from tasks.domain.expression.functions import Function
from tasks.domain.limit import TITLE, Limit

DEFAULT_MINUTES = 360.0
# After a cancellation the steps that still run (`always()`) get as long as on GitHub.
AFTER_CANCEL_SECONDS = 300.0


@dataclass(frozen=True, kw_only=True)
class JobPlan:
    """A job that is ready to run: its place in the file, with everything around it decided."""

    spec: Mapping[str, Any]
    workflow: Mapping[str, Any]
    contexts: Mapping[str, Any]
    secrets: Mapping[str, str]
    permissions: Mapping[str, Access]
    token: str
    path: str
    lines: JobLines


def limit_annotation(limit: Limit, path: str, line: int) -> Annotation:
    """Return the remark that marks a job as one that nobody could run here."""
    return Annotation(
        level="failure",
        title=TITLE,
        message=limit.what,
        details=limit.obtain or "",
        path=path,
        start_line=line,
        end_line=line,
    )


@dataclass(frozen=True, kw_only=True)
class PostStep:
    """Something an action does after all steps, whatever became of them."""

    name: str
    wanted: Callable[[], bool]
    work: Callable[[], None]


class JobRun:
    """The run of one job; `run` gives how it ended."""

    def __init__(
        self,
        *,
        request: RunRequest,
        host: Host,
        standing: Standing,
        plan: JobPlan,
        cancel: threading.Event,
        machine: Mapping[str, str],
    ) -> None:
        self.request = request
        self.host = host
        self.standing = standing
        self.plan = plan
        self.cancel = cancel
        self._never = threading.Event()
        self.masks = Masks([value for value in plan.secrets.values() if value] + [plan.token])
        record = standing.record
        self.rooms = Rooms.create(
            request.work_directory / f"job-{record.id}", request.repository.partition("/")[2] or "repository"
        )
        self.log = JobLog(request.log_directory / f"{record.id}.log", self.masks)
        self.base = base_environment(request, self.rooms, machine, self.mark)
        self.env = CaseSensitive()
        self.paths: list[str] = []
        self.posts: list[PostStep] = []
        self.step_count = 0
        self.timed_out = False
        self._finishing = False
        self._deadline = time.monotonic() + DEFAULT_MINUTES * 60
        self._cancelled_at: float | None = None
        self.minutes = DEFAULT_MINUTES

    @property
    def mark(self) -> str:
        """The value by which this job's processes are found again."""
        return f"{self.request.world_id}-{self.standing.record.id}"

    def interruption(self, *, settled: bool) -> threading.Event:
        """Give the event that ends a process.

        It is the job's cancellation, unless the step was let in after it (`settled`) or all steps are over.
        """
        return self._never if settled or self._finishing else self.cancel

    def seconds_left(self) -> float:
        """Give how long a process that starts now may take."""
        moment = time.monotonic()
        if self.cancel.is_set():
            if self._cancelled_at is None:
                self._cancelled_at = moment
            return max(0.0, self._cancelled_at + AFTER_CANCEL_SECONDS - moment)
        return max(0.0, self._deadline - moment)

    def overdue(self) -> bool:
        """Say whether the job's own time is over."""
        return time.monotonic() > self._deadline

    def status(self, frame: Frame) -> str:
        """Give how the steps so far went: success, failure or cancelled."""
        return "cancelled" if self.cancel.is_set() or self.timed_out else frame.status

    def functions(self, frame: Frame) -> dict[str, Function]:
        """Give the functions that ask this job."""
        return {
            "success": lambda: self.status(frame) == "success",
            "failure": lambda: self.status(frame) == "failure",
            "cancelled": lambda: self.status(frame) == "cancelled",
            "always": lambda: True,
            "hashfiles": lambda *patterns: hash_files(self.rooms.workspace, [str(item) for item in patterns]),
        }

    def github(self, frame: Frame) -> dict[str, Any]:
        """Give the github context as a step sees it."""
        return {
            **self.plan.contexts["github"],
            "workspace": str(self.rooms.workspace),
            "job": self.standing.record.key.rpartition("/")[2],
            "token": self.plan.token,
            "event_path": str(self.rooms.temp / "_github_workflow" / "event.json"),
            "action_path": str(frame.action_path) if frame.action_path else "",
            "action_status": frame.status,
        }

    def runner(self) -> dict[str, Any]:
        """Give the runner context."""
        return runner_context(self.rooms.temp, self.rooms.tools)

    def scope(self, frame: Frame) -> Scope:
        """Give everything an expression of a step may use."""
        contexts = {
            **self.plan.contexts,
            "github": self.github(frame),
            "runner": self.runner(),
            "job": {"status": self.status(frame), "container": {}, "services": {}},
            "env": CaseSensitive({**self.env, **frame.env}),
            "steps": frame.steps,
            "secrets": dict(self.plan.secrets),
            "inputs": frame.inputs,
        }
        return Scope(contexts=contexts, functions=self.functions(frame))

    def environment(self, frame: Frame, files: StepFiles, step_env: Mapping[str, str]) -> dict[str, str]:
        """Give the environment of a step's process."""
        variables = {
            **self.base,
            **self.env,
            **frame.env,
            **step_env,
            **exported(self.github(frame), self.runner()),
            **files.variables(),
            "RUNNER_WORKSPACE": str(self.rooms.workspace.parent),
            "GITHUB_REPOSITORY_NAME": self.rooms.workspace.name,
            JOB_MARK: self.mark,
        }
        if frame.action_path:
            variables["GITHUB_ACTION_PATH"] = str(frame.action_path)
        if self.plan.permissions.get("id-token") == "write":
            endpoint = self.host.oidc_endpoint(self.standing.record)
            self.masks.add(endpoint.token)
            variables["ACTIONS_ID_TOKEN_REQUEST_URL"] = endpoint.url
            variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = endpoint.token
        path = step_env.get("PATH") or frame.env.get("PATH") or self.env.get("PATH") or self.base["PATH"]
        variables["PATH"] = os.pathsep.join([*self.paths, path])
        return variables

    def after(self, step_name: str, condition: str, work: Callable[[], None], frame: Frame) -> None:
        """Put work among the post steps; they run in reverse order, each if its condition holds by then."""

        def guarded() -> bool:
            return holds(condition, self.scope(frame))

        self.posts.append(PostStep(name=f"Post {step_name}", wanted=guarded, work=work))

    def run(self) -> Conclusion:
        """Run the job to its end and tell the host; the job's directories are gone afterwards."""
        frame = Frame(inputs=self.plan.contexts.get("inputs") or {}, defaults=self._run_defaults())
        self.standing.change(
            status="in_progress",
            started_at=now(),
            runner_name=RUNNER_NAME,
            log=self.log.path,
            attempt=self.request.attempt,
        )
        outputs: dict[str, str] = {}
        url: str | None = None
        try:
            if self._set_up(frame):
                frame.defaults = self._evaluated_defaults(frame)
                run_steps(self, self.plan.spec["steps"], frame)
                self._run_posts(frame)
            outputs = self._outputs(frame)
            url = self._environment_url(frame)
        except ExpressionError as error:
            frame.status = "failure"
            self._error(str(error))
        finally:
            number = self.standing.add_step("Complete job")
            self.standing.step_started(number)
            self._clean_up()
            self.standing.step_ended(number, "success")
        conclusion: Conclusion = "success"
        if frame.status == "failure":
            # A step that failed by itself counts more than a cancellation that came later.
            conclusion = "failure"
        elif self.cancel.is_set() or self.timed_out:
            conclusion = "cancelled"
        self.standing.complete(conclusion, outputs=outputs, environment_url=url)
        return conclusion

    def _run_defaults(self) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for level in (self.plan.workflow, self.plan.spec):
            merged.update(((level.get("defaults") or {}).get("run")) or {})
        return merged

    def _evaluated_defaults(self, frame: Frame) -> dict[str, Any]:
        return {key: text_of(value, self.scope(frame)) for key, value in frame.defaults.items()}

    def _set_up(self, frame: Frame) -> bool:
        number = self.standing.add_step("Set up job")
        self.standing.step_started(number)
        self.log.write(f"Current runner: '{RUNNER_NAME}' (the embedded host executor, not a virtual machine)")
        self.log.write("##[group]GITHUB_TOKEN Permissions")
        for scope, access in sorted(self.plan.permissions.items()):
            if access != "none":
                self.log.write(f"{scope.title()}: {access}")
        self.log.write("##[endgroup]")
        self.log.write(f"Complete job name: {self.standing.record.name}")
        try:
            self._decide_environment(frame)
        except ExpressionError as error:
            frame.status = "failure"
            self._error(str(error))
            self.standing.step_ended(number, "failure")
            return False
        self.standing.step_ended(number, "success")
        return True

    def _decide_environment(self, frame: Frame) -> None:
        for level in (self.plan.workflow, self.plan.spec):
            evaluated = interpolate(level.get("env") or {}, self.scope(frame))
            for key, value in evaluated.items():
                self.env[str(key)] = text_of(value, Scope(contexts={}))
        minutes = to_number(
            interpolate(self.plan.spec.get("timeout-minutes", DEFAULT_MINUTES), self.scope(frame))
        )
        self.minutes = minutes if minutes > 0 else DEFAULT_MINUTES
        self._deadline = time.monotonic() + self.minutes * 60
        event = Path(self.github(frame)["event_path"])
        event.parent.mkdir(parents=True, exist_ok=True)
        event.write_text(json.dumps(self.plan.contexts["github"].get("event") or {}), encoding="utf-8")

    def _run_posts(self, frame: Frame) -> None:
        self._finishing = True
        for post in reversed(self.posts):
            number = self.standing.add_step(post.name)
            if not post.wanted():
                self.standing.step_ended(number, "skipped")
                continue
            self.standing.step_started(number)
            self.log.write(f"Post job cleanup: {post.name}")
            try:
                post.work()
            except (StepFailedError, StepEndedError, OSError) as error:
                frame.status = "failure"
                self._error(str(error))
                self.standing.step_ended(number, "failure")
            else:
                self.standing.step_ended(number, "success")

    def _outputs(self, frame: Frame) -> dict[str, str]:
        outputs: dict[str, str] = {}
        for name, value in (self.plan.spec.get("outputs") or {}).items():
            text = text_of(value, self.scope(frame))
            if self.masks.touches(text):
                self._remark("warning", f"Skip output '{name}' since it may contain secret.")
            else:
                outputs[str(name)] = text
        return outputs

    def _environment_url(self, frame: Frame) -> str | None:
        environment = self.plan.spec.get("environment")
        if not isinstance(environment, Mapping) or not environment.get("url"):
            return None
        return self.masks.hide(text_of(environment["url"], self.scope(frame))) or None

    def mark_limit(self, limit: Limit, step: int) -> None:
        """Mark the job as one that nobody could run here because of a step, counted from 1."""
        self.standing.annotate(limit_annotation(limit, self.plan.path, self.plan.lines.step(step)))

    def _error(self, message: str) -> None:
        self.log.write(f"##[error]{message}")
        self.standing.annotate(Annotation(level="failure", message=self.masks.hide(message)))

    def _remark(self, word: str, message: str) -> None:
        self.log.write(f"##[{word}]{message}")
        self.standing.annotate(Annotation(level="warning", message=self.masks.hide(message)))

    def _clean_up(self) -> None:
        self.log.write("Cleaning up orphan processes")
        for name in end_marked(JOB_MARK, self.mark):
            self.log.write(f"Terminate orphan process: {name}")
        self.log.close()
        shutil.rmtree(self.rooms.root, ignore_errors=True)
