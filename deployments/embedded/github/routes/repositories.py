"""Repositories, branches and compared commits."""

from dataclasses import replace

from deployments.embedded.github.git.bare import GitError
from deployments.embedded.github.records.repositories import BranchProtection, Repository
from deployments.embedded.github.shapes import Json
from deployments.embedded.github.shapes.commits import changed_files, commit
from deployments.embedded.github.shapes.repositories import full_repository, minimal_repository
from deployments.embedded.github.web.access import role, sees
from deployments.embedded.github.web.answers import Answer, RefusedError, invalid, not_found
from deployments.embedded.github.web.call import Call
from deployments.embedded.github.web.router import Needs, Route, administer, read


def get_repository(call: Call) -> Answer:
    """Return the repository."""
    held = role(call.caller, call.repository)
    return Answer(body=full_repository(call.forge, call.repository, held))


def update_repository(call: Call) -> Answer:
    """Change what may be changed here: description, visibility, default branch."""
    body, repository = call.json(), call.repository
    branch = body.get("default_branch", repository.default_branch)
    if branch != repository.default_branch:
        if call.forge.git(repository).ref(f"refs/heads/{branch}") is None:
            raise invalid("Validation Failed", f"The branch {branch} was not found.")
        call.forge.git(repository).run("symbolic-ref", "HEAD", f"refs/heads/{branch}")
    changed = call.forge.store.repositories.change(
        repository.id,
        lambda item: replace(
            item,
            description=body.get("description", item.description),
            private=bool(body.get("private", item.private)),
            default_branch=branch,
            updated_at=call.forge.now(),
        ),
    )
    return Answer(body=full_repository(call.forge, changed, role(call.caller, changed)))


def list_own_repositories(call: Call) -> Answer:
    """List the repositories that the caller sees."""
    seen = call.forge.store.repositories.all(lambda item: sees(call.caller, item))
    return call.page(seen, lambda item: full_repository(call.forge, item, role(call.caller, item)))


def list_user_repositories(call: Call) -> Answer:
    """List the repositories of one owner that the caller sees."""
    owner = call.values["login"].lower()
    seen = call.forge.store.repositories.all(
        lambda item: item.owner.lower() == owner and sees(call.caller, item)
    )
    return call.page(seen, lambda item: minimal_repository(call.forge, item))


def list_branches(call: Call) -> Answer:
    """List the branches by name; `protected` asks for those that are, or are not."""
    heads = call.forge.git(call.repository).refs("refs/heads/")
    names = [(ref.removeprefix("refs/heads/"), sha) for ref, sha in sorted(heads.items())]
    wanted = call.query("protected")
    if wanted is not None:
        names = [one for one in names if _is_protected(call, one[0]) == (wanted == "true")]
    return call.page(names, lambda item: _short_branch(call, *item))


def get_branch(call: Call) -> Answer:
    """Return a branch with its last commit and its protection."""
    name = call.values["branch"]
    git = call.forge.git(call.repository)
    sha = git.ref(f"refs/heads/{name}")
    if sha is None:
        raise RefusedError(404, "Branch not found")
    url = call.forge.urls.repository(call.repository, "branches", name)
    return Answer(
        body={
            **_short_branch(call, name, sha),
            "commit": commit(call.forge, call.repository, git.commit(sha)),
            "_links": {"self": url, "html": call.forge.urls.page(call.repository, "tree", name)},
            "protection": {
                "enabled": _is_protected(call, name),
                "required_status_checks": {"enforcement_level": "off", "contexts": [], "checks": []},
            },
            "protection_url": f"{url}/protection",
        }
    )


def list_commits(call: Call) -> Answer:
    """List the commits of a branch, newest first."""
    git = call.forge.git(call.repository)
    start = git.resolve(call.query("sha") or call.repository.default_branch)
    if start is None:
        if not git.refs("refs/heads/"):
            raise RefusedError(409, "Git Repository is empty.")
        raise not_found()
    path = call.query("path")
    found = git.commits(start, *(["--", path] if path else []))
    return call.page(found, lambda item: commit(call.forge, call.repository, item))


def get_commit(call: Call) -> Answer:
    """Return a commit by name, branch or tag, with what it changed."""
    git = call.forge.git(call.repository)
    sha = git.resolve(call.values["ref"])
    if sha is None:
        raise invalid(f"No commit found for SHA: {call.values['ref']}")
    if "application/vnd.github.sha" in call.request.headers.get("Accept", ""):
        return Answer(raw=sha.encode(), content_type="application/vnd.github.sha; charset=utf-8")
    return Answer(body=commit(call.forge, call.repository, git.commit(sha), files=True))


def compare(call: Call) -> Answer:
    """Compare two commits, `BASE...HEAD`."""
    base_name, dots, head_name = call.values["basehead"].partition("...")
    git = call.forge.git(call.repository)
    base, head = git.resolve(base_name), git.resolve(head_name)
    if not dots or base is None or head is None:
        raise not_found()
    try:
        merge_base = git.text("merge-base", base, head)
    except GitError:
        raise RefusedError(404, f"No common ancestor between {base_name} and {head_name}.") from None
    ahead = list(reversed(git.commits(f"{base}..{head}")))
    behind = int(git.text("rev-list", "--count", f"{head}..{base}"))
    words = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}
    status = words.get((bool(ahead), bool(behind)), "diverged")
    page = call.forge.urls.page(call.repository, "compare", f"{base_name}...{head_name}")
    return Answer(
        body={
            "url": call.forge.urls.repository(call.repository, "compare", f"{base_name}...{head_name}"),
            "html_url": page,
            "permalink_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "base_commit": commit(call.forge, call.repository, git.commit(base)),
            "merge_base_commit": commit(call.forge, call.repository, git.commit(merge_base)),
            "status": status,
            "ahead_by": len(ahead),
            "behind_by": behind,
            "total_commits": len(ahead),
            "commits": [commit(call.forge, call.repository, item) for item in ahead[:250]],
            "files": changed_files(call.forge, call.repository, merge_base, head)[:300],
        }
    )


def list_tags(call: Call) -> Answer:
    """List the tags with the commits they lead to."""
    git = call.forge.git(call.repository)
    names = sorted((name.removeprefix("refs/tags/") for name in git.refs("refs/tags/")), reverse=True)
    return call.page(names, lambda name: _tag(call, name, git.resolve(f"refs/tags/{name}")))


def list_languages(call: Call) -> Answer:
    """Nothing here counts bytes by language."""
    del call
    return Answer(body={})


def get_branch_protection(call: Call) -> Answer:
    """Return the classic protection of a branch."""
    name = call.values["branch"]
    kept = call.forge.store.protections.get((call.repository.id, name))
    if kept is None:
        raise RefusedError(404, "Branch not protected")
    url = call.forge.urls.repository(call.repository, "branches", name, "protection")
    return Answer(body={"url": url, **kept.body})


def put_branch_protection(call: Call) -> Answer:
    """Protect a branch in the classic way; what is kept here is who may deploy from it and what is shown."""
    name, body = call.values["branch"], call.json()
    if call.forge.git(call.repository).ref(f"refs/heads/{name}") is None:
        raise RefusedError(404, "Branch not found")
    url = call.forge.urls.repository(call.repository, "branches", name, "protection")
    shown: Json = {
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": bool(body.get("enforce_admins"))},
        "allow_force_pushes": {"enabled": bool(body.get("allow_force_pushes"))},
        "allow_deletions": {"enabled": bool(body.get("allow_deletions"))},
    }
    if checks := body.get("required_status_checks"):
        contexts = list(checks.get("contexts") or [])
        shown["required_status_checks"] = {
            "url": f"{url}/required_status_checks",
            "strict": bool(checks.get("strict")),
            "contexts": contexts,
            "contexts_url": f"{url}/required_status_checks/contexts",
            "checks": [{"context": context, "app_id": None} for context in contexts],
        }
    if reviews := body.get("required_pull_request_reviews"):
        shown["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": bool(reviews.get("dismiss_stale_reviews")),
            "require_code_owner_reviews": bool(reviews.get("require_code_owner_reviews")),
            "required_approving_review_count": int(reviews.get("required_approving_review_count", 1)),
        }
    call.forge.store.protections.put(
        BranchProtection(repository_id=call.repository.id, branch=name, body=shown)
    )
    return Answer(body={"url": url, **shown})


def delete_branch_protection(call: Call) -> Answer:
    """Take the classic protection of a branch away."""
    key = (call.repository.id, call.values["branch"])
    if call.forge.store.protections.get(key) is None:
        raise RefusedError(404, "Branch not protected")
    call.forge.store.protections.remove(key)
    return Answer(status=204)


def _short_branch(call: Call, name: str, sha: str) -> Json:
    return {
        "name": name,
        "commit": {"sha": sha, "url": call.forge.urls.repository(call.repository, "commits", sha)},
        "protected": _is_protected(call, name),
    }


def _is_protected(call: Call, branch: str) -> bool:
    return call.forge.store.protections.get((call.repository.id, branch)) is not None


def _tag(call: Call, name: str, sha: str | None) -> Json:
    repository: Repository = call.repository
    return {
        "name": name,
        "commit": {"sha": sha, "url": call.forge.urls.repository(repository, "commits", sha)},
        "zipball_url": call.forge.urls.repository(repository, "zipball/refs/tags", name),
        "tarball_url": call.forge.urls.repository(repository, "tarball/refs/tags", name),
        "node_id": f"REF_{name}",
    }


_R = "/repos/{owner}/{repo}"

ROUTES = (
    Route(method="GET", template=_R, handler=get_repository, needs=read("metadata")),
    Route(method="PATCH", template=_R, handler=update_repository, needs=administer()),
    Route(
        method="GET",
        template="/user/repos",
        handler=list_own_repositories,
        needs=Needs(permission="metadata", scopes=()),
    ),
    Route(
        method="GET",
        template="/users/{login}/repos",
        handler=list_user_repositories,
        needs=Needs(permission="metadata", scopes=(), anonymous=True),
    ),
    Route(
        method="GET",
        template="/orgs/{login}/repos",
        handler=list_user_repositories,
        needs=Needs(permission="metadata", scopes=(), anonymous=True),
    ),
    Route(method="GET", template=f"{_R}/branches", handler=list_branches, needs=read("contents")),
    Route(
        method="GET",
        template=f"{_R}/branches/{{branch+}}/protection",
        handler=get_branch_protection,
        needs=administer(level="read"),
        paid=True,
    ),
    Route(
        method="PUT",
        template=f"{_R}/branches/{{branch+}}/protection",
        handler=put_branch_protection,
        needs=administer(),
        paid=True,
    ),
    Route(
        method="DELETE",
        template=f"{_R}/branches/{{branch+}}/protection",
        handler=delete_branch_protection,
        needs=administer(),
        paid=True,
    ),
    Route(method="GET", template=f"{_R}/branches/{{branch+}}", handler=get_branch, needs=read("contents")),
    Route(method="GET", template=f"{_R}/commits", handler=list_commits, needs=read("contents")),
    Route(method="GET", template=f"{_R}/compare/{{basehead+}}", handler=compare, needs=read("contents")),
    Route(method="GET", template=f"{_R}/tags", handler=list_tags, needs=read("metadata")),
    Route(method="GET", template=f"{_R}/languages", handler=list_languages, needs=read("metadata")),
)
# Named last of all routes: the ref may hold slashes, so it would take `commits/REF/check-runs` for itself.
LAST = (Route(method="GET", template=f"{_R}/commits/{{ref+}}", handler=get_commit, needs=read("contents")),)
