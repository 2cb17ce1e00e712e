"""Whether a release gets every asset it should have, and none replaces another."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.artifact import path_lines
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests
from tasks.domain.finding import Remedy, Weight
from tasks.domain.job_order import runs_for_sure, step_lanes
from tasks.domain.lane import Lane
from tasks.domain.phase import Phase
from tasks.domain.product import Place, why_missing
from tasks.domain.release_asset import LEFT_OUT, REFUSED, REPLACES, Asset, uploads_by_action
from tasks.domain.script import Command, Scripts, Word
from tasks.domain.tree import Tree
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_RELEASE_ACTION = "softprops/action-gh-release"
_OF_A_LANE = re.compile(r"\b(?:steps|env|matrix)\.")
_OF_THE_RUN = re.compile(r"\$\{\{\s*github\.ref(?:_name)?\s*\}\}|\$\{?GITHUB_REF(?:_NAME|#refs/tags/)?\}?")
_GH_FLAGS = frozenset(
    {"--clobber", "-d", "--draft", "-p", "--prerelease", "--verify-tag", "--generate-notes", "--latest"}
)


@check(
    "release-asset-produced",
    phase=Phase.RELEASE,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Make or download the file in a step before, or correct the path", minutes=10),
)
def release_asset_produced(
    workflows: Workflows, scripts: Scripts, tree: Tree, manifests: Manifests
) -> Iterator[Answer]:
    """Every file that a release gets is in the repository, or can have been made or downloaded before."""
    for workflow in workflows:
        for one in _assets(workflow, scripts):
            place = Place(
                workflow=workflow,
                job=one.job,
                step=one.step,
                lanes=one.lanes,
                command=one.command,
                scripts=scripts,
                tree=tree,
                manifests=manifests,
            )
            why = why_missing(one.written, place)
            subject = f"{workflow.file}: {one.job.id}: {one.written}"
            if why is None:
                yield holds(subject, "can be there")
            else:
                weight = Weight.BLOCKER if one.fatal else Weight.WARNING
                yield broken(subject, why, workflow.source.at(one.line), weight=weight)


@check(
    "release-asset-names-unique",
    phase=Phase.RELEASE,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Put the target or system into the file's name before it is uploaded", minutes=10),
)
def release_asset_names_unique(workflows: Workflows, scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """No two jobs or lanes upload assets of one name into one release: only the last or first would stay."""
    for workflow in workflows:
        yield from merged(_names(workflow, [*_assets(workflow, scripts), *uploads_by_action(workflow)], tree))


def _names(workflow: Workflow, assets: list[Asset], tree: Tree) -> Iterator[Answer]:
    # What a person chose when starting the run is the same in all jobs: only such lanes meet.
    found: dict[tuple[str, tuple[tuple[str, str], ...]], list[Asset]] = {}
    for one in assets:
        for lane in one.lanes:
            tag = _release(one, lane)
            path = lane.text(one.written)
            called = path if one.named is None else lane.text(one.named)
            name = None if path is None or called is None else posixpath.basename(called)
            if tag is None or not name or any(mark in name for mark in "*?[$"):
                continue
            if not runs_for_sure(lane, one.job, one.step):
                continue
            if lane.system is not None and _can_be_built(str(path), lane):
                chosen = ("tag", tag), *sorted(lane.inputs.items())
                found.setdefault((name, chosen), []).append(one)
    for (name, _), made in found.items():
        subject = f"{workflow.file}: {name}"
        if len(made) == 1:
            yield holds(subject, "is uploaded once")
            continue
        in_turn = len({str(one.job.id) for one in made}) == 1 and all(len(one.lanes) == 1 for one in made)
        later = made[1:] if in_turn else made
        paths = {one.written for one in made}
        of_one_job = len({str(one.job.id) for one in made}) == 1
        committed = of_one_job and tree.file(min(paths).removeprefix("./")) is not None
        same = len(paths) == 1 and (in_turn or committed)
        if same and all(one.then != REFUSED for one in later):
            yield holds(subject, "is the same file each time")
            continue
        # Of two that are refused one surely comes second; of others only where the order is certain.
        stops = sum(one.then == REFUSED for one in later) > (0 if in_turn else 1)
        lines = dict.fromkeys(one.line for one in made)
        places = [workflow.source.at(line) for line in lines]
        told = f"{_who(made, in_turn=in_turn)} upload an asset {name!r}: {_then(later, stops=stops)}"
        yield broken(subject, told, *places, weight=Weight.BLOCKER if stops else Weight.WARNING)


def _who(made: list[Asset], *, in_turn: bool) -> str:
    jobs = sorted({str(one.job.id) for one in made})
    if len(jobs) > 1:
        return f"the jobs {', '.join(jobs)}"
    return f"{len(made)} {'uploads' if in_turn else 'lanes'} of the job {jobs[0]!r}"


def _then(later: list[Asset], *, stops: bool) -> str:
    ways = {REFUSED} if stops else {one.then for one in later}
    if ways == {REPLACES}:
        return "each replaces the one before"
    return f"the second {' or '.join(sorted(ways))}"


def _release(asset: Asset, lane: Lane) -> str | None:
    """Return what tells the release of an asset from others; None when only a run can tell."""
    if _OF_THE_RUN.fullmatch(asset.tag):
        return ""
    value = lane.text(asset.tag)
    return asset.tag if value is None and not _OF_A_LANE.search(asset.tag) else value


def _can_be_built(path: str, lane: Lane) -> bool:
    """Tell whether a program of that name is made on the lane's system: Windows ends them with .exe."""
    if not path.removeprefix("./").startswith("target/"):
        return True
    name = posixpath.basename(path)
    return (
        name.endswith(".exe") == (lane.system == "Windows")
        if name.endswith(".exe") or "." not in name
        else True
    )


def _assets(workflow: Workflow, scripts: Scripts) -> Iterator[Asset]:
    for job, step in workflow.steps():
        if step.action is not None and step.action.name == _RELEASE_ACTION:
            lanes = step_lanes(workflow, job, step)
            for path in path_lines(step.inputs.text("files")) if lanes else ():
                yield Asset(
                    job=job,
                    step=step,
                    written=str(path),
                    line=path.line,
                    lanes=lanes,
                    fatal=step.inputs.get("fail_on_unmatched_files") is True,
                    then=LEFT_OUT if step.inputs.get("overwrite_files") is False else REPLACES,
                    tag=str(step.inputs.text("tag_name") or ""),
                )
        elif step.run is not None and "gh release" in step.run:
            yield from _by_gh(workflow, job, step, scripts)


def _by_gh(workflow: Workflow, job: Job, step: Step, scripts: Scripts) -> Iterator[Asset]:
    script = scripts.of(workflow.path, job, step)
    for command in script.running("gh") if script is not None and script.cwd == "" else ():
        if command.cwd or command.conditional or command.loop or not command.fatal:
            continue
        free = _free(command)
        for word in (one for one in free[1:] if "$" not in one.text.replace("${{", "")):
            yield Asset(
                job=job,
                step=step,
                written=word.text.strip("\"'").partition("#")[0],
                line=word.line,
                lanes=script.lanes if script is not None else (),
                fatal=True,
                then=REPLACES if command.has("--clobber") else REFUSED,
                command=command,
                tag=free[0].text.strip("\"'"),
            )


def _free(command: Command) -> list[Word]:
    """Return the tag and the files that `gh release upload` or `create` is given."""
    words = list(command.arguments)
    if [word.text for word in words[:1]] != ["release"] or words[1:2] == []:
        return []
    if words[1].text not in ("upload", "create"):
        return []
    free: list[Word] = []
    skip = False
    for word in words[2:]:
        if skip:
            skip = False
        elif word.text.startswith("-"):
            skip = word.text not in _GH_FLAGS and "=" not in word.text
        else:
            free.append(word)
    return free
