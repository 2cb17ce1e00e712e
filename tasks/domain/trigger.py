"""Which events start a workflow, and why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tasks.domain.glob import GlobError, selected

BRANCH, TAG = "refs/heads/", "refs/tags/"
_BRANCH_FILTERS = ("branches", "branches-ignore")
_TAG_FILTERS = ("tags", "tags-ignore")


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Something that happened in a repository: the event's name, its ref, and what narrows it down.

    `changed` are the paths a push changes, None when they are unknown (then path filters let it pass, as
    GitHub does for a new branch or a diff too large to look at). `activity` is the `types:` word of events
    that have one, `base` the branch a pull request goes to.
    """

    event: str
    ref: str = ""
    changed: Sequence[str] | None = None
    activity: str | None = None
    base: str | None = None
    deleted: bool = False
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Whether a workflow starts, and the reason in words a person can follow."""

    starts: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class DispatchInput:
    """One input that a `workflow_dispatch` takes; `default` None means there is none."""

    name: str
    kind: str = "string"
    required: bool = False
    default: Any = None
    options: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """The inputs of a dispatch after defaults, or every mistake in them at once."""

    values: Mapping[str, Any] = field(default_factory=dict)
    mistakes: tuple[str, ...] = ()


# Activity types that start a workflow when `types:` is not given; an event not named here starts on every
# type.
_DEFAULT_ACTIVITIES = {
    "pull_request": ("opened", "synchronize", "reopened"),
    "pull_request_target": ("opened", "synchronize", "reopened"),
}
_SKIP_WORDS = ("[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]")


def events(on: Any) -> Mapping[str, Any]:
    """Give the events of an `on:` in any of its forms, each with its filters (None without)."""
    if isinstance(on, str):
        return {on: None}
    if isinstance(on, Mapping):
        return {str(name): filters for name, filters in on.items()}
    if isinstance(on, Sequence):
        return {str(name): None for name in on}
    return {}


def starts(on: Any, happening: Happening) -> Answer:
    """Say whether a workflow with this `on:` starts for what happened."""
    declared = events(on)
    if happening.event not in declared:
        return Answer(starts=False, reason=f"`on:` does not name {happening.event}")
    filters = declared[happening.event]
    try:
        return _let_in(filters if isinstance(filters, Mapping) else {}, happening)
    except GlobError as error:
        return Answer(starts=False, reason=f"GitHub refuses the workflow: {error}")


def _let_in(filters: Mapping[str, Any], happening: Happening) -> Answer:
    if happening.event == "push":
        return _push(filters, happening)
    activity = _activity(filters, happening)
    if activity is not None:
        return activity
    if happening.event in ("pull_request", "pull_request_target"):
        return _pull_request(filters, happening)
    return Answer(starts=True, reason=f"`on:` names {happening.event}")


def _push(filters: Mapping[str, Any], happening: Happening) -> Answer:
    if happening.deleted:
        return Answer(starts=False, reason=f"{happening.ref} was deleted")
    word = next((word for word in _SKIP_WORDS if word in happening.message.lower()), None)
    if word is not None:
        return Answer(starts=False, reason=f"the commit message says {word}")
    if happening.ref.startswith(TAG):
        # Path filters are not looked at for tags.
        return _ref(filters, _TAG_FILTERS, _BRANCH_FILTERS, "tag", happening.ref.removeprefix(TAG))
    name = happening.ref.removeprefix(BRANCH)
    answer = _ref(filters, _BRANCH_FILTERS, _TAG_FILTERS, "branch", name)
    return _paths(filters, happening.changed, answer) if answer.starts else answer


def _pull_request(filters: Mapping[str, Any], happening: Happening) -> Answer:
    answer = _ref(filters, _BRANCH_FILTERS, (), "base branch", happening.base or "")
    return _paths(filters, happening.changed, answer) if answer.starts else answer


def _activity(filters: Mapping[str, Any], happening: Happening) -> Answer | None:
    """Give the refusal of an activity type, or None when it may pass."""
    if happening.activity is None:
        return None
    wanted = _words(filters["types"]) if "types" in filters else _DEFAULT_ACTIVITIES.get(happening.event)
    if wanted is None or happening.activity in wanted:
        return None
    return Answer(
        starts=False, reason=f"{happening.event} starts on {', '.join(wanted)}, not {happening.activity}"
    )


def _ref(
    filters: Mapping[str, Any], own: Sequence[str], other: Sequence[str], kind: str, name: str
) -> Answer:
    """Apply the filters for this kind of ref; a workflow that filters only the other kind does not start."""
    for key in own:
        if key not in filters:
            continue
        hit = selected(_words(filters[key]), name)
        if hit is key.endswith("-ignore"):
            return Answer(starts=False, reason=f"{kind} {name} is not let in by {key}")
        return Answer(starts=True, reason=f"{kind} {name} is let in by {key}")
    foreign = next((key for key in other if key in filters), None)
    if foreign is not None:
        return Answer(
            starts=False, reason=f"a {kind} does not start a workflow that filters only by {foreign}"
        )
    return Answer(starts=True, reason=f"every {kind} starts it")


def _paths(filters: Mapping[str, Any], changed: Sequence[str] | None, passed: Answer) -> Answer:
    if changed is None:
        return passed
    if "paths" in filters and not any(selected(_words(filters["paths"]), path) for path in changed):
        return Answer(starts=False, reason="no changed file is let in by paths")
    ignored = _words(filters.get("paths-ignore"))
    if ignored and all(selected(ignored, path) for path in changed):
        return Answer(starts=False, reason="every changed file is left out by paths-ignore")
    return passed


def _words(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(word) for word in value] if isinstance(value, list | tuple) else [str(value)]


def dispatch_inputs(on: Any, event: str = "workflow_dispatch") -> tuple[DispatchInput, ...] | None:
    """Give the inputs that a dispatch (or a call) of the workflow takes.

    None when it cannot be dispatched.
    """
    declared = events(on)
    if event not in declared:
        return None
    filters = declared[event]
    given = filters.get("inputs") if isinstance(filters, Mapping) else None
    if not isinstance(given, Mapping):
        return ()
    return tuple(_input(str(name), about) for name, about in given.items())


def _input(name: str, about: Any) -> DispatchInput:
    about = about if isinstance(about, Mapping) else {}
    return DispatchInput(
        name=name,
        kind=str(about.get("type") or "string"),
        required=about.get("required") is True,
        default=about.get("default"),
        options=tuple(_words(about.get("options"))),
        description=str(about.get("description") or ""),
    )


def resolve_inputs(declared: Sequence[DispatchInput], given: Mapping[str, Any]) -> Inputs:
    """Fill a dispatch's inputs with defaults and give each its type; mistakes are in GitHub's words."""
    mistakes: list[str] = []
    names = {item.name for item in declared}
    unexpected = sorted(set(given) - names)
    if unexpected:
        mistakes.append(f"Unexpected inputs provided: {unexpected}".replace("'", '"'))
    values: dict[str, Any] = {}
    for item in declared:
        value = given.get(item.name)
        if value is None or value == "":
            if item.required and item.default is None:
                mistakes.append(f"Required input '{item.name}' not provided")
            value = item.default
        if value is not None and item.kind == "choice" and str(value) not in item.options:
            refused = f"Provided value '{value}' for input '{item.name}'"
            mistakes.append(f"{refused} not in the list of allowed values: {', '.join(item.options)}")
        values[item.name] = _typed(item, value, mistakes)
    return Inputs(values=values, mistakes=tuple(mistakes))


def _typed(item: DispatchInput, value: Any, mistakes: list[str]) -> Any:
    if item.kind == "boolean":
        if isinstance(value, bool) or value is None:
            return bool(value)
        if str(value).lower() in ("true", "false"):
            return str(value).lower() == "true"
        mistakes.append(f"Input '{item.name}' is a boolean, not '{value}'")
        return False
    if item.kind == "number":
        try:
            number = float(value if value is not None else 0)
        except (TypeError, ValueError):
            mistakes.append(f"Input '{item.name}' is a number, not '{value}'")
            return 0
        return int(number) if number.is_integer() else number
    return "" if value is None else (str(value).lower() if isinstance(value, bool) else str(value))
