"""Run the steps of a job or of a composite action, in order, as their conditions say."""

import os
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deployments.embedded.runner import process
from deployments.embedded.runner.errors import NotHereError, StepEndedError, StepFailedError
from deployments.embedded.runner.files import (
    FileCommandError,
    StepFiles,
    read_pairs,
    read_paths,
    read_summary,
)
from deployments.embedded.runner.frame import Frame
from deployments.embedded.runner.interface import Conclusion
from deployments.embedded.runner.output import StepOutput
from deployments.embedded.runner.shells import ShellError, shell
from deployments.embedded.runner.uses import use
from tasks.domain.expression import ExpressionError, Scope, holds, interpolate, is_truthy, text_of, to_number
from tasks.domain.limit import Limit, limit_of

if TYPE_CHECKING:
    from deployments.embedded.runner.job import JobRun

_SCRIPT, _RESET = "\x1b[36;1m", "\x1b[0m"
_PROTECTED = ("GITHUB_", "RUNNER_", "ACTIVATION_")
_REFUSED = ("NODE_OPTIONS",)


def run_steps(job: "JobRun", steps: Sequence[Mapping[str, Any]], frame: Frame) -> None:
    """Run steps to the last; the frame tells afterwards how they went. Only a job's own steps are listed."""
    listed = frame.depth == 0
    numbers = [job.standing.add_step(_first_name(step)) if listed else 0 for step in steps]
    for index, (step, number) in enumerate(zip(steps, numbers, strict=True), start=1):
        StepRun(job, step, frame, index, number).run()


def _first_name(step: Mapping[str, Any]) -> str:
    if step.get("name"):
        return str(step["name"])
    if "uses" in step:
        return f"Run {step['uses']}"
    lines = str(step.get("run", "")).strip().splitlines()
    return f"Run {lines[0] if lines else ''}"


class StepRun:
    """One step on its way from its condition to its conclusion."""

    def __init__(self, job: "JobRun", step: Mapping[str, Any], frame: Frame, index: int, number: int) -> None:
        self.job = job
        self.step = step
        self.frame = frame
        self.number = number
        self.index = index
        self.key = str(step.get("id") or f"__step_{index}")
        job.step_count += 1
        self.mark = f"{job.step_count}_{self.key}"
        self.files = StepFiles.create(job.rooms.files, self.mark)
        self.out = StepOutput(
            job.log, job.standing.annotate, debug=is_truthy(job.env.get("ACTIONS_STEP_DEBUG"))
        )
        self.outputs: dict[str, str] = {}
        self.env: dict[str, str] = {}
        self.name = _first_name(step)
        self._deadline: float | None = None
        self._settled = False
        self._limit: Limit | None = None

    def run(self) -> None:
        """Run the step if its condition holds, and record what became of it."""
        # Looked at before the condition: a cancellation that comes later must still end this step.
        self._settled = self.job.cancel.is_set()
        try:
            scope = self.job.scope(self.frame)
            wanted = holds(self.step.get("if"), scope)
        except ExpressionError as error:
            self.out.error(f"The condition of this step cannot be evaluated: {error}")
            self._finish("failure", "failure")
            return
        if not wanted:
            self._finish("skipped", "skipped")
            return
        outcome = self._attempt()
        conclusion = outcome
        if outcome == "failure" and self._may_fail():
            conclusion = "success"
        self._finish(outcome, conclusion)

    def _finish(self, outcome: Conclusion, conclusion: Conclusion) -> None:
        self.frame.steps[self.key] = {"outputs": self.outputs, "outcome": outcome, "conclusion": conclusion}
        if conclusion == "failure":
            if self.frame.status != "failure":
                # What fails after it is a consequence, and what fails before it is a fault.
                self._not_here()
            self.frame.status = "failure"
        if self.number:
            self.job.standing.step_ended(self.number, conclusion, self.name)

    def _not_here(self) -> None:
        """Remember that this machine is why the step failed; the job is marked with it."""
        self.frame.limit = self._limit
        if self._limit is not None and self.frame.depth == 0:
            self.job.mark_limit(self._limit, self.index)

    def _may_fail(self) -> bool:
        try:
            return is_truthy(
                interpolate(self.step.get("continue-on-error", False), self.job.scope(self.frame))
            )
        except ExpressionError as error:
            self.out.error(f"continue-on-error cannot be evaluated: {error}")
            return False

    def _attempt(self) -> Conclusion:
        outcome: Conclusion = "success"
        try:
            self._prepare()
            self._work()
        except StepEndedError as ended:
            outcome = self._ended(ended)
        except NotHereError as error:
            self._limit = error.limit
            self.out.error(str(error))
            outcome = "failure"
        except (StepFailedError, ExpressionError, ShellError, OSError) as error:
            self.out.error(str(error))
            outcome = "failure"
        for message in self.out.refused:
            self.out.error(message)
            outcome = "failure"
        try:
            self._collect()
        except FileCommandError as error:
            self.out.error(f"Unable to process file command successfully: {error}")
            outcome = "failure"
        return outcome

    def _ended(self, ended: StepEndedError) -> Conclusion:
        if ended.end == "cancelled":
            self.out.error("The operation was canceled.")
            return "cancelled"
        if self.job.overdue() and not self.job.cancel.is_set():
            self.job.timed_out = True
            runner = self.job.standing.record.runner_name
            limit = f"the maximum execution time of {self.job.minutes:g} minutes"
            self.out.error(f"The job running on {runner} has exceeded {limit}.")
            return "cancelled"
        self.out.error(f"The action '{self.name}' has timed out after {self._minutes():g} minutes.")
        return "failure"

    def _minutes(self) -> float:
        value = self.step.get("timeout-minutes")
        return to_number(interpolate(value, self.job.scope(self.frame))) if value is not None else 0.0

    def _prepare(self) -> None:
        scope = self.scope()
        if self.step.get("name"):
            self.name = text_of(self.step["name"], scope)
        elif "run" in self.step:
            self.name = _first_name({"run": text_of(self.step["run"], scope)})
        if self.number:
            self.job.standing.step_started(self.number, self.job.masks.hide(self.name))
        evaluated = interpolate(self.step.get("env") or {}, scope)
        self.env = {str(key): text_of(value, Scope(contexts={})) for key, value in evaluated.items()}
        minutes = self._minutes()
        self._deadline = time.monotonic() + minutes * 60 if minutes > 0 else None

    def scope(self) -> Scope:
        """Give what this step's own expressions may use, its `env:` included."""
        scope = self.job.scope(self.frame)
        env = scope.contexts["env"]
        return scope.having(env=type(env)({**env, **self.env}))

    def environment(self) -> dict[str, str]:
        """Give the environment of the step's process."""
        return self.job.environment(self.frame, self.files, self.env)

    def _work(self) -> None:
        if "run" in self.step:
            self._script()
        else:
            use(self)

    def _script(self) -> None:
        scope = self.scope()
        body = text_of(self.step["run"], scope)
        word = text_of(self.step.get("shell") or self.frame.defaults.get("shell") or "", scope)
        chosen = shell(word)
        script = self.job.rooms.temp / f"{self.mark}{chosen.suffix}"
        script.write_text(body if body.endswith("\n") else body + "\n", encoding="utf-8")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        where = text_of(
            self.step.get("working-directory") or self.frame.defaults.get("working-directory") or "", scope
        )
        directory = self.job.rooms.workspace / where
        self._announce(body, chosen.template)
        if not directory.is_dir():
            raise StepFailedError(
                f"An error occurred trying to start process: no such directory '{directory}'"
            )
        code = self.execute(chosen.argv(script), directory=directory)
        if code:
            self._limit = self._said_limit()
            raise StepFailedError(f"Process completed with exit code {code}.")

    def _said_limit(self) -> Limit | None:
        """Return what the script's last words say this machine lacks."""
        return limit_of(self.out.last, chosen=self.environment().get("RUSTUP_TOOLCHAIN", ""))

    def _announce(self, body: str, command: str) -> None:
        lines = body.rstrip("\n").split("\n")
        self.out.write(f"##[group]Run {lines[0].strip()}")
        for line in lines:
            self.out.write(f"{_SCRIPT}{line}{_RESET}")
        self.out.write(f"shell: {command}")
        self.announce_environment()
        self.out.write("##[endgroup]")

    def announce_environment(self) -> None:
        """Show the variables that the workflow set, as GitHub does at the head of each step."""
        shown = {**self.job.env, **self.frame.env, **self.env}
        if shown:
            self.out.write("env:")
        for key, value in shown.items():
            self.out.write(f"  {key}: {value}")

    def execute(
        self,
        argv: Sequence[str],
        *,
        directory: Path | None = None,
        environment: Mapping[str, str] | None = None,
        line: Callable[[str], None] | None = None,
    ) -> int:
        """Run a process of this step; give its exit code.

        Raises StepEndedError when it was ended from outside.
        """
        left = self.job.seconds_left()
        if self._deadline is not None:
            left = min(left, self._deadline - time.monotonic())
        if left <= 0:
            raise StepEndedError("timed out")
        variables = dict(environment if environment is not None else self.environment())
        program = _found(argv[0], variables.get("PATH", ""), directory)
        if program is None:
            told = f"{argv[0]}: command not found on this machine"
            self.out.error(told)
            self.out.last.append(told)
            return 127
        outcome = process.run(
            [program, *argv[1:]],
            directory=directory or self.job.rooms.workspace,
            environment=variables,
            line=line or self.out.line,
            cancel=self.job.interruption(settled=self._settled),
            seconds=left,
        )
        if outcome.end != "exited":
            raise StepEndedError(outcome.end)
        # A shell reports a signal as 128 and its number, and so does GitHub's runner.
        return outcome.code if outcome.code >= 0 else 128 - outcome.code

    def _collect(self) -> None:
        self.outputs.update(self.out.outputs)
        self.outputs.update(read_pairs(self.files.output))
        for name, value in read_pairs(self.files.env).items():
            if name in _REFUSED:
                raise FileCommandError(f"Can't store {name} output parameter using '$GITHUB_ENV' command.")
            if not name.startswith(_PROTECTED):
                self.job.env[name] = value
        self.job.paths[:0] = read_paths(self.files.path)
        summary = self.job.masks.hide(read_summary(self.files.summary))
        if summary:
            record = self.job.standing.record
            self.job.standing.change(summary=record.summary + summary)


def _found(program: str, path: str, directory: Path | None) -> str | None:
    """Find a program on the step's own PATH, not on the PATH of the process that runs the world."""
    if "/" in program:
        full = Path(program) if Path(program).is_absolute() else (directory or Path()) / program
        return str(full) if full.exists() else None
    for place in path.split(os.pathsep):
        candidate = Path(place) / program
        if place and candidate.is_file() and os.access(candidate, os.X_OK):
            return str(candidate)
    return None
