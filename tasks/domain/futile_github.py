"""Futile remedies against what git and GitHub refuse, and against runs that do not start."""

from __future__ import annotations

from tasks.domain.futile import EXPORT, PLAIN_PUSH, Futile, either

GITHUB = (
    Futile(
        name="a missing secret",
        marks=("ecret",),
        failure=either(
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
        beside=(PLAIN_PUSH,),
        instead="gh secret set NAME",
        blanks="NAME is what the workflow reads behind `secrets.`",
    ),
    Futile(
        name="a waiting run",
        marks=("wait",),
        failure=either(
            r"\b(?:run|job|deployment)\b[^.\n|]{0,30}?\bwait(?:s|ing)? for (?:an? |the )?(?:approval|review)"
        ),
        useless={
            "gh run rerun": "the next attempt waits for the same approval",
            "gh workflow run": "the next run waits for the same approval",
            "git commit --allow-empty": "the next run waits for the same approval",
        },
        beside=(PLAIN_PUSH,),
        instead="gh run view --web",
    ),
    Futile(
        name="a script's mode",
        marks=("ermission denied",),
        failure=either(
            r"(?:\bCI\b|workflow|runner|Actions)[^\n|]{0,60}?Permission denied(?! \(publickey)|"
            r"Permission denied(?! \(publickey)[^\n|]{0,60}?(?:\bCI\b|workflow|runner|Actions)"
        ),
        useless={"chmod": "the push carries no mode that is not committed"},
        beside=(PLAIN_PUSH, "gh run rerun"),
        needs="git push",
        instead="git update-index --chmod=+x FILE && git commit -m 'Make it executable'",
        blanks="FILE is the script",
    ),
    Futile(
        name="a missing scope",
        marks=(
            "scope",
            "efusing to allow",
        ),
        failure=either(
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
        name="a branch behind",
        marks=(
            "non-fast-forward",
            "fetch first",
            "pdates were rejected",
        ),
        failure=either(r"non-fast-forward|\(fetch first\)|updates were rejected"),
        useless={
            "git fetch": "fetch takes nothing into the branch",
            "git commit --amend": "the commit of the other side is still not in the branch",
            PLAIN_PUSH: "GitHub refuses the push as before",
        },
        instead="git pull --rebase",
        mends=True,
    ),
    Futile(
        name="a protected branch",
        marks=(
            "GH006",
            "rotected branch hook",
        ),
        failure=either(r"GH006|protected branch hook declined"),
        useless={
            "git push --no-verify": "--no-verify leaves out the hooks of this machine alone",
            "git push --force": "a protected branch refuses that too",
            "git push -f": "a protected branch refuses that too",
            "git pull": "the branch takes no push, however new the commit is",
        },
        beside=(PLAIN_PUSH,),
        instead="gh pr create",
        mends=True,
    ),
    Futile(
        name="a tag that exists",
        marks=("(already exists)",),
        failure=either(r"\[(?:remote )?rejected\][^\n|]{0,80}?\(already exists\)"),
        useless={
            "git tag !--force": "the tag of the other side stays where it is",
            "git tag -f": "the tag of the other side stays where it is",
            "git push --tags !--force !-f": "GitHub keeps a tag that it has unless the push is forced",
            "gh run rerun": "the tag of the other side stays where it is",
        },
        beside=(PLAIN_PUSH,),
        instead="git push --force origin TAG",
        blanks="TAG is the tag that was refused",
    ),
    Futile(
        name="the token's permissions",
        marks=("ccessible by integration",),
        failure=either(r"Resource not accessible by integration"),
        useless={
            "gh run rerun": "the run gets a token with the same permissions",
            "gh auth login|refresh": "the workflow's own token was refused, and not the one of this machine",
            EXPORT: "the workflow's own token was refused, and it never sees this shell",
        },
        beside=(PLAIN_PUSH,),
        instead="grep -n permissions: .github/workflows/*",
    ),
    Futile(
        name="an invalid workflow",
        marks=(
            "nvalid",
            "ot valid",
            "rror in",
        ),
        failure=either(
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
        beside=(PLAIN_PUSH,),
        instead="actionlint",
    ),
    Futile(
        name="a disabled workflow",
        marks=(
            "isabled",
            "eactivated",
        ),
        failure=either(
            r"workflow\b[^.\n|]{0,30}?\b(?:is|was) (?:disabled|deactivated)|disabled_(?:manually|inactivity)"
        ),
        useless={
            "gh run rerun": "the workflow stays disabled",
            "gh workflow run": "GitHub refuses to start a workflow that is disabled",
            "gh workflow list|view": "it only says that it is",
            "git commit --allow-empty": "a push starts no workflow that is disabled",
        },
        beside=(PLAIN_PUSH,),
        instead="gh workflow enable WORKFLOW",
        blanks="WORKFLOW is the file's name",
    ),
    Futile(
        name="disabled Actions",
        marks=(
            "isabled",
            "ot enabled",
            "urned off",
        ),
        failure=either(r"\bActions (?:is|are) (?:disabled|not enabled|turned off)"),
        useless={
            "gh run rerun": "no run starts while Actions are disabled",
            "gh workflow run|enable|list": "no run starts while Actions are disabled",
            "git commit --allow-empty": "no run starts while Actions are disabled",
        },
        beside=(PLAIN_PUSH,),
        instead="gh api -X PUT 'repos/{owner}/{repo}/actions/permissions' -F enabled=true "
        "-f allowed_actions=all",
    ),
)
