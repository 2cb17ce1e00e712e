"""Images that a job pushes to GitHub's own registry with its own token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.artifact import path_lines
from tasks.domain.located import Text
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.tag_name import text_names
from tasks.domain.workflow import Job, Step, Workflow

_HOST = "ghcr.io"
_OWN = re.compile(r"\$\{\{\s*(?:github\.token|secrets\.GITHUB_TOKEN)\s*\}\}", re.IGNORECASE)
_ON_PUSH = re.compile(r"\$\{\{\s*github\.event_name\s*(?:!=\s*'pull_request'|==\s*'push')\s*\}\}")
_MADE = re.compile(r"\$\{\{\s*steps\.([\w-]+)\.outputs\.tags\s*\}\}")
_BUILDERS = ("docker", "podman")


@dataclass(frozen=True, kw_only=True)
class PackagePush:
    """A step that pushes an image to the registry, by an action or by a command; ``line`` is its place."""

    step: Step
    by: str
    line: int
    fatal: bool


def package_pushes(workflow: Workflow, job: Job, scripts: Scripts) -> Iterator[PackagePush]:
    """Go through the pushes behind a sign-in with the job's own token, unless another one follows it."""
    own: bool | None = None
    for step in job.steps:
        if step.condition is False:
            continue
        script = scripts.of(workflow.path, job, step)
        if step.action is not None and step.action.name == "docker/login-action":
            password = step.inputs.text("password")
            if _is_here(step.inputs.text("registry"), workflow, job, step):
                own = password is not None and _OWN.fullmatch(password.strip()) is not None
        if own and step.action is not None and _pushes(workflow, job, step):
            by = step.action.name
            yield PackagePush(step=step, by=by, line=step.action.line, fatal=not step.may_fail)
        for command in script.running(*_BUILDERS) if script is not None and not script.never else ():
            words = [word for word in command.arguments if not word.text.startswith("-")]
            if command.literals[:1] == ("login",) and any(word.literal == _HOST for word in words):
                own = _signs_in(command, workflow, job, step, script)
            elif own and command.literals[:1] == ("push",):
                image = words[1] if len(words) > 1 else None
                names = None if image is None else text_names(image.text.strip("\"'"), workflow, job, step)
                sure = image is not None and (names or ("",)) != ("",)
                if sure and all(one.startswith(f"{_HOST}/") for one in names or ()):
                    fatal = command.fatal and not step.may_fail
                    by = f"`{command.program} push`"
                    yield PackagePush(step=step, by=by, line=command.line, fatal=fatal)


def _is_here(registry: Text | None, workflow: Workflow, job: Job, step: Step) -> bool:
    names = None if registry is None else text_names(registry, workflow, job, step)
    return names is not None and all(one.removeprefix("https://").strip("/") == _HOST for one in names)


def _signs_in(
    command: Command, workflow: Workflow, job: Job, step: Step, script: Script | None
) -> bool | None:
    """Tell whether ``docker login`` is given the job's own token; None when that is not certain."""
    if script is None:
        return None
    line = next((one for one in script.commands if one.line == command.line), command)
    texts = [word.text for one in (line, command) for word in one.words]
    if any(_OWN.search(text) for text in texts):
        return True
    named = {name for text in texts for name in re.findall(r"\$\{?(\w+)", text)}
    envs = (step.env, job.env, workflow.env)
    given = [next((env.text(name) for env in envs if name in env), None) for name in named]
    return any(one is not None and _OWN.fullmatch(one.strip()) for one in given)


def _pushes(workflow: Workflow, job: Job, step: Step) -> bool:
    """Tell whether a build is pushed to the registry for certain, on every push at least."""
    if step.action is None or step.action.name != "docker/build-push-action":
        return False
    push = step.inputs.get("push")
    if (
        push is not True
        and not (isinstance(push, str) and _ON_PUSH.fullmatch(push.strip()))
        and push != "true"
    ):
        return False
    tags = step.inputs.text("tags")
    made = None if tags is None else _MADE.fullmatch(tags.strip())
    if made is not None:
        maker = job.step(made[1])
        known = (
            maker is not None and maker.action is not None and maker.action.name == "docker/metadata-action"
        )
        tags = maker.inputs.text("images") if maker is not None and known else None
    images = [one for line in path_lines(tags) for one in str(line).split(",") if one.strip()]
    names = [text_names(one.strip(), workflow, job, step) for one in images]
    return any(one is not None and one[0].startswith(f"{_HOST}/") for one in names)
