"""Whether a role's own trust policy, as the repository has it, lets the jobs in that assume it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tasks.domain.answers import listed, merged
from tasks.domain.call_way import Way, ways
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.cloud_names import AUDIENCE, ISSUER
from tasks.domain.edit_command import Edit, without
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge import ForgeOidc
from tasks.domain.iam_policy import Policies
from tasks.domain.kept_role import KeptRole, given_roles, kept_role
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.settings import Settings
from tasks.domain.sign_in import SIGN_IN, role_name
from tasks.domain.spelling import slips
from tasks.domain.terraform import Block, Terraform
from tasks.domain.terraform_needs import terraform_needs
from tasks.domain.terraform_run import terraform_runs
from tasks.domain.terraform_values import shown
from tasks.domain.token_sign_in import token_sign_ins
from tasks.domain.trusted import ASSUME, Trust, trusts
from tasks.domain.workflow import Job, Step, Workflow, Workflows
from tasks.domain.workflow_phase import stopped

_REF = ("push", "workflow_dispatch", "schedule", "repository_dispatch", "release")
_REQUEST = "pull_request"
_OPEN = "..."
_SLIPS = 1


_ACCOUNT = re.compile(r"arn:aws[\w-]*:iam::(?P<account>\d{12}):")


@dataclass(frozen=True, kw_only=True)
class _Use:
    """A step that assumes a role of which the repository has the trust policy."""

    workflow: Workflow
    job: Job
    step: Step
    trusts: tuple[Trust, ...]
    ways: tuple[Way, ...]
    kept: KeptRole | None = None  # of a secret that holds the role, when that is only likely

    @property
    def at(self) -> Evidence:
        return self.workflow.source.at(self.step.inputs.line_of("role-to-assume"))

    def said(self, told: str) -> str:
        """Say what holds if the role is the one that is meant, where that is not certain."""
        return told if self.kept is None else self.kept.said(told)


@check(
    "trust-policy-admits-job",
    phase=Phase.DEPLOYMENT,
    subject="oidc",
    remedy=Remedy(
        summary="Name in the role's trust policy the subject that the job's token has, letter by letter",
        url="https://docs.github.com/actions/reference/security/oidc",
        owner="aws-admin",
        minutes=10,
    ),
)
def trust_policy_admits_job(  # noqa: PLR0917 - every fact is one
    workflows: Workflows,
    terraform: Terraform,
    policies: Policies,
    scripts: Scripts,
    settings: Settings,
    oidc: ForgeOidc | Unseen,
) -> Iterator[Answer]:
    """Every trust policy of the repository admits the tokens of the jobs that assume its role by name."""
    if isinstance(oidc, ForgeOidc) and not oidc.use_default:
        return  # the repository's subjects are put together otherwise
    prefix = (oidc.prefix if isinstance(oidc, ForgeOidc) else None) or f"repo:{settings.full_name}"
    uses = list(_uses(workflows, terraform, policies, scripts, settings))
    yield from merged(_admitted(uses, prefix, settings, spelled=isinstance(oidc, ForgeOidc)))


def _uses(
    workflows: Workflows, terraform: Terraform, policies: Policies, scripts: Scripts, settings: Settings
) -> Iterator[_Use]:
    signing = list(token_sign_ins(workflows))
    made = list(trusts(terraform, policies, scripts)) if signing else []
    given = given_roles(scripts) if made else {}
    kept = kept_role(workflows, terraform, policies, settings, signing) if signing and not given else None
    for workflow, job, step in kept.uses if kept is not None else ():
        yield _Use(
            workflow=workflow,
            job=job,
            step=step,
            trusts=(kept.trust,) if kept is not None else (),
            ways=tuple(ways(workflows, workflow, job)),
            kept=kept,
        )
    for workflow, job, step in signing if made else ():
        written = (step.inputs.text("role-to-assume") or "").strip()
        inner = written.removeprefix("${{").removesuffix("}}").strip() if written.startswith("${{") else ""
        name = given.get(inner.upper()) if inner else role_name(written)
        meant = tuple(one for one in made if one.role == name)
        if meant and name != settings.aws.deploy_role:
            yield _Use(
                workflow=workflow,
                job=job,
                step=step,
                trusts=meant,
                ways=tuple(ways(workflows, workflow, job)),
            )


def _admitted(uses: Sequence[_Use], prefix: str, settings: Settings, *, spelled: bool) -> Iterator[Answer]:
    """Judge each use; ``spelled``: GitHub itself has said in which letter case it writes the repository."""
    signed = {subject for use in uses for subject in _predicted(use, prefix)}
    for use in uses:
        role = use.trusts[0].role
        places = (use.at, *(one.at for one in use.trusts))
        phase, weight = stopped(use.workflow, settings)
        weight = weight if use.kept is None else Weight.WARNING
        subject = f"{use.workflow.file}: {use.job.id}: {role}"
        if not any(one.lets_tokens_in for one in use.trusts):
            told = f"{use.job.id} assumes {role} with a token, and no statement of its trust allows {ASSUME}"
            statements = [
                one.policy.at(action)
                for one in use.trusts
                for s in one.policy.statements
                for action in s.actions
            ]
            yield broken(subject, use.said(told), *statements, *places, phase=phase, weight=weight)
            continue
        if (strange := _strange(use)) is not None:
            told, shown = strange
            yield broken(subject, told, *shown, *places, phase=phase, weight=weight)
            continue
        audience = use.step.inputs.text("audience") or AUDIENCE
        if "${{" not in audience and not any(one.admits_audience(audience) for one in use.trusts):
            there = [
                text
                for one in use.trusts
                for s in one.lets_tokens_in
                for text in s.condition(f"{ISSUER}:aud") or ()
            ]
            told = f"the token of {use.job.id} is for {audience}, and {role} takes those for {listed(there)}"
            shown = [one.policy.at(text) for one in use.trusts for text in there]
            asks = "audience" in use.step.inputs
            asked = [use.workflow.source.at(use.step.inputs.line_of("audience"))] if asks else []
            yield broken(
                subject,
                use.said(told),
                *asked,
                *shown,
                *places,
                remedy=_other_audience(role, audience, there),
                phase=phase,
                weight=weight,
            )
            continue
        if audience == AUDIENCE:
            yield from _subjects(use, subject, prefix, phase, weight, spelled=spelled, signed=signed)


def _strange(use: _Use) -> tuple[str, list[Evidence]] | None:
    """Tell of a trust in the identity provider of another account than the role's, and where it stands."""
    asked = _ACCOUNT.match((use.step.inputs.text("role-to-assume") or "").strip())
    trusted = [text for one in use.trusts for s in one.lets_tokens_in for text in s.federated]
    found = [_ACCOUNT.match(text) for text in trusted]
    accounts = {one["account"] for one in found if one is not None}
    if asked is None or None in found or not accounts or asked["account"] in accounts:
        return None
    role, other = asked["account"][-4:], ", ".join(f"...{one[-4:]}" for one in sorted(accounts))
    told = (
        f"{use.job.id} assumes {use.trusts[0].role} in the account ...{role}, and its trust policy names the "
        f"provider of {other}: AWS looks for the provider in the role's own account, and refuses"
    )
    return told, [one.policy.at(text) for one in use.trusts for text in trusted]


def _other_audience(role: str, audience: str, taken: list[str]) -> Remedy:
    """Return what makes the token and the trust agree on whom the token is for."""
    if audience == AUDIENCE:
        summary = f"Name {AUDIENCE} as the audience in the trust policy of {role}"
        return Remedy(summary=summary, owner="aws-admin", minutes=10)
    ask = "take `audience` out of the step" if AUDIENCE in taken else f"ask for {listed(taken)}"
    return Remedy(
        summary=f"{ask[0].upper()}{ask[1:]}, or name {audience} in the trust policy of {role} and in the "
        "client_id_list of its identity provider",
        minutes=10,
    )


def _respelled(
    use: _Use, pattern: str, subject: str, place: Evidence
) -> tuple[Remedy | None, tuple[Edit, ...]]:
    """Return what writes a subject as the token has it, where nothing but the letter case is another."""
    edits = without(pattern, place, subject) if pattern.lower() == subject.lower() else ()
    if not edits:
        return None, ()
    summary = f"Write {subject} in the trust policy of {use.trusts[0].role}, and bring the policy into AWS"
    return Remedy(summary=summary, minutes=10), edits


def _subjects(
    use: _Use,
    subject: str,
    prefix: str,
    phase: Phase,
    weight: Weight,
    *,
    spelled: bool,
    signed: Collection[str],
) -> Iterator[Answer]:
    """Judge the subjects of one use; ``signed`` are those that jobs sign in with."""
    patterns = list(dict.fromkeys(text for one in use.trusts for text in one.subjects))
    predicted = _predicted(use, prefix)
    if not predicted or not patterns or any(not one.startswith("repo:") for one in patterns):
        return  # it goes by another claim than the usual subject
    refused = [one for one in predicted if not any(_admits(trust, one) for trust in use.trusts)]
    conditional = use.job.condition is not None or use.step.condition is not None
    some = len(refused) < len(predicted)
    if not refused:
        yield holds(subject, "is admitted")
        return
    if (conditional and some) or not _is_sure(patterns, prefix):
        return
    line = use.job.environment.line if use.job.environment else use.job.line
    alike = next((one for one in patterns if _is_other_case(one, prefix, refused[0])), None)
    why = f"it admits {listed(patterns)}" if alike is None else f"AWS minds letter case: {alike}"
    if alike is not None and not alike.startswith(prefix) and not spelled:
        weight = Weight.WARNING  # GitHub's addresses do not mind it, the remote's neither
    told = f"{use.job.id} signs in as {refused[0]}, which the trust of {use.trusts[0].role} refuses; {why}"
    told = use.said(told)
    # The text that is wrong comes before those that are right.
    shown = [
        one.policy.at(text) for text in sorted(patterns, key=lambda it: it != alike) for one in use.trusts
    ]
    remedy: Remedy | None = None
    edits: tuple[Edit, ...] = ()
    known = spelled or any(one.startswith(prefix) for one in patterns)
    if alike is not None and known and alike not in signed:
        remedy, edits = _respelled(use, alike, refused[0], shown[0])
    places = (*predicted[refused[0]], use.workflow.source.at(line), *shown, use.at)
    weighed = Weight.WARNING if some and use.job.environment is None else weight
    yield broken(subject, told, *places, remedy=remedy, phase=phase, weight=weighed, edits=edits)


def _predicted(use: _Use, prefix: str) -> dict[str, tuple[Evidence, ...]]:
    """Return the subjects that a job may sign in with and who gives them, none when they are not certain.

    One that ends in ``...`` is only known to begin so: the branch or the tag is the run's.
    """
    workflow, job = use.workflow, use.job
    if job.environment is not None:
        named = [(way.lane.text(job.environment.name), way.places) for way in use.ways]
        if "workflow_call" not in workflow.events and any(name is None for name, _ in named):
            return {}
        found: dict[str, tuple[Evidence, ...]] = {}
        for name, places in named:
            if name:
                given = tuple(one for one in places if name in (one.excerpt or ""))
                found.setdefault(f"{prefix}:environment:{name}", given)
        return found
    events = set(workflow.events)
    if events & {"pull_request_target", "workflow_call", "merge_group"} or not events & {*_REF, _REQUEST}:
        return {}
    refs = [f"{prefix}:{ref}" for event in sorted(events & set(_REF)) for ref in _refs(workflow, event)]
    return dict.fromkeys([*refs, *([f"{prefix}:{_REQUEST}"] if _REQUEST in events else [])], ())


def _refs(workflow: Workflow, event: str) -> Iterator[str]:
    """Go through the refs that an event runs for, as the subject ends with them."""
    if event == "release":
        yield "ref:refs/tags/..."
        return
    on = workflow.event(event)
    if event != "push" or on is None or not ("branches" in on or "tags" in on):
        yield "ref:refs/..."
        return
    for key, kind in (("branches", "heads"), ("tags", "tags")):
        for name in (str(one) for one in on.texts(key)):
            if not name.startswith("!"):
                known = re.split(r"[*?\[+\\]", name, maxsplit=1)[0]
                yield f"ref:refs/{kind}/{known}{'' if known == name else _OPEN}"


def _admits(trust: Trust, subject: str) -> bool:
    begin = subject.removesuffix(_OPEN)
    return trust.may_admit(begin) if begin != subject else trust.admits(subject)


def _is_other_case(pattern: str, prefix: str, subject: str) -> bool:
    """Tell whether a pattern is the subject, or names the repository, in another letter case."""
    if pattern.lower() == subject.lower():
        return True
    return pattern.lower().startswith(prefix.lower()) and not pattern.startswith(prefix)


def _is_sure(patterns: list[str], prefix: str) -> bool:
    """Tell whether the patterns are about this repository, with its name as it is or with a slip in it."""
    owner, _, name = prefix.removeprefix("repo:").lower().partition("/")
    for one in patterns:
        theirs, _, repository = one.removeprefix("repo:").partition(":")[0].lower().partition("/")
        if "@" in f"{theirs}{repository}":
            return False  # the immutable ids of owner and repository: the name alone says nothing
        if theirs != owner and (repository != name or slips(theirs, owner) > _SLIPS):
            return False  # this is a fork, or that was its name
    return True


@check(
    "identity-provider-takes-audience",
    phase=Phase.DEPLOYMENT,
    subject="oidc",
    remedy=Remedy(
        summary=f"Add {AUDIENCE} to the provider's client_id_list: it is whom the token is for", minutes=5
    ),
)
def identity_provider_takes_audience(
    workflows: Workflows, scripts: Scripts, terraform: Terraform
) -> Iterator[Answer]:
    """Every identity provider that Terraform makes for GitHub takes tokens for whom jobs ask them."""
    signing = list(token_sign_ins(workflows))
    asked = {
        step.inputs.text("audience") or AUDIENCE: workflow.source.at(
            step.inputs.line_of("audience" if "audience" in step.inputs else "role-to-assume")
        )
        for workflow, _, step in signing
    }
    for module in terraform:
        for block in module.of("resource", "aws_iam_openid_connect_provider"):
            taken, url = block.get("client_id_list"), block.get("url")
            is_ours = isinstance(url, str) and url.rstrip("/").removeprefix("https://") == ISSUER
            if not is_ours or not isinstance(taken, tuple) or not all(isinstance(one, str) for one in taken):
                continue
            own = set(_of_makers(signing, scripts, terraform, block)) if len(asked) > 1 else set(asked)
            for audience, place in asked.items():
                subject = f"{shown(module.directory)}: {block.address}: {audience}"
                if audience in taken:
                    yield holds(subject, "is taken")
                elif "${{" not in audience and audience in own:
                    told = f"{block.address} takes tokens for {listed([str(one) for one in taken])} only"
                    told = f"{told}; jobs ask theirs for {audience}"
                    yield broken(
                        subject, told, block.at("client_id_list"), place, remedy=_taken_too(audience)
                    )


def _of_makers(
    signing: Iterable[tuple[Workflow, Job, Step]], scripts: Scripts, terraform: Terraform, provider: Block
) -> Iterator[str]:
    """Go through the audiences of the jobs that make a provider: an account has only one, so it is theirs."""
    making = {
        (run.script.workflow, str(run.script.job.id))
        for run in terraform_runs(scripts, terraform)
        if run.script.job is not None and not run.script.never
        for need in terraform_needs(terraform, run)
        if need.action == "iam:CreateOpenIDConnectProvider" and need.at == provider.at()
    }
    for workflow, job, step in signing:
        signs = [one for one in job.steps if one.action is not None and one.action.name == SIGN_IN]
        if (workflow.path, str(job.id)) in making and signs == [step]:
            yield step.inputs.text("audience") or AUDIENCE


def _taken_too(audience: str) -> Remedy | None:
    if audience == AUDIENCE:
        return None
    return Remedy(
        summary="Take `audience` out of the step, or add it to the provider's client_id_list and to the "
        "trust policy of the role",
        minutes=5,
    )
