"""Whether all that runs in a job after a step is known, so that nothing else can read its environment."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tasks.domain.called import started_file
from tasks.domain.script import Command, Scripts
from tasks.domain.workflow import Job, Step, Workflow

_OF_TOOLS = re.compile(
    r"(?:ACTIONS|ANDROID|APT|AWS|BASH|BUILDKIT|BUILDX|CARGO|CI|CMAKE|COMPOSE|CURL|DEBIAN|DEBUG|DOCKER|DOTNET|"
    r"DYLD|EDITOR|GH|GIT|GITHUB|GNUPG|GO|GPG|GRADLE|HELM|HOMEBREW|HOME|INPUT|JAVA|KUBE\w*?|LANG|LC|LD|LESS|"
    r"LOG|MAVEN|NODE|NPM|NO|PAGER|PATH|PIP|PKG_CONFIG|PYTHON\w*?|RUNNER|RUST\w*?|SHELL|SKOPEO|SOURCE|SSH|SSL|SUDO|"
    r"TAR|TEMP|TERM|TF|TMP\w*?|TZ|UV|VAULT|WGET|XDG|XZ|ZIP|ZSTD)(?:_\w*)?|\w*(?:PROXY|proxy)|npm_\w+"
)
"""Names that programs read by themselves, by their first word."""
_KNOWN_ACTIONS = (
    "actions/attest",
    "actions/cache",
    "actions/checkout",
    "actions/configure-pages",
    "actions/deploy-pages",
    "actions/download-artifact",
    "actions/setup-",
    "actions/upload-",
    "aws-actions/",
    "docker/build-push-action",
    "docker/login-action",
    "docker/metadata-action",
    "docker/setup-",
    "dtolnay/rust-toolchain",
    "hashicorp/setup-terraform",
    "ncipollo/release-action",
    "softprops/action-gh-release",
    "svenstaro/upload-release-action",
)
"""Actions that read the inputs that are written out, and no variables but those of their own tools."""
_PROGRAMS = frozenset(
    {
        ":", "[", "[[", "apt-get", "awk", "aws", "basename", "break", "cat", "cd", "chmod", "chown",
        "continue", "cp", "curl", "cut", "date", "dirname", "echo", "exit", "export", "false", "find",
        "gh", "git", "grep", "gzip", "head", "jq", "ls", "mkdir", "mktemp", "mv", "popd", "printf",
        "pushd", "read", "readlink", "realpath", "rm", "rmdir", "scp", "sed", "seq", "set", "sha256sum",
        "shasum", "sleep", "sort", "ssh", "stat", "strip", "sync", "tail", "tar", "tee", "test",
        "touch", "tr", "true", "uname", "uniq", "unzip", "wc", "wget", "xz", "zip",
    }
)  # fmt: skip
"""Programs that read none of their caller's variables but those of ``_OF_TOOLS``."""
_OF_DOCKER = frozenset(
    {
        "build",
        "buildx",
        "context",
        "image",
        "images",
        "inspect",
        "load",
        "login",
        "logout",
        "manifest",
        "pull",
    }
    | {"push", "rm", "rmi", "run", "save", "stop", "system", "tag"}
)


def is_of_a_tool(name: str) -> bool:
    """Tell whether a variable is called as those are that programs read by themselves."""
    return _OF_TOOLS.fullmatch(name) is not None


def closed_after(workflow: Workflow, job: Job, step: Step, scripts: Scripts) -> bool:
    """Tell whether every later step of a job is an action or a text of programs that are known."""
    for later in job.steps[step.index + 1 :]:
        if later.action is not None:
            if not later.action.name.startswith(_KNOWN_ACTIONS):
                return False
            continue
        script = scripts.of(workflow.path, job, later)
        if script is None or not script.understood or not _are_known(script.commands, scripts):
            return False
    return True


def _are_known(commands: Iterable[Command], scripts: Scripts, deepest: int = 2) -> bool:
    for command in commands:
        if not command.words or command.program in _PROGRAMS:
            continue
        first = command.arguments[0].text if command.arguments else ""
        if command.program == "docker" and first in _OF_DOCKER and not command.has("bake"):
            continue
        path = started_file(command)
        file = scripts.file(path) if path is not None else None
        known = file is not None and file.understood and deepest > 0
        if file is None or not known or not _are_known(file.commands, scripts, deepest - 1):
            return False
    return True
