"""Whether the features with which a Dockerfile builds are ones that a package of the repository declares."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests
from tasks.domain.dockerfile import Dockerfile, Instruction, Stage, is_dockerfile, read_dockerfile
from tasks.domain.edit_command import respelled
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.image_build import ImageBuild, image_builds
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.workflow import Workflows

_CALL = re.compile(
    r"\bcargo\s+(?:\+\S+\s+)?(?:build|b|rustc|check|test)\b(?P<rest>[^&|;\n]*)(?=(?P<then>.*))", re.DOTALL
)
_FEATURES = re.compile(r"(?:--features[\s=]|\s-F[\s=]*)(?P<given>\"[^\"]*\"|'[^']*'|[^\s\"']+)")
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")
_SET = re.compile(r"(\w+)=(\"[^\"]*\"|'[^']*'|\S*)")
_PLAIN = re.compile(r"[\w+-]+")
_BRINGS = re.compile(
    r"\bgit\s+(?:clone|checkout)|\b(?:curl|wget|patch)\b|\bcargo\s+(?:new|init|generate|add)\b|Cargo\.toml\b.*>|sed\s+-i"
)
"""What may bring another crate than the repository's, or write its manifest anew."""


@check(
    "docker-feature-exists",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Name a feature that the package declares, or declare it", minutes=5),
)
def docker_feature_exists(
    workflows: Workflows, scripts: Scripts, sources: Sources, manifests: Manifests
) -> Iterator[Answer]:
    """Every feature with which a Dockerfile builds the repository is declared by one of its packages."""
    if manifests.broken or not manifests.packages:
        return
    known = frozenset(name for package in manifests for name in package.all_features)
    building: dict[str, list[ImageBuild]] = {}
    for one in (one for workflow in workflows for one in image_builds(workflow, scripts)):
        building.setdefault(one.file, []).append(one)
    for source in sources:
        if is_dockerfile(source.path) and any(word in source.text for word in ("--features", "-F")):
            file = read_dockerfile(source)
            if file is not None:
                yield from merged(_features(file, known, building.get(source.path, [])))


def _features(file: Dockerfile, known: frozenset[str], builds: list[ImageBuild]) -> Iterator[Answer]:
    for stage in file.needed:
        chain = file.chain(stage)
        if not _has_sources(chain) or any(
            _BRINGS.search(one.rest) for each in chain for one in each.all("RUN")
        ):
            continue
        defaults = _defaults(file, chain)
        for run in stage.all("RUN"):
            for call in _CALL.finditer(run.rest):
                for given in _FEATURES.finditer(call["rest"]):
                    written = given["given"].strip("\"'")
                    yield from _judged(file, run, written, defaults, known, builds, _ends(call["then"]))


def _judged(  # noqa: PLR0917 - a place, what stands there and what is known
    file: Dockerfile,
    run: Instruction,
    written: str,
    defaults: Mapping[str, tuple[str, int]],
    known: frozenset[str],
    builds: list[ImageBuild],
    ends: bool | None,
) -> Iterator[Answer]:
    named = _VARIABLE.findall(written)
    if any(name not in defaults for name in named):
        return
    # A build that gives the argument gives another value, and one whose arguments nobody knows may.
    mine = [
        one for one in builds if one.arguments is not None and not {n for n, _ in one.arguments} & {*named}
    ]
    if ends is None or (builds and not mine):
        return
    value = _VARIABLE.sub(lambda found: defaults[found[1]][0], written)
    lines = [defaults[name][1] for name in named]
    places = [file.source.at(line) for line in (*lines, _line(file, run))]
    for feature in re.split(r"[\s,]+", value):
        if not _PLAIN.fullmatch(feature):
            continue  # of a dependency, or one that only a build can tell
        subject = f"{file.source.path}: {feature}"
        if feature in known:
            yield holds(subject, "is declared")
            continue
        told = f"no package of the repository declares the feature {feature!r}: cargo refuses the build"
        fatal = [one for one in mine if one.fatal]
        by: list[Evidence] = [fatal[0].workflow.source.at(fatal[0].line)] if fatal else []
        weight = None if ends and fatal else Weight.WARNING
        yield broken(subject, told, *places, *by, weight=weight, edits=respelled(feature, known, places[0]))


def _has_sources(chain: tuple[Stage, ...]) -> bool:
    """Tell whether a stage has files of the repository, copied or bound."""
    copied = any("from" not in one.flags for each in chain for one in (*each.all("COPY"), *each.all("ADD")))
    bound = (one.rest for each in chain for one in each.all("RUN") if "type=bind" in one.rest)
    return copied or any("from=" not in one for one in bound)


def _defaults(file: Dockerfile, chain: tuple[Stage, ...]) -> dict[str, tuple[str, int]]:
    """Return the values that ``ARG`` and ``ENV`` give, with their lines; what is given twice is not known."""
    common = {name: (value, one.line) for one in file.arguments for name, value in _SET.findall(one.rest)}
    found: dict[str, tuple[str, int]] = {}
    twice: set[str] = set()
    for one in (one for each in chain for name in ("ARG", "ENV") for one in each.all(name)):
        given = dict(_SET.findall(one.rest))
        if one.name == "ARG" and not given and one.rest.strip() in common:
            given = {one.rest.strip(): common[one.rest.strip()][0]}
        for name, value in given.items():
            twice |= {name} & found.keys()
            found[name] = (value.strip("\"'"), common.get(name, ("", one.line))[1])
    return {name: one for name, one in found.items() if name not in twice and "$" not in one[0]}


def _ends(then: str) -> bool | None:
    """Tell whether the build of the image ends where the call fails; None where that is let through."""
    after = then.lstrip()
    if after.startswith("||") or re.match(r"\|(?!\|)", after):
        return None
    # Behind `;` the shell goes on, and what takes the program from where it should be fails instead.
    return not after or after.startswith("&&") or "target/" in after


def _line(file: Dockerfile, run: Instruction) -> int:
    """Return the line of an instruction on which the features stand."""
    lines = range(run.line, min(run.line + run.rest.count("\n") + 60, len(file.source.lines) + 1))
    return next((one for one in lines if _FEATURES.search(file.source.line(one) or "")), run.line)
