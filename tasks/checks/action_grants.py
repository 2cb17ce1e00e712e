"""Whether the roles that jobs and machines are given may do what is asked of AWS with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from tasks.domain.answers import listed, merged
from tasks.domain.aws_call import AwsCall, AwsPrograms, calls_of
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.cloud import CloudRoles, Role
from tasks.domain.deploy_policy import POLICY, least_policy
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.iam_action import KnownActions
from tasks.domain.iam_policy import Policies, Statement, statements_of
from tasks.domain.kept_role import KeptRole, given_roles, kept_role, runs_terraform
from tasks.domain.managed_policy import managed
from tasks.domain.missing_right import MissingRight, ProvisionedRole, with_remedies
from tasks.domain.phase import Phase
from tasks.domain.role_rights import Rights, RoleBook, united
from tasks.domain.script import Scripts
from tasks.domain.settings import Settings
from tasks.domain.sign_in import role_of, sign_in_of
from tasks.domain.source import Sources
from tasks.domain.terraform import Block, Module, Terraform
from tasks.domain.terraform_needs import TerraformNeed, terraform_needs
from tasks.domain.terraform_run import terraform_runs
from tasks.domain.terraform_values import calls, module_path, shown
from tasks.domain.token_sign_in import token_sign_ins
from tasks.domain.workflow import Job, Step, Workflow, Workflows
from tasks.domain.workflow_phase import stopped

_MACHINES = (
    "aws_instance",
    "aws_launch_configuration",
    "aws_launch_template",
    "aws_spot_instance_request",
)
_NOT_ASKED = Unseen(reason="nobody asked AWS")


@dataclass(frozen=True, kw_only=True)
class _Roles:
    """What roles may do by the repository, by what provisioning makes, and by what is in AWS already."""

    book: RoleBook
    settings: Settings | None
    cloud: CloudRoles | None
    known: dict[str, Rights | None] = field(default_factory=dict)

    def rights(self, name: str) -> Rights | None:
        """Return what a role may do; None when nobody can tell."""
        if name not in self.known:
            self.known[name] = self._rights(name)
        return self.known[name]

    def written(self, rights: Rights) -> tuple[str, ...]:
        """Return the policies of files to which a right is added; none for what provisioning makes."""
        return () if self._is_provisioned(rights.role) else rights.said

    @property
    def provisioned(self) -> ProvisionedRole:
        """What AWS is known to have of the role that provisioning makes."""
        name = (self.settings.aws.deploy_role if self.settings is not None else None) or ""
        there = self.cloud.roles.get(name, _NOT_ASKED) if self.cloud is not None else _NOT_ASKED
        return ProvisionedRole(
            to_be_made=there is None, policies=there.policies if isinstance(there, Role) else ()
        )

    def _is_provisioned(self, name: str) -> bool:
        return self.settings is not None and self.settings.aws.deploy_role == name

    def _rights(self, name: str) -> Rights | None:
        settings = self.settings
        if settings is None or not self._is_provisioned(name):
            return self.book.rights(name)
        parts = [self._provisioned(settings)]
        if self.book.defines(name):
            written = self.book.rights(name)
            if written is None:
                return None
            parts.append(written)
        there = self.cloud.roles.get(name) if self.cloud is not None else None
        if isinstance(there, Role):
            existing = _existing(there)
            if existing is None:
                return None
            parts.append(existing)
        return united(name, parts)

    def _provisioned(self, settings: Settings) -> Rights:
        """Return what provisioning gives its role; one that is there already may have more."""
        names = tuple(one.name for one in settings.environments)
        looked = self.cloud is not None and not isinstance(
            self.cloud.roles.get(settings.aws.deploy_role or ""), Unseen
        )
        origin = settings.origins.get("aws.deploy_role")
        file = self.book.sources.get(origin.file) if origin is not None and origin.file else None
        place = file.at(origin.line) if file is not None and origin is not None else None
        return Rights(
            role=str(settings.aws.deploy_role),
            statements=statements_of(least_policy("*", settings.aws, names)),
            at=(place,) if place is not None else (),
            said=(f"the policy {POLICY} that provisioning gives it",),
            certain=looked,
        )


def _existing(role: Role) -> Rights | None:
    statements: list[Statement] = []
    for name, document in role.policies.items():
        statements += statements_of(document) if name != POLICY else ()
    for arn in role.attached:
        read = managed(arn)
        if read is None:
            return None
        statements += read
    said = "what is attached to it in AWS" if statements else "AWS"
    return Rights(role=role.name, statements=tuple(statements), said=(said,))


@check("action-granted", phase=Phase.DEPLOYMENT)
def action_granted(
    *,
    workflows: Workflows,
    scripts: Scripts,
    programs: AwsPrograms,
    terraform: Terraform,
    policies: Policies,
    known: KnownActions,
    sources: Sources,
    settings: Settings | Unseen,
    cloud: CloudRoles | Unseen,
) -> Iterator[Answer]:
    """Every action that a job's commands and Terraform need is one that the role it assumes is allowed."""
    roles = _Roles(
        book=RoleBook(terraform=terraform, policies=policies, sources=sources),
        settings=settings if isinstance(settings, Settings) else None,
        cloud=cloud if isinstance(cloud, CloudRoles) else None,
    )
    signing = list(token_sign_ins(workflows)) if terraform.modules or policies.roles else []
    kept = (
        kept_role(workflows, terraform, policies, roles.settings, signing)
        if signing and roles.settings is not None and not given_roles(scripts)
        else None
    )
    called = _called(
        workflows=workflows,
        scripts=scripts,
        programs=programs,
        roles=roles,
        kept=kept if kept is not None and roles.book.defines(kept.trust.role) else None,
        policies=policies,
        known=known,
    )
    planned = _by_terraform(workflows, scripts, terraform, roles)
    yield from merged(with_remedies([*called, *planned], roles.provisioned))


def _called(
    *,
    workflows: Workflows,
    scripts: Scripts,
    programs: AwsPrograms,
    roles: _Roles,
    kept: KeptRole | None,
    policies: Policies,
    known: KnownActions,
) -> Iterator[Answer | MissingRight]:
    """Tell of the calls of each job; those by the role that a secret likely holds only warn."""
    files = {script.path: script for script in scripts.files}
    for script in scripts:
        workflow = workflows.at(script.workflow) if script.workflow is not None else None
        if workflow is None or script.job is None or script.step is None or script.never:
            continue
        made = list(calls_of(script, files, programs))
        role = role_of(workflow, script.job, script.step, roles.settings) if made else None
        likely = kept if made and role is None and _is_kept(kept, workflow, script.job, script.step) else None
        role = role or (likely.trust.role if likely is not None else None)
        rights = roles.rights(role) if role is not None else None
        if role is None or rights is None:
            continue
        for call, line in made:
            for action, resource in _asked(call, known):
                subject = f"{workflow.file}: {role}: {action}"
                if rights.allow(action, resource) or _by_resource(policies, action):
                    yield holds(subject, "is allowed")
                    continue
                on = f" on {_shown(resource)}" if resource is not None and rights.allow(action) else ""
                subject = f"{subject}{on}"
                told = f"{role} may not {action}{on}, which `{call.written}` in {script.job.id} needs"
                sure = call.sure and rights.certain and not script.step.may_fail and likely is None
                weight = Weight.BLOCKER if sure else Weight.WARNING if call.minded else Weight.NOTE
                started = script.source.at(line)
                places = (call.at, started, *_misspelled(policies, known, action), *rights.at)
                told = f"{told}: {_lacks(rights, action if on else None)}"
                yield MissingRight(
                    subject=subject,
                    told=told if likely is None else likely.said(told),
                    places=tuple(dict.fromkeys(places)),
                    role=role,
                    wanted=((action, _shown(resource or "*")),),
                    written_in=roles.written(rights),
                    phase=_stopped(workflow, roles),
                    weight=weight,
                )


def _is_kept(kept: KeptRole | None, workflow: Workflow, job: Job, step: Step) -> bool:
    """Tell whether a step has the role of the secret that likely holds the one of Terraform."""
    if kept is None or runs_terraform(job):
        return False
    signed = sign_in_of(workflow, job, step)
    return any(one is signed for _, _, one in kept.uses)


def _stopped(workflow: Workflow, roles: _Roles) -> Phase | None:
    """Return the first phase that cannot succeed without a workflow; None when no phase needs it."""
    phase, weight = stopped(workflow, roles.settings)
    return phase if weight is Weight.BLOCKER else None


def _asked(call: AwsCall, known: KnownActions) -> Iterator[tuple[str, str | None]]:
    """Go through the actions of a call and what each is asked for, None where that is not certain."""
    for action in _certain(call, known):
        for resource in call.resources(action):
            yield action, resource


def _shown(pattern: str) -> str:
    """Return a pattern of ARNs as people write it into a policy."""
    return pattern.replace("arn:*:", "arn:aws:", 1)


def _certain(call: AwsCall, known: KnownActions) -> Iterator[str]:
    """Go through the actions of a call that IAM knows, as it writes them."""
    for action in call.actions:
        spelled = known.spelled(action)
        if spelled is not None:
            yield spelled


def _by_resource(policies: Policies, action: str) -> bool:
    """Tell whether the policy of a bucket, key or repository allows an action: that is enough."""
    return any(
        one.attached and one.allows and one.about(action) for policy in policies for one in policy.statements
    )


def _lacks(rights: Rights, elsewhere: str | None = None) -> str:
    """Tell who does not allow it; ``elsewhere`` is an action that is allowed, but on something else."""
    if elsewhere is not None:
        allowed = [_shown(one) for one in rights.allowed_on(elsewhere)]
        objects = any("/" not in one for one in allowed) and elsewhere in _ON_OBJECTS
        hint = "; a bucket's ARN is not that of its objects, which ends with /*" if objects else ""
        verb = "allows" if len(rights.said) == 1 else "allow"
        return f"{listed(rights.said)} {verb} it on {listed(allowed, 3)}{hint}"
    unsure = "" if rights.certain else "; whether it has other policies could not be seen"
    verb = "does" if len(rights.said) == 1 else "do"
    return f"{listed(rights.said)} {verb} not allow it{unsure}"


def _misspelled(policies: Policies, known: KnownActions, action: str) -> Iterator[Evidence]:
    """Go through the places of what looks like the action and is none."""
    for policy in policies:
        for statement in policy.statements:
            for one in statement.actions:
                same = one.partition(":")[0].lower() == action.partition(":")[0] and "*" not in one
                if same and known.spelled(one) is None and known.alike(one) == action:
                    yield policy.at(one)


_ON_OBJECTS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")


def _by_terraform(
    workflows: Workflows, scripts: Scripts, terraform: Terraform, roles: _Roles
) -> Iterator[Answer | MissingRight]:
    """Tell of each service once: a role that may not make one thing of it lacks a statement about it."""
    lacking: dict[tuple[str, str, str, str], list[tuple[TerraformNeed, Evidence]]] = defaultdict(list)
    runs = list(terraform_runs(scripts, terraform))
    completed = {run.directory for run in runs if any(True for _ in run.given("backend-config"))}
    for run in runs:
        script = run.script
        workflow = workflows.at(script.workflow) if script.workflow is not None else None
        if workflow is None or script.job is None or script.step is None or script.never:
            continue
        role = role_of(workflow, script.job, script.step, roles.settings)
        rights = roles.rights(role) if role is not None else None
        if role is None or rights is None or run.module is None:
            continue
        for need in terraform_needs(terraform, run):
            service = need.action.partition(":")[0]
            key = (workflow.path, role, run.module.directory, service)
            # What `init` is given may name another bucket than the file does.
            resource = need.resource if not completed & {None, run.directory} else None
            if rights.allow(need.action, resource) or _by_resource(roles.book.policies, need.action):
                yield holds(_subject(workflow, key), f"{need.action} is allowed")
            else:
                on = resource if rights.allow(need.action) else None
                lacking[key].append((replace(need, resource=on), script.source.at(run.command)))
    for key, found in lacking.items():
        workflow = workflows.at(key[0])
        rights = roles.rights(key[1])
        assert workflow is not None
        assert rights is not None  # both were there when the need was found
        wanted = [(need.action, _shown(need.resource or need.granted or "*")) for need, _ in found]
        reasons = [need.why for need, _ in found]
        named = [
            f"{need.action} on {_shown(need.resource)}" if need.resource is not None else need.action
            for need, _ in found
        ]
        told = f"{key[1]} may not {listed(named)}, which terraform in {shown(key[2])} needs"
        # The policy comes before what needs it: that is where the right is written.
        places = [*(place for _, place in found), *rights.at, *(need.at for need, _ in found)]
        yield MissingRight(
            subject=_subject(workflow, key),
            told=f"{told} for {listed(reasons, 3)}: {_lacks(rights)}",
            places=tuple(dict.fromkeys(places)),
            role=key[1],
            wanted=tuple(dict.fromkeys(wanted)),
            written_in=roles.written(rights),
            phase=_stopped(workflow, roles),
            weight=Weight.BLOCKER if rights.certain else Weight.WARNING,
        )


def _subject(workflow: Workflow, key: tuple[str, str, str, str]) -> str:
    return f"{workflow.file}: {key[1]}: terraform in {shown(key[2])}: {key[3]}"


@check("instance-action-granted", phase=Phase.DEPLOYMENT, weight=Weight.WARNING)
def instance_action_granted(
    scripts: Scripts,
    terraform: Terraform,
    policies: Policies,
    known: KnownActions,
    sources: Sources,
) -> Iterator[Answer]:
    """Every action that an instance's start script needs is one that the role of its profile is allowed."""
    book = RoleBook(terraform=terraform, policies=policies, sources=sources)
    yield from merged(_on_machines(scripts, terraform, book, policies, known))


def _on_machines(
    scripts: Scripts, terraform: Terraform, book: RoleBook, policies: Policies, known: KnownActions
) -> Iterator[Answer]:
    files = {script.path: script for script in scripts.files}
    lacking: dict[tuple[str, str], list[tuple[str, str, bool]]] = defaultdict(list)
    places: dict[tuple[str, str], list[Evidence]] = defaultdict(list)
    of: dict[str, Rights] = {}
    for module, block in _machines(terraform):
        for name, path in _started(module, block):
            made = list(calls_of(files[path], files, AwsPrograms())) if path in files else []
            rights = book.of_profile(module, block) if made else None
            if rights is None:
                continue
            for call, _ in made:
                for action in _certain(call, known):
                    if rights.allow(action) or _by_resource(policies, action):
                        yield holds(f"{rights.role}: {action}", "is allowed")
                        continue
                    key, of[rights.role] = (rights.role, action), rights
                    lacking[key].append((f"`{call.written}` in {path}", block.address, call.minded))
                    places[key] += [call.at, *_misspelled(policies, known, action), *rights.at]
                    places[key].append(block.at(name))
    for (role, action), found in lacking.items():
        asking, machines = [call for call, _, _ in found], [machine for _, machine, _ in found]
        need = "needs" if len(set(asking)) == 1 else "need"
        start = "starts" if len(set(machines)) == 1 else "start"
        yield broken(
            f"{role}: {action}",
            f"{role} may not {action}, which {listed(asking, 3)} {need} when {listed(machines, 3)} {start}: "
            f"{_lacks(of[role])}",
            *dict.fromkeys(places[role, action]),
            remedy=Remedy(
                summary=f"Allow {action} for {role}, on the resources that are meant, "
                f"in {listed(of[role].said)}",
                minutes=10,
            ),
            weight=None if any(minded for _, _, minded in found) else Weight.NOTE,
        )


def _machines(terraform: Terraform) -> Iterator[tuple[Module, Block]]:
    for module in terraform:
        for kind in _MACHINES:
            for block in module.of("resource", kind):
                yield module, block


def _started(module: Module, block: Block) -> Iterable[tuple[str, str]]:
    """Go through the scripts that a machine runs when it starts: attribute and path."""
    for name in ("user_data", "user_data_base64"):
        for call in calls(block.get(name)):
            if call.function in ("file", "templatefile") and call.arguments:
                path = module_path(call.arguments[0], module)
                if path is not None:
                    yield name, path
