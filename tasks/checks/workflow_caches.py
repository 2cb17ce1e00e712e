"""Whether caches of workflows are found again, renewed, and kept once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.artifact import path_lines
from tasks.domain.cache_key import begins, only_on_tags, restoring
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import Edit
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.located import Text
from tasks.domain.phase import Phase
from tasks.domain.source import Source
from tasks.domain.use import parsed, spans
from tasks.domain.workflow import CompositeAction, Job, Step, Workflow, Workflows

_CACHE, _RESTORE, _SAVE = "actions/cache", "actions/cache/restore", "actions/cache/save"
_RUST, _TOOLCHAIN = "swatinem/rust-cache", "actions-rust-lang/setup-rust-toolchain"
_PROFILES = ("", "debug", "release", "incremental")
_OF_PROFILE = ("deps", "build", ".fingerprint", "incremental", "examples", "*", "**")
_FIXED = ("runner", "matrix", "env", "strategy")
_OF_REQUESTS = frozenset({"pull_request", "merge_group"})
"""Events whose caches are kept for the pull request or the queue's branch alone."""
_KEEP_ONE = Remedy(summary="Keep one of the two", minutes=10)


@check(
    "cache-has-key-and-path",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Give the cache a `key` and a `path`", minutes=5),
)
def cache_has_key_and_path(workflows: Workflows) -> Iterator[Answer]:
    """Every cache says what it keeps and under which key: the action fails without."""
    for source, where, step in _caches(workflows):
        subject = f"{where}{step.label}"
        missing = [key for key in ("key", "path") if not step.inputs.text(key)]
        if missing:
            told = f"the cache has no {' and no '.join(missing)}: the step fails"
            yield broken(subject, told, source.at(step.action))
        else:
            yield holds(subject, "has both")


@check(
    "cache-key-changes",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Put `${{ hashFiles('**/Cargo.lock') }}` into the key", minutes=5),
)
def cache_key_changes(workflows: Workflows) -> Iterator[Answer]:
    """Every key of a cache of cargo's files changes with what is in it: a cache is never overwritten."""
    fixed: list[Evidence] = []
    changes = False
    for source, _, step in _caches(workflows):
        key = step.inputs.text("key")
        if key is None or not _keeps_cargo(step) or _name(step) == _RESTORE:
            continue
        changes = True
        if _is_fixed(key, source) and not _DELETED.search(source.text):
            fixed.append(source.at(key))
    if fixed:
        files = listed([str(one.file).rpartition("/")[2] for one in fixed])
        told = f"caches of {files} have keys that never change: what is cached first is kept as it is"
        yield broken("keys", told, *dict.fromkeys(fixed[:MOST_PLACES]))
    elif changes:
        yield holds("keys", "change")


@check(
    "cache-is-found-by-others",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(
        summary="Run these jobs on pushes to the default branch too: all find its caches", minutes=10
    ),
)
def cache_is_found_by_others(workflows: Workflows) -> Iterator[Answer]:
    """No cache of cargo's files is saved only by pull requests: each finds its own and the base branch's."""
    kept = [
        (workflow, step)
        for workflow in workflows
        for job in workflow.jobs.values()
        for step in _keeping(job)
        if step.inputs.text("save-if") != "false"
    ]
    alone = [
        (workflow, step)
        for workflow, step in kept
        if {*workflow.events} <= _OF_REQUESTS and step.inputs.text("save-if") in (None, "true")
    ]
    # Whoever else keeps such a cache may keep it under the same key.
    shared = {_name(step) for workflow, step in kept if not {*workflow.events} <= _OF_REQUESTS}
    shared |= {_name(step) for action in workflows.actions for step in action.steps}
    lost = [(workflow, step) for workflow, step in alone if _name(step) not in shared]
    if lost:
        files = listed([workflow.file for workflow, _ in lost])
        told = f"only pull requests save the caches of {files}, and each of them begins with an empty one"
        yield broken("caches", told, *(one.source.at(step.action) for one, step in lost[:MOST_PLACES]))
    elif kept:
        yield holds("caches", "are found by others")


@check(
    "cache-is-found-again",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Add `restore-keys:` with the key up to the hash", minutes=5),
)
def cache_is_found_again(workflows: Workflows) -> Iterator[Answer]:
    """Every cache of cargo's files is used also when its key is new, by `restore-keys`."""
    caches = list(_caches(workflows))
    every = [step for _, _, step in caches]
    tagged = {one.path for one in workflows if only_on_tags(one)}
    # What the default branch keeps is found for a tag too.
    shared = {begins(str(step.inputs.text("key"))) for one, _, step in caches if one.path not in tagged}
    found: dict[Source, list[Text]] = {}
    each: list[tuple[Edit, ...]] = []
    for source, _, step in caches:
        key = step.inputs.text("key")
        if key is not None and "hashfiles(" in key.lower() and _keeps_cargo(step) and _name(step) != _SAVE:
            if source.path in tagged and begins(key) not in shared - {None}:
                continue
            lacking = found.setdefault(source, [])
            if not step.inputs.text("restore-keys"):
                lacking.append(key)
                each.append(restoring(source, step, every))
    places = [source.at(key) for source, keys in found.items() for key in keys]
    if places:
        files = listed([source.path.rpartition("/")[2] for source, keys in found.items() if keys])
        told = f"caches of {files} begin empty whenever the hash in their key changes: no restore-keys"
        edits = tuple(edit for one in each for edit in one) if all(each) else ()
        renamed = any("key:" in edit.found for edit in edits)
        remedy = _OF_ITS_OWN if renamed else None
        yield broken("caches", told, *places[:MOST_PLACES], edits=edits, remedy=remedy)
    elif found:
        yield holds("caches", "have restore-keys")


_OF_ITS_OWN = Remedy(
    summary="Add `restore-keys:` with the key up to the hash; where another cache's key begins like that too,"
    " give the key a beginning of its own",
    minutes=5,
)


@check(
    "cache-kept-once",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Keep one of the two, or switch the other off with `cache: false`", minutes=10),
)
def cache_kept_once(workflows: Workflows) -> Iterator[Answer]:
    """No job keeps cargo's files in two caches at once: by its own steps or by the actions it uses."""
    inner = {action.directory: [*_always_keeping(action)] for action in workflows.actions}
    found: dict[tuple[str, bool], list[tuple[Workflow, list[_Kept]]]] = {}
    once = False
    for workflow in workflows:
        for job in workflow.jobs.values():
            caches = [*_kept(workflow, job, inner)]
            steps = [step for _, step in caches]
            names = sorted({_name(step) for step in steps})
            once = once or bool(steps)
            if len(names) > 1:
                found.setdefault((" and ".join(names), _is_one(steps)), []).append((workflow, caches))
    for (kept, is_one), twice in found.items():
        files = listed([*dict.fromkeys(workflow.file for workflow, _ in twice)])
        told = f"jobs of {files} keep cargo's files in more than one cache: {kept}"
        if is_one:
            told = (
                f"jobs of {files} restore one cache twice, and its second save is refused: {_TOOLCHAIN} "
                f"calls {_RUST} itself, with the same inputs"
            )
        places = dict.fromkeys(source.at(step.action) for _, caches in twice for source, step in caches)
        yield broken(
            f"{kept}: the same cache" if is_one else kept,
            told,
            *[*places][:MOST_PLACES],
            remedy=None if _TOOLCHAIN in kept else _KEEP_ONE,
            weight=Weight.NOTE if is_one else None,
        )
    if once and not found:
        yield holds("caches", "cargo's files are kept once")


_KEYED = {
    "cache-workspaces": "workspaces",
    "rust-src-dir": "workspaces",
    "cache-key": "key",
    "cache-shared-key": "shared-key",
    "cache-save-if": "save-if",
}
"""What the action of the toolchain hands to rust-cache under another name."""


def _is_one(steps: list[Step]) -> bool:
    """Tell whether all of them are one cache: that of rust-cache, which the other action calls as well."""
    if {_name(step) for step in steps} != {_RUST, _TOOLCHAIN}:
        return False
    given = [
        {
            _KEYED.get(key, key): str(step.inputs.text(key))
            for key in step.inputs
            if key != "cache-on-failure"
            and (_name(step) == _RUST or key in _KEYED or key.startswith("cache-"))
        }
        for step in steps
    ]
    return all(one == given[0] for one in given)


def _keeping(job: Job) -> Iterator[Step]:
    return (step for step in job.steps if _keeps(step))


def _keeps(step: Step) -> bool:
    name = _name(step)
    if name == _CACHE:
        return _keeps_cargo(step)
    return name == _RUST or (name == _TOOLCHAIN and step.inputs.text("cache") in (None, "true"))


_Kept = tuple[Source, Step]
"""A step that keeps a cache, with the file that it stands in."""


def _kept(workflow: Workflow, job: Job, inner: Mapping[str, list[_Kept]]) -> Iterator[_Kept]:
    """Go through the caches of a job: its own ones and those of the local actions that it uses."""
    yield from ((workflow.source, step) for step in _keeping(job))
    for step in job.steps:
        if step.condition is None and step.action is not None and step.action.local is not None:
            yield from inner.get(step.action.local, ())


def _always_keeping(action: CompositeAction) -> Iterator[_Kept]:
    """Go through the caches of an action that no `if:` and no input of it can switch off."""
    for step in action.steps:
        if step.condition is None and "inputs." not in str(step.inputs) and _keeps(step):
            yield action.source, step


def _caches(workflows: Workflows) -> Iterator[tuple[Source, str, Step]]:
    """Go through the steps that keep a cache, each with its file and the beginning of its subject."""
    for workflow in workflows:
        for job, step in workflow.steps():
            if _name(step) in (_CACHE, _RESTORE, _SAVE):
                yield workflow.source, f"{workflow.file}: {job.id}: ", step
    for action in workflows.actions:
        for step in action.steps:
            if _name(step) in (_CACHE, _RESTORE, _SAVE):
                yield action.source, f"{action.source.path}: ", step


def _name(step: Step) -> str:
    return step.action.name if step.action is not None else ""


def _keeps_cargo(step: Step) -> bool:
    # Installed programs change with their own version, not with the lock file.
    paths = [path for path in path_lines(step.inputs.text("path")) if ".cargo/bin" not in path]
    return any(_is_cargos(path.strip("/").split("/")) for path in paths)


def _is_cargos(parts: list[str]) -> bool:
    """Tell whether a path leads to what cargo downloads or compiles, not to what another tool leaves."""
    if ".cargo" in parts:
        return True
    if "target" not in parts:
        return False
    inside = parts[parts.index("target") + 1 :]
    below = inside[0] if inside else ""
    if below in ("debug", "release") and len(inside) > 1 and inside[1] not in _OF_PROFILE:
        return False  # a program
    return below in _PROFILES or below.count("-") > 1 or any(sign in below for sign in "$*{")


_DELETED = re.compile(r"\bgh (?:actions-)?cache delete\b|\bdeleteActionsCache")


_COUNTER = re.compile(r"(?<=[\w}][-_])v\d{1,3}$")


def _is_fixed(key: str, source: Source) -> bool:
    """Tell whether a key has nothing in it that changes from commit to commit."""
    for start, end in spans(key):
        node = parsed(key[start + 3 : end - 2])[0] if end >= 0 else None
        read = key[start + 3 : end - 2].strip() if end >= 0 else ""
        if node is None or "(" in read or not read.lower().startswith(_FIXED):
            return False
        if read.startswith("env.") and not _is_written_out(read.removeprefix("env."), source):
            return False
    # A version may be that of what is kept; a counter at the end is only raised by hand.
    return not any(character.isdigit() for character in _COUNTER.sub("", key))


def _is_written_out(name: str, source: Source) -> bool:
    """Tell whether a variable has one value, which the file says."""
    said = re.findall(rf"^\s*{re.escape(name)}:(.*)$", source.text, re.MULTILINE)
    return len(said) == 1 and "${{" not in said[0] and f"{name}=" not in source.text
