"""Commands that cannot do anything about a failure, by what the tools do."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tasks.domain.crate import Manifests
from tasks.domain.script import Command
from tasks.domain.tree import Tree


@dataclass(frozen=True, kw_only=True)
class UselessRemedy:
    """A command that cannot help against a failure that a text names, unless it tells ``helps`` too.

    ``marks`` are parts of words, without a first letter that may be a capital, of which one stands in every
    such text: others need no search.
    ``instead`` is the command that helps, or makes it of the failure and the useless command.
    """

    marks: tuple[str, ...]
    failure: re.Pattern[str]
    told: Callable[[Command], bool]
    helps: re.Pattern[str]
    why: str
    instead: str | Callable[[re.Match[str], Command], str]
    blanks: str = ""
    """Where people find what the words in capitals of ``instead`` stand for; empty when it has none."""

    def better(self, failure: re.Match[str], command: Command) -> str:
        """Return what helps against a failure that was found, in the place of a command."""
        return self.instead if isinstance(self.instead, str) else self.instead(failure, command)


def useless_remedies(manifests: Manifests, tree: Tree) -> Iterator[UselessRemedy]:
    """Go through those of every repository, then those that its own files make useless."""
    yield from _ALWAYS
    yield _not_committed(tree)
    channel = manifests.toolchain.channel if manifests.toolchain is not None else None
    if channel is not None and re.fullmatch(r"\d+\.\d+(?:\.\d+)?", channel):
        yield _pinned(channel)


def _either(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _program(*words: str) -> Callable[[Command], bool]:
    name, *rest = words

    def told(command: Command) -> bool:
        given = tuple(one for one in command.literals if one is None or not one.startswith("-chdir="))
        return command.program == name and given[: len(rest)] == tuple(rest)

    return told


def _push_with(*flags: str) -> Callable[[Command], bool]:
    return lambda command: _program("git", "push")(command) and command.has(*flags)


def _own_credentials(command: Command) -> bool:
    exported = any(one.name.startswith("AWS_") and one.exported for one in command.assignments)
    return exported or _program("aws", "configure")(command) or _program("aws", "sso", "login")(command)


def _signs_in(command: Command) -> bool:
    return _program("gh", "auth", "login")(command) or _program("gh", "auth", "refresh")(command)


def _builds_anew(command: Command) -> bool:
    return any(_program("cargo", word)(command) for word in ("clean", "update", "build"))


_ALWAYS = (
    UselessRemedy(
        marks=("scope", "efusing to allow"),
        failure=_either(
            r"without [`'\"]?workflow[`'\"]? scope|(?:lacks?|missing) (?:the )?[`'\"]?workflow[`'\"]? scope|"
            r"refusing to allow (?:an OAuth App|a Personal Access Token|a GitHub App)"
        ),
        told=_push_with("--force", "-f", "--force-with-lease", "--no-verify"),
        helps=_either(r"--scopes|gh auth|settings/tokens|\badd\b|enable|regenerat|new token|\bssh\b"),
        why="GitHub refuses the token, however the push is made",
        instead="gh auth refresh --hostname github.com --scopes workflow",
    ),
    UselessRemedy(
        marks=("scope", "efusing to allow"),
        failure=_either(
            r"without [`'\"]?workflow[`'\"]? scope|(?:lacks?|missing) (?:the )?[`'\"]?workflow[`'\"]? scope|"
            r"refusing to allow (?:an OAuth App|a Personal Access Token|a GitHub App)"
        ),
        told=_builds_anew,
        helps=_either(r"--scopes|gh auth|settings/tokens|\badd\b|enable|regenerat|new token|\bssh\b"),
        why="GitHub refuses the token, whatever is built here",
        instead="gh auth refresh --hostname github.com --scopes workflow",
    ),
    UselessRemedy(
        marks=("ermission denied",),
        failure=_either(
            r"Permission denied[`'\"]*(?: on|:| for| when running)? "
            r"[`'\"]?(?:\./)?(?P<file>[\w./-]+\.(?:sh|py|bash))\b"
        ),
        told=_builds_anew,
        helps=_either(r"chmod|update-index|filemode|\b(?:bash|sh|python3?) "),
        why="cargo changes no file's mode",
        instead=lambda found, _: f"git update-index --chmod=+x {shlex.quote(found['file'])}",
    ),
    UselessRemedy(
        marks=("tate is locked", "rror acquiring", "rror locking"),
        failure=_either(r"\bstate is locked|Error (?:acquiring|locking) (?:the )?state(?: lock)?"),
        told=_program("terraform", "init"),
        helps=_either(
            r"force-unlock|-lock=false|-lock-timeout|\bwait\b|dynamodb|\baws s3|\.tflock|lock\.info|"
            r"-reconfig|-migrate"
        ),
        why="init takes no lock off",
        instead="terraform force-unlock LOCK_ID",
        blanks="LOCK_ID is the `ID:` under `Lock Info:` in terraform's message",
    ),
    UselessRemedy(
        marks=("GH006", "GH013", "hook declined"),
        failure=_either(r"GH006|GH013|protected branch hook declined|pre-receive hook declined"),
        told=_push_with("--no-verify"),
        helps=_either(r"pull request|gh pr|rebase|amend|ruleset|bypass"),
        why="--no-verify leaves out the hooks of this machine, and GitHub refuses with its own",
        instead="gh pr create",
    ),
    UselessRemedy(
        marks=("GH013", "ush protection", "ush declined"),
        failure=_either(r"GH013|push protection|push declined due to repository rule"),
        told=_program("git", "rm"),
        helps=_either(r"amend|rebase|\breset\b|filter-repo|filter-branch|\bbfg\b|unblock|squash|history"),
        why="the secret stays in the commit that is pushed, and a later one does not take it out",
        instead="git rebase --interactive origin/main",
    ),
    UselessRemedy(
        marks=("ock file", "--locked"),
        failure=_either(
            r"lock file \S*\s*needs to be updated|--locked was passed|cannot update the lock file"
        ),
        told=_program("cargo", "clean"),
        helps=_either(r"cargo (?:update|generate-lockfile|build|check|test|metadata)|rm .*Cargo\.lock"),
        why="cargo clean removes what was built, and leaves Cargo.lock as it is",
        instead="cargo update --workspace",
    ),
    UselessRemedy(
        marks=("ssumeRoleWithWebIdentity",),
        failure=_either(r"Not authorized to perform:? sts:AssumeRoleWithWebIdentity"),
        told=_own_credentials,
        helps=_either(r"trust|aws iam|terraform|id-token|oidc-provider|subject"),
        why="a workflow takes its role with GitHub's token, and never sees this machine's credentials",
        instead="aws iam update-assume-role-policy --role-name ROLE --policy-document file://TRUST.json",
        blanks="ROLE is what the role is called, TRUST.json the policy that trusts GitHub's token",
    ),
    UselessRemedy(
        marks=("ccessible by integration",),
        failure=_either(r"Resource not accessible by integration"),
        told=_signs_in,
        helps=_either(r"permissions|secret|personal access token|\bPAT\b"),
        why="the workflow's own token was refused, and not the one of this machine",
        instead="grep -n permissions: .github/workflows/*",
    ),
)


def _files(command: Command) -> str:
    return " ".join(shlex.quote(one) for one in command.literals[1:] if one is not None)


def _not_committed(tree: Tree) -> UselessRemedy:
    """Return `chmod +x` of a script whose mode in the commit is what a run sees."""

    def told(command: Command) -> bool:
        if command.program != "chmod" or not any(str(one).endswith("+x") for one in command.literals[:1]):
            return False
        files = [tree.file(one) for one in command.literals[1:] if one is not None]
        return bool(files) and all(one is not None and not one.executable for one in files)

    return UselessRemedy(
        marks=("ermission denied", "xit code 126"),
        failure=_either(
            r"(?:\bCI\b|workflow|runner|Actions)[^\n]*Permission denied|Permission denied[^\n]*"
            r"(?:\bCI\b|workflow|runner|Actions)|exit code 126"
        ),
        told=told,
        helps=_either(r"update-index|git add|git commit|git push|\bcommit\b"),
        why="a run takes the mode that is committed, and git has the file without it",
        instead=lambda _, command: f"git update-index --chmod=+x {_files(command)}",
    )


def _pinned(channel: str) -> UselessRemedy:
    """Return `rustup update` where a file says which release is used."""

    def told(command: Command) -> bool:
        updates = _program("rustup", "update")(command) or _program("rustup", "default")(command)
        return updates and channel not in command.literals

    return UselessRemedy(
        marks=("requires rustc", "newer", "edition2024"),
        failure=_either(
            r"requires rustc|rustc \S+ or newer|newer (?:version of )?(?:rust|rustc|compiler)|edition2024"
        ),
        told=told,
        helps=_either(r"rust-toolchain|override|cargo \+|RUSTUP_TOOLCHAIN|channel"),
        why=f"rust-toolchain says {channel}, and rustup takes that in this repository",
        instead="git grep -n channel -- 'rust-toolchain*'",
    )
