"""The parts of the world that the preflight looks at, each giving the facts that checks ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flows.cargo_parts import cargo_parts
from flows.looking import TEXTS, Part
from flows.terraform_parts import terraform_parts
from flows.text_parts import text_parts
from flows.worlds import World
from tasks.domain.audit import WorkflowAudit
from tasks.domain.check import Check
from tasks.domain.cloud import (
    CloudBuckets,
    CloudBudget,
    CloudCost,
    CloudIdentity,
    CloudNodes,
    CloudQuotas,
    CloudRights,
    CloudRoles,
    CloudSecrets,
    CloudTables,
)
from tasks.domain.crate import Manifests
from tasks.domain.credential import Credentials, PastCredentials
from tasks.domain.document import Documents
from tasks.domain.fact import Snapshot, Unseen
from tasks.domain.forge_used_action import ForgeUsedActions
from tasks.domain.git_state import GitState
from tasks.domain.iam_policy import Policies
from tasks.domain.policy_audit import PolicyAudit
from tasks.domain.schema_error import SchemaErrors
from tasks.domain.script import Scripts
from tasks.domain.settings import Settings, WorldKind
from tasks.domain.source import Sources
from tasks.domain.supervision import Supervision
from tasks.domain.terraform import Terraform
from tasks.domain.today import Today
from tasks.domain.tree import Tree
from tasks.domain.unpushed import UnpushedFiles
from tasks.domain.work_tree import TreeDifference, WorkTree
from tasks.domain.workflow import Workflows
from tasks.facts.forge import KINDS as FORGE
from tasks.facts.forge import add_forge, add_used_actions

STATIC = (Tree, Sources, Workflows, Scripts, Manifests, Terraform, Documents)
CLOUD = (
    CloudIdentity,
    CloudBuckets,
    CloudTables,
    CloudSecrets,
    CloudRoles,
    CloudBudget,
    CloudNodes,
    CloudQuotas,
    CloudCost,
    CloudRights,
)


def parts_of(world: World, asked: Sequence[Check] | None = None) -> tuple[Part, ...]:
    """Return everything that can be looked at in a world, cheapest first; ``asked`` are not all checks."""
    return tuple(_parts(world, asked))


def _parts(world: World, asked: Sequence[Check] | None) -> Iterator[Part]:
    yield Part(
        name="repository",
        title="What the committed files say",
        kinds=(*STATIC, Settings, Today),
        look=lambda seen: _repository(world, seen),
    )
    yield Part(
        name="git",
        title="The work tree and its branch",
        kinds=(GitState,),
        look=lambda seen: seen.with_facts(world.git.state()),
        moves=True,
    )
    yield Part(
        name="work-tree",
        title="What lies in the directory beside the commit",
        kinds=(WorkTree, TreeDifference, UnpushedFiles),
        look=lambda seen: _work_tree(world, seen, asked),
        moves=True,
    )
    yield Part(
        name="credentials",
        title="Credentials in files and recent history",
        kinds=(Credentials, PastCredentials),
        strand=TEXTS,
        look=lambda seen: _credentials(world, seen),
    )
    if isinstance(workflows := world.static.get(Workflows), Workflows) and workflows.files:
        yield Part(
            name="workflow-audit",
            title="The safety of the workflows",
            kinds=(WorkflowAudit,),
            strand=TEXTS,
            look=lambda seen: seen.with_facts(_audit(world)),
            timeout=120,
        )
        yield Part(
            name="workflow-schema",
            title="Workflows against their JSON schema",
            kinds=(SchemaErrors,),
            strand=TEXTS,
            look=lambda seen: seen.with_facts(_schema(world)),
            timeout=120,
        )
    yield from text_parts(world)
    if isinstance(policies := world.static.get(Policies), Policies) and policies.policies:
        yield Part(
            name="policy-audit",
            title="IAM policies as a linter reads them",
            kinds=(PolicyAudit,),
            strand=TEXTS,
            look=lambda seen: seen.with_facts(_policies(world, policies)),
            timeout=90,
        )
    if world.settings.commit is not None:
        yield from cargo_parts(world)
        yield from terraform_parts(world)
    if world.place.api_url is not None:
        yield Part(
            name="github",
            title="The repository on GitHub",
            kinds=FORGE,
            look=lambda seen: add_forge(seen, world.github, world.settings.branch),
            moves=True,
        )
    if world.settings.world is WorldKind.LIVE:
        # A rehearsal's GitHub has only the actions that it stands in for.
        yield Part(
            name="actions",
            title="The actions of other repositories",
            kinds=(ForgeUsedActions,),
            look=lambda seen: add_used_actions(seen, world.github),
        )
    if world.settings.supervised:
        yield Part(
            name="supervision",
            title="The processes that have to run here",
            kinds=(Supervision,),
            look=lambda seen: seen.with_facts(_supervision(world)),
        )
    if world.place.aws is not None and asks_aws(world.settings):
        yield Part(
            name="aws",
            title="The AWS account",
            kinds=CLOUD,
            look=lambda seen: _cloud(world, seen),
            moves=True,
        )


def asks_aws(settings: Settings) -> bool:
    """Tell whether the repository asks for anything in AWS."""
    return settings.aws.used or settings.budget.daily_usd is not None


def _repository(world: World, seen: Snapshot) -> Snapshot:
    today = Today(day=world.clock.now().date())
    return Snapshot({**seen.with_facts(world.settings, today).seen, **world.static.seen})


def _work_tree(world: World, seen: Snapshot, asked: Sequence[Check] | None) -> Snapshot:
    """Look at the directory the person named; in a rehearsal its clone has only what is committed."""
    from tasks.checks import load  # noqa: PLC0415 - only a work tree with changes needs every check
    from tasks.facts.work_tree import (  # noqa: PLC0415 - as above
        tree_difference,
        unpushed_files,
        work_tree,
    )

    directory = world.settings.source_path or world.place.repository
    work = work_tree(world.shell, directory)
    every = load() if asked is None else asked
    difference = tree_difference(world.shell, directory, work.state, every, committed=world.static)
    return seen.with_facts(work, difference, unpushed_files(world.shell, directory, work.state))


def _credentials(world: World, seen: Snapshot) -> Snapshot:
    from tasks.facts.credentials import find_credentials  # noqa: PLC0415 - --help must not pay for it
    from tasks.facts.work_tree import history  # noqa: PLC0415 - as above
    from tasks.systems.git_tree import CommittedFiles, WorkTreeFiles  # noqa: PLC0415 - as above

    place, commit = world.place.repository, world.settings.commit
    if commit is None:
        return seen.with_facts(find_credentials(WorkTreeFiles(world.shell, place)), PastCredentials())
    seen = seen.with_facts(find_credentials(CommittedFiles(world.shell, place, commit)))
    past = history(world.shell, place)
    return (
        seen.with_facts(unseen={PastCredentials: past}) if isinstance(past, Unseen) else seen.with_facts(past)
    )


def _audit(world: World) -> WorkflowAudit:
    from tasks.facts.audit import workflow_audit  # noqa: PLC0415 - --help must not pay for it
    from tasks.systems.zizmor import Zizmor  # noqa: PLC0415 - as above

    sources = world.static.get(Sources)
    assert isinstance(sources, Sources)  # workflows were read from them
    return workflow_audit(Zizmor(world.shell), sources, world.workshop.directory / "audit")


def _schema(world: World) -> SchemaErrors:
    from tasks.facts.schema_errors import schema_errors  # noqa: PLC0415 - --help must not pay for it
    from tasks.systems.check_jsonschema import CheckJsonschema  # noqa: PLC0415 - as above

    return schema_errors(CheckJsonschema(world.shell), world.workflows, world.workshop.directory / "schema")


def _policies(world: World, policies: Policies) -> PolicyAudit:
    from tasks.facts.policy_audit import policy_audit  # noqa: PLC0415 - only a repository with policies needs it
    from tasks.systems.parliament import Parliament  # noqa: PLC0415 - as above

    return policy_audit(Parliament(world.shell), policies, world.workshop.directory / "policies")


def _supervision(world: World) -> Supervision:
    from tasks.systems.processes import supervision  # noqa: PLC0415 - only who supervises needs psutil

    settings = world.settings
    root = settings.source_path or settings.repository_path
    return supervision(settings.supervised, root, now=world.clock.now().timestamp())


def _cloud(world: World, seen: Snapshot) -> Snapshot:
    from tasks.facts.cloud import add_cloud  # noqa: PLC0415 - boto3 takes half a second to import

    return add_cloud(seen, world.settings, world.aws, today=world.clock.now().date())
