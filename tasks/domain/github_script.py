"""What the JavaScript of ``actions/github-script`` asks GitHub to change with its job's token."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tasks.domain.workflow import Step

_WRITES: Mapping[str, tuple[str, str | None]] = {
    "issues.create": ("issues", None),
    "issues.createComment": ("issues", "pull-requests"),
    "issues.updateComment": ("issues", "pull-requests"),
    "issues.addLabels": ("issues", "pull-requests"),
    "issues.removeLabel": ("issues", "pull-requests"),
    "pulls.create": ("pull-requests", None),
    "repos.createRelease": ("contents", None),
    "git.createRef": ("contents", None),
}
"""Method of the REST client -> the scope of which it needs `write`, and another one that does as well."""

_CALL = re.compile(r"\bgithub\.(?:rest\.)?(" + "|".join(map(re.escape, _WRITES)) + r")\(")
_COMMENT = re.compile(r"//|^\s*\*")
_OWN = re.compile(r"\$\{\{\s*(?:github\.token|secrets\.GITHUB_TOKEN)\s*\}\}", re.IGNORECASE)
_ELSEWHERE = re.compile(r"getOctokit|\btry\b|\.catch\(")
_AWAITED = re.compile(r"\s*(?:(?:const|let|var)\s+[\w{}, ]+=\s*)?(?:return\s+)?(?:await\s+)?")
_MAYBE = re.compile(r"\b(?:if|else|for|while|switch|return|function|throw)\b|=>|\?|&&|\|\||forEach|\.map\(")
"""What may keep a script from coming to its next line."""


@dataclass(frozen=True, kw_only=True)
class ApiCall:
    """A call that writes: its method, the scopes either of which allows it, and its line.

    ``certain``: the script comes to it each time and waits for it, so that a refusal fails the step.
    """

    name: str
    scope: str
    other: str | None
    line: int
    certain: bool


def api_calls(step: Step) -> Iterator[ApiCall]:
    """Go through the calls that the job's own token has to be allowed, whose refusal fails the step."""
    if step.action is None or step.action.name != "actions/github-script" or step.condition is False:
        return
    script, token = step.inputs.text("script"), step.inputs.text("github-token")
    if script is None or (token is not None and not _OWN.fullmatch(token.strip())):
        return
    if _ELSEWHERE.search(script):
        return
    seen: set[str] = set()
    for found in _CALL.finditer(script):
        begun = script.rfind("\n", 0, found.start()) + 1
        if found[1] in seen or _COMMENT.search(script[begun : found.start()]):
            continue
        seen.add(found[1])
        scope, other = _WRITES[found[1]]
        name = f"github.rest.{found[1]}"
        yield ApiCall(
            name=name,
            scope=scope,
            other=other,
            line=script.line_at(found.start()),
            certain=_AWAITED.fullmatch(script[begun : found.start()]) is not None
            and _MAYBE.search(script[:begun]) is None,
        )
