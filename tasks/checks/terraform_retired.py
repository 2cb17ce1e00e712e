"""Whether modules use providers that their makers have given up."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_reach import is_test_data

_OF_TEMPLATE = {
    "template_file": "the function `templatefile(PATH, { NAME = VALUE })` (of a text: `templatestring`)",
    "template_cloudinit_config": 'the data source `cloudinit_config` of "hashicorp/cloudinit"',
    "template_dir": "the function `templatefile(PATH, { NAME = VALUE })`",
}
"""What hashicorp/template had, and what stands for it: archived in 2020, its last version is 2.2.0."""


@check("terraform-provider-is-kept", phase=Phase.PROVISIONING, weight=Weight.NOTE)
def terraform_provider_is_kept(terraform: Terraform) -> Iterator[Answer]:
    """No module uses hashicorp/template: it is archived, and Macs of today cannot install it."""
    used: dict[str, list[Evidence]] = {}
    for module in terraform:
        if not is_test_data(module.directory):
            for block in (*module.of("data"), *module.of("resource")):
                if block.labels and block.labels[0] in _OF_TEMPLATE:
                    used.setdefault(block.labels[0], []).append(block.at())
    if not used:
        yield holds("hashicorp/template", "is not used")
        return
    told = f"{listed([*used])} need{'s' if len(used) == 1 else ''} the provider hashicorp/template, which is "
    told += "archived and has no build for darwin_arm64: on a Mac of today `terraform init` fails"
    instead = listed(list(dict.fromkeys(_OF_TEMPLATE[one] for one in used)))
    places = [place for each in used.values() for place in each]
    remedy = Remedy(summary=f"Use {instead} instead", minutes=20)
    yield broken("hashicorp/template", told, *places[:MOST_PLACES], remedy=remedy)
