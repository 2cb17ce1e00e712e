"""What a job makes with its own token: tags, releases and pull requests, whose events GitHub holds back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tasks.domain.located import Map, Text
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.tag_name import STAND_IN, TagMade, bare, git_words, tag_made, text_names, word_names
from tasks.domain.workflow import Job, Step, Workflow, Workflows


@dataclass(frozen=True, kw_only=True)
class Made:
    """A ``tag``, ``release`` or ``pull request`` that a step makes with the token of its job.

    ``names`` are those a tag can have, None when nothing of them is known before the run. ``prerelease`` is
    None when only a run knows.
    """

    kind: str
    line: int
    by: str
    names: tuple[str, ...] | None = ()
    prerelease: bool | None = False


NEEDS_TAG: Mapping[str, str] = {"softprops/action-gh-release": "tag_name", "ncipollo/release-action": "tag"}
"""Action -> its input for the tag; without it the action takes the tag that started the run."""

_RELEASES: Mapping[str, tuple[str, ...]] = {
    "softprops/action-gh-release": ("token",),
    "ncipollo/release-action": ("token",),
    "actions/create-release": (),
    "taiki-e/create-gh-release-action": ("token",),
}
"""Action that makes a release -> its inputs for a token; else it takes GITHUB_TOKEN of its environment."""

_REQUESTS: Mapping[str, tuple[str, ...]] = {
    "peter-evans/create-pull-request": ("token",),
    "googleapis/release-please-action": ("token",),
    "google-github-actions/release-please-action": ("token",),
    "release-plz/action": (),
    "marcoieni/release-plz-action": (),
    "changesets/action": (),
    "cargo-bins/release-pr": ("github-token",),
}
"""Action that opens pull requests -> its inputs for a token, as above."""

_AFTER_REQUESTS = frozenset(
    {"googleapis/release-please-action", "google-github-actions/release-please-action"}
)
"""Those that make a release once their pull request is merged."""

_TAGS: Mapping[str, tuple[str, str | None, str | None]] = {
    "mathieudutour/github-tag-action": ("github_token", "tag_prefix", "custom_tag"),
    "anothrnick/github-tag-action": ("", None, None),
    "negz/create-tag": ("token", None, "version"),
    "rickstaa/action-create-tag": ("github_token", None, "tag"),
}
"""Action that makes a tag -> its inputs for a token, for what the tag begins with, and for the tag itself."""

PUSH = "`git push`"
_SIGN_IN = re.compile(
    r"remote\s+(?:set-url|add)|insteadof|extraheader|credential|auth\s+setup-git", re.IGNORECASE
)
_REFS = re.compile(
    r"/?repos/(?:\{owner\}/\{repo\}|:owner/:repo|\$\{?GITHUB_REPOSITORY\}?|\$\{\{\s*github\.repository\s*\}\})"
    r"/git/refs"
)
_SPELLED = re.compile(r"\b(?:git|gh)\b")
_INPUT = re.compile(r"\$\{\{\s*(?:github\.event\.)?inputs\.[\w-]+\s*\}\}")


@dataclass(frozen=True, kw_only=True)
class _Here:
    """A step with what is known before it; ``tags``: those that ``git tag`` made in its job, as written."""

    workflows: Workflows
    workflow: Workflow
    job: Job
    step: Step
    script: Script | None
    tags: dict[str, TagMade] = field(default_factory=dict)

    @property
    def before(self) -> tuple[Step, ...]:
        return self.job.steps[: self.step.index]

    def env(self, *names: str) -> Text | None:
        """Return the first variable that is set around the step, as written."""
        envs = (self.step.env, self.job.env, self.workflow.env)
        found = (env.text(name) for name in names for env in envs)
        return next((one for one in found if one is not None), None)


def made_by_token(workflows: Workflows, workflow: Workflow, job: Job, scripts: Scripts) -> Iterator[Made]:
    """Go through what the steps of a job make with the job's own token."""
    tags: dict[str, TagMade] = {}
    for step in job.steps:
        script = scripts.of(workflow.path, job, step)
        here = _Here(workflows=workflows, workflow=workflow, job=job, step=step, script=script, tags=tags)
        yield from _by_action(here)
        if script is None or script.never or not _SPELLED.search(script.text):
            continue  # most scripts need no reading
        for command in script.commands:
            given = [word.literal for word in git_words(command)]
            if given[:1] == ["tag"]:
                tag = tag_made(command, workflow, step, script)
                if tag is not None:
                    tags[tag.written] = tag
            elif given[:1] == ["push"]:
                yield from _by_push(here, command)
            elif command.program == "gh":
                yield from _by_gh(here, command)


def by_tag(workflow: Workflow) -> bool:
    """Tell whether a tag can start the workflow."""
    push = workflow.event("push")
    if push is not None and ("tags" in push or "tags-ignore" in push or not branches(push)):
        return True
    return any(event in workflow.events for event in ("release", "create", "workflow_call"))


def branches(push: Map) -> bool:
    """Tell whether a push is let in by its branch."""
    return "branches" in push or "branches-ignore" in push


def _by_action(here: _Here) -> Iterator[Made]:
    step, action = here.step, here.step.action
    name = action.name if action is not None else ""
    line = action.line if action is not None else step.line
    if name in _TAGS and _said(step.inputs, "dry_run") is False and _takes_own(here, _TAGS[name][:1]):
        yield Made(kind="tag", line=line, by=name, names=_named_by(here, *_TAGS[name][1:]))
    if name in _REQUESTS and _takes_own(here, _REQUESTS[name]) and step.inputs.text("command") != "release":
        yield Made(kind="pull request", line=line, by=name)
    if (
        name in _AFTER_REQUESTS
        and _takes_own(here, _REQUESTS[name])
        and "skip-github-release" not in step.inputs
    ):
        yield Made(kind="release", line=line, by=name, prerelease=None)
    if name not in _RELEASES or not _takes_own(here, _RELEASES[name]):
        return
    if _is_there_before(here) or _said(step.inputs, "draft") is not False:
        return
    yield Made(kind="release", line=line, by=name, prerelease=_said(step.inputs, "prerelease"))
    key = NEEDS_TAG.get(name)
    written = step.inputs.text(key) if key is not None else None
    if key is not None and written is not None and not by_tag(here.workflow) and not _is_tagged(here):
        names = text_names(str(written), here.workflow, here.job, step)
        yield Made(kind="tag", line=step.inputs.line_of(key), by=name, names=names)


def _named_by(here: _Here, before: str | None, own: str | None) -> tuple[str, ...] | None:
    """Return what an action calls the tag that it makes; None when its inputs do not tell."""
    if before is None and own is None:
        return None
    written = here.step.inputs.text(own) if own is not None else None
    if written is None and before is None:
        return None
    begins = (
        "" if before is None else "v" if before not in here.step.inputs else here.step.inputs.text(before)
    )
    return text_names(f"{begins or ''}{written or STAND_IN}", here.workflow, here.job, here.step)


def _by_gh(here: _Here, command: Command) -> Iterator[Made]:
    asked = [*command.literals][:2]
    token = here.env("GH_TOKEN", "GITHUB_TOKEN")
    if token is None or not is_own(token):
        return
    if asked == ["pr", "create"]:
        yield Made(kind="pull request", line=command.line, by="`gh pr create`")
    if asked[:1] == ["api"]:
        yield from _by_api(here, command)
    if asked != ["release", "create"] or command.has("--draft", "-d") or _is_there_before(here):
        return
    by = "`gh release create`"
    yield Made(kind="release", line=command.line, by=by, prerelease=command.has("--prerelease", "-p"))
    words = [word for word in command.arguments[2:] if not word.text.startswith("-")]
    if words and not by_tag(here.workflow) and not command.has("--verify-tag") and not _is_tagged(here):
        names = word_names(words[0], here.workflow, here.step, here.script)
        yield Made(kind="tag", line=command.line, by=by, names=names)


def _by_api(here: _Here, command: Command) -> Iterator[Made]:
    """Give the tag that ``gh api repos/OWNER/NAME/git/refs -f ref=refs/tags/TAG`` makes here."""
    paths = [word.text.strip("\"'") for word in command.arguments[1:]]
    method = command.option("-X", "--method")
    if not any(_REFS.fullmatch(one) for one in paths) or (method is not None and method.literal != "POST"):
        return
    for word in command.options("-f", "-F", "--field", "--raw-field"):
        if bare(word).strip("\"'").startswith("ref=refs/tags/"):
            names = word_names(word, here.workflow, here.step, here.script) or ()
            cut = tuple(name.rpartition("refs/tags/")[2] for name in names)
            yield Made(kind="tag", line=command.line, by="`gh api`", names=cut)


def _by_push(here: _Here, command: Command) -> Iterator[Made]:
    """Give the tags that a ``git push`` takes along."""
    words = [word for word in git_words(command)[1:] if not word.text.startswith("-")]
    if command.has("--dry-run", "-n", "--delete", "-d") or any("://" in word.text for word in words[:1]):
        return  # an address carries its own token
    if not _keeps_own_token(here):
        return
    if command.has("--tags", "--follow-tags"):
        for tag in here.tags.values():
            if tag.annotated or command.has("--tags"):
                yield Made(kind="tag", line=command.line, by=PUSH, names=tag.names or ())
        if not here.tags:
            yield Made(kind="tag", line=command.line, by=PUSH, names=None)
    for word in words[1:]:
        target = bare(word).rpartition(":")[2].removeprefix("+")
        if bare(word).startswith(":"):
            continue  # takes it away
        if target.startswith("refs/tags/"):
            names = word_names(word, here.workflow, here.step, here.script) or ()
            cut = tuple(name.rpartition("refs/tags/")[2] for name in names)
            yield Made(kind="tag", line=command.line, by=PUSH, names=cut)
        elif target in here.tags:
            yield Made(kind="tag", line=command.line, by=PUSH, names=here.tags[target].names or ())


def _is_there_before(here: _Here) -> bool:
    """Tell whether the release was there before the run: a release, or a person with its tag, started it."""
    called = here.workflow.path
    callers = (
        one
        for one in here.workflows
        if any(job.action is not None and job.action.local == called for job in one.jobs.values())
    )
    if any(one.event("release") is not None for one in (here.workflow, *callers)):
        return True
    named = (here.step.inputs.text(key) or "" for key in NEEDS_TAG.values())
    return any(_INPUT.fullmatch(one.strip()) for one in named) or any(
        "'release'" in str(one) for one in (here.job.condition, here.step.condition)
    )


def _is_tagged(here: _Here) -> bool:
    """Tell whether a step before makes the tag itself: the release then only takes it."""
    by_api = any("git/refs" in str(one.run or "") or "createRef" in str(one.root) for one in here.before)
    return by_api or any("git push" in str(one.run or "") and "tag" in str(one.run) for one in here.before)


def _said(inputs: Map, key: str) -> bool | None:
    """Return what an input says, False without it; None when only a run knows."""
    written = inputs.get(key)
    if written is None or isinstance(written, bool):
        return written is True
    return {"true": True, "false": False, "": False}.get(str(written).lower())


def _takes_own(here: _Here, inputs: tuple[str, ...]) -> bool:
    """Tell whether an action works with the job's own token, by an input, its environment, or neither."""
    given = (here.step.inputs.text(key) for key in inputs)
    return is_own(next((one for one in given if one is not None), None) or here.env("GITHUB_TOKEN"))


def is_own(written: Text | None) -> bool:
    """Tell whether a token is the job's own; an action takes that one when none is given."""
    if written is None:
        return True
    return written.strip(" ${}").lower() in ("github.token", "secrets.github_token")


def _keeps_own_token(here: _Here) -> bool:
    """Tell whether git signs in with the token that the job's own checkouts left behind."""
    found = [one for one in here.job.steps if one.action and one.action.name == "actions/checkout"]
    if not found or any(_SIGN_IN.search(str(one.run or "")) for one in (*here.before, here.step)):
        return False
    return all(
        is_own(one.inputs.text("token"))
        and "ssh-key" not in one.inputs
        and one.inputs.get("persist-credentials") is not False
        for one in found
    )
