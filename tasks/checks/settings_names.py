"""Whether what `activation.toml` names is in the repository's workflows under that name."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import corrected
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.lane import lanes, values
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.settings import Settings
from tasks.domain.source import Sources
from tasks.domain.spelling import fumbled
from tasks.domain.tree import Tree
from tasks.domain.workflow import Workflows

_CORRECT = Remedy(summary="Correct the name in activation.toml, or in the workflow", minutes=3)
_SPELL = Remedy(summary="Set it under the name that the workflows read", minutes=3)
_FOLDER = ".github/workflows"


@check("settings-workflow-exists", phase=Phase.RELEASE, remedy=_CORRECT)
def settings_workflow_exists(settings: Settings, tree: Tree, sources: Sources) -> Iterator[Answer]:
    """Every workflow that the settings name is a file of the repository."""
    for key, name, phase in (
        ("release.workflow", settings.release_workflow, Phase.RELEASE),
        ("deployment.workflow", settings.deploy_workflow, Phase.DEPLOYMENT),
    ):
        origin = settings.origins.get(key)
        if name is None or origin is None or origin.file is None:
            continue
        path = name if "/" in name else f"{_FOLDER}/{name}"
        if tree.has(path) or tree.unseen(path):
            yield holds(key, "is there")
        else:
            text = sources.get(origin.file)
            place = Evidence(file=origin.file, line=origin.line) if text is None else text.at(origin.line)
            yield broken(key, f"{key} is {name}, and there is no {path}", place, phase=phase)


@check("settings-secret-read", phase=Phase.PROVISIONING, weight=Weight.WARNING, remedy=_CORRECT)
def settings_secret_read(settings: Settings, workflows: Workflows, sources: Sources) -> Iterator[Answer]:
    """Every secret that the settings have provisioned is one that a workflow reads."""
    reads = [one for workflow in workflows for one in workflow.reads if one.context == "secrets"]
    inherits = any(
        str(job.root.get("secrets")) == "inherit" for workflow in workflows for job in workflow.jobs.values()
    )
    if not reads or inherits or workflows.unparsed or any(one.name is None for one in reads):
        return
    read = {one.name.upper() for one in reads if one.name is not None}
    for secret in settings.secrets:
        if secret.name.upper() in read:
            yield holds(secret.name, "is read")
        elif (place := _place(sources, settings, f"secrets.{secret.name}", "source")) is not None:
            others = listed(sorted(read - {"GITHUB_TOKEN"}))
            told = f"no workflow reads the secret {secret.name}; they read {others}"
            yield broken(secret.name, told, *place)


@check("settings-environment-used", phase=Phase.DEPLOYMENT, weight=Weight.WARNING, remedy=_CORRECT)
def settings_environment_used(settings: Settings, workflows: Workflows, sources: Sources) -> Iterator[Answer]:
    """Every environment that the settings have provisioned is one that a job runs in."""
    used: set[str] = set()
    for workflow in workflows:
        for job in workflow.jobs.values():
            if "uses" in job.root:
                return  # in what the called workflow runs is its own matter
            if job.environment is None:
                continue
            names = values(job.environment.name, lanes(workflow, job))
            if names is None:
                return
            used |= {name.lower() for name in names}
    text = sources.get("activation.toml")
    if not used or text is None or workflows.unparsed:
        return
    for one in settings.environments:
        line = text.line_of(f'name = "{one.name}"')
        if one.name.lower() in used:
            yield holds(one.name, "is used")
        elif line is not None:
            told = f"no job runs in the environment {one.name}; they run in {listed(sorted(used - {''}))}"
            yield broken(one.name, told, text.at(line))


def _place(sources: Sources, settings: Settings, table: str, key: str) -> list[Evidence] | None:
    """Return where a table of the settings' file begins, and the key in it; None when no file says it."""
    origin = settings.origins.get(f"{table}.{key}")
    text = sources.get(origin.file) if origin is not None and origin.file is not None else None
    if origin is None or text is None:
        return None
    header = text.line_of(f"[{table}]")
    return [text.at(line) for line in (header, origin.line) if line is not None]


@check("set-secret-is-read", phase=Phase.FIRST_RUN, weight=Weight.WARNING, subject="names", remedy=_SPELL)
def set_secret_is_read(scripts: Scripts, workflows: Workflows) -> Iterator[Answer]:
    """No script sets a secret or variable of the repository with a slip in a name that workflows read."""
    yield from merged(_set(scripts, workflows))


def _set(scripts: Scripts, workflows: Workflows) -> Iterator[Answer]:
    read: dict[str, set[str]] = {"secrets": set(), "vars": set()}
    for workflow in workflows:
        for one in workflow.reads:
            if one.context in read and one.name is not None:
                read[one.context].add(one.name.upper())
    for script, command in scripts.commands("gh"):
        words = command.literals
        if len(words) < 3 or words[1] != "set" or words[0] not in ("secret", "variable") or words[2] is None:
            continue
        if command.has("-R", "--repo", "-o", "--org", "-u", "--user"):
            continue
        names = read["secrets" if words[0] == "secret" else "vars"]
        meant = fumbled(words[2].upper(), names)
        subject = f"{script.path}: {words[2]}"
        if meant is None:
            yield holds(subject, "is spelled as it is read, or is no slip of it")
        else:
            told = f"sets the {words[0]} {words[2]}, and what workflows read is {meant}"
            place = script.source.at(command)
            yield broken(subject, told, place, edits=corrected(words[2], meant, place))
