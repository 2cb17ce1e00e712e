"""Whether a job changes what runs somewhere: its environment alone may be there for a secret."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterator

from tasks.domain.cargo_command import cargo_command
from tasks.domain.located import Map
from tasks.domain.script import Command, Scripts
from tasks.domain.workflow import EnvironmentUse, Job, Step, Workflow

_STAGE = re.compile(
    r"(?:^|[^a-z])(?:prod|production|live|stage|staging|dev|development|qa|uat|preview)", re.IGNORECASE
)
_DEPLOYS = re.compile(
    r"deploy|\brollout (?:status|restart)|kubectl|\bhelm(?:file)? (?:upgrade|install|rollback|apply|sync)\b|"
    r"terraform (?:apply|destroy)|\btofu (?:apply|destroy)|pulumi|\bssm\b|\becs\b|"
    r"\bssh -|rsync|\bscp\b|wrangler|flyctl|ansible|\baws (?:s3|lambda)\b",
    re.IGNORECASE,
)
"""What a job says that changes what runs somewhere: other environments only keep a job's secrets."""

_OTHER = re.compile(
    r"(?:^|[^a-z])(?:e2e|tests?|testing|lint|bench|benchmarks?|audit|clean-?up|clean|delete|prune|purge)(?:[^a-z]|$)",
    re.IGNORECASE,
)
"""What a job is called that works against a place, or tidies it up, without changing what runs there."""
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_ONLY_BUILDS = frozenset({"build", "check", "clippy", "doc", "fetch", "fmt", "nextest", "test", "publish"})
_EDITS = frozenset(
    {
        "apt-get", "awk", "basename", "cat", "cd", "chmod", "cp", "cut", "date", "df", "dirname", "echo",
        "exit", "export", "find", "grep", "head", "jq", "ls", "mkdir", "mv", "printf", "rm", "rustup", "sed",
        "set", "sha256sum", "sort", "tail", "tar", "test", "touch", "tr", "true", "wc", "xargs", "zip", "[",
        "[[",
    }
)  # fmt: skip
_PUBLISHES = frozenset({"docker", "buildah", "podman", "skopeo", "cosign", "maturin", "twine", "uv"})
"""Programs that put images and packages where others fetch them: nothing runs by that."""
_ASKS = (
    "fmt",
    "get",
    "graph",
    "init",
    "output",
    "plan",
    "providers",
    "show",
    "validate",
    "version",
    "workspace",
)
_LOCAL = frozenset({"local", "localhost", "localstack"})
_SIGN_IN = "aws-actions/configure-aws-credentials"
_STANDS_IN = re.compile(r"\b(?:localstack|motoserver|ministack|azurite)\b", re.IGNORECASE)
"""Images of containers that stand in for a cloud."""
_RECIPE = re.compile(r"build|image|publish|push|package|artifact|release|test|lint|check", re.IGNORECASE)
_CHANGES_NOTHING = (
    "actions/cache", "actions/checkout", "actions/download-artifact", "actions/setup-",
    "actions/upload-artifact", "actions-rs/toolchain", "actions-rust-lang/", "aws-actions/amazon-ecr-login",
    "aws-actions/configure-aws-credentials", "azure/login", "cargo-bins/cargo-binstall", "docker/",
    "dtolnay/rust-toolchain", "google-github-actions/auth", "google-github-actions/setup-gcloud",
    "hashicorp/setup-terraform", "mozilla-actions/sccache-action", "pypa/gh-action-pypi-publish",
    "rust-lang/crates-io-auth-action", "sigstore/cosign-installer", "softprops/action-gh-release",
    "step-security/harden-runner", "swatinem/rust-cache", "taiki-e/install-action",
)  # fmt: skip
_REGISTRY = re.compile(
    r"^https?://(?:hub\.docker\.com|(?:test\.)?pypi\.org|crates\.io|(?:www\.)?npmjs\.com|ghcr\.io|rubygems\.org|"
    r"github\.com|marketplace\.visualstudio\.com)(?:/|$)"
)
_DISPATCH = re.compile(r"createDispatchEvent|createWorkflowDispatch|/dispatches\b|gh workflow run")


def deploys(
    workflow: Workflow, job: Job, scripts: Scripts, emulated: Container[tuple[str, int]] = ()
) -> str | None:
    """Return how a job changes what runs somewhere, as a person would say it; None when it does not.

    ``emulated`` are the calls of terraform against what answers on the runner itself, by file and line.
    """
    if _only_dispatches(job) or _is_in_its_own_machine(job):
        return None  # what it starts somewhere else deploys; what ends with the job nobody shares
    calls = list(changing(workflow, job, scripts))
    real = [name for name, command in calls if (workflow.path, command.line) not in emulated]
    if calls and not real:
        return None
    placed = _environment(workflow, job, scripts)
    if placed is not None:
        return f"deploys to {placed.name}"
    return f"runs terraform {real[0]}" if real else None


_NAMED_FOR_IT = re.compile(r"deploy|roll-?out|promote", re.IGNORECASE)
_NAMED_FOR_MORE = re.compile(r"approv|build|check|health|lint|plan|test|valid|verif", re.IGNORECASE)


def is_deployment(workflow: Workflow, job: Job, places: Collection[str | None]) -> bool:
    """Tell whether a job is one beyond doubt: called so, and each environment it can have is a place.

    What workflows call often builds, validates or asks for an approval in the environment it is handed.
    """
    named = f"{job.id} {job.name or ''} {workflow.file}"
    if _NAMED_FOR_MORE.search(f"{job.id} {job.name or ''}"):
        return False
    each_is_a_place = all(one is not None and _STAGE.search(one) for one in places)
    return _NAMED_FOR_IT.search(named) is not None and bool(places) and each_is_a_place


def changing(workflow: Workflow, job: Job, scripts: Scripts) -> Iterator[tuple[str, Command]]:
    """Go through the calls of terraform that change infrastructure, each with its subcommand."""
    for step in job.steps:
        script = scripts.of(workflow.path, job, step)
        for command in script.running("terraform", "tofu") if script is not None and not script.never else ():
            words = [word for word in command.literals if word and not word.startswith("-")]
            if words[:1] in (["apply"], ["destroy"]):
                yield str(words[0]), command


def _environment(workflow: Workflow, job: Job, scripts: Scripts) -> EnvironmentUse | None:
    """Return the environment that a job deploys to; None when it has none, or has it for a secret."""
    given = job.environment
    # Pages and the like have an address of their own, and the newest always wins there.
    if given is None or _only_unlocks(job) or "pages" in given.name:
        return None
    said = " ".join([str(job.id), str(job.root.get("name")), *(str(one.root) for one in job.steps)])
    # The name of a secret says who may, not what is done.
    if _DEPLOYS.search(_EXPRESSION.sub("", said)):
        return given
    placed = _is_stage(given.name) or (given.url is not None and _REGISTRY.match(given.url) is None)
    if not placed or _OTHER.search(f"{job.id} {job.root.text('name') or ''}"):
        return None
    return None if _only_makes(workflow, job, scripts) else given


def _only_makes(workflow: Workflow, job: Job, scripts: Scripts) -> bool:
    """Tell whether a job does nothing but build, test, plan and publish: its environment is for a secret."""
    makes = False
    for step in job.steps:
        if step.action is not None:
            makes = makes or step.action.name in ("docker/build-push-action", "docker/bake-action")
            if not step.action.name.startswith(_CHANGES_NOTHING) and "slack" not in step.action.name:
                return False
            continue
        script = scripts.of(workflow.path, job, step)
        if script is None or not script.understood:
            return False
        for command in script.commands:
            made = _makes(command)
            if made is False:
                return False
            makes = makes or made is True
    return makes


def _makes(command: Command) -> bool | None:
    """Tell whether a command only makes or publishes something; None for one that only gets things ready."""
    call = cargo_command(command)
    if call is not None:
        return call.subcommand in _ONLY_BUILDS or (
            None if call.subcommand in ("install", "binstall") else False
        )
    program, words = command.program, [word for word in command.literals if word and word[0] != "-"]
    if program in ("terraform", "tofu"):
        return words[:1] != [] and words[0] in _ASKS
    if program in ("make", "just", "npm", "yarn", "pnpm"):
        return any(_RECIPE.search(word) for word in words)
    if program in _PUBLISHES:
        return True
    if program == "git":
        return False if words[:1] == ["push"] else None
    return None if not command.words or program in _EDITS else False


def _only_dispatches(job: Job) -> bool:
    """Tell whether all that a job does is start a workflow of its own repository or another."""
    steps = [one for one in job.steps if one.action is None or one.action.name != "actions/checkout"]
    return bool(steps) and all(_dispatches(one) for one in steps)


def _is_in_its_own_machine(job: Job) -> bool:
    """Tell whether a job deploys to a container beside it: each run has one of its own."""
    services = job.root.map("services")
    images = [str(services.text(name) or services.map(name).text("image") or "") for name in services]
    named = job.environment is not None and str(job.environment.name).lower() in _LOCAL
    signed_in = any(one.action is not None and one.action.name == _SIGN_IN for one in job.steps)
    return named or (not signed_in and any(_STANDS_IN.search(image) for image in images))


def _dispatches(step: Step) -> bool:
    if step.action is not None and "dispatch" in step.action.name:
        return True
    return _DISPATCH.search(str(step.run or step.inputs.text("script") or "")) is not None


def _only_unlocks(job: Job) -> bool:
    """Tell whether a job says of its environment that nothing is deployed to it."""
    written = job.root.get("environment")
    return isinstance(written, Map) and written.get("deployment") is False


def _is_stage(name: str) -> bool:
    """Tell whether an environment is called like a place where something runs, not like a set of secrets."""
    return "${{" in name or _STAGE.search(name) is not None
