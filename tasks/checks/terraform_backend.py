"""Whether a backend has all that terraform needs to find its state."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.program_words import ProgramWords
from tasks.domain.script import Scripts, inside
from tasks.domain.source import Sources
from tasks.domain.terraform import Block, Module, Terraform
from tasks.domain.terraform_run import TerraformRun, terraform_runs
from tasks.domain.terraform_values import shown

_REQUIRED = ("bucket", "key")
"""What the S3 backend has no other source for; a region may also come from the environment or a profile."""
_HIDES = re.compile(r"TF_CLI_ARGS|backend\s+\"|backend\.tf|_override\.tf|override\.tf")
"""What a workflow says that may complete a backend in another way than by an option."""
_COMPLETES = ("backend-config", "TF_CLI_ARGS", "backend_config", "remote_state")
"""What somebody writes anywhere who completes a backend from outside of the module."""


@check(
    "terraform-backend-complete",
    phase=Phase.PROVISIONING,
    remedy=Remedy(
        summary="Write it into the backend block, or give it to `terraform init` by -backend-config",
        minutes=5,
    ),
)
def terraform_backend_complete(
    scripts: Scripts, terraform: Terraform, sources: Sources, words: ProgramWords
) -> Iterator[Answer]:
    """Every S3 backend has the bucket and the key without which terraform does not find its state."""
    open_ = [
        (module, backend)
        for module in terraform
        if (backend := module.backend) is not None and backend.labels == ("s3",) and not module.in_part
        if any(name not in backend.attributes for name in _REQUIRED)
    ]
    if not open_:
        if any(one.backend is not None and one.backend.labels == ("s3",) for one in terraform):
            yield holds("S3 backends", "are complete")
        return
    runs: dict[str, list[TerraformRun]] = defaultdict(list)
    for run in terraform_runs(scripts, terraform):
        if run.action == "init" and run.directory is not None:
            runs[run.directory].append(run)
    yield from merged(
        answer
        for module, backend in open_
        for answer in _answers(module, backend, runs[module.directory], sources)
    )
    if words.may_complete_a_backend or any(sources.saying(*_COMPLETES)):
        return
    left = [(one, backend) for one, backend in open_ if not runs[one.directory] and backend.attributes]
    yield from _untold(left)


def _answers(module: Module, backend: Block, runs: list[TerraformRun], sources: Sources) -> Iterator[Answer]:
    for run in runs:
        given = _given(run, sources) if run.script.job is not None and not run.script.never else None
        if given is None or run.command.masked or run.command.tested:
            continue
        missing = [one for one in _REQUIRED if one not in backend.attributes and one not in given]
        subject = f"{run.script.path.rpartition('/')[2]}: {shown(module.directory)}: backend"
        if not missing:
            yield holds(subject, "is completed by terraform init")
            continue
        told = (
            f"terraform init is given no {listed(missing)} of the S3 backend, and the block has none: "
            "terraform asks for it, nobody answers in a job, and it ends with an error"
        )
        yield broken(subject, told, run.script.source.at(run.command), backend.at())


def _given(run: TerraformRun, sources: Sources) -> frozenset[str] | None:
    """Return the settings that an init is given; None when they may be more than can be seen."""
    if not all(word.beginning for word in run.options) or _HIDES.search(run.script.source.text):
        return None
    if any(one.value == "false" for one in run.given("backend")) or any(run.given("from-module")):
        return None
    names: set[str] = set()
    for one in run.given("backend-config"):
        name, equals, _ = one.value.partition("=")
        if equals:
            names.add(name.strip())
            continue
        path = inside(one.value, run.directory) if one.certain else None
        file = None if path is None else sources.get(path)
        if file is None:
            return None
        names |= {name for name in _REQUIRED if re.search(rf"^\s*\"?{name}\"?\s*=", file.text, re.MULTILINE)}
    return frozenset(names)


def _untold(left: list[tuple[Module, Block]]) -> Iterator[Answer]:
    """Tell once of all backends that nothing in the repository completes."""
    if not left:
        return
    missing = [one for one in _REQUIRED if any(one not in backend.attributes for _, backend in left)]
    which = f"{len(left)} S3 backends have" if len(left) > 1 else "the S3 backend has"
    told = (
        f"{which} no {listed(missing)}, and nothing here says which one is meant: "
        "terraform init asks everybody anew, and another answer is another, empty state"
    )
    subject = f"{shown(left[0][0].directory)}: backend" if len(left) == 1 else "backends"
    places = [backend.at() for _, backend in left]
    yield broken(subject, told, *places[:MOST_PLACES], weight=Weight.NOTE)
