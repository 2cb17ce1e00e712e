"""Whether the tokens of jobs may do what the jobs do with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tasks.domain.answers import MOST_PLACES, listed, merged
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge import ForgeActions, ForgeRepository
from tasks.domain.gh_command import api_write, is_here, other_scope, written_scope
from tasks.domain.github_script import api_calls
from tasks.domain.key_edit import permitted
from tasks.domain.known_action import NEEDS, Need
from tasks.domain.located import Map
from tasks.domain.package_push import package_pushes
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Scripts
from tasks.domain.settings import Settings
from tasks.domain.tree import Tree
from tasks.domain.workflow import Job, Step, Workflow, Workflows
from tasks.domain.workflow_grammar import PERMISSIONS, SHORTHANDS
from tasks.domain.workflow_phase import stopped


@check(
    "permission-is-known",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Write the permission as GitHub knows it", minutes=5),
)
def permission_is_known(workflows: Workflows) -> Iterator[Answer]:
    """Every permission and its level is one that GitHub knows."""
    for workflow in workflows:
        wrong = [*_unknown(workflow, workflow.root, "")]
        for job in workflow.jobs.values():
            wrong += _unknown(workflow, job.root, f"{job.id}: ")
        yield from wrong
        if not wrong:
            yield holds(workflow.file, "every permission is known")


def _unknown(workflow: Workflow, root: Map, begin: str) -> Iterator[Answer]:
    written = root.get("permissions")
    if isinstance(written, Map):
        for scope in written:
            level = written.text(scope)
            known = PERMISSIONS.get(scope)
            if known is None:
                told = f"there is no permission {str(scope)!r}"
            elif level is None or level not in known:
                told = f"the permission {scope} is {', '.join(sorted(known))}, not {str(level or '')!r}"
            else:
                continue
            place = workflow.source.at(written.line_of(scope))
            yield broken(f"{workflow.file}: {begin}{scope}", f"GitHub refuses the file: {told}", place)
    elif written is not None and not (isinstance(written, str) and written in SHORTHANDS):
        shown = root.text("permissions") or "a list"
        told = f"GitHub refuses the file: permissions are read-all, write-all or a mapping, not {shown}"
        place = workflow.source.at(root.line_of("permissions"))
        yield broken(f"{workflow.file}: {begin}permissions", told, place)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A right that a step needs, who needs it, and where."""

    scope: str
    level: str
    what: str
    place: Evidence
    fatal: bool = True
    other: str | None = None  # a scope that does as well


@check("permission-is-granted", phase=Phase.FIRST_RUN)
def permission_is_granted(  # noqa: PLR0917 - every fact is one
    workflows: Workflows,
    scripts: Scripts,
    actions: ForgeActions | Unseen,
    repository: ForgeRepository | Unseen,
    settings: Settings | Unseen,
    tree: Tree,
) -> Iterator[Answer]:
    """Every job's token may do what its actions and commands do with it."""
    default = actions.default_permissions if isinstance(actions, ForgeActions) else None
    private = isinstance(repository, ForgeRepository) and repository.private
    by_default: list[_Asked] = []
    for workflow in workflows:
        stops = stopped(workflow, settings if isinstance(settings, Settings) else None)
        yield from merged(
            _granted(workflow, scripts, tree, default, stops, private=private, undecided=by_default)
        )
    if by_default:
        yield _undecided(by_default)


def _granted(
    workflow: Workflow,
    scripts: Scripts,
    tree: Tree,
    default: str | None,
    stops: tuple[Phase, Weight],
    *,
    private: bool,
    undecided: list[_Asked],
) -> Iterator[Answer]:
    called = "workflow_call" in workflow.events
    for job in workflow.jobs.values():
        every = (*_asked(workflow, job, scripts, tree), *(_checkouts(workflow, job) if private else ()))
        lacking = _lacking(workflow, job, every)
        for asked in every:
            given = workflow.permission(job, asked.scope)
            if asked.other is not None and workflow.permission(job, asked.other) == asked.level:
                continue
            by_default = given is None
            subject = f"{workflow.file}: {job.id}: {asked.scope}"
            if by_default and called:
                continue  # it has what its caller gives it
            if by_default:
                given = "none" if asked.scope == "id-token" else _usual(default)
            if given is None:
                undecided += [asked] if asked.level == "write" else []
                continue
            if given in (asked.level, "write"):
                yield holds(subject, "is granted")
                continue
            why = "the default of the repository gives" if by_default else "its permissions give"
            needed = " or ".join(filter(None, (asked.scope, asked.other)))
            told = f"{asked.what} needs {needed}: {asked.level}; {why} the job {job.id!r} {given}"
            where = Remedy(
                summary=f"Add `{asked.scope}: {asked.level}` to the `permissions:` of the job {job.id}",
                minutes=5,
            )
            places = (asked.place, *_written(workflow, job))
            weight = stops[1] if asked.fatal else Weight.WARNING
            edits = permitted(workflow, job, lacking)
            yield broken(subject, told, *places, remedy=where, phase=stops[0], weight=weight, edits=edits)


def _lacking(workflow: Workflow, job: Job, every: Iterable[_Asked]) -> dict[str, str]:
    """Return all rights that what is written does not give a job: they are added at once."""
    found: dict[str, str] = {}
    for asked in every:
        given = workflow.permission(job, asked.scope)
        other = None if asked.other is None else workflow.permission(job, asked.other)
        if given not in (None, asked.level, "write") and other != asked.level:
            found[asked.scope] = max(asked.level, found.get(asked.scope, ""))  # read < write
    return found


def _undecided(asked: list[_Asked]) -> Answer:
    """Say what depends on a setting that was not seen; which default a repository has depends on its age."""
    scopes: dict[tuple[str, str], list[str]] = {}
    for one in asked:
        scopes.setdefault((one.what, one.level), []).append(one.scope)
    needs = listed([f"{what} ({listed(given)}: {level})" for (what, level), given in scopes.items()], most=4)
    fatal = any(one.fatal for one in asked)
    lost = "these fail" if fatal else "what these would report is refused"
    return unknown(
        "default of the repository",
        f"{needs}: the jobs name no permissions, so the repository's default decides, which was not seen;"
        f" for new repositories it is read, and {lost}",
        *[*dict.fromkeys(one.place for one in asked)][:MOST_PLACES],
        remedy=Remedy(
            summary="Write the `permissions:` into these jobs, or look at the default",
            commands=("gh api repos/{owner}/{repo}/actions/permissions/workflow",),
            minutes=5,
        ),
        weight=Weight.WARNING if fatal else Weight.NOTE,
    )


def _usual(default: str | None) -> str | None:
    """Return what the default gives for writing: ``read`` is known to be too little, else nobody knows."""
    return {"read": "read", "write": "write"}.get(default or "")


def _written(workflow: Workflow, job: Job) -> Iterator[Evidence]:
    for root in (job.root, workflow.root):
        if "permissions" in root:
            yield workflow.source.at(root.line_of("permissions"))
            return


def _scopes(need: Need, workflow: Workflow) -> list[str]:
    """Return what an action asks for: one that reports opens issues where a schedule starts it."""
    if not need.reports or "schedule" not in workflow.events:
        return [need.scope]
    return ["issues", *([need.scope] if set(workflow.events) > {"schedule"} else [])]


def _asked(workflow: Workflow, job: Job, scripts: Scripts, tree: Tree) -> Iterator[_Asked]:
    for step in job.steps:
        if step.condition is False:
            continue
        if step.action is not None:
            for need in NEEDS.get(step.action.name, ()):
                if _is_needed(need, workflow, job, step) and not (
                    need.by_git and not _pushes_as_itself(job, step)
                ):
                    for scope in _scopes(need, workflow):
                        yield _Asked(
                            scope=scope,
                            level=need.level,
                            what=step.action.name,
                            place=workflow.source.at(step.action),
                            fatal=not step.may_fail and not need.reports,
                        )
        script = scripts.of(workflow.path, job, step)
        for command in script.commands if script is not None and not script.never else ():
            needed = _by_command(command, workflow, job, step, tree)
            if needed is not None:
                what, scope, other = needed
                place = workflow.source.at(command)
                fatal = command.fatal and not step.may_fail
                if scope in _TALKS and not _each_time(command, job, step):
                    fatal = False
                yield _Asked(
                    scope=scope, level="write", what=f"`{what}`", place=place, fatal=fatal, other=other
                )
        yield from (
            _Asked(
                scope=call.scope,
                level="write",
                what=f"`{call.name}`",
                place=workflow.source.at(call.line),
                fatal=call.certain and not step.may_fail and step.condition is None and job.condition is None,
                other=call.other,
            )
            for call in api_calls(step)
        )
    for push in package_pushes(workflow, job, scripts):
        place = workflow.source.at(push.line)
        what = f"pushing to ghcr.io by {push.by}"
        yield _Asked(scope="packages", level="write", what=what, place=place, fatal=push.fatal)


_TALKS = frozenset({"issues", "pull-requests", "statuses", "checks"})


def _each_time(command: Command, job: Job, step: Step) -> bool:
    """Tell whether a command runs whenever its workflow does."""
    asked = step.condition is not None or job.condition is not None
    return not (asked or command.conditional or command.loop or command.function)


_REQUESTS = frozenset({"peter-evans/create-pull-request", "googleapis/release-please-action"})


@check("pull-requests-may-be-made", phase=Phase.FIRST_RUN)
def pull_requests_may_be_made(  # noqa: PLR0917 - every fact is one
    workflows: Workflows,
    scripts: Scripts,
    actions: ForgeActions,
    repository: ForgeRepository,
    settings: Settings | Unseen,
    tree: Tree,
) -> Iterator[Answer]:
    """Where a job opens pull requests with its own token, the repository lets workflows do that."""
    if actions.makes_requests is None:
        return
    path = f"repos/{repository.full_name}/actions/permissions/workflow"
    remedy = Remedy(
        summary="Let Actions create and approve pull requests",
        commands=(f"gh api -X PUT {path} -F can_approve_pull_request_reviews=true",),
        url=f"{repository.url}/settings/actions",
        owner="github-admin",
        minutes=3,
    )
    for workflow in workflows:
        phase, weight = stopped(workflow, settings if isinstance(settings, Settings) else None)
        found = {
            f"{workflow.file}: {job.id}": asked
            for job in workflow.jobs.values()
            for asked in _asked(workflow, job, scripts, tree)
            if asked.what in _REQUESTS or asked.what == "`gh pr create`"
        }
        for subject, asked in found.items():
            if actions.makes_requests:
                yield holds(subject, "may open pull requests")
                continue
            told = f"{asked.what} opens a pull request, which {repository.full_name} forbids to workflows"
            hurts = weight if asked.fatal else Weight.WARNING
            yield broken(subject, told, asked.place, remedy=remedy, phase=phase, weight=hurts)


def _checkouts(workflow: Workflow, job: Job) -> Iterator[_Asked]:
    """Go through the checkouts of the repository itself: a private one has to be readable for that."""
    others = ("repository", "token", "ssh-key")
    for step in job.steps:
        if step.action is None or step.action.name != "actions/checkout":
            continue
        if not any(key in step.inputs for key in others):
            place = workflow.source.at(step.action)
            what = "checking a private repository out"
            yield _Asked(scope="contents", level="read", what=what, place=place)


def _is_needed(need: Need, workflow: Workflow, job: Job, step: Step) -> bool:
    if any(step.inputs.text(name) for name in need.unless):
        return False
    if need.only_if and not all(step.inputs.text(name) for name in need.only_if):
        return False
    given = [step.inputs.text(name) for name in need.token] if need.token else []
    envs = (step.env, job.env, workflow.env) if need.token else ()
    given += [env.text("GITHUB_TOKEN") for env in envs if "GITHUB_TOKEN" in env][:1]
    return all(one is None or _own(one) for one in given)


def _own(written: str) -> bool:
    """Tell whether a token is the job's own."""
    return written.strip(" ${}").lower() in ("github.token", "secrets.github_token")


def _by_command(
    command: Command, workflow: Workflow, job: Job, step: Step, tree: Tree
) -> tuple[str, str, str | None] | None:
    """Return a command that writes to GitHub as the job itself, its scope, and one that does as well."""
    words = command.literals
    if command.program == "gh" and len(words) > 1:
        scope = written_scope(words) or ("actions" if _deletes_caches(command, step) else None)
        other = other_scope(words)
        if words[0] == "api" and scope is None:
            scope, other = _by_api(command, step) or (None, None)
        envs = (step.env, job.env, workflow.env)
        given = (env.text(key) for key in ("GH_TOKEN", "GITHUB_TOKEN") for env in envs)
        written = next((one for one in given if one is not None), None)
        if (
            scope is not None
            and written is not None
            and _own(written)
            and not _elsewhere(command, envs, step)
        ):
            verb = [] if words[0] == "api" or words[1] is None else [words[1]]
            return " ".join(("gh", str(words[0]), *verb)), scope, other
    if command.program == "git" and words[:1] == ("push",) and not command.has("--dry-run", "-n"):
        remote = next(
            (word.text for word in command.arguments[1:] if not word.text.startswith("-")), "origin"
        )
        at_home = command.cwd is not None and tree.directory(command.cwd or ".")
        if remote == "origin" and at_home and _pushes_as_itself(job, step):
            return "git push", "contents", None
        found = _WITH_TOKEN.fullmatch(remote.strip("\"'"))
        if found is not None:
            envs = (step.env, job.env, workflow.env)
            given = (env.text(found["name"]) for env in envs if found["name"] in env)
            token = found["token"] or next(given, None)
            if token is not None and _own(token):
                return "git push", "contents", None
    return None


def _elsewhere(command: Command, envs: Iterable[Map], step: Step) -> bool:
    """Tell whether a command of ``gh`` may be for another repository: its rights are not the job's."""
    script = str(step.run or "")
    named = command.option("-R", "--repo")
    chosen = next((env.text("GH_REPO") for env in envs if "GH_REPO" in env), None)
    if command.has("-R", "--repo") or named is not None:
        return named is None or not is_here(named.text, script)
    if chosen is not None:
        return not is_here(chosen, script)
    return any("github.com/" in word.text and not _SERVED.search(word.text) for word in command.arguments[:3])


_SERVED = re.compile(r"github\.com/\$(?:\{\{\s*github\.repository|\{?GITHUB_REPOSITORY)")


def _deletes_caches(command: Command, step: Step) -> bool:
    """Tell whether ``gh api`` deletes caches of the repository itself."""
    method = command.option("-X", "--method")
    if command.literals[0] != "api" or method is None or method.text.upper() != "DELETE":
        return False
    found = (_CACHES.search(word.text) for word in command.arguments)
    named = [one[1] for one in found if one is not None]
    script = str(step.run or "")
    return bool(named) and all(one == "{owner}/{repo}" or is_here(one, script) for one in named)


def _by_api(command: Command, step: Step) -> tuple[str, str | None] | None:
    """Return what ``gh api`` has to be given to write to the repository itself, and what may do instead."""
    method = command.option("-X", "--method")
    fields = command.has(*_FIELDS) or any(word.text.startswith(_FIELDS) for word in command.arguments)
    written = api_write(
        [word.text for word in command.arguments], None if method is None else method.text, fields=fields
    )
    if written is None:
        return None
    where, scope, other = written
    at_home = where == "{owner}/{repo}" or is_here(where, str(step.run or ""))
    return (scope, other) if at_home else None


_FIELDS = ("-f", "-F", "--field", "--raw-field", "--input")
_CACHES = re.compile(r"\brepos/(.+?)/actions/caches\b")
_WITH_TOKEN = re.compile(
    r"https://[^/@$]*:?(?:(?P<token>\$\{\{[^}]*\}\})|\$\{?(?P<name>\w+)\}?)@github\.com/"
    r"(?:\$\{\{\s*github\.repository\s*\}\}|\$\{?GITHUB_REPOSITORY\}?)(?:\.git)?/?"
)


def _pushes_as_itself(job: Job, step: Step) -> bool:
    """Tell whether the checkout left the job's own token behind for git, and nothing replaced it."""
    before = job.steps[: step.index]
    found = [one for one in before if one.action is not None and one.action.name == "actions/checkout"]
    for one in found:
        token = one.inputs.text("token")
        if "ssh-key" in one.inputs or "repository" in one.inputs or (token is not None and not _own(token)):
            return False
        if one.inputs.get("persist-credentials") is False:
            return False
    scripts = " ".join(str(one.run or "") for one in (*before, step))
    return bool(found) and "remote set-url" not in scripts and "insteadOf" not in scripts
