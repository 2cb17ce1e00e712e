"""Who chooses what an expression of a workflow fills in: those who may push here, or anybody.

What a stranger writes into a pull request, an issue or a commit message is followed through variables,
outputs and the inputs of called workflows and actions to the line that fills it in; a guess accuses nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from tasks.domain.expression import Call, Node, Reference, references
from tasks.domain.expression.tree import Comparison, Literal, Logical, Not
from tasks.domain.located import Map, scalars
from tasks.domain.strangers import strangers_start
from tasks.domain.use import CLOSE, OPEN, parsed, spans
from tasks.domain.workflow import CompositeAction, Job, Step, Workflow, Workflows

_DEPTH = 6  # outputs of jobs, inputs of calls, variables of variables


class Filler(StrEnum):
    """By whom a place is filled in, as a sentence names them."""

    STRANGERS = "people who may not push"
    CALLERS = "whoever calls the action"
    AUTHORS = "authors of pull requests (whose own runs get no secrets)"
    WRITERS = "who may push here"
    HAND = "who may start runs by hand"
    OWN = "the repository itself"
    GITHUB = "GitHub (names and addresses)"
    IDS = "GitHub (numbers, ids, logins and its token)"  # without any sign that a shell reads


HARMLESS = frozenset({Filler.IDS})
"""By whom a place is filled in where nothing can be injected."""


_REQUESTS = frozenset({"pull_request", "pull_request_target"})
_REVIEWED = _REQUESTS | {"pull_request_review", "pull_request_review_comment"}
_FROM_FORKS = _REVIEWED - {"pull_request_target"}
"""Events that run the workflow as the pull request has it: of a fork without secrets and with a token that
only reads, so that its author, who may write any step into it, gains nothing by what he calls a branch."""
_COMMIT = r"(?:message|author(?:\.(?:name|email))?|committer(?:\.(?:name|email))?)"
_FREE: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (re.compile(r"head_ref"), _REQUESTS),
    (
        re.compile(
            r"event\.pull_request(?:\.(?:title|body|head(?:\.(?:ref|label|repo"
            r"(?:\.(?:default_branch|description|homepage))?))?))?"
        ),
        _REVIEWED,
    ),
    (re.compile(r"event\.issue(?:\.(?:title|body))?"), frozenset({"issues", "issue_comment"})),
    (
        re.compile(r"event\.comment(?:\.body)?"),
        frozenset({"issue_comment", "pull_request_review_comment", "commit_comment", "discussion_comment"}),
    ),
    (re.compile(r"event\.review(?:\.body)?"), frozenset({"pull_request_review"})),
    (
        re.compile(r"event\.discussion(?:\.(?:title|body))?"),
        frozenset({"discussion", "discussion_comment"}),
    ),
    # Who merges a pull request pushes the messages that its author wrote.
    (re.compile(rf"event\.(?:head_commit|commits(?:\.\*)?)(?:\.{_COMMIT})?"), frozenset({"push"})),
    (
        re.compile(
            rf"event\.workflow_run(?:\.(?:head_branch|display_title|head_commit(?:\.{_COMMIT})?|"
            r"head_repository(?:\.description)?|pull_requests(?:\.\*(?:\.head(?:\.ref)?)?)?))?"
        ),
        frozenset({"workflow_run"}),
    ),
    (re.compile(r"event\.pages(?:\.\*)?(?:\.(?:page_name|title))?"), frozenset({"gollum"})),
    (
        re.compile(r"(?:event)?"),
        _REVIEWED | {"issues", "issue_comment", "discussion", "discussion_comment", "commit_comment"},
    ),
)
"""What of ``github`` people write freely who may not push, with the events that bring it; a whole has it."""
_OF_AUTHORS = re.compile(r"head_ref$|event\.pull_request\b")
_OF_GITHUB = re.compile(
    r"(?:sha|repository\w*|event_name|run_\w+|workflow\w*|job|server_url|api_url|graphql_url|actor\w*|"
    r"triggering_actor|workspace|event_path|action\w*|ref_type|event\.(?:number|action|schedule)|"
    r"event\.repository\.\w+|.*\.(?:sha|id|node_id|number|login|full_name|html_url|url|state|draft|merged|fork))"
)
_ID = re.compile(
    r"(?:sha|token|actor(?:_id)?|triggering_actor|repository(?:_id|_owner|_owner_id)?|"
    r"run_(?:id|number|attempt)|event\.(?:number|before|after)|event\.repository\.name|"
    r"event\.(?!client_payload|deployment\.payload)(?:.+\.)?(?:sha|id|number|login|full_name))"
)
"""What of ``github`` is letters, digits, dots, dashes and slashes alone, and a bot's brackets."""
_GUARD = re.compile(
    r"head\.repo\.(?:full_name|fork|owner\.login)|author_association|github\.(?:triggering_)?actor\s*=="
)
"""Conditions by which people let in those they know alone."""
_OTHER_EVENT = re.compile(r"github\.event_name\s*==\s*'(?:push|workflow_dispatch|schedule|release)'")
_TAKES = re.compile(
    r"GITHUB_HEAD_REF|GITHUB_EVENT_PATH|\bgh +(?:pr|issue) +view\b|"
    r"\bgit +(?:log|show)\b.*%(?:[sBb]\b|a[ne]\b)|"
    r"\bgit +diff\b.*--name-only|"
    r"payload\.(?:pull_request|issue|comment|review)\.(?:title|body|head\.(?:ref|label))"
)
"""How a script comes to what strangers write, without an expression."""
_LISTS = frozenset(
    {"tj-actions/changed-files", "jitterbit/get-changed-files", "xt0rted/pull-request-comment-branch"}
)
_LISTED = re.compile(r"(?!any_|only_)\w*files|all|added|modified|renamed|head_ref")
"""Actions that give names of files or branches of a pull request, and the outputs that have them."""
_NO_TEXT = frozenset(
    {"contains", "startswith", "endswith", "hashfiles", "success", "failure", "always", "cancelled"}
)


def fillers(path: str, line: int, workflows: Workflows, expression: str | None = None) -> frozenset[Filler]:
    """Return by whom the expressions on a line of a workflow or an action are filled in, or the one given."""
    look = _Look(workflows)
    place = look.place(path, line)
    source = None if place is None else (place.workflow or place.action)
    text = None if source is None else source.source.line(line)
    if text is not None and expression is not None:
        text = f"{OPEN} {expression} {CLOSE}"
    found = frozenset() if place is None or text is None else frozenset(look.text(text, place, _DEPTH))
    return found - HARMLESS if look.unsure else found


class _Place:
    """Where an expression stands: the file, and the job and the step around it."""

    def __init__(
        self,
        *,
        workflow: Workflow | None = None,
        action: CompositeAction | None = None,
        job: Job | None = None,
        step: Step | None = None,
    ) -> None:
        self.workflow, self.action, self.job, self.step = workflow, action, job, step

    @property
    def path(self) -> str:
        file = self.workflow or self.action
        return file.source.path if file is not None else ""

    @property
    def steps(self) -> tuple[Step, ...]:
        return (
            self.job.steps if self.job is not None else self.action.steps if self.action is not None else ()
        )

    def at(self, step: Step | None) -> _Place:
        return _Place(workflow=self.workflow, action=self.action, job=self.job, step=step)


class _Look:
    """Follows values through the workflows and actions of one repository."""

    def __init__(self, workflows: Workflows) -> None:
        self._workflows = workflows
        self.unsure = False  # a value was met of which nobody knows who fills it in

    def place(self, path: str, line: int) -> _Place | None:
        workflow = self._workflows.at(path)
        if workflow is not None:
            job = max(
                (j for j in workflow.jobs.values() if j.line <= line), key=lambda j: j.line, default=None
            )
            return _Place(
                workflow=workflow, job=job, step=_around(job.steps if job is not None else (), line)
            )
        action = next((one for one in self._workflows.actions if one.source.path == path), None)
        return None if action is None else _Place(action=action, step=_around(action.steps, line))

    def text(self, text: str, place: _Place, depth: int) -> Iterator[Filler]:
        """Go through who fills in the expressions of a text; one without any is the repository's own.

        What is empty is nobody's.
        """
        if text and OPEN not in text:
            yield Filler.OWN
        for start, end in spans(text):
            node = parsed(text[start + len(OPEN) : end - len(CLOSE)])[0] if end >= 0 else None
            for reference in _flowing(node) if node is not None else ():
                found = list(self._reference(reference, place, depth))
                self.unsure |= not found and reference.context != "inputs"
                yield from found

    def _reference(self, reference: Reference, place: _Place, depth: int) -> Iterator[Filler]:
        names = [one or "*" for one in reference.path]
        if depth == 0:
            return
        if reference.context == "github" and names[:2] != ["event", "inputs"]:
            yield self._github(".".join(names).lower(), place)
        elif reference.context == "github":
            yield from self._input(names[2] if len(names) > 2 else "*", place, depth)
        elif reference.context == "secrets" and names == ["GITHUB_TOKEN"]:
            yield Filler.IDS
        elif reference.context == "inputs":
            yield from self._input(names[0] if names else "*", place, depth)
        elif reference.context == "matrix" and place.job is not None:
            for text in _of_matrix(place.job.matrix, names):
                yield from self.text(text, place.at(None), depth - 1)
        elif reference.context == "env" and names:
            yield from self._variable(names[0], place, depth)
        elif reference.context == "steps" and len(names) > 2:
            yield from self._step(names[0], names[2], place, depth)
        elif reference.context == "needs" and len(names) > 2 and place.workflow is not None:
            job = place.workflow.jobs.get(names[0])
            written = None if job is None else job.outputs.text(names[2])
            if written is not None:
                yield from self.text(written, _Place(workflow=place.workflow, job=job), depth - 1)
        else:
            yield Filler.OWN

    def _github(self, name: str, place: _Place) -> Filler:
        for free, events in _FREE:
            if free.fullmatch(name):
                brought = self._events(place, ()) & events
                alone = brought == {"workflow_run"} and not self._others_runs(place)
                if not brought or alone or _guarded(place):
                    return Filler.WRITERS
                own = brought <= _FROM_FORKS if _OF_AUTHORS.match(name) else brought == {"pull_request"}
                return Filler.AUTHORS if own else Filler.STRANGERS
        if _ID.fullmatch(name):
            return Filler.IDS
        return Filler.GITHUB if _OF_GITHUB.fullmatch(name) else Filler.WRITERS

    def _others_runs(self, place: _Place) -> bool:
        followed = [one for one in self._starting(place, ()) if "workflow_run" in one.events]
        return any(strangers_start(one, self._workflows, ()) for one in followed)

    def _events(self, place: _Place, seen: tuple[str, ...]) -> set[str]:
        return {str(event) for one in self._starting(place, seen) for event in one.events}

    def _starting(self, place: _Place, seen: tuple[str, ...]) -> Iterator[Workflow]:
        """Go through the workflows whose events start what is in a file: itself, and those that call it."""
        if place.path in seen:
            return
        if place.workflow is not None:
            yield place.workflow
        if place.workflow is None or "workflow_call" in place.workflow.events:
            for other, _ in self._calls(place):
                yield from self._starting(other, (*seen, place.path))

    def _input(self, name: str, place: _Place, depth: int) -> Iterator[Filler]:
        if place.action is not None and not place.path.startswith(".github/"):
            yield Filler.CALLERS  # others may use it too
        workflow = place.workflow
        if workflow is not None and "workflow_dispatch" in workflow.events:
            yield Filler.HAND
        calls = list(self._calls(place))
        for other, given in calls:
            written = given.text(name)
            if written is not None:
                yield from self.text(written, other, depth - 1)
            else:
                yield from self.text(_default(name, place), place, depth - 1)
        if not calls and workflow is not None and "workflow_call" in workflow.events:
            yield Filler.WRITERS

    def _calls(self, place: _Place) -> Iterator[tuple[_Place, Map]]:
        """Go through the calls of a workflow or an action here: from where, and what they pass."""
        for workflow in self._workflows:
            for job in workflow.jobs.values():
                if place.workflow is not None and job.action is not None and job.action.local == place.path:
                    yield _Place(workflow=workflow, job=job), job.inputs
                for step in job.steps if place.action is not None else ():
                    if _uses(step, place.action):
                        yield _Place(workflow=workflow, job=job, step=step), step.inputs
        for other in self._workflows.actions if place.action is not None else ():
            for step in other.steps:
                if _uses(step, place.action):
                    yield _Place(action=other, step=step), step.inputs

    def _variable(self, name: str, place: _Place, depth: int) -> Iterator[Filler]:
        """Go through who fills in a variable; a step's own hides all, and what steps make the others."""
        own = place.step.env.text(name) if place.step is not None else None
        if own is not None:
            yield from self.text(own, place, depth - 1)
            return
        levels: list[Map] = [one.env for one in (place.job, place.workflow) if one is not None]
        written = next((text for env in levels if (text := env.text(name)) is not None), None)
        if written is not None:
            yield from self.text(written, place, depth - 1)
        last = place.step.index if place.step is not None else len(place.steps)
        for step in place.steps[:last]:
            if "GITHUB_ENV" in str(step.run or "") and re.search(rf"\b{re.escape(name)}\b", str(step.run)):
                yield from self._made(step, name, place, depth)

    def _step(self, id_: str, name: str, place: _Place, depth: int) -> Iterator[Filler]:
        for step in place.steps:
            if step.id is not None and step.id.lower() == id_.lower():
                yield from self._made(step, name, place, depth)

    def _made(self, step: Step, name: str, place: _Place, depth: int) -> Iterator[Filler]:
        """Go through who decides what a step hands on under a name, as the lines that write it tell."""
        inner = place.at(step)
        yield Filler.OWN
        lists = step.action is not None and step.action.name in _LISTS and _LISTED.fullmatch(name)
        brought = self._events(place, ()) & _REVIEWED
        if lists and brought and not _guarded(inner):
            yield Filler.AUTHORS if brought <= _FROM_FORKS else Filler.STRANGERS
        told = re.compile(rf"\b{re.escape(name)}(?:=|<<)")
        for line in str(step.run or "").splitlines():
            if not told.search(line):
                continue
            brought = self._events(place, ()) & _FREE[-1][1]
            if _TAKES.search(line) and brought and not _guarded(inner):
                yield Filler.AUTHORS if brought == {"pull_request"} else Filler.STRANGERS
            yield from self.text(line, inner, depth - 1)
            for key in step.env:
                if re.search(rf"\$\{{?{re.escape(str(key))}\b", line):
                    yield from self.text(step.env.text(key) or "", inner, depth - 1)


def _around(steps: Iterable[Step], line: int) -> Step | None:
    return max((one for one in steps if one.line <= line), key=lambda one: one.line, default=None)


def _of_matrix(matrix: object, names: list[str]) -> Iterator[str]:
    """Go through the texts from which a value of a matrix may come: its axis, and entries that add to it."""
    if not isinstance(matrix, Map) or not names:
        yield from (str(one.text) for one in scalars(matrix))
        return
    adding = [entry for entry in matrix.seq("include") if isinstance(entry, Map)]
    for values in (matrix, *adding):
        yield from (str(one.text) for one in scalars(values.get(names[0])))
    yield from (str(one) for one in matrix.texts("include") if OPEN in one)


def _uses(step: Step, action: CompositeAction | None) -> bool:
    local = step.action.local if step.action is not None else None
    return action is not None and local is not None and local.removeprefix("./") == action.directory


def _default(name: str, place: _Place) -> str:
    """Return what an input of a called workflow or an action is when nobody gives it."""
    root = place.action.root if place.action is not None else None
    if place.workflow is not None:
        root = place.workflow.event("workflow_call")
    return "" if root is None else str(root.map("inputs").map(name).text("default") or "")


def _guarded(place: _Place) -> bool:
    """Tell whether a condition lets in only those whom the repository knows."""
    told = [str(one.condition) for one in (place.job, place.step) if one is not None and one.condition]
    return any(_GUARD.search(one) or ("||" not in one and _OTHER_EVENT.search(one)) for one in told)


def _flowing(node: Node) -> Iterator[Reference]:
    """Go through what an expression reads of which the text may be in its result; a truth is no text."""
    if isinstance(node, Literal | Not | Comparison):
        return
    if isinstance(node, Logical):
        for one in node.values if node.operator == "||" else node.values[-1:]:
            yield from _flowing(one)
    elif isinstance(node, Call):
        for one in node.arguments if node.name not in _NO_TEXT else ():
            yield from _flowing(one)
    else:
        yield from references(node)
