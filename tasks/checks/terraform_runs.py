"""Whether workflows run terraform as the repository's modules need it: version, variables, backend, locks."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import corrected, without
from tasks.domain.emulated import is_emulated
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.ignored import is_ignored
from tasks.domain.job_order import step_lanes
from tasks.domain.located import Map
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.terraform import Module, Terraform
from tasks.domain.terraform_run import ASKS_VARIABLES, LOCK, TerraformRun, terraform_runs
from tasks.domain.terraform_values import reached, shown
from tasks.domain.terraform_version import Constraint, Version, constraints
from tasks.domain.tree import Tree
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_SETUP = ("hashicorp/setup-terraform",)
_EXACT = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
_NUMBER = re.compile(r"(\d+)\.(\d+)")
_PATCHES = 100  # more than a minor version of Terraform has ever had


@check(
    "terraform-version-fits",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Install a version that the modules accept", minutes=5),
)
def terraform_version_fits(workflows: Workflows, scripts: Scripts, terraform: Terraform) -> Iterator[Answer]:
    """Every job installs a Terraform that satisfies the `required_version` of all it is run on."""
    yield from merged(versions_refused(workflows, scripts, terraform))


def versions_refused(workflows: Workflows, scripts: Scripts, terraform: Terraform) -> Iterator[Answer]:
    """Tell of each version that a workflow installs once, with every job that installs it."""
    runs = _by_job(scripts, terraform)
    old: dict[tuple[str, str, str, str], list[tuple[str, Evidence]]] = defaultdict(list)
    for workflow in workflows:
        for chosen in (*_set_up(workflow), *_in_containers(workflow)):
            for root in _modules(runs.get((workflow.path, str(chosen.job.id)), [])):
                for module in reached(terraform, root):
                    required = module.required_version
                    limits = constraints(required.literal) if required and required.literal else None
                    if required is None or not limits:
                        continue
                    if _some_fit(chosen.versions, limits):
                        subject = f"{workflow.file}: {chosen.job.id}: {shown(module.directory)}"
                        yield holds(subject, f"{chosen.written} satisfies {required.literal}")
                        continue
                    key = workflow.file, chosen.written, chosen.typed, module.directory
                    old[key].append((str(chosen.job.id), chosen.at))
    for (file, installed, typed, directory), found in old.items():
        yield _too_old(file, installed, typed, terraform.modules[directory], found)


@dataclass(frozen=True, kw_only=True)
class _Chosen:
    """A version that a job has: ``typed`` is what the workflow says, ``versions`` of which it is one."""

    job: Job
    written: str
    typed: str
    versions: tuple[Version, ...]
    at: Evidence


def _set_up(workflow: Workflow) -> Iterator[_Chosen]:
    """Go through the versions that steps install."""
    for job, step in workflow.steps():
        if step.action is None or step.action.name not in _SETUP:
            continue
        cut = cut_version(step)
        written = _version(workflow, job, step) if cut is None else f"{cut:g}"
        versions = _installed(written.strip(), number=cut is not None) if written is not None else ()
        if written is None or not versions:
            continue
        place = workflow.source.at(step.inputs.line_of("terraform_version"))
        typed = written if cut is None else str(step.inputs.text("terraform_version"))
        yield _Chosen(job=job, written=written, typed=typed, versions=versions, at=place)


_IMAGE = re.compile(r"(?:docker\.io/)?hashicorp/terraform:(\d+\.\d+(?:\.\d+)?)(?:@\S+)?")
_BRINGS = re.compile(r"terraform|tofu|mise|asdf|\bnix|tfenv|tenv", re.IGNORECASE)
"""What an action of a job is called that may bring another version than its image has."""


def _in_containers(workflow: Workflow) -> Iterator[_Chosen]:
    """Go through the versions of jobs that run in an image of terraform and bring no other."""
    for job in workflow.jobs.values():
        given = job.root.get("container")
        written = given.text("image") if isinstance(given, Map) else given
        tag = _IMAGE.fullmatch(written.strip()) if isinstance(written, str) else None
        actions = [one.action.written for one in job.steps if one.action is not None]
        if tag is None or any(_BRINGS.search(one) or one.startswith("./") for one in actions):
            continue
        line = given.line_of("image") if isinstance(given, Map) else job.root.line_of("container")
        versions = _installed(tag[1], number=True)
        place = workflow.source.at(line)
        yield _Chosen(job=job, written=tag[1], typed=tag[1], versions=versions, at=place)


def cut_version(step: Step) -> float | None:
    """Return the number that setup-terraform is given for a version that ends with a zero."""
    if step.action is None or step.action.name not in _SETUP:
        return None
    value, written = step.inputs.get("terraform_version"), step.inputs.text("terraform_version")
    return value if isinstance(value, float) and written is not None and written != f"{value:g}" else None


def _installed(written: str, *, number: bool) -> tuple[Version, ...]:
    """Return the versions of which one is installed; none for what only a list of releases can tell."""
    if exact := _EXACT.fullmatch(written):
        return ((int(exact[1]), int(exact[2]), int(exact[3])),)
    if number and (minor := _NUMBER.fullmatch(written)):
        return tuple((int(minor[1]), int(minor[2]), patch) for patch in range(_PATCHES))
    return ()


def _version(workflow: Workflow, job: Job, step: Step) -> str | None:
    """Return the version that a step installs; None when its lanes differ or only a run can tell."""
    written = step.inputs.text("terraform_version")
    found = (
        {lane.text(written) for lane in step_lanes(workflow, job, step)} if written is not None else {None}
    )
    return found.pop() if len(found) == 1 else None


def _too_old(
    file: str, written: str, typed: str, module: Module, found: list[tuple[str, Evidence]]
) -> Answer:
    """Tell of a version; ``typed`` is what the workflow has, of which YAML may have made another number."""
    required = module.required_version
    block = next(b for b in module.of("terraform") if "required_version" in b.attributes)
    names = [job for job, _ in found]
    in_image = all("hashicorp/terraform:" in (place.excerpt or "") for _, place in found)
    verb = "run" if in_image else "install"
    told = (
        f"{listed(names)} {verb}{'s' if len(set(names)) == 1 else ''} Terraform {written}, and "
        f"{shown(module.directory)} requires {required.literal if required else None}: "
        "terraform init ends with an error"
    )
    limits = constraints(required.literal) if required and required.literal else None
    places = dict.fromkeys((*(place for _, place in found), block.at("required_version")))
    subject = f"{file}: {shown(module.directory)}: Terraform {written}"
    if typed != written:
        told = f"{told}; {typed} without quotes is the number {written}"
        if _some_fit(_installed(typed, number=True), limits or ()):
            remedy = Remedy(summary="Put the version into quotes", minutes=1)
            quoted = tuple(one for _, place in found for one in without(typed, place, f'"{typed}"'))
            return broken(subject, told, *places, remedy=remedy, edits=quoted)
    edits = (
        corrected(typed.strip(), version, *(place for _, place in found))
        if (version := _lowest(limits or ()))
        else ()
    )
    return broken(subject, told, *places, remedy=_install(limits or (), in_image=in_image), edits=edits)


def _some_fit(versions: Iterable[Version], limits: Collection[Constraint]) -> bool:
    return any(all(limit.allows(one) for limit in limits) for one in versions)


def _lowest(limits: tuple[Constraint, ...]) -> str | None:
    """Return the lowest version that satisfies the limits, where it is one that they name."""
    floors = [(*one.version, 0, 0)[:3] for one in limits if one.operator in (">=", "~>", "=")]
    found = max(floors, default=None)
    if found is None or not all(one.allows((found[0], found[1], found[2])) for one in limits):
        return None
    return ".".join(map(str, found))


def _install(limits: tuple[Constraint, ...], *, in_image: bool) -> Remedy | None:
    floor = next((one for one in limits if one.operator in (">=", "~>", "=")), None)
    if floor is None:
        return None
    version = ".".join(map(str, (*floor.version, 0, 0)[:3]))
    what = "the image's tag" if in_image else "terraform_version"
    return Remedy(summary=f"Set {what} to {version} or a newer one that fits", minutes=5)


@check(
    "terraform-backend-declared",
    phase=Phase.PROVISIONING,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary='Declare `backend "s3" {}` in the terraform block; the options then complete it', minutes=10
    ),
)
def terraform_backend_declared(scripts: Scripts, terraform: Terraform) -> Iterator[Answer]:
    """Where `terraform init` is given `-backend-config`, the module declares a backend to configure."""
    yield from merged(_backends(scripts, terraform))


def _backends(scripts: Scripts, terraform: Terraform) -> Iterator[Answer]:
    for run in terraform_runs(scripts, terraform):
        given = [*run.given("backend-config")]
        if run.action != "init" or not given or run.module is None or run.module.in_part:
            continue
        subject = f"{run.script.path.rpartition('/')[2]}: {shown(run.module.directory)}"
        if run.module.backend is not None:
            yield holds(subject, "has a backend")
            continue
        told = (
            f"terraform init configures a backend, and {shown(run.module.directory)} declares none: "
            "the options are ignored, the state stays on the runner and is lost with it"
        )
        yield broken(subject, told, run.script.source.at(given[0].word))


@check(
    "terraform-backend-literal",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Write the value, or give it to `terraform init` by -backend-config", minutes=5),
)
def terraform_backend_literal(terraform: Terraform) -> Iterator[Answer]:
    """No backend setting refers to a variable, local value or resource: terraform init refuses them."""
    for module in terraform:
        if module.backend is None:
            continue
        bad = [(attribute, reference) for attribute, reference in module.backend.references()]
        subject = f"{shown(module.directory)}: backend"
        if not bad:
            yield holds(subject, "is literal")
        for attribute, reference in bad[:1]:
            name = ".".join(reference.path)
            told = f"the backend's {attribute.name} is {name}; a backend may refer to nothing"
            yield broken(subject, told, module.backend.source.at(reference))


@check(
    "terraform-providers-locked",
    phase=Phase.PROVISIONING,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary=f"Commit {LOCK} with the hashes of the runners' platform",
        minutes=10,
    ),
)
def terraform_providers_locked(
    scripts: Scripts, terraform: Terraform, tree: Tree, sources: Sources
) -> Iterator[Answer]:
    """Where a workflow runs terraform, the versions of its providers are locked in a committed file."""
    by_module: dict[str, list[TerraformRun]] = defaultdict(list)
    for run in terraform_runs(scripts, terraform):
        if run.script.job is not None and run.module is not None and run.module.of("terraform"):
            by_module[run.module.directory].append(run)
    for directory, runs in sorted(by_module.items()):
        subject = shown(directory)
        inits = [run for run in runs if run.action == "init"]
        if tree.file(f"{directory}/{LOCK}".lstrip("/")) is not None:
            yield holds(subject, "is locked")
        elif inits and any(run.action in ASKS_VARIABLES for run in runs):
            handed = _handed(runs)
            if any(_REMOVES_LOCK.search(run.script.text) for run in inits):
                continue  # on purpose: a committed one would be gone before terraform reads it
            if all(is_emulated(run, terraform) for run in runs if run.action in ASKS_VARIABLES):
                continue
            why = (
                "; a plan made in one job is refused in another when a provider was released in between"
                if handed
                else ": each run takes the newest providers that fit"
            )
            path = f"{directory}/{LOCK}".lstrip("/")
            weight = None
            if not handed and is_ignored(path, sources):
                why, weight = f", for git is told to ignore it{why}", Weight.NOTE
            places = [run.script.source.at(run.command) for run in (*handed, *inits)]
            where = f" -chdir={shlex.quote(directory)}" if directory else ""
            path = shlex.quote(path)
            remedy = Remedy(
                summary=f"Commit {LOCK} with the hashes of the runners' platform",
                commands=(
                    f"terraform{where} init -backend=false",
                    f"terraform{where} providers lock -platform=linux_amd64",
                    f"git add --force {path}",  # many ignore files leave it out
                    f"git commit -m 'Lock the providers of Terraform' -- {path}",
                ),
                minutes=10,
            )
            told = f"{subject} has no {LOCK}{why}"
            yield broken(subject, told, *dict.fromkeys(places[:4]), remedy=remedy, weight=weight)


_REMOVES_LOCK = re.compile(r"\brm\s[^\n;&|]*\.terraform(?:\.lock\.hcl|\*)")


def _handed(runs: list[TerraformRun]) -> list[TerraformRun]:
    """Return the calls that apply a saved plan in a job that did not make it."""
    planned = {
        (run.script.path, str(run.script.job.id)) for run in runs if run.action == "plan" and run.script.job
    }
    return [
        run
        for run in runs
        if run.plan_file is not None
        and run.script.job is not None
        and (run.script.path, str(run.script.job.id)) not in planned
    ]


@check(
    "terraform-lock-supported",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Require Terraform 1.10 or newer, or lock with a DynamoDB table", minutes=10),
)
def terraform_lock_supported(
    workflows: Workflows, scripts: Scripts, terraform: Terraform
) -> Iterator[Answer]:
    """Every backend that locks with a file in S3 is used by a Terraform that knows how: 1.10 or newer."""
    runs = _by_job(scripts, terraform)
    for workflow in workflows:
        for job, step in workflow.steps():
            if step.action is None or step.action.name not in _SETUP:
                continue
            written = _version(workflow, job, step)
            exact = None if written is None else _EXACT.fullmatch(written.strip())
            for module in _modules(runs.get((workflow.path, str(job.id)), [])):
                backend = module.backend
                if exact is None or backend is None or backend.get("use_lockfile") is not True:
                    continue
                version = (int(exact[1]), int(exact[2]), int(exact[3]))
                limits = constraints((module.required_version and module.required_version.literal) or "")
                if limits and not all(limit.allows(version) for limit in limits):
                    continue  # terraform ends before it reads the backend
                subject = f"{workflow.file}: {job.id}: {shown(module.directory)}"
                if version >= (1, 10):
                    yield holds(subject, "knows use_lockfile")
                else:
                    place: Evidence = workflow.source.at(step.inputs.line_of("terraform_version"))
                    told = f"use_lockfile needs Terraform 1.10, and {job.id} installs {written}"
                    yield broken(subject, told, place, backend.at("use_lockfile"))


def _by_job(scripts: Scripts, terraform: Terraform) -> dict[tuple[str, str], list[TerraformRun]]:
    found: dict[tuple[str, str], list[TerraformRun]] = defaultdict(list)
    for run in terraform_runs(scripts, terraform):
        if run.script.job is not None and run.action not in ("version", "fmt"):
            found[(run.script.path, str(run.script.job.id))].append(run)
    return found


def _modules(runs: list[TerraformRun]) -> list[Module]:
    found = {run.module.directory: run.module for run in runs if run.module is not None}
    return list(found.values())
