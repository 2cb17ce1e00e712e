"""Whether workflows give Terraform the variables that its modules declare, and no others."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import corrected, respelled
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts, inside
from tasks.domain.source import Sources
from tasks.domain.spelling import misspelled
from tasks.domain.terraform import Module, Terraform
from tasks.domain.terraform_run import ASKS_VARIABLES, TerraformRun, terraform_runs
from tasks.domain.terraform_values import shown
from tasks.domain.workflow import Workflows

_EXPORTED = re.compile(r"TF_VAR_(\w+)")


@check(
    "terraform-variables-passed",
    phase=Phase.PROVISIONING,
    subject="terraform-runs",
    remedy=Remedy(
        summary="Pass the variable (-var, a *.tfvars file, TF_VAR_...) or give it a default", minutes=5
    ),
)
def terraform_variables_passed(scripts: Scripts, terraform: Terraform, sources: Sources) -> Iterator[Answer]:
    """Every variable without a default gets a value where a workflow plans, applies or destroys."""
    yield from merged(_passed(scripts, terraform, sources))


def _passed(scripts: Scripts, terraform: Terraform, sources: Sources) -> Iterator[Answer]:
    if not terraform.modules:
        return
    exported: set[str] = {name for one in sources for name in _EXPORTED.findall(one.text)}
    for run in terraform_runs(scripts, terraform):
        module = run.module
        if run.script.job is None or module is None or module.in_part or run.plan_file is not None:
            continue
        if run.action not in ASKS_VARIABLES or not run.all_named or _hidden(run, module, sources):
            continue
        files = _files_given(run, module, terraform)
        if files is None:
            continue
        for block in module.required:
            subject = f"{shown(module.directory)}: var.{block.name}"
            if block.name in run.variables or block.name in files or block.name in exported:
                yield holds(subject, "is given")
                continue
            told = (
                f"terraform {run.action} gives {block.name} no value, and it has no default: "
                "terraform asks for it, and nobody answers in a job"
            )
            yield broken(subject, told, run.script.source.at(run.command), block.at())


def _files_given(run: TerraformRun, module: Module, terraform: Terraform) -> frozenset[str] | None:
    """Return the variables that values files set; None when one of the files cannot be seen."""
    known = {values.source.path: values for one in terraform for values in one.tfvars}
    names: set[str] = set()
    for path, values in known.items():
        directory, _, name = path.rpartition("/")
        if directory == module.directory and (name == "terraform.tfvars" or name.endswith(".auto.tfvars")):
            names |= set(values.attributes)
    for one in run.given("var-file"):
        place = inside(one.value, module.directory) if one.certain else None
        if place is None or place not in known:
            return None
        names |= set(known[place].attributes)
    return frozenset(names)


def _hidden(run: TerraformRun, module: Module, sources: Sources) -> bool:
    """Tell whether values may come from where nobody can look: a made file, TF_CLI_ARGS, a remote run."""
    begin = f"{module.directory}/" if module.directory else ""
    if any(one.path.startswith(begin) and one.path.endswith(".tfvars.json") for one in sources):
        return True
    backend = module.backend
    if backend is not None and (backend.type == "cloud" or backend.labels == ("remote",)):
        return True
    text = run.script.source.text
    files = [one.value for one in run.given("var-file")]
    said = text.count("tfvars") - sum(text.count(one) for one in set(files) if one)
    return "TF_CLI_ARGS" in text or said > 0


@check(
    "terraform-variables-known",
    phase=Phase.PROVISIONING,
    subject="terraform-runs",
    remedy=Remedy(summary="Declare the variable in the module, or stop passing it", minutes=5),
)
def terraform_variables_known(
    scripts: Scripts, workflows: Workflows, terraform: Terraform, sources: Sources
) -> Iterator[Answer]:
    """Every variable given by `-var` or `TF_VAR_` is declared by the module; terraform refuses others."""
    yield from merged(_known(scripts, terraform))
    if not any(one.path.endswith("terragrunt.hcl") for one in sources):
        yield from merged(_exported(scripts, workflows, terraform, sources))


def _exported(
    scripts: Scripts, workflows: Workflows, terraform: Terraform, sources: Sources
) -> Iterator[Answer]:
    """Judge the ``TF_VAR_`` variables of workflows: terraform does not even say that it ignores one."""
    if any(module.in_part for module in terraform):
        return
    declared = {name for module in terraform for name in module.variables}
    runs: dict[str, list[TerraformRun]] = defaultdict(list)
    for run in terraform_runs(scripts, terraform):
        runs[run.script.path].append(run)
    for workflow in workflows:
        called = [one for one in runs.get(workflow.path, ()) if one.script.job is not None]
        if not called or any(one.module is None for one in called):
            continue
        given = (
            workflow.env,
            *(job.env for job in workflow.jobs.values()),
            *(s.env for _, s in workflow.steps()),
        )
        for env in given:
            for name in env:
                variable = name.removeprefix("TF_VAR_")
                if variable == name or variable in declared or _is_read(name, sources):
                    continue
                told = f"{name} is given, and no module declares the variable {variable}: it has no effect"
                meant = misspelled(variable, declared)
                at = workflow.source.at(env.line_of(name))
                weight = Weight.NOTE if meant is None else Weight.WARNING
                edits = () if meant is None else corrected(name, f"TF_VAR_{meant}", at)
                yield broken(f"{workflow.file}: {name}", told, at, weight=weight, edits=edits)


def _is_read(variable: str, sources: Sources) -> bool:
    """Tell whether something else than terraform takes the value of a variable."""
    read = re.compile(rf"\$\{{?{variable}\b|env\.{variable}\b|env\[|getenv|\benviron\b")
    return any(read.search(one.text) for one in sources.saying(variable))


def _known(scripts: Scripts, terraform: Terraform) -> Iterator[Answer]:
    for run in terraform_runs(scripts, terraform):
        if run.module is None or run.module.in_part or run.action not in ASKS_VARIABLES:
            continue
        for name, word in run.variables.items():
            subject = f"{run.script.path.rpartition('/')[2]}: {shown(run.module.directory)}: var.{name}"
            if name in run.module.variables:
                yield holds(subject, "is declared")
            else:
                place = shown(run.module.directory)
                told = f"terraform {run.action} is given {name}, which {place} does not declare"
                at = run.script.source.at(word)
                unset = run.module.variables.keys() - run.variables.keys()
                yield broken(subject, told, at, edits=respelled(name, unset, at))
