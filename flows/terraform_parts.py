"""The parts of the preflight in which terraform itself looks at the committed modules."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from flows.looking import CHECKOUT, Part
from flows.worlds import World
from tasks.domain.fact import Snapshot
from tasks.domain.settings import WorldKind
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_run import LOCK
from tasks.domain.terraform_said import TerraformFormat, TerraformValid


def terraform_parts(world: World) -> Iterator[Part]:
    """Ask terraform itself, where there is one; only a live run lets it fetch what is not on this machine."""
    modules = world.static.get(Terraform)
    if not isinstance(modules, Terraform) or not modules.modules or shutil.which("terraform") is None:
        return
    from tasks.facts import terraform_said as facts  # noqa: PLC0415 - only a repository with modules needs it
    from tasks.systems.checkout import clean_checkout  # noqa: PLC0415 - as above
    from tasks.systems.terraform import Terraform as Tool  # noqa: PLC0415 - as above

    checkout = world.workshop.directory / "checkout"
    live = world.settings.world is WorldKind.LIVE

    def tool(directory: str) -> Tool:
        data = world.workshop.directory / "terraform" / (directory or "root")
        return Tool(world.shell, checkout / directory, data, network=live)

    def read(seen: Snapshot) -> Snapshot:
        clean_checkout(world.shell, world.place.repository, str(world.settings.commit), checkout)
        return seen.with_facts(facts.formatted(tool))

    yield Part(
        name="terraform-fmt",
        title="Formatting of Terraform",
        kinds=(TerraformFormat,),
        strand=CHECKOUT,
        look=read,
    )
    roots = [one.directory for one in modules.roots]
    locked = frozenset(one for one in roots if world.static_has(f"{one}/{LOCK}".lstrip("/")))
    yield Part(
        name="terraform-validate",
        title="Terraform modules as terraform reads them",
        kinds=(TerraformValid,),
        strand=CHECKOUT,
        look=lambda seen: seen.with_facts(facts.validated(tool, roots, locked=locked, fetched=live)),
        after=("terraform-fmt",),
        timeout=900,
    )
