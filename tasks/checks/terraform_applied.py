"""Whether what terraform is told to apply is there, and what it runs besides is run again when it must."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator

from tasks.domain.answers import listed, merged
from tasks.domain.artifact import downloads, uploads
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.installed import History
from tasks.domain.phase import Phase
from tasks.domain.runner_image import image
from tasks.domain.script import Scripts, inside
from tasks.domain.terraform import Block, Terraform
from tasks.domain.terraform_run import TerraformRun, terraform_runs
from tasks.domain.terraform_values import shown
from tasks.domain.tree import Tree
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_BRINGS = re.compile(
    r"download-artifact|\bcache\b|gh (?:run|release) download|\b(?:curl|wget|scp|rsync|tar|unzip|base64)\b"
    r"|\baws s3\b|\bgsutil\b|\baz storage\b|\bgit (?:clone|checkout|fetch)\b|\bdocker\b"
)
"""What may bring a file of another job."""


@check(
    "terraform-plan-file-there",
    phase=Phase.PROVISIONING,
    remedy=Remedy(
        summary="Upload the plan with actions/upload-artifact where it is made and download it into the same "
        "directory before it is applied, or plan and apply in one job",
        minutes=10,
    ),
)
def terraform_plan_file_there(
    workflows: Workflows, scripts: Scripts, terraform: Terraform, tree: Tree
) -> Iterator[Answer]:
    """Every saved plan that a job applies is made in that job or brought to it: jobs share no files."""
    yield from merged(_plans(workflows, scripts, terraform, tree))


def _plans(workflows: Workflows, scripts: Scripts, terraform: Terraform, tree: Tree) -> Iterator[Answer]:
    runs = list(terraform_runs(scripts, terraform))
    applied = [run for run in runs if run.plan_file and run.script.job is not None]
    if not applied:
        return
    history = History(workflows, scripts)
    planned = [(posixpath.basename(one.value), run) for run in runs for one in run.given("out")]
    for run in applied:
        workflow = workflows.at(run.script.workflow) if run.script.workflow is not None else None
        job, name = run.script.job, posixpath.basename(run.plan_file or "")
        if workflow is None or job is None or run.script.never or image(workflow, job) is None:
            continue  # a machine of one's own may still have what another job left
        subject = f"{workflow.file}: {job.id}: {run.plan_file}"
        said = history.before(workflow, run.script, run.command)
        path = None if run.directory is None else inside(run.plan_file or "", run.directory)
        made = [(plan, one.script.job) for plan, one in planned if plan == name]
        if said.opaque or path is None or tree.file(path) is not None or any(by is None for _, by in made):
            continue  # a script of the repository makes it, or nobody knows
        if (brought := _misplaced(workflow, job, run, path)) is not None:
            step, landed = brought
            told = (
                f"terraform apply takes the plan at {path}, and actions/download-artifact puts it to {landed}"
            )
            put = posixpath.dirname(path)
            remedy = Remedy(summary=f"Download the artifact with `path: {put or '.'}`", minutes=2)
            places = [workflow.source.at(step.line)]
            yield broken(subject, told, run.script.source.at(run.command), *places, remedy=remedy)
            continue
        if name in said.text or _BRINGS.search(said.text):
            yield holds(subject, "may be there")
            continue
        elsewhere = [one for plan, one in planned if plan == name]
        where = listed([str(one.script.job.id) for one in elsewhere if one.script.job is not None])
        why = f"{where} makes it on another machine" if elsewhere else "no step makes it"
        told = f"terraform apply is given the plan {run.plan_file}, and nothing brings it to {job.id}: {why}"
        places = [one.script.source.at(one.command) for one in elsewhere]
        yield broken(subject, told, run.script.source.at(run.command), *places[:3])


_MOVES = re.compile(r"\b(?:mv|cp|ln|find|install|rename|xargs|make|just|task)\b")


def _misplaced(workflow: Workflow, job: Job, run: TerraformRun, path: str) -> tuple[Step, str] | None:
    """Return the download that brings a plan elsewhere than apply takes it, and where to; None if unsure.

    An artifact of one file has it at its root, whatever directory it came from.
    """
    index = -1 if run.script.step is None else run.script.step.index
    earlier, name = job.steps[: max(index, 0)], posixpath.basename(path)
    taken = [one for one in downloads(workflow) if one.job is job and one.step in earlier]
    if len(taken) != 1 or len(taken[0].names) != 1:
        return None
    own = taken[0].step
    given = [one for one in uploads(workflow) if any(one.may_be_called(n) for n in taken[0].names if n)]
    if len(given) != 1 or given[0].names != taken[0].names or "archive" in given[0].step.inputs:
        return None
    files = given[0].step.inputs.text("path")
    to = posixpath.normpath(own.inputs.text("path") or ".")
    plain = files is not None and re.fullmatch(r"[\w./-]+", files.strip()) is not None
    if not plain or files is None or posixpath.basename(files.strip()) != name or "$" in to or to[:1] in "/~":
        return None
    said = [word.text for one in run.script.earlier(run.command) for word in one.words]
    for step in earlier:
        action = step.action
        if action is not None and step is not own:
            if action.local is not None or _BRINGS.search(action.written):
                return None
        elif action is None:
            said.append(str(step.run))
    text = " ".join(said)
    landed = posixpath.normpath(posixpath.join(to, name))
    moved = name in text or _BRINGS.search(text) or _MOVES.search(text)
    return None if moved or landed == posixpath.normpath(path) else (own, landed)


@check(
    "provisioner-runs-again",
    phase=Phase.PROVISIONING,
    weight=Weight.NOTE,
    remedy=Remedy(
        summary="Name what it depends on, such as a file's hash, in `triggers` (null_resource) or "
        "`triggers_replace` (terraform_data); leave it where it is to run once only",
        minutes=5,
    ),
)
def provisioner_runs_again(terraform: Terraform) -> Iterator[Answer]:
    """Every resource that is there for its provisioner says what makes it run again."""
    once: dict[str, list[tuple[str, Evidence]]] = defaultdict(list)
    there = False
    for module in terraform:
        for kind, trigger in (("null_resource", "triggers"), ("terraform_data", "triggers_replace")):
            for block in module.of("resource", kind):
                if not any(_is_for_creation(one) for one in block.inner("provisioner")):
                    continue
                there = True
                if trigger not in block.attributes and not _is_replaced(block):
                    once[shown(module.directory)].append((block.address, block.at()))
    if once:
        addresses = [address for found in once.values() for address, _ in found]
        verb, its = ("runs", "it is") if len(addresses) == 1 else ("run", "they are")
        told = (
            f"the provisioner of {listed(addresses, 4)} {verb} only when {its} made: "
            "no trigger makes a later apply run it again"
        )
        yield broken("provisioners", told, *(place for found in once.values() for _, place in found))
    elif there:
        yield holds("provisioners", "say what makes them run again")


def _is_for_creation(provisioner: Block) -> bool:
    when = provisioner.attributes.get("when")
    return when is None or not any(one.root == "destroy" for one in when.references)


def _is_replaced(block: Block) -> bool:
    """Tell whether something else makes it anew: keys that come and go, or another resource."""
    if "for_each" in block.attributes or "triggers_replace" in block.attributes:
        return True
    return any("replace_triggered_by" in one.attributes for one in block.inner("lifecycle"))
