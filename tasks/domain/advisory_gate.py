"""The steps of workflows that fail for a security advisory, and which ones each of them lets pass."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.domain.advisory import Advisory, AdvisoryKind
from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.evidence import Evidence
from tasks.domain.script import Script, Scripts, Word
from tasks.domain.source import Sources
from tasks.domain.workflow import Step, Workflow, Workflows

_AUDIT_CONFIGS = (".cargo/audit.toml",)
_DENY_CONFIGS = ("deny.toml", ".deny.toml", ".cargo/deny.toml")
_DENY_ACTION = "embarkstudios/cargo-deny-action"
_AUDIT_ACTION = "rustsec/audit-check"
_AUDIT_VALUES = frozenset(
    {
        "--deny", "-D", "--ignore", "--db", "-d", "--url", "-u", "--color", "-c", "--format",
        "--target-arch", "--target-os",
    }
)  # fmt: skip
"""Options of ``cargo audit`` that take a value, without those that name another lock file."""
_AUDIT_FLAGS = frozenset({"--json", "--quiet", "-q", "--no-fetch", "-n", "--stale"})
_DENIED = {
    "warnings": frozenset({AdvisoryKind.UNMAINTAINED, AdvisoryKind.UNSOUND}),
    "unmaintained": frozenset({AdvisoryKind.UNMAINTAINED}),
    "unsound": frozenset({AdvisoryKind.UNSOUND}),
}


@dataclass(frozen=True, kw_only=True)
class AdvisoryGate:
    """One such step, with the kinds and ids that it fails for and lets pass."""

    place: Evidence
    tool: str
    fails_for: frozenset[AdvisoryKind]
    ignored: frozenset[str] = frozenset()
    certain: bool = True  # False where a setting of the tool may spare more than is written here

    def fails(self, advisory: Advisory) -> bool:
        """Tell whether the step fails for an advisory."""
        return advisory.kind in self.fails_for and not self.ignored & {advisory.id, *advisory.aliases}


def advisory_gates(workflows: Workflows, scripts: Scripts, sources: Sources) -> Iterator[AdvisoryGate]:
    """Go through the steps that ask about the lock file at the root and end their job for what they find."""
    audit, deny = _config(sources, _AUDIT_CONFIGS), _config(sources, _DENY_CONFIGS)
    for script, command in scripts.commands("cargo"):
        call = cargo_command(command) if script.job is not None and not script.never else None
        if call is None or call.directory != "" or not _ends(script, call):
            continue
        if call.subcommand == "audit" and (gate := _audit(script, call, audit)) is not None:
            yield gate
        elif call.subcommand == "deny" and _denies(call):
            yield _deny(script.source.at(call.command), deny)
    for workflow in workflows:
        for job, step in workflow.steps():
            if step.action is None or step.may_fail or job.root.get("continue-on-error") is True:
                continue
            if step.action.name == _AUDIT_ACTION and (found := _checks(workflow, step, audit)) is not None:
                yield found
            if step.action.name != _DENY_ACTION:
                continue
            asked = str(step.inputs.get("command") or "check")
            others = ("manifest-path", "arguments", "command-arguments")
            if not any(one in step.inputs for one in others) and _asks(asked.split()[1:]):
                yield _deny(workflow.source.at(step.action), deny)


def _ends(script: Script, call: CargoCommand) -> bool:
    lenient = script.step is not None and script.step.may_fail
    job = script.job is not None and script.job.root.get("continue-on-error") is True
    return call.command.fatal and not lenient and not job


def _audit(script: Script, call: CargoCommand, config: dict[str, Any]) -> AdvisoryGate | None:
    denied: list[str] = [str(one) for one in _list(config, "output", "deny")]
    ignored: list[str] = [str(one) for one in _list(config, "advisories", "ignore")]
    words: list[Word] = list(call.options)
    while words:
        name, given, value = words.pop(0).text.partition("=")
        if name in _AUDIT_FLAGS and not given:
            continue
        if name not in _AUDIT_VALUES:
            return None  # a subcommand, another lock file, or what only a run can tell
        if not given:
            literal = words.pop(0).literal if words else None
            if literal is None:
                return None
            value = literal
        if name in ("--deny", "-D"):
            denied.append(value)
        elif name == "--ignore":
            ignored.append(value)
    kinds = [_DENIED[one] for one in denied if one in _DENIED]
    warned = config.get("advisories", {}).get("informational_warnings")
    fails = frozenset[AdvisoryKind]().union(*kinds)
    if isinstance(warned, list):
        fails = frozenset(one for one in fails if one in warned)
    return AdvisoryGate(
        place=script.source.at(call.command),
        tool="cargo audit",
        fails_for=fails | {AdvisoryKind.VULNERABILITY},
        ignored=frozenset(ignored),
        certain="severity_threshold" not in config.get("advisories", {}) and "target" not in config,
    )


def _checks(workflow: Workflow, step: Step, config: dict[str, Any]) -> AdvisoryGate | None:
    """Return what the action fails for that calls cargo-audit; started by the clock it only opens issues."""
    at = str(step.inputs.text("working-directory") or ".")
    ignored = str(step.inputs.text("ignore") or "")
    if step.action is None or at.strip("./") or "${{" in f"{at}{ignored}" or workflow.events == ("schedule",):
        return None
    mine = [one.strip() for one in re.split(r"[,\s]+", ignored) if one.strip()]
    return AdvisoryGate(
        place=workflow.source.at(step.action),
        tool=_AUDIT_ACTION,
        fails_for=frozenset({AdvisoryKind.VULNERABILITY}),
        ignored=frozenset(mine) | {str(one) for one in _list(config, "advisories", "ignore")},
        certain="severity_threshold" not in config.get("advisories", {}) and "target" not in config,
    )


def _denies(call: CargoCommand) -> bool:
    """Tell whether a call of cargo-deny checks advisories, with the configuration of the repository."""
    words = [word.literal for word in call.options]
    if "check" not in words or None in words or call.has("--config", "-c"):
        return False
    return _asks([str(word) for word in words[words.index("check") + 1 :]])


def _asks(which: list[str]) -> bool:
    named = [one for one in which if not one.startswith("-")]
    allowed = any(one in ("-A", "--allow", "--config", "-c") or one.startswith("--config=") for one in which)
    return not allowed and (not named or "advisories" in named or "all" in named)


def _deny(place: Evidence, config: dict[str, Any]) -> AdvisoryGate:
    about = config.get("advisories", {})
    unmaintained = about.get("unmaintained") if isinstance(about, dict) else None
    asked = {AdvisoryKind.UNMAINTAINED} if unmaintained in ("all", "deny") else set()
    ignored = [
        one.get("id") if isinstance(one, dict) else one for one in _list(config, "advisories", "ignore")
    ]
    return AdvisoryGate(
        place=place,
        tool="cargo deny",
        fails_for=frozenset({AdvisoryKind.VULNERABILITY, *asked}),
        ignored=frozenset(str(one) for one in ignored),
        # Its own graph may leave targets, features and packages out that the lock file has.
        certain="graph" not in config and "vulnerability" not in about and "severity-threshold" not in about,
    )


def _list(config: dict[str, Any], table: str, key: str) -> list[Any]:
    about = config.get(table)
    value = about.get(key) if isinstance(about, dict) else None
    return value if isinstance(value, list) else []


def _config(sources: Sources, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the first configuration that is there; an unreadable one says nothing here."""
    for name in names:
        found = sources.get(name)
        if found is None:
            continue
        try:
            return tomllib.loads(found.text)
        except tomllib.TOMLDecodeError:
            return {}
    return {}
