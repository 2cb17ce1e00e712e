"""Whether the files that workflows give to terraform are there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.checkout import checked_out
from tasks.domain.finding import Remedy
from tasks.domain.job_order import step_lanes
from tasks.domain.lane import values
from tasks.domain.phase import Phase
from tasks.domain.produced import before
from tasks.domain.script import Scripts, inside
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_run import Given, TerraformRun, terraform_runs
from tasks.domain.tree import Tree
from tasks.domain.workflow import Workflows

_OPTIONS = ("var-file", "backend-config")


@check(
    "terraform-given-file-exists",
    phase=Phase.PROVISIONING,
    remedy=Remedy(
        summary="Commit the file, or correct its path: terraform reads it from its directory", minutes=5
    ),
)
def terraform_given_file_exists(
    workflows: Workflows, scripts: Scripts, terraform: Terraform, tree: Tree
) -> Iterator[Answer]:
    """Every file of `-var-file` and `-backend-config` is in the repository, or made before."""
    yield from merged(_given(workflows, scripts, terraform, tree))


def _given(workflows: Workflows, scripts: Scripts, terraform: Terraform, tree: Tree) -> Iterator[Answer]:
    for run in terraform_runs(scripts, terraform):
        job, step = run.script.job, run.script.step
        if job is None or step is None or run.module is None or not checked_out(job, step):
            continue
        for option in _OPTIONS:
            for one in (each for given in run.given(option) for each in _in_lanes(workflows, run, given)):
                path = inside(one.value, run.directory) if one.certain and "=" not in one.value else None
                if path is None or tree.unseen(path):
                    continue
                subject = f"{run.script.path.rpartition('/')[2]}: {path}"
                made = before(scripts, run.script.path, job, step, run.command)
                if made.may_hold(path, tree) or _is_named_elsewhere(run, one):
                    yield holds(subject, "is there")
                else:
                    told = (
                        f"-{option} names {path}, which is not in the repository, and nothing before makes it"
                    )
                    yield broken(subject, told, run.script.source.at(one.word))


_OF_MATRIX = re.compile(r"\$\{\{\s*matrix\.[\w.-]+\s*\}\}")


def _in_lanes(workflows: Workflows, run: TerraformRun, given: Given) -> Iterator[Given]:
    """Go through what an option is given in each lane of a matrix; itself, where no matrix says it."""
    script = run.script
    workflow = None if given.certain or script.workflow is None else workflows.at(script.workflow)
    text = given.word.text.partition("=")[2] if given.word.text.startswith("-") else given.word.text
    written = text.strip("\"'")
    rest = _OF_MATRIX.sub("", written)
    if workflow is None or script.job is None or script.step is None or rest == written:
        yield given
    elif re.fullmatch(r"[\w./-]*", rest) is not None:
        found = values(written, step_lanes(workflow, script.job, script.step))
        for one in found or ():
            yield Given(value=one, word=given.word)


def _is_named_elsewhere(run: TerraformRun, given: Given) -> bool:
    """Tell whether the workflow names the file otherwise than in that option: it may make it there."""
    text, name = run.script.source.text, given.value.rpartition("/")[2]
    options = len(re.findall(rf"-(?:{'|'.join(_OPTIONS)})[= ]\S*{re.escape(name)}", text))
    return text.count(name) > options
