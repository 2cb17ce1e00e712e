"""Whether what terraform makes in a workflow is remembered when the runner is gone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check
from tasks.domain.emulated import is_emulated
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_run import TerraformRun, terraform_runs
from tasks.domain.terraform_values import shown

_OUTLIVES = re.compile(r"^(?:aws|google|azurerm|digitalocean|hcloud|oci)_")
_KEPT = re.compile(r"backend|tfstate|TF_CLI_ARGS|localstack|TF_HTTP_|TF_CLOUD")


@check(
    "terraform-state-kept",
    phase=Phase.PROVISIONING,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary='Declare a `backend "s3"` with bucket, key and region in the terraform block', minutes=20
    ),
)
def terraform_state_kept(scripts: Scripts, terraform: Terraform) -> Iterator[Answer]:
    """Every module that a workflow applies on GitHub's runners declares a backend that keeps its state."""
    applied: dict[tuple[str, str], list[TerraformRun]] = defaultdict(list)
    for run in terraform_runs(scripts, terraform):
        job = run.script.job
        if job is None or run.module is None or run.module.in_part or run.action not in ("apply", "destroy"):
            continue
        hosted = bool(job.runs_on) and all(
            one.startswith(("ubuntu-", "windows-", "macos-")) for one in job.runs_on
        )
        lasting = any(_OUTLIVES.match(block.labels[0]) for block in run.module.of("resource") if block.labels)
        # Whoever writes of state or backends in the workflow may make the backend there.
        kept = run.module.backend is not None or _KEPT.search(run.script.source.text)
        if hosted and lasting and not kept and not is_emulated(run, terraform):
            applied[run.script.path, run.module.directory].append(run)
    for (path, directory), runs in applied.items():
        jobs = defaultdict(set)
        for run in runs:
            jobs[str(run.script.job.id if run.script.job else "")].add(run.action)
        if all(actions == {"apply", "destroy"} for actions in jobs.values()):
            continue  # a trial: what it makes is gone before the runner is
        told = (
            f"terraform {runs[0].action} keeps its state on the runner, which is deleted with it: "
            f"{shown(directory)} declares no backend, so the next run knows nothing of what this one made"
        )
        places = [run.script.source.at(run.command) for run in runs]
        yield broken(f"{path.rpartition('/')[2]}: {shown(directory)}", told, *places)
