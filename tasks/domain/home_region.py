"""The one region in which a repository's own files make and deploy things, where they know of only one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.aws_region import is_region
from tasks.domain.evidence import Evidence
from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.terraform import Block, Expression, Module, Terraform
from tasks.domain.terraform_reach import is_example
from tasks.domain.terraform_text import passed, text_of
from tasks.domain.workflow import Workflows

REGION_NAMES = ("AWS_REGION", "AWS_DEFAULT_REGION")
_ALL = "us-east-1"  # certificates, budgets and others of AWS's global services are asked here
_ENV = re.compile(r"\$\{\{\s*env\.\w+\s*\}\}")
_VARIABLE = re.compile(r"var\.([A-Za-z_][\w-]*)")
_OTHERS = re.compile(
    r"samconfig\.toml|cdk\.json|(?:serverless|Pulumi)[\w.-]*\.ya?ml|terragrunt\.hcl|sst\.config\.\w+"
)
"""The files of others who make things at AWS: where, is not read here."""


@dataclass(frozen=True, kw_only=True)
class HomeRegion:
    """The region's name, the places that say so, and whether it is Terraform that makes things there."""

    name: str
    places: tuple[Evidence, ...]
    by_terraform: bool

    @property
    def told(self) -> str:
        """Who works there, and where, to go on a sentence with."""
        return f"{'Terraform makes things' if self.by_terraform else 'workflows work'} in {self.name}"


def home_region(
    terraform: Terraform, workflows: Workflows, scripts: Scripts, sources: Sources
) -> HomeRegion | None:
    """Return the one region of Terraform's providers, or of the workflows where there is no Terraform.

    None where it is not certain, or where they work in several.
    """
    if any(_OTHERS.fullmatch(path.rpartition("/")[2]) for path in sources.files):
        return None
    made, beside = dict[str, list[Evidence]](), set[str]()
    for module in terraform.roots:
        for block in () if is_example(module.directory) else module.of("provider", "aws"):
            region = _provided(terraform, module, block, scripts, sources)
            if region is None:
                return None
            if "alias" in block.attributes:
                beside.add(region)
            else:
                made.setdefault(region, []).append(block.at("region"))
    worked = dict[str | None, list[Evidence]]()
    for region, place in _worked(workflows):
        worked.setdefault(region, []).append(place)
    if len(made) == 1 and worked.keys() <= {*made, *beside, _ALL, None}:
        ((name, places),) = made.items()
        return HomeRegion(name=name, places=tuple(places), by_terraform=True)
    if not terraform.modules and len(worked) == 1 and None not in worked:
        ((only, found),) = worked.items()
        return HomeRegion(name=str(only), places=tuple(found[:1]), by_terraform=False)
    return None


def _provided(
    terraform: Terraform, module: Module, block: Block, scripts: Scripts, sources: Sources
) -> str | None:
    given = block.get("region")
    region = text_of(terraform, module, given)
    if region is None or not is_region(region):
        return None
    named = _VARIABLE.findall(given.text) if isinstance(given, Expression) else []
    return None if any(passed(name, scripts, sources) for name in named) else region


def _worked(workflows: Workflows) -> Iterator[tuple[str | None, Evidence]]:
    """Go through the regions in which workflows work, None for one that only a run knows."""
    for workflow in workflows:
        if not any(one in workflow.source.text for one in ("aws-region", *REGION_NAMES)):
            continue
        for job in workflow.jobs.values():
            written = [env.text(name) for env in (job.env, workflow.env) for name in REGION_NAMES]
            written += [env for step in job.steps for env in map(step.env.text, REGION_NAMES)]
            written += [step.inputs.text("aws-region") for step in job.steps]
            for text in written:
                if text is not None and not _ENV.fullmatch(text):
                    yield (str(text) if is_region(text) else None), workflow.source.at(text)
