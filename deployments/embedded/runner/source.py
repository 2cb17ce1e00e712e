"""The workflow files of the repository at a commit: read, checked, and those that they call."""

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deployments.embedded.runner.document import DocumentError, JobLines, job_lines, load
from deployments.embedded.runner.interface import RunRequest
from tasks.domain.trigger import dispatch_inputs
from tasks.domain.workflow_syntax import problems

MOST_NESTED = 4


class StartupError(Exception):
    """A workflow that GitHub would end with `startup_failure`; the message is every reason."""


@dataclass(frozen=True, kw_only=True)
class WorkflowFile:
    """One workflow file that may run, with the files that its jobs call by the jobs' keys."""

    path: str
    document: Mapping[str, Any]
    called: Mapping[str, "WorkflowFile"] = field(default_factory=dict)
    lines: Mapping[str, JobLines] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the workflow calls itself, else its path."""
        return str(self.document.get("name") or self.path)


def read_workflow(request: RunRequest) -> WorkflowFile:
    """Read the run's workflow and all it calls. Raises StartupError with every problem found."""
    return _read(request, request.workflow_path, request.workflow_text, 1)


def _read(request: RunRequest, path: str, text: str, depth: int) -> WorkflowFile:
    try:
        document = load(text)
    except DocumentError as error:
        raise StartupError(f"{path}: {error}") from error
    found = problems(document)
    if found:
        raise StartupError("\n".join(f"{path}: {problem}" for problem in found))
    called = {key: _called(request, path, reference, depth) for key, reference in _references(document)}
    return WorkflowFile(path=path, document=document, called=called, lines=job_lines(text))


def _references(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, job in document["jobs"].items():
        if "uses" in job:
            yield str(key), str(job["uses"])


def _called(request: RunRequest, caller: str, reference: str, depth: int) -> WorkflowFile:
    if depth >= MOST_NESTED:
        raise StartupError(f"{caller}: workflows call each other more than {MOST_NESTED} levels deep")
    own = f"{request.repository}/"
    if reference.startswith("./"):
        path, commit = reference.removeprefix("./"), request.sha
    elif reference.lower().startswith(own.lower()) and "@" in reference:
        path, _, commit = reference[len(own) :].partition("@")
    else:
        raise StartupError(f"{caller}: the embedded world does not have the workflow {reference}")
    text = file_at(request.git_directory, commit, path)
    if text is None:
        raise StartupError(f"{caller}: error parsing called workflow {reference}: workflow was not found.")
    file = _read(request, path, text, depth + 1)
    if dispatch_inputs(file.document.get("on"), "workflow_call") is None:
        raise StartupError(f"{caller}: {reference} has no `workflow_call` trigger")
    return file


def file_at(repository: Path, commit: str, path: str) -> str | None:
    """Give a file of a commit, or None when the commit does not have it."""
    shown = subprocess.run(
        ["git", "--git-dir", str(repository), "show", f"{commit}:{path}"],
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return shown.stdout.decode("utf-8", "replace") if shown.returncode == 0 else None
