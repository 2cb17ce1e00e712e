"""Whether rules of the repository would refuse what the activation pushes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tasks.domain.answers import counted, listed
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge import (
    ForgeBranch,
    ForgeRepository,
    ForgeRule,
    ForgeRules,
    ForgeTag,
)
from tasks.domain.phase import Phase
from tasks.domain.ref_pattern import fits
from tasks.domain.settings import Settings
from tasks.domain.tree import Entry, Tree
from tasks.domain.work_tree import LocalCommit, WorkTree

# Rules that refuse a push to the branch itself, and what they ask for instead.
_REFUSE: Mapping[str, str] = {
    "pull_request": "changes come by pull request",
    "update": "nobody updates the branch",
    "merge_queue": "changes come by the merge queue",
    "required_status_checks": "a commit has passed its checks before",
    "workflows": "required workflows have passed before",
    "required_signatures": "commits are signed",
}
_MAY_PASS = frozenset({"required_signatures"})  # whether the commits comply is not looked at
_ON_CREATION = frozenset({"creation", "required_signatures"})
_SHOWN = 5


@check(
    "push-not-ruled-out",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Push a branch and open a pull request, or have yourself put on the rule's bypass list",
        owner="github-admin",
        minutes=10,
    ),
)
def push_not_ruled_out(
    rules: ForgeRules,
    branch: ForgeBranch,
    settings: Settings,
    repository: ForgeRepository | Unseen,
    work: WorkTree | Unseen,
) -> Iterator[Answer]:
    """No rule of the branch refuses a push to it, as long as there is something to push."""
    subject = rules.branch
    if settings.commit is not None and branch.commit == settings.commit:
        yield holds(subject, "has the commit already")
        return
    admin = isinstance(repository, ForgeRepository) and "admin" in repository.permissions
    unpushed = work.unpushed if isinstance(work, WorkTree) else ()
    found = [*_by_ruleset(rules, branch), *_by_protection(rules, branch, admin=admin)]
    found += _by_history(rules, [one for one in unpushed if one.merges], admin=admin)
    yield from found
    if not found:
        yield holds(subject, "may be pushed to")


def _by_ruleset(rules: ForgeRules, branch: ForgeBranch) -> Iterator[Answer]:
    for rule in rules.rules:
        asks = "nobody makes the branch" if rule.type == "creation" else _REFUSE.get(rule.type)
        if asks is None or rule.waived or not _concerns(rule, creates=branch.commit is None):
            continue
        certain = rule.bypass is not None and rule.type not in _MAY_PASS
        told = f"a rule of {rule.source} says that {asks}: a push is refused"
        told += "" if certain else " unless you may bypass it" if rule.bypass is None else " unless they are"
        place = Evidence(source="github", excerpt=f"{rule.type}: {rule.source}")
        yield broken(f"{rules.branch}: {rule.type}", told, place, weight=Weight.BLOCKER if certain else None)


def _concerns(rule: ForgeRule, *, creates: bool) -> bool:
    return rule.type in _ON_CREATION if creates else rule.type != "creation"


def _by_protection(rules: ForgeRules, branch: ForgeBranch, *, admin: bool) -> Iterator[Answer]:
    """Judge classic protection, which administrators pass unless it says otherwise."""
    one, subject = rules.protection, f"{rules.branch}: protection"
    if one is None:
        if rules.protected and not rules.rules:
            told = f"{rules.branch} is protected, and the token may not see how"
            yield unknown(subject, told, weight=Weight.NOTE)
        return
    if branch.commit is None or (admin and not one.admins):
        return
    asks = {
        "nobody pushes to a locked branch": one.locked,
        "changes come by pull request": one.reviews,
        "a commit has passed its checks before": bool(one.checks),
    }
    place = Evidence(source="github", excerpt=f"protection of {rules.branch}")
    for said in (said for said, holds_here in asks.items() if holds_here):
        told = f"the protection of {rules.branch} says that {said}: a push is refused"
        yield broken(f"{subject}: {said}", told, place, weight=Weight.BLOCKER)
    if one.signatures:
        told = f"the protection of {rules.branch} refuses commits that are not signed"
        yield broken(f"{subject}: signatures", told, place)
    if one.restricted:
        told = f"only some people and apps may push to {rules.branch}; the token's may be one of them"
        yield unknown(f"{subject}: restrictions", told, place)


def _by_history(rules: ForgeRules, merges: list[LocalCommit], *, admin: bool) -> Iterator[Answer]:
    """Judge what asks for a linear history: a push with a merge commit is refused."""
    asking = [rule for rule in rules.rules if rule.type == "required_linear_history" and not rule.waived]
    one = rules.protection
    protected = one is not None and one.linear and (one.admins or not admin)
    if merges and (asking or protected):
        sources = listed([rule.source for rule in asking] or [f"the protection of {rules.branch}"])
        are = "is a merge" if len(merges) == 1 else "are merges"
        told = f"{sources} asks for a linear history, and {counted(len(merges), 'commit')} to be pushed {are}"
        places = [Evidence(source="git", excerpt=f"{one.id[:12]} {one.title}") for one in merges[:_SHOWN]]
        remedy = Remedy(
            summary="Rebase the commits that are not pushed",
            commands=("git rebase @{upstream}",),
            minutes=15,
        )
        certain = protected or any(rule.bypass is not None for rule in asking)
        weight = Weight.BLOCKER if certain else None
        yield broken(f"{rules.branch}: linear history", told, *places, remedy=remedy, weight=weight)


@check(
    "tag-not-ruled-out",
    phase=Phase.RELEASE,
    remedy=Remedy(
        summary="Have yourself put on the ruleset's bypass list, or plan a tag that it lets through",
        owner="github-admin",
        minutes=10,
    ),
)
def tag_not_ruled_out(rules: ForgeRules, tag: ForgeTag) -> Iterator[Answer]:
    """No rule for tags refuses the tag that is to be released."""
    if tag.name is None or tag.commit is not None:
        return
    found = [one for one in (_tag_refused(rule, tag.name) for rule in rules.on_tag) if one is not None]
    yield from found
    if not found:
        yield holds(tag.name, "may be made")


def _tag_refused(rule: ForgeRule, tag: str) -> Answer | None:
    if rule.type == "creation":
        told = f"a rule of {rule.source} says that nobody makes the tag {tag}"
    elif rule.type == "tag_name_pattern" and _fits_pattern(rule, tag) is False:
        wanted = f"{rule.parameters.get('operator')} {rule.parameters.get('pattern')}"
        told = f"a rule of {rule.source} refuses tags that do not fit ({wanted}), and {tag} does not"
    else:
        return None
    if rule.waived:
        return None
    if rule.bypass is None:
        told += "; whether the token's user may bypass it is not told"
    place = Evidence(source="github", excerpt=f"{rule.type}: {rule.source}")
    weight = Weight.WARNING if rule.bypass is None else None
    return broken(f"{tag}: {rule.type}", told, place, weight=weight)


def _fits_pattern(rule: ForgeRule, name: str) -> bool | None:
    """Tell whether a name complies with a rule about patterns; None when that cannot be said."""
    pattern = str(rule.parameters.get("pattern") or "")
    try:
        found = {
            "starts_with": lambda: name.startswith(pattern),
            "ends_with": lambda: name.endswith(pattern),
            "contains": lambda: pattern in name,
            "regex": lambda: re.search(pattern, name) is not None,
        }[str(rule.parameters.get("operator"))]()
    except (KeyError, re.error):
        return None
    return found != bool(rule.parameters.get("negate"))


@check(
    "pushed-files-allowed",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Have yourself put on the ruleset's bypass list, or leave the files out",
        owner="github-admin",
        minutes=10,
    ),
)
def pushed_files_allowed(
    rules: ForgeRules, branch: ForgeBranch, tree: Tree, work: WorkTree
) -> Iterator[Answer]:
    """No rule about paths, endings or sizes refuses a file of the commits that are to be pushed."""
    entries = _brought(branch, tree, work)
    for rule in rules.on_files:
        if rule.waived or not entries:
            continue
        refused = [entry for entry in entries if _refuses(rule, entry)]
        if not refused:
            yield holds(f"{rule.source}: {rule.type}", "refuses none of the files")
            continue
        names = ", ".join(entry.path for entry in refused[:_SHOWN])
        more = f" and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
        told = f"a rule of {rule.source} ({rule.type}) refuses pushes with {names}{more}"
        places = [Evidence(source="git", file=entry.path) for entry in refused[:_SHOWN]]
        weight = Weight.BLOCKER if rule.bypass is not None else None
        yield broken(f"{rule.source}: {rule.type}", told, *places, weight=weight)


def _brought(branch: ForgeBranch, tree: Tree, work: WorkTree) -> list[Entry]:
    """Return the files that a push brings, as far as that is known: all, or those of unpushed commits."""
    if branch.commit is None:
        return list(tree)
    if branch.commit != work.state.upstream:
        return []
    paths = {path for one in work.unpushed for path in one.paths}
    return [entry for entry in tree if entry.path in paths]


def _refuses(rule: ForgeRule, entry: Entry) -> bool:
    given = rule.parameters
    if rule.type == "file_path_restriction":
        return any(fits(pattern, entry.path) for pattern in _texts(given.get("restricted_file_paths")))
    if rule.type == "file_extension_restriction":
        endings = _texts(given.get("restricted_file_extensions"))
        return any(entry.path.lower().endswith(ending.lstrip("*").lower()) for ending in endings)
    limit = given.get(rule.type)
    if not isinstance(limit, int):
        return False
    if rule.type == "max_file_path_length":
        return len(entry.path) > limit
    return rule.type == "max_file_size" and entry.size is not None and entry.size > limit * 1024**2


def _texts(value: object) -> list[str]:
    return [str(one) for one in value if str(one).strip("*")] if isinstance(value, list) else []
