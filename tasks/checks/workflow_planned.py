"""Whether what is planned next, the release's tag, starts the workflow that makes the release."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.document import Documents
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.git_state import GitState
from tasks.domain.glob import GlobError, selected
from tasks.domain.located import Map, Text
from tasks.domain.phase import Phase
from tasks.domain.script import Script, Word
from tasks.domain.settings import Settings
from tasks.domain.tag_name import git_words
from tasks.domain.workflow import Workflow, Workflows

_DIRECTORY = ".github/workflows/"
_VERSION = re.compile(r"v?\d+\.\d+\.\d+(?:-[\w.]+)?")
"""Tags of this form are those of versions; a document's others may be of anything."""

_OF_REGEX = re.compile(r"\\[dw]")
"""What GitHub documents for no filter; people have seen `\\d` take one digit."""


@check(
    "planned-tag-starts-release",
    phase=Phase.RELEASE,
    remedy=Remedy(
        summary="Let the tag match `on.push.tags`, or plan another one as release.tag in activation.toml",
        minutes=5,
    ),
)
def planned_tag_starts_release(
    workflows: Workflows, settings: Settings, git: GitState | Unseen, documents: Documents
) -> Iterator[Answer]:
    """Every tag that is planned, or that documents tell to make, starts the workflow of the release."""
    workflow = workflows.at(f"{_DIRECTORY}{settings.release_workflow}") if settings.release_workflow else None
    if workflow is None or "push" not in workflow.events:
        return
    patterns = (workflow.event("push") or Map()).texts("tags")
    try:
        if settings.tag is not None:
            yield _planned(workflow, patterns, settings.tag)
        made = git.tags if isinstance(git, GitState) else ()
        if settings.tag is None and patterns and all(_OF_REGEX.search(one) for one in patterns):
            yield _uncertain(workflow, patterns)
        elif patterns and not any(selected(patterns, one) for one in made):
            yield from _documented(workflows, workflow, documents, settings.tag)
    except GlobError:
        return  # a pattern that GitHub refuses is for ``trigger-is-known``


def _planned(workflow: Workflow, patterns: Sequence[Text], tag: str) -> Answer:
    subject = f"{workflow.file}: {tag}"
    if not patterns or selected(patterns, tag):
        return holds(subject, "starts it")
    told = f"the tag {tag} does not start {workflow.file}, which waits for {', '.join(patterns)}"
    weight = Weight.WARNING if any(_OF_REGEX.search(one) for one in patterns) else None
    return broken(subject, told, workflow.source.at(patterns[0]), weight=weight)


def _uncertain(workflow: Workflow, patterns: Sequence[Text]) -> Answer:
    """Tell of filters that are written as regular expressions."""
    sign = _OF_REGEX.findall(patterns[0])[0]
    told = (
        f"{workflow.file} waits for {', '.join(patterns)}: filters are no regular expressions, and GitHub "
        f"documents no `{sign}` in them, so the tag of a version may start nothing"
    )
    remedy = Remedy(summary="Write `[0-9]+` for a number, and `.` as it is", minutes=3)
    subject = f"{workflow.file}: {', '.join(patterns)}"
    return broken(subject, told, workflow.source.at(patterns[0]), weight=Weight.NOTE, remedy=remedy)


def _documented(
    workflows: Workflows, release: Workflow, documents: Documents, planned: str | None
) -> Iterator[Answer]:
    """Judge the tags that documents tell to make, where no tag that is there starts the workflow."""
    waiting = [tags for one in workflows if (tags := (one.event("push") or Map()).texts("tags"))]
    patterns = (release.event("push") or Map()).texts("tags")
    seen = set() if planned is None else {planned}
    for document in documents:
        for script in (*document.scripts_with("git tag"), *document.spoken_with("git tag")):
            for word in _tags(script):
                tag = str(word.literal)
                if tag in seen or any(selected(one, tag) for one in waiting):
                    continue
                seen.add(tag)
                told = (
                    f"the tag {tag} that {document.path} tells to make starts no workflow: "
                    f"{release.file} waits for {', '.join(patterns)}"
                )
                places = (release.source.at(patterns[0]), document.source.at(word))
                subject = f"{release.file}: {tag} of {document.path}"
                yield broken(subject, told, *places, weight=Weight.WARNING)


def _tags(script: Script) -> Iterator[Word]:
    for command in script.running("git"):
        words = git_words(command)
        if words and words[0].text == "tag":
            yield from (one for one in words[1:] if one.literal and _VERSION.fullmatch(one.literal))
