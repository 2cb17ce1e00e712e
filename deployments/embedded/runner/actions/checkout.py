"""`actions/checkout`: fetch the commit and put its files into the workspace."""

import base64
import shutil

from deployments.embedded.runner.action import ActionCall
from deployments.embedded.runner.errors import NotHereError, StepFailedError


def run(call: ActionCall) -> None:
    """Check out the wanted commit, with the job's token for the fetch."""
    request = call.request
    repository = call.get("repository", request.repository)
    if repository != request.repository:
        raise NotHereError(f"Not Found: the embedded world does not have the repository {repository}")
    target = call.rooms.workspace / call.get("path")
    if not target.resolve().is_relative_to(call.rooms.workspace.resolve()):
        raise StepFailedError(f"Repository path '{target}' is not under '{call.rooms.workspace}'")
    if call.flag("clean", default=True) and target.exists():
        _empty(call, target)
    target.mkdir(parents=True, exist_ok=True)
    _git(call, "init", "-q", "-b", "main")
    _git(call, "remote", "add", "origin", request.clone_url)
    _git(call, "config", "gc.auto", "0")
    _authenticate(call)
    wanted = call.get("ref") or request.sha
    depth = int(call.get("fetch-depth", "1"))
    commit = _fetch(call, wanted, depth)
    _switch(call, commit, wanted)
    _submodules(call, depth)
    if not call.flag("persist-credentials", default=True):
        _forget(call)
    else:
        call.later("always()", lambda: _forget(call))
    code, sha = call.capture(["git", "log", "-1", "--format=%H"], directory=target)
    if code:
        raise StepFailedError(f"git log failed: {sha}")
    call.outputs["commit"] = sha.strip()
    call.outputs["ref"] = call.get("ref") or request.ref
    call.out.write(sha.strip())


def _empty(call: ActionCall, target: object) -> None:
    for child in list(call.rooms.workspace.joinpath(str(target)).iterdir()):
        if child.is_dir() and not child.is_symlink():
            shutil.rmtree(child)
        else:
            child.unlink()


def _git(call: ActionCall, *arguments: str, check: bool = True) -> int:
    target = call.rooms.workspace / call.get("path")
    shown = [word if "AUTHORIZATION" not in word else "AUTHORIZATION: basic ***" for word in arguments]
    call.out.write(f"[command]git {' '.join(shown)}")
    code = call.run(["git", *arguments], directory=target)
    if code and check:
        raise StepFailedError(f"The process 'git' failed with exit code {code}")
    return code


def _header(call: ActionCall) -> str:
    return f"http.{call.request.server_url}/.extraheader"


def _authenticate(call: ActionCall) -> None:
    if not call.request.clone_url.startswith("http"):
        return
    secret = base64.b64encode(f"x-access-token:{call.get('token', call.token)}".encode()).decode()
    call.mask(secret)
    _git(call, "config", "--local", _header(call), f"AUTHORIZATION: basic {secret}")


def _forget(call: ActionCall) -> None:
    if call.request.clone_url.startswith("http"):
        _git(call, "config", "--local", "--unset-all", _header(call), check=False)


def _fetch(call: ActionCall, wanted: str, depth: int) -> str:
    """Fetch what is needed for a ref; give what to check out."""
    limits = [f"--depth={depth}"] if depth > 0 else []
    base = ["-c", "protocol.version=2", "fetch", "--no-recurse-submodules", "--prune", "-q", *limits]
    tags = [] if call.flag("fetch-tags") or depth == 0 else ["--no-tags"]
    full = wanted.startswith("refs/")
    is_commit = len(wanted) == 40 and all(character in "0123456789abcdef" for character in wanted)
    if depth == 0:
        _git(call, *base, *tags, "origin", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
        if is_commit:
            return wanted
        return _found(call, wanted)
    if is_commit:
        # A commit that is the tip of the run's ref is fetched by it, so that the ref exists in the clone too.
        ref = call.request.ref
        if wanted == call.request.sha and not call.get("ref"):
            _git(call, *base, *tags, "origin", f"+{wanted}:{_tracking(ref)}")
        else:
            _git(call, *base, *tags, "origin", wanted)
        return wanted
    candidates = [wanted] if full else [f"refs/heads/{wanted}", f"refs/tags/{wanted}"]
    for ref in candidates:
        if _git(call, *base, *tags, "origin", f"+{ref}:{_tracking(ref)}", check=False) == 0:
            return _tracking(ref)
    raise StepFailedError(f"A branch or tag with the name '{wanted}' could not be found")


def _tracking(ref: str) -> str:
    if ref.startswith("refs/heads/"):
        return ref.replace("refs/heads/", "refs/remotes/origin/", 1)
    return ref if ref.startswith("refs/tags/") else ref.replace("refs/", "refs/remotes/", 1)


def _found(call: ActionCall, wanted: str) -> str:
    target = call.rooms.workspace / call.get("path")
    names = (
        [_tracking(wanted)]
        if wanted.startswith("refs/")
        else [f"refs/remotes/origin/{wanted}", f"refs/tags/{wanted}", wanted]
    )
    for name in names:
        if (
            call.capture(["git", "rev-parse", "-q", "--verify", f"{name}^{{commit}}"], directory=target)[0]
            == 0
        ):
            return name
    raise StepFailedError(f"A branch or tag with the name '{wanted}' could not be found")


def _switch(call: ActionCall, commit: str, wanted: str) -> None:
    """Put the files there: on a branch of the same name where the run is about one, else detached."""
    ref = call.get("ref") or call.request.ref
    branch = ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else None
    if branch is None and commit.startswith("refs/remotes/origin/"):
        branch = wanted
    if branch:
        _git(call, "checkout", "-q", "--force", "-B", branch, commit)
    else:
        _git(call, "checkout", "-q", "--force", "--detach", commit)
    if call.flag("lfs"):
        raise NotHereError("lfs: the embedded world has no large file storage")


def _submodules(call: ActionCall, depth: int) -> None:
    wanted = call.get("submodules", "false").lower()
    if wanted not in ("true", "recursive"):
        return
    arguments = ["submodule", "update", "--init", "--force"]
    if depth > 0:
        arguments.append(f"--depth={depth}")
    if wanted == "recursive":
        arguments.append("--recursive")
    _git(call, *arguments)
