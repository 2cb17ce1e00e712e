"""Whether an image for several platforms is on each of them what that platform runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check
from tasks.domain.dockerfile import Dockerfile, is_dockerfile, read_dockerfile
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.image_build import image_builds
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Source, Sources
from tasks.domain.workflow import Workflows

_OF_BUILDER = re.compile(r"^\s*FROM\s+--platform=[\"']?\$\{?BUILDPLATFORM\}?[\"']?\s", re.IGNORECASE)
_GIVEN = re.compile(r"--platform[= ][\"']?(linux/[\w/,]+)")


@check(
    "docker-image-of-its-platform",
    phase=Phase.RELEASE,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Take `--platform=$BUILDPLATFORM` out of the last FROM: only stages that build belong there",
        minutes=5,
    ),
)
def docker_image_of_its_platform(
    workflows: Workflows, scripts: Scripts, sources: Sources
) -> Iterator[Answer]:
    """No image that is built for several platforms ends on the base of the machine that builds it."""
    for source in sources.saying("BUILDPLATFORM", told=False):
        file = read_dockerfile(source) if is_dockerfile(source.path) else None
        if file is None or not file.stages:
            continue
        base = file.chain(file.stages[-1])[-1]
        if base.image == "scratch" or not _OF_BUILDER.match(source.lines[base.line - 1]):
            continue
        asked = dict(_platforms(file, workflows, scripts, sources))
        if len(asked) > 1:
            told = (
                f"`FROM --platform=$BUILDPLATFORM {base.image}` ends the image, and it is built for "
                f"{' and '.join(sorted(asked))}: all but one get programs that they cannot run"
            )
            yield broken(source.path, told, source.at(base.line), *dict.fromkeys(asked.values()))


def _platforms(
    file: Dockerfile, workflows: Workflows, scripts: Scripts, sources: Sources
) -> Iterator[tuple[str, Evidence]]:
    """Go through the platforms that an image is certainly built for, each with the line that says so."""
    path = file.source.path
    for workflow in workflows:
        for build in image_builds(workflow, scripts) if "platforms" in workflow.source.text else ():
            given = build.step.inputs.text("platforms")
            target = build.step.inputs.text("target")
            if build.file == path and given is not None and "${{" not in given and target is None:
                for one in re.split(r"[\s,]+", str(given).strip()):
                    yield one, workflow.source.at(given.line)
    for script in sources.saying("--platform", told=False):
        if not is_dockerfile(script.path):
            yield from _in_lines(script, path)


def _in_lines(script: Source, path: str) -> Iterator[tuple[str, Evidence]]:
    named = re.compile(rf"(?:-f|--file)[= ](?:\./)?{re.escape(path)}(?=[\s\"']|$)")
    for number, line in enumerate(script.lines, 1):
        given = _GIVEN.search(line)
        if given is not None and named.search(line) and "--target" not in line:
            for one in given[1].split(","):
                yield one, script.at(number)
