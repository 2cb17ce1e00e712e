"""What GitHub refuses in a workflow file before anything runs, which no API of its explains."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.domain.expression import ExpressionError, parse_condition, parse_template
from tasks.domain.trigger import events

Path = tuple[str | int, ...]

_TOP = {"name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs"}
_JOB = {
    "name",
    "permissions",
    "needs",
    "if",
    "runs-on",
    "environment",
    "concurrency",
    "outputs",
    "env",
    "defaults",
    "steps",
    "timeout-minutes",
    "strategy",
    "continue-on-error",
    "container",
    "services",
    "uses",
    "with",
    "secrets",
    "snapshot",
}
_CALL = {"name", "permissions", "needs", "if", "concurrency", "strategy", "uses", "with", "secrets"}
_STEP = {
    "id",
    "if",
    "name",
    "uses",
    "run",
    "working-directory",
    "shell",
    "with",
    "env",
    "continue-on-error",
    "timeout-minutes",
}
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")

_RUN = ("github", "inputs", "vars")
_BEFORE = (*_RUN, "needs")
_PLANNED = (*_BEFORE, "strategy", "matrix")
_RUNNING = (*_PLANNED, "job", "runner", "env", "steps")
_STATUS = ("success", "failure", "always", "cancelled")

# Where in a job -> the contexts GitHub offers there, and the functions beyond those that are everywhere.
_JOB_PLACES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "name": (_PLANNED, ()),
    "runs-on": (_PLANNED, ()),
    "environment": (_RUNNING, ()),
    "concurrency": (_PLANNED, ()),
    "outputs": ((*_RUNNING, "secrets"), ("hashfiles",)),
    "env": ((*_PLANNED, "secrets"), ()),
    "defaults": ((*_PLANNED, "env"), ()),
    "timeout-minutes": (_PLANNED, ()),
    "strategy": (_BEFORE, ()),
    "continue-on-error": (_PLANNED, ()),
    "container": ((*_PLANNED, "env", "secrets"), ()),
    "services": ((*_PLANNED, "env", "secrets"), ()),
    "with": (_PLANNED, ()),
    "secrets": ((*_PLANNED, "secrets"), ()),
}
_STEP_PLACE = ((*_RUNNING, "secrets"), ("hashfiles",))


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One reason why a file cannot start; `path` leads to it in the document."""

    path: Path
    message: str

    def __str__(self) -> str:
        """Give place and reason in one line."""
        return f"{'.'.join(str(part) for part in self.path)}: {self.message}" if self.path else self.message


def problems(document: Any) -> tuple[Problem, ...]:
    """Give every reason why GitHub would end this workflow with `startup_failure`, in the file's order."""
    if not isinstance(document, Mapping):
        return (Problem(path=(), message="a workflow must be a map"),)
    return tuple(_workflow(document))


def _workflow(document: Mapping[Any, Any]) -> Iterator[Problem]:
    yield from _unknown(document, _TOP, ())
    if not events(document.get("on")):
        yield Problem(path=("on",), message="no event is given in `on`")
    yield from _expressions(document.get("run-name"), _RUN, (), ("run-name",))
    yield from _expressions(document.get("concurrency"), _RUN, (), ("concurrency",))
    yield from _expressions(document.get("env"), (*_RUN, "secrets"), (), ("env",))
    jobs = document.get("jobs")
    if not isinstance(jobs, Mapping) or not jobs:
        yield Problem(path=("jobs",), message="the workflow must contain at least one job")
        return
    for key, job in jobs.items():
        yield from _job(str(key), job, jobs)
    yield from _cycles(jobs)


def _unknown(given: Mapping[Any, Any], known: Collection[str], path: Path) -> Iterator[Problem]:
    for key in given:
        if key not in known:
            yield Problem(path=(*path, str(key)), message=f"Unexpected value '{key}'")


def needs_of(job: Any) -> tuple[str, ...]:
    """Give the jobs that a job names in `needs`, in order."""
    needs = job.get("needs") if isinstance(job, Mapping) else None
    if needs is None:
        return ()
    return (needs,) if isinstance(needs, str) else tuple(str(need) for need in needs)


def _job(key: str, job: Any, jobs: Mapping[Any, Any]) -> Iterator[Problem]:
    path: Path = ("jobs", key)
    if not _IDENTIFIER.fullmatch(key) or key.startswith("__"):
        yield Problem(path=path, message=f"The identifier '{key}' is invalid")
    if not isinstance(job, Mapping):
        yield Problem(path=path, message="a job must be a map")
        return
    for need in needs_of(job):
        if need not in jobs:
            yield Problem(path=(*path, "needs"), message=f"Job '{key}' depends on unknown job '{need}'.")
    yield from _condition(job.get("if"), _BEFORE, (), (*path, "if"))
    for place, (contexts, functions) in _JOB_PLACES.items():
        yield from _expressions(job.get(place), contexts, functions, (*path, place))
    if "uses" in job:
        yield from _unknown(job, _CALL, path)
        return
    yield from _unknown(job, _JOB, path)
    if "runs-on" not in job:
        yield Problem(path=path, message="Required property is missing: runs-on")
    steps = job.get("steps")
    if not isinstance(steps, Sequence) or isinstance(steps, str) or not steps:
        yield Problem(path=(*path, "steps"), message="a job must have at least one step")
        return
    yield from _steps(steps, path)


def _steps(steps: Sequence[Any], path: Path) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, step in enumerate(steps):
        here: Path = (*path, "steps", index)
        if not isinstance(step, Mapping):
            yield Problem(path=here, message="a step must be a map")
            continue
        yield from _unknown(step, _STEP, here)
        if ("run" in step) is ("uses" in step):
            yield Problem(path=here, message="a step must have either `run` or `uses`")
        name = str(step.get("id") or "")
        if name and (not _IDENTIFIER.fullmatch(name) or name.startswith("__")):
            yield Problem(path=(*here, "id"), message=f"The identifier '{name}' is invalid")
        if name and name.lower() in seen:
            yield Problem(
                path=(*here, "id"), message=f"The identifier '{name}' may not be used more than once"
            )
        seen.add(name.lower())
        contexts, functions = _STEP_PLACE
        # The one place inside a step that does not see the secrets.
        yield from _condition(step.get("if"), _RUNNING, functions, (*here, "if"))
        rest = {key: value for key, value in step.items() if key not in ("if", "uses", "id")}
        yield from _expressions(rest, contexts, functions, here)


def _cycles(jobs: Mapping[Any, Any]) -> Iterator[Problem]:
    settled: set[str] = set()
    left = {str(key): set(needs_of(job)) & {str(name) for name in jobs} for key, job in jobs.items()}
    while ready := [key for key, needs in left.items() if needs <= settled]:
        settled.update(ready)
        left = {key: needs for key, needs in left.items() if key not in settled}
    if left and not settled:
        message = "The workflow must contain at least one job with no dependencies."
        yield Problem(path=("jobs",), message=message)
    elif left:
        message = f"These jobs need each other in a circle: {', '.join(sorted(left))}"
        yield Problem(path=("jobs",), message=message)


def _condition(
    value: Any, contexts: Collection[str], functions: Collection[str], path: Path
) -> Iterator[Problem]:
    yield from _attempt(
        lambda: parse_condition(value, contexts=contexts, functions=(*functions, *_STATUS)), value, path
    )


def _expressions(
    value: Any, contexts: Collection[str], functions: Collection[str], path: Path
) -> Iterator[Problem]:
    if isinstance(value, str):
        yield from _attempt(
            lambda: parse_template(value, contexts=contexts, functions=functions), value, path
        )
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _expressions(item, contexts, functions, (*path, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _expressions(item, contexts, functions, (*path, index))


def _attempt(read: Callable[[], object], value: Any, path: Path) -> Iterator[Problem]:
    try:
        read()
    except ExpressionError as error:
        yield Problem(path=path, message=f"The expression in '{value}' is not valid: {error}")
