"""Whether scripts ask in the region in which Terraform makes things."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.aws_region import regions_in
from tasks.domain.check import Answer, broken, check
from tasks.domain.edit_command import corrected
from tasks.domain.finding import Remedy, Weight
from tasks.domain.home_region import REGION_NAMES, home_region
from tasks.domain.phase import Phase
from tasks.domain.regional import ELSEWHERE, made_by, services
from tasks.domain.script import Script, Scripts
from tasks.domain.source import Sources
from tasks.domain.terraform import Terraform
from tasks.domain.workflow import Workflows

_TRIED = re.compile(
    r"(?:^|[/_-])(?:tests?|bench\w*|examples?|demos?|samples?|scratch)(?:[/_.-]|$)", re.IGNORECASE
)


@check(
    "script-region-agrees",
    phase=Phase.DEPLOYMENT,
    weight=Weight.NOTE,
    subject="names",
    remedy=Remedy(summary="Ask in the region in which Terraform makes the things", minutes=5),
)
def script_region_agrees(
    scripts: Scripts, terraform: Terraform, workflows: Workflows, sources: Sources
) -> Iterator[Answer]:
    """No script asks another region for what Terraform makes in its only one."""
    speaking = [one for one in scripts.files if "aws" in one.text and any(regions_in(one.text))]
    home = home_region(terraform, workflows, scripts, sources) if speaking else None
    if home is None or not home.by_terraform:
        return
    ours, files = services(terraform), {one.path for one in scripts.files}
    for script in speaking:
        named = set(regions_in(script.text))
        apart = len(named) != 1 or home.name in named or ELSEWHERE.search(script.text)
        if apart or _TRIED.search(script.path) or any(made_by(script)):
            continue
        (region,) = named
        asked = list(_in_region(script, region, ours))
        if asked and not any(one.path not in files for one in sources.saying(region, told=False)):
            line = script.source.line_of(region)
            told = f"asks {region} for what is at {asked[0]}, and {home.told}"
            place = script.source.at(line)
            subject = f"{script.path}: {region}"
            yield broken(subject, told, place, *home.places, edits=corrected(region, home.name, place))


def _in_region(script: Script, region: str, ours: set[str]) -> Iterator[str]:
    """Go through the services that a script asks in a region, by an option or by the environment's."""
    stated = [
        one.value.values
        for command in script.commands
        for one in command.assignments
        if one.name in REGION_NAMES and one.value is not None
    ]
    for command in script.running("aws"):
        asked = command.option("--region")
        values = asked.values if asked is not None else stated[0] if len(stated) == 1 else None
        service = next((one for one in command.literals if one in ours), None)
        if service is not None and values == (region,):
            yield service
