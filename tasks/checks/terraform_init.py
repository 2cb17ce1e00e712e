"""Whether terraform is initialised where jobs let it change something."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy
from tasks.domain.installed import History
from tasks.domain.phase import Phase
from tasks.domain.runner_image import image
from tasks.domain.script import Command, Script, Scripts, inside
from tasks.domain.source import Sources
from tasks.domain.terraform import Module, Terraform
from tasks.domain.terraform_run import TerraformRun, terraform_runs
from tasks.domain.terraform_values import shown
from tasks.domain.workflow import Workflow, Workflows

_NEED_PROVIDERS = frozenset({"plan", "apply", "destroy", "refresh", "import"})
_MAY_INIT = re.compile(
    r"\binit\b|\.terraform\b|TF_DATA_DIR|download-artifact[\s\S]*\b(?:tar|unzip)\b|"
    r"(?<![\w./-])(?:terragrunt|mise|nix|nix-shell|bazel|earthly|dagger)(?![\w.-])"
)
"""What initialises, or brings what an initialisation left."""
_RUNNER = re.compile(r"(?<![\w./-])(?:make|just|task|npm|pnpm|yarn)(?![\w.-])")
_RUNNERS_FILE = re.compile(
    r"(?:^|/)(?:makefile|gnumakefile|\.?justfile|taskfile\.ya?ml|package\.json)$|\.mk$", re.IGNORECASE
)
"""Programs that run what their file says, and how those files are called."""
_SETUP = re.compile(r"(?:hashicorp/setup-terraform|opentofu/setup-opentofu|terraform-linters/\S*)@\S*")
_OTHER_TOOL = re.compile(r"\S*(?:terraform|tofu)\S*@\S+", re.IGNORECASE)


@check(
    "terraform-initialised",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Run `terraform init` in that directory of the same job before", minutes=2),
)
def terraform_initialised(
    workflows: Workflows, scripts: Scripts, terraform: Terraform, sources: Sources
) -> Iterator[Answer]:
    """Every job that plans or applies has initialised terraform before: a runner begins without providers."""
    history = History(workflows, scripts)
    runs = [run for run in terraform_runs(scripts, terraform) if run.action in _NEED_PROVIDERS]
    told_elsewhere = any(
        _RUNNERS_FILE.search(one.path) and re.search(r"terraform|tofu", one.text) for one in sources
    )
    for workflow in workflows if terraform.modules else ():
        yield from merged(_jobs(history, workflow, runs, terraform, told_elsewhere))


def _jobs(
    history: History, workflow: Workflow, runs: list[TerraformRun], terraform: Terraform, told_elsewhere: bool
) -> Iterator[Answer]:
    for script in history.scripts(workflow):
        if script.job is None or image(workflow, script.job) is None:
            continue  # a machine of one's own may keep what it had, an image may bring it
        for command in script.commands:
            called = _called(history, command)
            for run in runs:
                here = run.command is command if called is None else run.script is called
                if not here or any(one.conditional or one.masked for one in (command, run.command)):
                    continue
                directory = run.directory if called is None else _directory(called, run, command.cwd)
                module = None if directory is None else terraform.modules.get(directory)
                if module is not None and _needs_providers(module):
                    said = history.before(workflow, script, command).text
                    said = said if called is None else f"{said}\n{called.text}"
                    places = (run.script.source.at(run.command), workflow.source.at(command))
                    subject = f"{workflow.file}: {script.job.id}: {shown(module.directory)}"
                    said = _SETUP.sub(" ", said)
                    if (
                        _MAY_INIT.search(said)
                        or _OTHER_TOOL.search(said)
                        or (told_elsewhere and _RUNNER.search(said))
                    ):
                        yield holds(subject, "may be initialised")
                        continue
                    told = (
                        f"terraform {run.action} runs in {shown(module.directory)}, "
                        "and no step of the job runs `terraform init` before"
                    )
                    yield broken(subject, told, *dict.fromkeys(places))


def _directory(called: Script, run: TerraformRun, start: str | None) -> str | None:
    """Return where a script that is started in a directory runs terraform; None when it is not certain."""
    at = start
    for one in called.earlier(run.command):
        if one.program in ("pushd", "popd") or (one.program == "cd" and (one.conditional or one.function)):
            return None
        if one.program == "cd" and at is not None:
            target = one.literals[0] if len(one.literals) == 1 else None
            at = None if target is None else inside(target, at)
    moved = any(word.text.lstrip("-").startswith("chdir=") for word in run.command.arguments)
    return None if moved or run.command.function is not None else at


def _called(history: History, command: Command) -> Script | None:
    """Return the script of the repository that a command starts."""
    for word in command.run[:2]:
        path = command.path(word.literal) if word.literal is not None else None
        if path in history.files:
            return history.files[path]
    return None


def _needs_providers(module: Module) -> bool:
    return not module.in_part and any(block.type in ("resource", "data", "module") for block in module.blocks)
