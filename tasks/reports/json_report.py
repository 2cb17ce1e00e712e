"""A Report as JSON, schema 1: fields are added freely and never renamed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tasks.domain.critical_path import causes
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.plan import Plan
from tasks.domain.report import Deployment, Metric, Release, Report
from tasks.domain.step import PhaseResult, StepResult
from tasks.reports.summary import all_findings, standing

SCHEMA = 1

Json = dict[str, Any]


def render(report: Report) -> str:
    """Return one JSON document with a newline; the same report always gives the same text."""
    text = json.dumps(as_json(report), indent=2, ensure_ascii=False) + "\n"
    # A file's name may hold bytes that are no text: written as an escape, which JSON knows.
    return text.encode("utf-8", "backslashreplace").decode()


def as_json(report: Report) -> Json:
    """Return the document as dictionaries and lists."""
    document: Json = {
        "schema": SCHEMA,
        "command": report.command,
        "repo": report.repo,
        "commit": report.commit,
        "world": report.world,
        "exit": report.exit,
        "seconds": _seconds(report.seconds),
        "static_seconds": None if report.static_seconds is None else _seconds(report.static_seconds),
        "findings": [*_findings(all_findings(report))],
        "held": report.held,
        "not_asked": report.not_asked,
        "phases": [_phase(phase) for phase in report.phases],
        "critical_path_minutes": report.critical_path_minutes,
        "plan": None if report.plan is None else _plan(report.plan),
        "metrics": [_metric(metric) for metric in report.metrics],
        "report_file": report.report_file,
        "journal_file": report.journal_file,
        "next_commands": list(report.next_commands),
        "notes": list(report.notes),
    }
    if report.command == "activate" or report.release or report.deployments:
        document["release"] = None if report.release is None else _release(report.release)
        document["deployments"] = [_deployment(deployment) for deployment in report.deployments]
    return document


def _seconds(seconds: float) -> float:
    return round(seconds, 3)


def _findings(findings: tuple[Finding, ...]) -> Iterator[Json]:
    """Go through the findings with the number of the cause that each has.

    What could not be seen for want of one thing is one entry, and so is what one check says of several
    places in the same words: ``likewise`` has the others. What stops a phase always stands for itself.
    """
    number = {id(one): at for at, cause in enumerate(causes(findings), 1) for one in cause.findings}
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for one in findings:
        if one.verdict in (Verdict.UNKNOWN, Verdict.BROKEN) and not one.blocks and id(one) in number:
            said = () if one.verdict is Verdict.UNKNOWN else (one.check, one.message, one.weight)
            alike.setdefault((number[id(one)], one.verdict, *said), []).append(one)
    others: dict[int, list[Finding]] = {}
    for group in alike.values():
        first, *rest = sorted(group, key=lambda one: [*Weight].index(one.weight))
        others[id(first)] = rest
    follow = {id(one) for rest in others.values() for one in rest}
    for one in findings:
        if id(one) not in follow:
            rest = others.get(id(one), [])
            yield {
                **_finding(one),
                "cause": number.get(id(one)),
                "likewise": [_finding(other) for other in rest],
            }


def _finding(finding: Finding) -> Json:
    return {
        "check": finding.check,
        "phase": finding.phase.value,
        "subject": finding.subject,
        "verdict": finding.verdict.value,
        "weight": finding.weight.value,
        "blocks": finding.blocks,
        "message": finding.message,
        "evidence": [_evidence(evidence) for evidence in finding.evidence],
        "remedy": None if finding.remedy is None else _remedy(finding.remedy),
        "waived": None
        if finding.waived is None
        else {
            "reason": finding.waived.reason,
            "owner": finding.waived.owner,
            "expires": finding.waived.expires,
        },
        "seconds": _seconds(finding.seconds),
    }


def _evidence(evidence: Evidence) -> Json:
    return {
        "source": evidence.source,
        "file": evidence.file,
        "line": evidence.line,
        "excerpt": evidence.excerpt,
        "url": evidence.url,
        "committed": evidence.committed,
    }


def _remedy(remedy: Remedy) -> Json:
    return {
        "summary": remedy.summary,
        "commands": list(remedy.commands),
        "url": remedy.url,
        "owner": remedy.owner,
        "minutes": remedy.minutes,
        "live": remedy.live,
        "again": remedy.again,
    }


def _phase(result: PhaseResult) -> Json:
    return {
        "phase": result.phase.value,
        "state": result.state.value,
        "seconds": _seconds(result.seconds),
        "steps": [_step(step) for step in result.steps],
    }


def _step(result: StepResult) -> Json:
    return {
        "step": result.step,
        "state": result.state.value,
        "changed": result.changed,
        "why": result.why,
        "seconds": _seconds(result.seconds),
        "findings": [finding.key for finding in result.findings],
    }


def _plan(plan: Plan) -> Json:
    return {
        "digest": plan.digest,
        "daily_usd": plan.daily_usd,
        "steps": [
            {
                "step": planned.step,
                "phase": planned.phase.value,
                "changes": [
                    {
                        "verb": change.verb,
                        "target": change.target,
                        "why": change.why,
                        "daily_usd": change.daily_usd,
                        "reversible": change.reversible,
                    }
                    for change in planned.changes
                ],
            }
            for planned in plan.steps
        ],
    }


def _metric(metric: Metric) -> Json:
    return {
        "name": metric.name,
        "value": metric.value,
        "unit": metric.unit,
        "target": metric.target,
        "alert": metric.alert,
        "standing": standing(metric).value,
        "source": metric.source,
    }


def _release(release: Release) -> Json:
    return {
        "tag": release.tag,
        "url": release.url,
        "assets": [
            {"name": asset.name, "sha256": asset.sha256, "target": asset.target, "size": asset.size}
            for asset in release.assets
        ],
    }


def _deployment(deployment: Deployment) -> Json:
    return {
        "environment": deployment.environment,
        "url": deployment.url,
        "version": deployment.version,
        "sha256": deployment.sha256,
    }
