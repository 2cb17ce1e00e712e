"""Whether a linter for the safety of workflows has something to say: unpinned actions, injection, rights."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from tasks.domain.answers import counted, listed
from tasks.domain.audit import AuditFinding, WorkflowAudit
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.chosen import HARMLESS, Filler, fillers
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.generated import PIN_BY_DIST, is_refused, kept_by_dist
from tasks.domain.git_state import GitState
from tasks.domain.known_action import ARCHIVED
from tasks.domain.phase import Phase
from tasks.domain.same_repository import only_own_branches
from tasks.domain.source import Source, Sources
from tasks.domain.strangers import brings_theirs
from tasks.domain.text_condition import around_expression, braced_conditions
from tasks.domain.unpinned import little_risk
from tasks.domain.workflow import Workflows

_MOST = 10
_SEVERITIES = ("high", "medium", "low")
_USED = re.compile(r"\buses:\s*[\"']?([\w./-]+)@")
_RUNS_THEIRS = re.compile(r"^\s*(?:-\s+)?run:|actions/checkout|github-script", re.MULTILINE)
"""How a workflow with the rights of the target comes to run what a pull request brings."""
_NEVER = re.compile(r"&&\s*(?:''|false|0|null)\s*\|\|")
"""A ternary whose first result is false itself: it is never taken, whatever the condition says."""
_OF_GITHUB = re.compile(r"uses:\s*['\"]?(?:actions|github)/")
_TELL_THEM = Remedy(
    summary="Write multi-line expressions as a block (`|-`), which it reads, or tell those who make it",
    url="https://github.com/zizmorcore/zizmor/issues",
    minutes=5,
)


@check("workflow-audit-passes", phase=Phase.FIRST_RUN, weight=Weight.WARNING)
def workflow_audit_passes(
    audit: WorkflowAudit, sources: Sources, workflows: Workflows, git: GitState | Unseen
) -> Iterator[Answer]:
    """No workflow has a place that zizmor calls unsafe; what its own comments allow is left out."""
    by_rule: dict[tuple[str, bool], list[AuditFinding]] = defaultdict(list)
    harmless: Counter[str] = Counter()
    for one in audit.findings:
        # What is informational, or a guess, would accuse somebody of nothing.
        sure = one.severity in _SEVERITIES and one.confidence in ("high", "medium")
        if not sure or _told_elsewhere(one, sources, workflows) or _is_dists(one, sources):
            continue
        if _is_harmless(one, sources, workflows):
            harmless[one.rule] += 1
        else:
            source = sources.get(one.file)
            by_rule[one.rule, source is not None and is_refused(source.text, sources)].append(one)
    comes = " (`uvx` is part of uv)" if audit.program.startswith("uvx ") else ""
    for (rule, generated), found in sorted(by_rule.items()):
        files = {one.file for one in found}
        filled = _filled(found, workflows) if rule == "template-injection" else {}
        heavy = {
            id(one): not _OUTSIDE.isdisjoint(filled[_key(one)])
            if filled
            else _is_serious(one, sources, workflows)
            for one in found
        }
        found.sort(key=lambda one: (not heavy[id(one)], _SEVERITIES.index(one.severity)))
        slight = little_risk(found, workflows, sources, git) if rule == "unpinned-uses" else ""
        serious = not (generated or slight) and any(heavy.values())
        count = counted(len(found), "place") + (f" in {len(files)} files" if len(files) > 1 else "")
        if harmless[rule]:
            count += f"; {harmless[rule]} more of which nothing can come"
        who = _by_whom([filled[_key(one)] for one in found]) if filled else ""
        theirs = f", in what a program writes: {listed(sorted(files))}" if generated else ""
        yield broken(
            f"{rule}: generated" if generated else rule,
            f"{audit.tool}: {found[0].told} ({count}){who}{slight}{theirs}",
            *[*dict.fromkeys(_place(one, sources) for one in found)][:_MOST],
            remedy=_pinned(files, sources)
            or Remedy(
                summary="Have its generator make the file anew; edits by hand are lost, or refused"
                if generated
                else f"Follow what zizmor says of {rule}, or allow it in the file with a reason{comes}",
                commands=(f"{audit.program} --offline .",),
                url=found[0].url,
                minutes=min(60, 2 + len(found)),
            ),
            weight=Weight.WARNING if serious else Weight.NOTE,
        )
    if audit.unread:
        told = f"{audit.tool} cannot read {listed(audit.unread)}; its fault, but nobody looked there"
        places = (Evidence(file=one) for one in audit.unread[:_MOST])
        yield unknown("unread", told, *places, weight=Weight.NOTE, remedy=_TELL_THEM)
    elif not by_rule:
        more = " that no other check tells" if audit.findings else ""
        yield holds("workflows", f"{audit.tool} finds nothing{more}")


def _is_dists(one: AuditFinding, sources: Sources) -> bool:
    """Tell whether dist writes the place and has no setting for it: nobody of the repository can mend it."""
    source = sources.get(one.file)
    return one.rule != "unpinned-uses" and source is not None and kept_by_dist(source.text, sources)


def _pinned(files: set[str], sources: Sources) -> Remedy | None:
    """Return how the actions of a workflow are pinned that dist writes; None for others."""
    made = [source for file in files if (source := sources.get(file)) is not None]
    return PIN_BY_DIST if made and all(kept_by_dist(one.text, sources) for one in made) else None


def _told_elsewhere(one: AuditFinding, sources: Sources, workflows: Workflows) -> bool:
    """Tell whether a check of ours says it: an archived action, a condition that is a text."""
    if one.rule == "unsound-condition" and (workflow := workflows.at(one.file)) is not None:
        texts = [each for _, each in braced_conditions(workflow) if around_expression(each) is not None]
        return any(each.first_line - one.line in (0, 1) for each in texts)  # the key's line, or the one below
    source = sources.get(one.file)
    line = None if source is None else source.line(one.line)
    used = None if line is None else _USED.search(line)
    return one.rule == "archived-uses" and used is not None and used[1].lower() in ARCHIVED


def _is_serious(one: AuditFinding, sources: Sources, workflows: Workflows) -> bool:
    """Tell whether somebody is likely to be hurt: more than the rule alone says, which sees no context."""
    source = sources.get(one.file)
    if one.rule == "unsound-ternary" and source is not None:
        return _NEVER.search(source.line(one.line) or "") is not None
    if source is None or one.severity != "high":
        return one.severity == "high"
    if one.rule == "dangerous-triggers":
        workflow = workflows.at(one.file)
        runs = _RUNS_THEIRS.search(source.text) is not None
        return runs and (workflow is None or brings_theirs(workflow, workflows))
    if one.rule == "bot-conditions":
        workflow = workflows.at(one.file)
        return workflow is None or not only_own_branches(workflow, one.line)
    if one.rule == "unpinned-uses":
        return _OF_GITHUB.search(source.at(one.line).excerpt or "") is None
    return True


_OUTSIDE = frozenset({Filler.STRANGERS, Filler.CALLERS})
"""Who may fill in what they like without being trusted with a push."""


_Key = tuple[str, int, str | None]


def _key(one: AuditFinding) -> _Key:
    return one.file, one.line, one.expression


def _filled(found: Iterable[AuditFinding], workflows: Workflows) -> dict[_Key, frozenset[Filler]]:
    """Return who fills in what the linter calls an injection, by place."""
    return {_key(one): fillers(one.file, one.line, workflows, one.expression) for one in found}


def _is_harmless(one: AuditFinding, sources: Sources, workflows: Workflows) -> bool:
    """Tell whether nothing can come of a place: no sign of a shell gets there, or no package."""
    if one.rule == "template-injection":
        filled = fillers(one.file, one.line, workflows, one.expression)
        return bool(filled) and filled <= HARMLESS
    source = sources.get(one.file)
    return one.rule == "adhoc-packages" and source is not None and _writes_a_lock(source, one.line)


_NPM = re.compile(r"\bnpm\s(?:[^;&|]*\s)?(?:install|i|add|update)\b[^;&|]*")


def _writes_a_lock(source: Source, line: int) -> bool:
    """Tell whether each npm of a line only writes its lock file, without any package or script of one."""
    text = source.line(line) or ""
    while text.endswith("\\") and (after := source.line(line + 1)) is not None:
        line, text = line + 1, f"{text[:-1]} {after}"
    calls = _NPM.findall(text)
    return bool(calls) and all("--package-lock-only" in one for one in calls)


def _by_whom(filled: Sequence[frozenset[Filler]]) -> str:
    """Say who fills the places in: of strangers how many of them, else all who can."""
    strange = [one & _OUTSIDE for one in filled if one & _OUTSIDE]
    known = [one for one in Filler if any(one in each for each in (strange or filled))]
    if not known or not (strange or all(filled)):
        return ""
    if strange:
        every = "" if len(strange) == len(filled) else f" {len(strange)} of them"
        return f"; {listed([one.value for one in known])} can fill in{every or ' all of them'}"
    return f"; only {listed([one.value for one in known], most=len(Filler))} can fill them in"


def _place(one: AuditFinding, sources: Sources) -> Evidence:
    source = sources.get(one.file)
    return Evidence(file=one.file, line=one.line) if source is None else source.at(one.line)
