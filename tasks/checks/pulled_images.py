"""Whether an own image is pulled from the registry to which the workflows push it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tasks.domain.answers import of_one_cause
from tasks.domain.check import Answer, broken, check
from tasks.domain.document import Documents
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.image_build import ACTION
from tasks.domain.phase import Phase
from tasks.domain.source import Source, Sources
from tasks.domain.workflow import Workflows

_OTHER = "ghcr.io/"
_OWN = re.compile(r"\bghcr\.io/(?P<name>[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*[a-z0-9])(?![\w/-]|\.\w)")
_HUB = re.compile(
    r"docker\.io|docker[ _-]?hub|hub\.docker|\bDOCKER_(?:USER|PASS|TOKEN|LOGIN|ID)|"
    r"\bdocker login(?!\s[^\n]*ghcr\.io)",
    re.IGNORECASE,
)
"""What those write who push to Docker Hub as well, or may."""
_LOGIN = "docker/login-action"
_COMPOSE = re.compile(r"(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml")
_NAME = r"(?P<name>[a-z0-9._-]+/[a-z0-9._-]+?)(?:[:@][^\s`\"']*)?"
_IMAGE = re.compile(rf"^(?P<indent>\s*)image:\s*[\"']?{_NAME}[\"']?\s*(?:#.*)?$")
_PULLED = re.compile(
    r"\bdocker\s+(?:container\s+)?(?:pull|run)\s(?:[^\n`|;&]*?\s)?(?<!-v )(?<!-w )(?<!-e )"
    rf"{_NAME}(?=[\s`\"']|$)"
)
_REPOSITORY = re.compile(r"\$\{\{\s*github\.repository\s*\}\}")
_NO_PUSH = re.compile(r"\b(?:pull|run|image:|container:|FROM)\b")


@check(
    "pulled-image-pushed",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    subject="names",
    remedy=Remedy(summary="Name the registry as well: `ghcr.io/OWNER/NAME`", minutes=5),
)
def pulled_image_pushed(workflows: Workflows, documents: Documents, sources: Sources) -> Iterator[Answer]:
    """No document and no Compose file takes from Docker Hub what the workflows push to GitHub's registry."""
    if not any("ghcr.io" in one.source.text for one in workflows):
        return
    names = _pushed(workflows, sources)
    if names:
        yield from of_one_cause(_pulled(names, documents, sources))


def _pushed(workflows: Workflows, sources: Sources) -> frozenset[str]:
    """Return the names that workflows push to GitHub's registry; none where one may push to Docker Hub."""
    pushing = [one for one in workflows if ACTION in one.source.text or "docker push" in one.source.text]
    pushing = [one for one in pushing if "ghcr.io" in one.source.text]
    made = [one for one in sources if one.path.startswith(".github/") or _is_script(one)]
    if not pushing or any(_HUB.search(one.text) for one in made if "docker" in one.text.lower()):
        return frozenset()
    logins = [
        step
        for workflow in workflows
        if _LOGIN in workflow.source.text
        for _, step in workflow.steps()
        if step.action is not None and step.action.name == _LOGIN
    ]
    if not logins or any("registry" not in one.inputs for one in logins):
        return frozenset()
    names = {
        found["name"]
        for one in pushing
        for line in one.source.lines
        if _OTHER in line and not _NO_PUSH.search(line)
        for found in _OWN.finditer(line)
    }
    if any(_REPOSITORY.search(one.source.text) for one in pushing):
        said = {found["name"] for one in sources.saying(_OTHER) for found in _OWN.finditer(one.text)}
        names |= {one for one in said if any(sources.saying(f"github.com/{one}"))}
    return frozenset(one for one in names if not any(sources.saying(f"hub.docker.com/r/{one}")))


def _is_script(source: Source) -> bool:
    return source.path.endswith((".sh", ".bash", "Makefile", "justfile", "Justfile", ".just", ".mk"))


def _pulled(names: frozenset[str], documents: Documents, sources: Sources) -> Iterator[Answer]:
    for name, place in (*_by_compose(names, sources), *_by_documents(names, documents)):
        told = f"{name} without a registry is Docker Hub's, and the workflows push it to ghcr.io/{name} only"
        yield broken(name, told, place)


def _by_compose(names: frozenset[str], sources: Sources) -> Iterator[tuple[str, Evidence]]:
    for source in sources:
        if _COMPOSE.fullmatch(posixpath.basename(source.path)) is None:
            continue
        for number, line in enumerate(source.lines, 1):
            found = _IMAGE.match(line) if "image:" in line else None
            if (
                found is not None
                and found["name"] in names
                and not _is_built(source, number, found["indent"])
            ):
                yield found["name"], source.at(number)


def _is_built(source: Source, number: int, indent: str) -> bool:
    """Tell whether the service of a line is built here: Compose pulls no image for it."""
    lines = source.lines
    for way in (range(number, len(lines)), range(number - 2, -1, -1)):
        for row in way:
            line = lines[row]
            if line.strip() and not line.startswith(indent):
                break
            if line.startswith((f"{indent}build:", f"{indent}<<:")):
                return True
    return False


def _by_documents(names: frozenset[str], documents: Documents) -> Iterator[tuple[str, Evidence]]:
    for document in followed(documents, "docker "):
        if not any(one in document.source.text for one in names):
            continue
        built = {
            name
            for name in names
            if re.search(rf"docker (?:buildx )?build\b.*\s{re.escape(name)}\b", document.source.text)
        }
        for number, line in enumerate(document.source.lines, 1):
            for found in _PULLED.finditer(line) if "docker" in line else ():
                if found["name"] in names - built:
                    yield found["name"], document.source.at(number)
