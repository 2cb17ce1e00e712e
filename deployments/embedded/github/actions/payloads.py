"""What a workflow finds in `github.event`."""

from typing import Any

from deployments.embedded.github.forge import Forge
from deployments.embedded.github.git.bare import NOWHERE, Commit, GitError
from deployments.embedded.github.records.accounts import User
from deployments.embedded.github.records.actions import Run
from deployments.embedded.github.records.repositories import Repository
from deployments.embedded.github.shapes import moment
from deployments.embedded.github.shapes.repositories import full_repository
from deployments.embedded.github.shapes.users import simple_user

_MOST_COMMITS = 20


def common(forge: Forge, repository: Repository, user: User) -> dict[str, Any]:
    """Return what every event says: the repository and who caused it."""
    return {
        "repository": full_repository(forge, repository, "admin"),
        "sender": simple_user(forge, user.login),
    }


def push(
    forge: Forge, repository: Repository, user: User, ref: str, *, before: str | None, after: str | None
) -> dict[str, Any]:
    """Return the payload of a push to one ref."""
    git = forge.git(repository)
    commits: list[Commit] = []
    forced = False
    head = git.resolve(after) if after else None
    if head and before:
        commits = list(reversed(git.commits(f"--max-count={_MOST_COMMITS}", head, f"^{before}")))
        try:
            forced = not git.is_ancestor(before, head)
        except GitError:
            forced = True
    page = forge.urls.page(repository, "compare", f"{(before or NOWHERE)[:12]}...{(after or NOWHERE)[:12]}")
    return {
        "ref": ref,
        "before": before or NOWHERE,
        "after": after or NOWHERE,
        "created": before is None,
        "deleted": after is None,
        "forced": forced,
        "base_ref": None,
        "compare": page,
        "commits": [_commit(forge, repository, item) for item in commits],
        "head_commit": _commit(forge, repository, git.commit(head)) if head else None,
        "pusher": {"name": user.login, "email": f"{user.login}@users.noreply.github.com"},
        **common(forge, repository, user),
    }


def ended(forge: Forge, repository: Repository, run: Run) -> dict[str, Any]:
    """Return the payload of a run's end, for `workflow_run`."""
    return {
        "action": "completed",
        "workflow_run": {
            "id": run.id,
            "name": run.workflow_name,
            "path": run.path,
            "event": run.event,
            "head_branch": run.ref_name,
            "head_sha": run.sha,
            "status": "completed",
            "conclusion": run.latest.conclusion,
            "run_number": run.number,
            "run_attempt": run.latest.number,
        },
        "workflow": {"id": run.workflow_id, "name": run.workflow_name, "path": run.path},
        **common(forge, repository, forge.user(run.actor)),
    }


def _commit(forge: Forge, repository: Repository, commit: Commit) -> dict[str, Any]:
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "distinct": True,
        "message": commit.message,
        "timestamp": moment(commit.committer.when),
        "url": forge.urls.page(repository, "commit", commit.sha),
        "author": {"name": commit.author.name, "email": commit.author.email},
        "committer": {"name": commit.committer.name, "email": commit.committer.email},
    }
