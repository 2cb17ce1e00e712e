"""Whether names that documents write are those of the repository, or have a slip of the fingers in them."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from tasks.domain.answers import listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests, TargetKind
from tasks.domain.document import Document, Documents
from tasks.domain.edit_command import corrected
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.phase import Phase
from tasks.domain.role_use import made_names
from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.spelling import fumbled
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_text import text_of
from tasks.domain.told import Told, once
from tasks.domain.tree import Tree
from tasks.domain.trigger import TAG, Happening, starts
from tasks.domain.workflow import Workflows

_CORRECT = Remedy(summary="Correct the document, or the name in the files", minutes=5)
_TOKEN = re.compile(r"[A-Za-z0-9][\w./:-]*[A-Za-z0-9]")
_RESOURCES = {
    "aws_s3_bucket": "bucket",
    "aws_dynamodb_table": "name",
    "aws_secretsmanager_secret": "name",
    "aws_ecs_cluster": "name",
    "aws_ecr_repository": "name",
}
_MADE_BY_COMMAND = ("--role-name", "--bucket", "--table-name", "--secret-id", "--instance-profile-name")


@check(
    "documented-name-spelled", phase=Phase.DEPLOYMENT, weight=Weight.NOTE, subject="names", remedy=_CORRECT
)
def documented_name_spelled(  # noqa: PLR0917 - every fact is one
    documents: Documents,
    workflows: Workflows,
    terraform: Terraform,
    scripts: Scripts,
    manifests: Manifests,
    sources: Sources,
    tree: Tree,
) -> Iterator[Answer]:
    """No document writes a secret, role, bucket, unit, program or path with two letters exchanged or lost."""
    known = _by_letter(
        {*_of_workflows(workflows), *_made(terraform, scripts, sources), *_built(manifests, tree)}
    )
    slips = tuple(one for document in followed(documents) for one in _slips(document, known, tree, sources))
    yield from once(slips, lambda told: listed([one.why for one in told], most=4))


def _of_workflows(workflows: Workflows) -> Iterator[str]:
    for workflow in workflows:
        for one in workflow.reads:
            if one.context in ("secrets", "vars") and one.name:
                yield one.name.upper()


def _made(terraform: Terraform, scripts: Scripts, sources: Sources) -> Iterator[str]:
    yield from (one.name for one in made_names(terraform, sources))
    for module in terraform:
        for kind, key in _RESOURCES.items():
            for block in module.of("resource", kind):
                given = block.attributes.get(key)
                name = None if given is None else text_of(terraform, module, given.value)
                if name is not None:
                    yield name
        backend = module.backend
        kept = backend.get("bucket") if backend is not None else None
        if isinstance(kept, str):
            yield kept
    for _, command in scripts.commands("aws"):
        for option in _MADE_BY_COMMAND:
            for word in command.options(option):
                if word.literal:
                    yield word.literal


def _built(manifests: Manifests, tree: Tree) -> Iterator[str]:
    for package in manifests:
        yield from package.named(TargetKind.BIN)
    for entry in tree:
        if entry.path.endswith((".service", ".timer")):
            yield posixpath.basename(entry.path).rpartition(".")[0]


def _by_letter(names: Iterable[str]) -> dict[str, frozenset[str]]:
    """Group names by the letter they begin with: a slip is looked for behind the first."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in names:
        found[name[:1]].add(name)
    return {letter: frozenset(group) for letter, group in found.items()}


def _slips(
    document: Document,
    known: dict[str, frozenset[str]],
    tree: Tree,
    sources: Sources,
) -> Iterator[Told]:
    for span in document.spans:
        for token in _TOKEN.findall(span):
            meant = _path(token, tree) if "/" in token else _name(token, known)
            if meant is None or _is_written(token, document, sources):
                continue
            told = f"writes {token}, and what the repository has is {meant}"
            place = document.source.at(span.line)
            edits = corrected(token, meant, place, often=True)
            yield Told(document=document.path, name=token, place=place, why=told, edits=edits)


def _name(token: str, known: dict[str, frozenset[str]]) -> str | None:
    group = known.get(token[:1], frozenset())
    return None if len(token) < 6 or token in group else fumbled(token, group)


def _path(token: str, tree: Tree) -> str | None:
    """Return the path that is meant when only the last part of one has a slip, and its directory is there."""
    path = posixpath.normpath(token)
    above, _, name = path.rpartition("/")
    if not above or above not in tree.inside or tree.has(path) or tree.unseen(path):
        return None
    meant = fumbled(name, tree.inside[above])
    return None if meant is None else f"{above}/{meant}"


def _is_written(token: str, document: Document, sources: Sources) -> bool:
    """Tell whether anything but documents writes the name too, or this document more than once."""
    if document.source.text.count(token) > 1:
        return True
    return any(sources.saying(token, told=False))


@check("documented-tag-starts", phase=Phase.RELEASE, weight=Weight.NOTE, subject="documents", remedy=_CORRECT)
def documented_tag_starts(
    documents: Documents, workflows: Workflows, manifests: Manifests
) -> Iterator[Answer]:
    """Every tag of a version that a document tells people to make starts one of the workflows for tags."""
    waiting = [one for one in workflows if (push := one.event("push")) is not None and "tags" in push]
    if not waiting or workflows.unparsed:
        return
    packages = tuple(f"{one.name}-" for one in manifests)  # a package's own tag: people publish it by hand
    for document in followed(documents, "git tag"):
        if document.path.count("/") > _DEEPEST:
            continue  # a part that came from elsewhere has releases of its own
        for script in (*document.scripts_with("git tag"), *document.spoken_with("git tag")):
            for command in script.running("git"):
                tag = _tagged(command.literals)
                if tag is None or tag.startswith(packages):
                    continue
                happening = Happening(event="push", ref=f"{TAG}{tag}")
                subject = f"{document.path}: {tag}"
                if any(starts(one.triggers, happening).starts for one in waiting):
                    yield holds(subject, "starts a workflow")
                else:
                    told = (
                        f"tells to make the tag {tag}, which starts none of the workflows that wait for tags"
                    )
                    places = (one.source.at(one.source.line_of("tags")) for one in waiting)
                    yield broken(subject, told, document.source.at(command), *places)


_VERSION = re.compile(r"[\w.+-]*\d+\.\d+\.\d+[\w.+-]*")
_DEEPEST = 1  # directories above a document on how the repository is released
_QUIET = frozenset({"-a", "-s", "-f", "--annotate", "--sign", "--force"})


def _tagged(words: tuple[str | None, ...]) -> str | None:
    """Return the tag that `git tag` makes; None when it lists, deletes or is told otherwise."""
    if words[:1] != ("tag",):
        return None
    rest = [one for one in words[1:] if one not in _QUIET]
    name = rest[0] if rest else None
    return name if name is not None and _VERSION.fullmatch(name) else None
