"""Failures, and commands that change nothing about them: they only look, or change another thing.

What each tool does is from its own manual; a remedy is futile when all of it is such commands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tasks.domain.script import Command

EXPORT = "export"
"""Stands for setting a variable of the shell, and nothing else on that line."""
_PLAIN_PUSH = "git push !--force !-f !--force-with-lease !--tags !--follow-tags !--delete !-d !--mirror"
_LOOKS = (
    "cd",
    "echo",
    "ls",
    "cat",
    "pwd",
    "git status",
    "git diff",
    "git log",
    "git show",
    "gh run list",
    "gh run view",
    "gh run watch",
    "gh auth status",
)
"""What changes nothing wherever it stands, and is no remedy that anyone means."""
_SENDS = ("git add", "git commit", _PLAIN_PUSH)
"""What only carries on what is changed."""
_AGAIN = "the run starts again with the same commit"


@dataclass(frozen=True, kw_only=True)
class Futile:
    """A failure and what is futile against it: a pattern of commands -> why; ``beside`` makes no difference.

    ``marks`` are words in lower case of which one stands in every text that names the failure. ``instead``
    is the command that helps; ``mends`` tells that it can stand in the place of the futile one.
    """

    marks: tuple[str, ...]
    failure: re.Pattern[str]
    useless: Mapping[str, str]
    instead: str
    beside: tuple[str, ...] = ()
    blanks: str = ""
    mends: bool = False
    needs: str = ""
    """A pattern without which the commands may stand for something else."""

    def judged(self, commands: tuple[Command, ...]) -> Iterator[tuple[Command, str]]:
        """Go through the futile commands, each with why; nothing when one of all may help."""
        if self.needs and not any(_is(one, self.needs) for one in commands):
            return
        found = [(one, self._why(one)) for one in commands]
        if all(why is not None or _matches(one, (*_LOOKS, *self.beside)) for one, why in found):
            yield from ((one, why) for one, why in found if why is not None)

    def _why(self, command: Command) -> str | None:
        return next((why for one, why in self.useless.items() if _matches(command, (one,))), None)


def _matches(command: Command, patterns: tuple[str, ...]) -> bool:
    return any(_is(command, one) for one in patterns)


def _is(command: Command, pattern: str) -> bool:
    """Tell whether a command is what a pattern says: words, flags that it has and, with ``!``, has not.

    Words with ``|`` between them are alternatives; those of ``rm`` are all that it may take away.
    """
    if pattern == EXPORT:
        return command.program is None and not command.words and bool(command.assignments)
    program, *rest = pattern.split(" ")
    literals = command.literals
    if command.program != program or any(one is None for one in literals):
        return False
    given = [str(one) for one in literals]
    words = [one for one in given if not one.startswith(("-", "+"))]
    asked = [one for one in rest if not one.startswith(("-", "!"))]
    flags = [one for one in rest if one.startswith("-")]
    barred = tuple(one[1:] for one in rest if one.startswith("!"))
    if program == "rm":
        return bool(words) and all(one.rstrip("/") in asked for one in words)
    return (
        all(any(word == one for one in want.split("|")) for want, word in zip(asked, words, strict=False))
        and len(words) >= len(asked)
        and all(one in given for one in flags)
        and not any(one in barred or one.split("=")[0] in barred for one in given)
    )


def _either(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_FAILS = r"(?:fails?\b|failed|failing|failures?|error|is red|red\b|complains?|refused)"
_BUILDS = "cargo build|check|test|run|bench|doc"

FUTILE = (
    Futile(
        marks=("fmt", "formatting", "format check"),
        failure=_either(
            rf"(?:\bfmt\b|\brustfmt|\bformatting|\bformat check)[^.\n|]{{0,40}}?{_FAILS}|"
            rf"{_FAILS}[^.\n|]{{0,30}}?(?:cargo fmt\b(?: --all)?|\brustfmt|\bformatting|\bformat check)"
            r"(?: -- --check| --check)?[`'\"]?"
        ),
        useless={
            "cargo fmt --check": "`--check` only says what differs, and writes no file",
            "rustfmt --check": "`--check` only says what differs, and writes no file",
            _BUILDS: "cargo formats no file when it builds",
            "cargo clean": "cargo clean removes what was built, and formats no file",
            "cargo update": "cargo update changes Cargo.lock alone",
            "cargo clippy !--fix": "clippy formats no file",
            "gh run rerun": _AGAIN,
        },
        beside=_SENDS,
        instead="cargo fmt --all",
        mends=True,
    ),
    Futile(
        marks=("clippy",),
        failure=_either(rf"\bclippy\b[^.\n|]{{0,40}}?{_FAILS}|{_FAILS}[^.\n|]{{0,30}}?\bclippy\b"),
        useless={
            _BUILDS: "a lint of clippy stays where nothing is rewritten",
            "cargo fmt": "cargo fmt changes blanks and line ends, and no lint of clippy is about them",
            "cargo clean": "cargo clean removes what was built, and the code stays as it is",
            "cargo update": "cargo update changes Cargo.lock alone",
            "gh run rerun": _AGAIN,
        },
        beside=_SENDS,
        instead="cargo clippy --fix --all-targets",
        mends=True,
    ),
    Futile(
        marks=("lock file", "--locked", "cargo.lock"),
        failure=_either(
            r"--locked was passed|cannot update the lock file|"
            r"(?:lock file|Cargo\.lock)\b[^.\n|]{0,60}?(?:needs to be updated|out of date|outdated|stale)"
        ),
        useless={
            "cargo clean": "cargo clean removes what was built, and leaves Cargo.lock as it is",
            "cargo --locked": "`--locked` forbids cargo to write Cargo.lock",
            "cargo --frozen": "`--frozen` forbids cargo to write Cargo.lock",
            "cargo fmt": "cargo fmt leaves Cargo.lock as it is",
            "gh run rerun": _AGAIN,
        },
        beside=_SENDS,
        instead="cargo update --workspace",
        mends=True,
    ),
    Futile(
        marks=("error[e", "compile", "compilation"),
        failure=_either(
            r"error\[E\d{4}\]|(?:does not|doesn't|fails to|failed to) compile|"
            r"compil(?:e|ation|er) (?:errors?|fail\w*)"
        ),
        useless={
            "gh run rerun": "the same commit does not compile a second time either",
            "cargo fmt": "code that does not compile is formatted, and no better",
        },
        beside=_SENDS,
        instead="cargo check --all-targets",
    ),
    Futile(
        marks=("already uploaded", "already exists on crates.io"),
        failure=_either(
            r"crate version[^\n|]{0,60}?already (?:uploaded|exists)|already exists on crates\.io"
        ),
        useless={
            "cargo publish": "crates.io takes a version once, and never again",
            "cargo yank": "a version that is yanked stays taken",
            "cargo clean": "crates.io takes a version once, and never again",
            "cargo package": "crates.io takes a version once, and never again",
            "gh run rerun": _AGAIN,
        },
        beside=_SENDS,
        instead="git grep -n '^version' -- Cargo.toml '*/Cargo.toml'",
    ),
    Futile(
        marks=("can't find crate for", "target may not be installed"),
        failure=_either(r"can't find crate for [`'\"]*(?:std|core)\b|target may not be installed"),
        useless={
            "cargo clean": "the target's library is still not there",
            "cargo update": "the target's library is no dependency in Cargo.lock",
            "rustup update": "rustup updates what is installed, and adds no target",
            _BUILDS: "the target's library is still not there",
            "gh run rerun": _AGAIN,
        },
        instead="rustup target add TARGET",
        blanks="TARGET is what the build names behind `--target`",
    ),
    Futile(
        marks=("linker `cc` not found", "linker 'cc' not found"),
        failure=_either(r"linker [`']cc[`'] not found"),
        useless={
            "cargo clean": "cargo brings no linker",
            "cargo update": "cargo brings no linker",
            "rustup update": "rustup brings no linker",
            "rustup default": "rustup brings no linker",
            _BUILDS: "cargo brings no linker",
        },
        instead="sudo apt-get install build-essential",
        mends=True,
    ),
    Futile(
        marks=("state lock", "state is locked", "state locked"),
        failure=_either(r"\bstate (?:is )?locked\b|Error (?:acquiring|locking) (?:the )?state(?: lock)?"),
        useless={
            "terraform init": "init takes no lock off",
            "tofu init": "init takes no lock off",
            "terraform validate": "validate takes no lock off",
            "terraform fmt": "fmt takes no lock off",
            "rm .terraform .terraform.lock.hcl": "these keep providers; the lock is where the state is",
            "gh run rerun": "the lock is still held when the run starts again",
        },
        beside=("terraform plan !-lock !-lock-timeout", "terraform apply !-lock !-lock-timeout"),
        instead="terraform force-unlock LOCK_ID",
        blanks="LOCK_ID is the `ID:` under `Lock Info:` in terraform's message",
    ),
    Futile(
        marks=("permission denied", "exit code 126"),
        failure=_either(
            r"(?:\bCI\b|workflow|runner|Actions)[^\n|]{0,60}?Permission denied|"
            r"Permission denied[^\n|]{0,60}?(?:\bCI\b|workflow|runner|Actions)"
        ),
        useless={"chmod": "the push carries no mode that is not committed"},
        beside=(_PLAIN_PUSH, "gh run rerun"),
        needs="git push",
        instead="git update-index --chmod=+x FILE && git commit -m 'Make it executable'",
        blanks="FILE is the script",
    ),
    Futile(
        marks=("drift",),
        failure=_either(r"\bdrift(?: is| was| has been)? (?:detected|found|reported)|\b(?:has|have) drifted"),
        useless={
            "terraform plan": "plan only says what differs",
            "terraform show": "show changes nothing",
            "terraform validate": "validate reads the files alone",
            "terraform fmt": "fmt changes blanks",
            "terraform init": "init changes nothing that is there",
        },
        instead="terraform apply",
        mends=True,
    ),
    Futile(
        marks=("secret",),
        failure=_either(
            r"secrets?\b[^.\n|]{0,50}?\b(?:missing|empty|not set|unset|not found|absent)\b[^.\n|]{0,40}?"
            r"\b(?:GitHub|Actions|CI|workflows?)\b|"
            r"\b(?:GitHub|Actions|CI|workflows?)\b[^.\n|]{0,50}?\bsecrets?\b[^.\n|]{0,40}?"
            r"\b(?:missing|empty|not set|unset|not found|absent)\b|"
            r"\b(?:missing|empty|unset)\b (?:GitHub|Actions|repository)(?: Actions)? secrets?"
        ),
        useless={
            EXPORT: "a run at GitHub never sees this shell's variables",
            "gh secret list": "it only lists what is there",
            "gh auth login|refresh": "it signs this machine in, and sets no secret",
            "gh run rerun": "the run starts again with the same secrets",
            "gh workflow run": "the run starts with the same secrets",
            "git commit --allow-empty": "the run starts with the same secrets",
        },
        beside=(_PLAIN_PUSH,),
        instead="gh secret set NAME",
        blanks="NAME is what the workflow reads behind `secrets.`",
    ),
    Futile(
        marks=("secrets manager", "secretsmanager"),
        failure=_either(
            r"Secrets ?Manager\b[^.\n|]{0,60}?\b(?:empty|no value|without a value)\b|"
            r"\b(?:empty|no value)\b[^.\n|]{0,60}?Secrets ?Manager\b"
        ),
        useless={
            f"aws secretsmanager {word}": "it only reads"
            for word in ("describe-secret", "list-secrets", "get-secret-value", "list-secret-version-ids")
        },
        instead="aws secretsmanager put-secret-value --secret-id ENTRY --secret-string file://VALUE",
        blanks="ENTRY is what the entry is called, VALUE a file that holds the value",
    ),
    Futile(
        marks=(
            "workflow scope",
            "workflow` scope",
            "workflow' scope",
            'workflow" scope',
            "refusing to allow",
        ),
        failure=_either(
            r"without [`'\"]?workflow[`'\"]? scope|(?:lacks?|missing) (?:the )?[`'\"]?workflow[`'\"]? scope|"
            r"refusing to allow (?:an OAuth App|a Personal Access Token)"
        ),
        useless={
            "gh auth refresh !-s !--scopes": "without `--scopes` the token keeps those that it has",
            "gh auth setup-git": "git takes the same token",
            "git push": "GitHub refuses the token, however the push is made",
            "git commit --amend": "GitHub refuses the token, whatever the commit is",
            "git pull": "GitHub refuses the token, whatever the commit is",
            "cargo clean|build|update": "GitHub refuses the token, whatever is built here",
        },
        instead="gh auth refresh --hostname github.com --scopes workflow",
        mends=True,
    ),
    Futile(
        marks=("non-fast-forward", "fetch first", "updates were rejected"),
        failure=_either(r"non-fast-forward|\(fetch first\)|updates were rejected"),
        useless={
            "git fetch": "fetch takes nothing into the branch",
            "git commit --amend": "the commit of the other side is still not in the branch",
            _PLAIN_PUSH: "GitHub refuses the push as before",
        },
        instead="git pull --rebase",
        mends=True,
    ),
    Futile(
        marks=("gh006", "protected branch"),
        failure=_either(r"GH006|protected branch hook declined"),
        useless={
            "git push --no-verify": "--no-verify leaves out the hooks of this machine alone",
            "git push --force": "a protected branch refuses that too",
            "git push -f": "a protected branch refuses that too",
            "git pull": "the branch takes no push, however new the commit is",
        },
        beside=(_PLAIN_PUSH,),
        instead="gh pr create",
        mends=True,
    ),
    Futile(
        marks=("(already exists)",),
        failure=_either(r"\[(?:remote )?rejected\][^\n|]{0,80}?\(already exists\)"),
        useless={
            "git tag !--force": "the tag of the other side stays where it is",
            "git tag -f": "the tag of the other side stays where it is",
            "git push --tags !--force !-f": "GitHub keeps a tag that it has unless the push is forced",
            "gh run rerun": "the tag of the other side stays where it is",
        },
        beside=(_PLAIN_PUSH,),
        instead="git push --force origin TAG",
        blanks="TAG is the tag that was refused",
    ),
    Futile(
        marks=("not accessible by integration",),
        failure=_either(r"Resource not accessible by integration"),
        useless={
            "gh run rerun": "the run gets a token with the same permissions",
            "gh auth login|refresh": "the workflow's own token was refused, and not the one of this machine",
            EXPORT: "the workflow's own token was refused, and it never sees this shell",
        },
        beside=(_PLAIN_PUSH,),
        instead="grep -n permissions: .github/workflows/*",
    ),
    Futile(
        marks=("assumerolewithwebidentity",),
        failure=_either(r"Not authorized to perform:? sts:AssumeRoleWithWebIdentity"),
        useless={
            "gh run rerun": "the role still does not trust the run",
            "aws sts get-caller-identity": "it only says who this machine is",
            "aws sso login": "a workflow takes its role with GitHub's token, and never sees this machine's",
        },
        beside=(_PLAIN_PUSH,),
        instead="aws iam update-assume-role-policy --role-name ROLE --policy-document file://TRUST.json",
        blanks="ROLE is what the role is called, TRUST.json the policy that trusts GitHub's token",
    ),
    Futile(
        marks=("workflow",),
        failure=_either(
            r"invalid workflow file|workflow(?: file)? is (?:not valid|invalid)|"
            r"(?:syntax|YAML) error in (?:the |a )?workflow"
        ),
        useless={
            "gh run rerun": "the run takes the file of its own commit again",
            "gh workflow run": "GitHub starts nothing from a file that it cannot read",
            "gh workflow enable": "GitHub starts nothing from a file that it cannot read",
            "cargo clean|build|update|check": "cargo reads no workflow",
            "git commit --allow-empty": "the file stays as it is",
        },
        beside=(_PLAIN_PUSH,),
        instead="actionlint",
    ),
    Futile(
        marks=("workflow",),
        failure=_either(
            r"workflow\b[^.\n|]{0,30}?\b(?:is|was) (?:disabled|deactivated)|disabled_(?:manually|inactivity)"
        ),
        useless={
            "gh run rerun": "the workflow stays disabled",
            "gh workflow run": "GitHub refuses to start a workflow that is disabled",
            "gh workflow list|view": "it only says that it is",
            "git commit --allow-empty": "a push starts no workflow that is disabled",
        },
        beside=(_PLAIN_PUSH,),
        instead="gh workflow enable WORKFLOW",
        blanks="WORKFLOW is the file's name",
    ),
    Futile(
        marks=("actions",),
        failure=_either(r"\bActions (?:is|are) (?:disabled|not enabled|turned off)"),
        useless={
            "gh run rerun": "no run starts while Actions are disabled",
            "gh workflow run|enable|list": "no run starts while Actions are disabled",
            "git commit --allow-empty": "no run starts while Actions are disabled",
        },
        beside=(_PLAIN_PUSH,),
        instead="gh api -X PUT 'repos/{owner}/{repo}/actions/permissions' -F enabled=true "
        "-f allowed_actions=all",
    ),
)
