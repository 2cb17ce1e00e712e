"""The images that workflows and scripts push, as far as their names are certain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tasks.domain.artifact import path_lines
from tasks.domain.image_build import ACTION
from tasks.domain.job_order import step_lanes
from tasks.domain.lane import Lane
from tasks.domain.script import Script, Scripts
from tasks.domain.source import Source
from tasks.domain.use import spans
from tasks.domain.workflow import Workflow, Workflows

_GAP = "\0"  # stands for what only a run can tell
_ECR = re.compile(r"(?:\d{12}|\0)\.dkr\.ecr\.[\w\0-]+\.amazonaws\.com(?:\.cn)?")
_SIGNS_IN = ("amazon-ecr-login", "get-login-password", ".dkr.ecr.")
_TAG = re.compile(r":(?P<tag>[\w.-]*(?:\$\{\{[^}]*\}\}|\$\{[^}]*\}|\$\([^)]*\)|\$\w+)[\w.-]*)$")
_OF_COMMIT = re.compile(
    r"\$\{\{\s*github\.(?:sha|run_id|run_number)\s*\}\}|"
    r"\$\{?GITHUB_(?:SHA|RUN_ID|RUN_NUMBER)(?:::?\d+(?::\d+)?)?\}?|\$\(\s*git rev-parse [^()]*\)"
)
"""What names a commit or a run: another text each time, and never a word."""
_VARIABLE = re.compile(r"\$\{?(?P<name>[A-Za-z_]\w*)\}?|\$\{\{\s*env\.(?P<env>\w+)\s*\}\}")
_SET = r"^\s*(?:export\s+|local\s+)?%s=[\"']?(?P<value>[^\"'\n]*)[\"']?\s*$"


@dataclass(frozen=True, kw_only=True)
class ImagePush:
    """A push of one image; what only a run can tell of its name and tag is a gap.

    ``name`` is that of the repository without its registry, ``ecr`` tells that the registry is for sure one
    of AWS, ``fresh`` that the tag is another one for each commit or run, ``written`` is the tag as it stands.
    """

    source: Source = field(repr=False)
    line: int
    name: str
    tag: str
    written: str
    ecr: bool
    fresh: bool
    workflow: Workflow | None = field(default=None, repr=False)

    @property
    def is_named(self) -> bool:
        """Tell whether the name of the repository is certain."""
        return _GAP not in self.name

    @property
    def is_tagged(self) -> bool:
        """Tell whether the tag is certain."""
        return _GAP not in self.tag

    def may_be_of(self, name: str) -> bool:
        """Tell whether it can be a push to a repository of this name."""
        return _fits(self.name, name)

    def may_be(self, tag: str) -> bool:
        """Tell whether the tag can be this one."""
        return not self.fresh and _fits(self.tag, tag)


def _fits(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(re.escape(one) for one in pattern.split(_GAP)), text) is not None


def image_pushes(workflows: Workflows, scripts: Scripts) -> Iterator[ImagePush]:
    """Go through the pushes that do not certainly go to a registry of somebody else."""
    by_path = {one.path: one for one in workflows}
    for workflow in workflows:
        if ACTION in workflow.source.text:
            yield from _by_actions(workflow)
    for script, command in scripts.commands("docker", "podman", spelling="push"):
        words = [one for one in command.arguments if one.text != "image"]
        if not words or words[0].text != "push":
            continue
        free = [one for one in words[1:] if not one.text.startswith("-")]
        if len(free) != 1:
            continue
        word = free[0]
        known = _environment(script)
        all_tags = command.has("--all-tags", "-a")
        for text in word.values or ("".join(_GAP if one is None else one for one in word.parts),):
            named = f"{text}:{_GAP}" if all_tags else text
            yield from _push(
                named,
                word.text.strip("\"'"),
                script.source,
                command.line,
                (script.text,),
                known,
                by_path.get(script.path),
            )


def _by_actions(workflow: Workflow) -> Iterator[ImagePush]:
    for job, step in workflow.steps():
        if step.action is None or step.action.name != ACTION:
            continue
        if str(step.inputs.get("push", "")).lower() in ("", "false") and "outputs" not in step.inputs:
            continue
        known = {
            str(key): str(value)
            for env in (workflow.env, job.env, step.env)
            for key in env
            if (value := env.text(key)) is not None
        }
        for line in path_lines(step.inputs.text("tags")):
            texts = dict.fromkeys(_filled(str(line), lane) for lane in step_lanes(workflow, job, step))
            for text in texts:
                yield from _push(text, str(line), workflow.source, line.line, (), known, workflow)


def _filled(written: str, lane: Lane) -> str:
    """Fill in a text's expressions, with a gap for each that is not certain."""
    made: list[str] = []
    at = 0
    for start, end in spans(written):
        if end < 0:
            return _GAP
        value = lane.text(written[start:end])
        made += [written[at:start], _GAP if value is None else value]
        at = end
    return "".join([*made, written[at:]])


def _environment(script: Script) -> Mapping[str, str]:
    step, job = script.step, script.job
    return {
        str(key): str(value)
        for env in (job.env if job is not None else None, step.env if step is not None else None)
        if env is not None
        for key in env
        if (value := env.text(key)) is not None
    }


def _push(  # noqa: PLR0917 - what is pushed, where it stands, and what fills it in
    text: str,
    written: str,
    source: Source,
    line: int,
    assigning: tuple[str, ...],
    known: Mapping[str, str],
    workflow: Workflow | None,
) -> Iterator[ImagePush]:
    registry, slash, rest = text.partition("/")
    if not slash:
        if _GAP in text:  # a variable that holds the whole of it
            yield ImagePush(
                source=source, line=line, name=_GAP, tag=_GAP, written=written, ecr=False, fresh=False
            )
        return
    if _GAP not in registry and _ECR.fullmatch(registry) is None:
        return
    name, _, tag = rest.partition(":")
    found = _TAG.search(written)
    shown = found["tag"] if found is not None and _GAP in tag else tag or "latest"
    signs_in = any(one in source.text for one in _SIGNS_IN)
    yield ImagePush(
        source=source,
        line=line,
        name=name,
        tag=tag or "latest",
        written=shown,
        ecr=_ECR.fullmatch(registry) is not None or (registry == _GAP and signs_in),
        fresh=_GAP in tag and _is_of_commit(shown, assigning, known),
        workflow=workflow,
    )


def _is_of_commit(written: str, assigning: tuple[str, ...], known: Mapping[str, str]) -> bool:
    """Tell whether a tag names a commit or a run, itself or by a variable that is set once."""
    if _OF_COMMIT.search(written):
        return True
    found = _VARIABLE.search(written)
    if found is None:
        return False
    name = found["name"] or found["env"]
    values = [one["value"] for text in assigning for one in re.finditer(_SET % name, text, re.MULTILINE)]
    values = values or ([known[name]] if name in known else [])
    return len(values) == 1 and _OF_COMMIT.fullmatch(values[0].strip()) is not None
