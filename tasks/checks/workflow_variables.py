"""Whether the variables that steps read are the ones that `env:` sets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import corrected
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.source import Source, Sources
from tasks.domain.spelling import misspelled
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_READ = re.compile(r"(?<!\\)\$(?:\{([A-Z_][A-Z0-9_]*)\}|([A-Z_][A-Z0-9_]*)\b)")


@check(
    "step-variable-spelled",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Write the variable's name the same in `env:` and in `run:`", minutes=2),
)
def step_variable_spelled(workflows: Workflows) -> Iterator[Answer]:
    """No step reads a variable that nobody sets and that is one of `env:` with a slip in its name."""
    for workflow in workflows:
        yield from merged(_variables(workflow))


def _variables(workflow: Workflow) -> Iterator[Answer]:
    for job, step in workflow.steps():
        if step.run is None:
            continue
        unread = [str(name) for name in step.env if not _mentions(str(step.run), str(name))]
        given = {str(name): env for env in (workflow.env, job.env, step.env) for name in env}
        for row, text in enumerate(step.run.split("\n")):
            for found in _READ.finditer(text):
                name = found[1] or found[2]
                near = misspelled(name, unread) or _slip(name, given)
                subject = f"{workflow.file}: {job.id}: {name}"
                if near is None or name in given or _may_be_set(name, job, step):
                    yield holds(subject, "may be set")
                else:
                    told = f"reads ${name}, which nobody sets; `env:` sets {near}"
                    env = workflow.source.at(given[near].line_of(near))
                    place = workflow.source.at(step.run.line_at(row))
                    edits = corrected(f"${found[0].strip('${}')}", f"${near}", place)
                    edits = edits or corrected(name, near, place, often=True)
                    yield broken(subject, told, place, env, edits=edits)


def _slip(name: str, given: Iterable[str]) -> str | None:
    """Return a variable that is set and that was meant; one that only goes on is one of its own: CRATES."""
    near = misspelled(name, frozenset(given))
    return None if near is None or near.startswith(name) or name.startswith(near) else near


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", text) is not None


def _may_be_set(name: str, job: Job, step: Step) -> bool:
    """Tell whether the script itself or a step before names the variable other than by reading it."""
    if name.startswith(("GITHUB_", "RUNNER_", "ACTIONS_")):
        return True
    texts = [str(one.run or "") for one in job.steps[: step.index + 1]]
    unread = (_READ.sub(" ", text) for text in texts)
    return any(_mentions(text, name) for text in unread)


_RUNNER = frozenset(
    {
        "GITHUB_ACTION", "GITHUB_ACTIONS", "GITHUB_ACTION_PATH", "GITHUB_ACTION_REF",
        "GITHUB_ACTION_REPOSITORY", "GITHUB_ACTOR", "GITHUB_ACTOR_ID", "GITHUB_API_URL",
        "GITHUB_BASE_REF", "GITHUB_ENV", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_GRAPHQL_URL",
        "GITHUB_HEAD_REF", "GITHUB_JOB", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_REF",
        "GITHUB_REF_NAME", "GITHUB_REF_PROTECTED", "GITHUB_REF_TYPE", "GITHUB_REPOSITORY",
        "GITHUB_REPOSITORY_ID", "GITHUB_REPOSITORY_OWNER", "GITHUB_REPOSITORY_OWNER_ID",
        "GITHUB_RETENTION_DAYS", "GITHUB_RUN_ATTEMPT", "GITHUB_RUN_ID", "GITHUB_RUN_NUMBER",
        "GITHUB_SERVER_URL", "GITHUB_SHA", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "GITHUB_TOKEN",
        "GITHUB_TRIGGERING_ACTOR", "GITHUB_WORKFLOW", "GITHUB_WORKFLOW_REF", "GITHUB_WORKFLOW_SHA",
        "GITHUB_WORKSPACE",
    }
)  # fmt: skip
"""What runners set, from GitHub's list of default variables (2026), and the usual name of the token."""
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}")
_READ_OF_RUNNER = re.compile(r"(?<!\\)\$\{?(GITHUB_[A-Z_]+)")
_OWN = frozenset({"GITHUB_PAT"})
"""Names that people give to what they set themselves, though they look like those of the runner."""
_ASKED_FOR = r"-[zn] [\"']?\$\{?%s\b|\$\{%s:?[-+?=]"


@check(
    "runner-variable-known",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Write the variable as runners set it", minutes=2),
)
def runner_variable_known(sources: Sources) -> Iterator[Answer]:
    """No workflow, action or script reads a variable of the runner, GITHUB_..., with a slip in its name."""
    texts = [one for one in sources if one.path.startswith(".github/") or one.path.endswith(".sh")]
    others = (_READ_OF_RUNNER.sub(" ", one.text) for one in texts if "GITHUB_" in one.text)
    written = {name for text in others for name in re.findall(r"\w+", text) if "GITHUB_" in name}
    slips: dict[str, str | None] = {}  # of each name once: long workflows read one many times
    for source in texts:
        if "$GITHUB_" not in source.text and "${GITHUB_" not in source.text:
            continue
        for number, text in enumerate(source.lines, 1):
            code = text.lstrip()
            for found in _READ_OF_RUNNER.finditer("" if code.startswith("#") else text):
                name = found[1]
                if name not in slips:
                    slips[name] = None if name in written | _OWN else misspelled(name, _RUNNER)
                near = slips[name]
                if near is not None and not _may_be_given(source, name):
                    told = f"reads ${name}, which nobody sets; runners set {near}"
                    place = source.at(number)
                    edits = corrected(name, near, place, often=True)
                    yield broken(f"{source.path}: {name}", told, place, edits=edits)


def _may_be_given(source: Source, name: str) -> bool:
    """Tell whether a script asks whether the variable is set: who starts it may set it."""
    if source.path.startswith(".github/"):
        return False
    return re.search(_ASKED_FOR % (name, name), source.text) is not None


@check(
    "expression-variable-spelled",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Write the variable's name the same in `env:` and in the expression", minutes=2),
)
def expression_variable_spelled(workflows: Workflows) -> Iterator[Answer]:
    """No expression reads `env.X` where `env:` sets a name that X is with a slip in it."""
    for workflow in workflows:
        yield from merged(_read_as_env(workflow))


def _read_as_env(workflow: Workflow) -> Iterator[Answer]:
    every = [workflow.env, *(job.env for job in workflow.jobs.values())]
    every += [step.env for _, step in workflow.steps()]
    given = {str(name): env for env in every for name in env}
    runs = _EXPRESSION.sub(" ", "\n".join(str(step.run or "") for _, step in workflow.steps()))
    for read in workflow.reads:
        if read.context != "env" or read.name is None or read.name.upper() in map(str.upper, given):
            continue
        near = _slip(read.name, given)
        if near is not None and not _mentions(runs, read.name):
            told = f"`{read.use.source}` is empty: nobody sets {read.name}; `env:` sets {near}"
            env = workflow.source.at(given[near].line_of(near))
            place = workflow.source.at(read)
            edits = corrected(f"env.{read.name}", f"env.{near}", place, often=True)
            yield broken(f"{workflow.file}: env.{read.name}", told, place, env, edits=edits)
