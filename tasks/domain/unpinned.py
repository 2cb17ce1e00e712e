"""What somebody who moves the tag of an action could do to a repository that pins it to no commit."""

from __future__ import annotations

import re
from collections.abc import Collection

from tasks.domain.audit import AuditFinding
from tasks.domain.fact import Unseen
from tasks.domain.git_state import GitState, remote_name
from tasks.domain.located import Map
from tasks.domain.source import Sources
from tasks.domain.workflow import Action, Job, Workflow, Workflows

_SECRET = re.compile(r"\bsecrets\s*(?:\.\s*(?!github_token\b)|\[|\))|\bsecrets:\s*\S", re.IGNORECASE)
"""A secret that is read, or handed on as a whole; the token has its permissions."""
_MANIFEST = re.compile(r"^\s*repository\s*=\s*[\"']https?://github\.com/([\w-]+)/", re.MULTILINE)
_OF_GITHUB = frozenset({"actions", "github"})


def little_risk(
    found: Collection[AuditFinding], workflows: Workflows, sources: Sources, git: GitState | Unseen
) -> str:
    """Say why actions without a commit are worth knowing and no more; nothing where they are a risk.

    Who owns the repository moves his own tags as he likes; and what may only read, and sees no secret, can
    spoil a run and give away what is read.
    """
    used = [(_used(one, workflows), one) for one in found]
    if any(action is None for action, _ in used):
        return ""
    owners = {(action.owner or "").lower() for action, _ in used if action is not None}
    if len(owners) == 1 and (owner := _owner(sources, git)) is not None and owners == {owner}:
        return f", all of {owner}, who has this repository too"
    shared = {action.name for action, _ in used if action is not None and _is_workflow(action)}
    each = all(action is not None and _is_workflow(action) for action, _ in used)
    if len(owners) == 1 and each and len(shared) > 1:
        return f", all of them whole workflows that {owners.pop()} keeps for several repositories"
    if owners <= _OF_GITHUB:
        return ""
    if all(_only_reads(one, workflows) for _, one in used):
        return ", in jobs that may only read and are given no secret"
    return ""


def _is_workflow(action: Action) -> bool:
    return action.path.startswith(".github/workflows/")


def _used(one: AuditFinding, workflows: Workflows) -> Action | None:
    workflow = workflows.at(one.file)
    jobs = workflow.jobs.values() if workflow is not None else ()
    steps = [step for job in jobs for step in job.steps]
    steps += [step for action in workflows.actions if action.source.path == one.file for step in action.steps]
    return next(
        (each.action for each in (*jobs, *steps) if each.action and each.action.line == one.line), None
    )


def _owner(sources: Sources, git: GitState | Unseen) -> str | None:
    """Return who has the repository, in lower case: as its remote says, else its root manifest."""
    remote = remote_name(git.origin) if isinstance(git, GitState) else None
    if remote is not None:
        return remote.owner.lower()
    root = sources.get("Cargo.toml")
    said = set(_MANIFEST.findall(root.text)) if root is not None else set()
    return said.pop().lower() if len(said) == 1 else None


def _only_reads(one: AuditFinding, workflows: Workflows) -> bool:
    """Tell whether the job of a place has a token that only reads, runs at GitHub and is given no secret."""
    workflow = workflows.at(one.file)
    if workflow is None or _SECRET.search(workflow.source.text):
        return False
    before = [job for job in workflow.jobs.values() if job.line <= one.line]
    job = max(before, key=lambda each: each.line, default=None)
    return (
        job is not None and _reads(workflow, job) and not any("self-hosted" in each for each in job.runs_on)
    )


def _reads(workflow: Workflow, job: Job) -> bool:
    root = next((each for each in (job.root, workflow.root) if "permissions" in each), None)
    written = root.get("permissions") if root is not None else None
    if isinstance(written, Map):
        return all(written.text(scope) in ("read", "none") for scope in written)
    return str(written) == "read-all"
