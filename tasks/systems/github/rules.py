"""The rulesets of one repository and the classic protection of its branches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from tasks.domain.forge import ForgeProtection, ForgeRule, ForgeRules
from tasks.domain.ref_pattern import covers
from tasks.systems.github.api import Api
from tasks.systems.github.errors import Denied, NotFound, NotInPlan


class Rules:
    """Reads what is in force for a push; each ruleset is read once."""

    def __init__(self, api: Api, path: str) -> None:
        self._api = api
        self._path = path

    def of(self, branch: str, tag: str | None = None, default: str | None = None) -> ForgeRules:
        """Read the rules for a branch, for a tag that is planned, and for what any push brings."""
        try:
            rows = self._api.get(f"{self._path}/rules/branches/{quote(branch, safe='')}")
        except NotInPlan:
            return ForgeRules(branch=branch, rules=(), protected=False, tag=tag, in_plan=False)
        found = self._api.find(f"{self._path}/branches/{quote(branch, safe='')}")
        protected = found["protected"] if found else None
        listed = self._listed()
        wanted = {row.get("ruleset_id") for row in rows}
        wanted |= {row["id"] for row in listed if row.get("target") in ("tag", "push")}
        whole = {number: self._ruleset(number) for number in sorted(one for one in wanted if one is not None)}
        return ForgeRules(
            branch=branch,
            rules=tuple(
                _rule(row, str(row.get("ruleset_source", "")), whole.get(row.get("ruleset_id")))
                for row in rows
            ),
            protected=protected,
            protection=self._protection(branch) if protected else None,
            tag=tag,
            on_tag=tuple(_for_tag(whole.values(), tag, default or branch)) if tag else (),
            on_files=tuple(_of_target(whole.values(), "push")),
        )

    def _listed(self) -> list[Any]:
        try:
            rows = list(self._api.pages(f"{self._path}/rulesets"))
        except (Denied, NotFound):
            return []
        return [row for row in rows if row.get("enforcement") == "active"]

    def _ruleset(self, number: int) -> Mapping[str, Any]:
        try:
            return self._api.find(f"{self._path}/rulesets/{number}") or {}
        except Denied:
            return {}

    def _protection(self, branch: str) -> ForgeProtection | None:
        try:
            body = self._api.find(f"{self._path}/branches/{quote(branch, safe='')}/protection")
        except Denied:
            return None
        return None if body is None else protection_of(body)


def protection_of(body: Mapping[str, Any]) -> ForgeProtection:
    """Read classic protection from GitHub's JSON."""
    checks = body.get("required_status_checks") or {}
    named = [(str(one["context"]), one.get("app_id")) for one in checks.get("checks") or ()]
    return ForgeProtection(
        reviews=bool(body.get("required_pull_request_reviews")),
        signatures=_on(body, "required_signatures"),
        restricted=bool(body.get("restrictions")),
        locked=_on(body, "lock_branch"),
        linear=_on(body, "required_linear_history"),
        checks=tuple(named or [(str(name), None) for name in checks.get("contexts") or ()]),
        admins=_on(body, "enforce_admins"),
    )


def _on(body: Mapping[str, Any], key: str) -> bool:
    return bool((body.get(key) or {}).get("enabled"))


def _for_tag(rulesets: Iterable[Mapping[str, Any]], tag: str, default: str) -> Iterable[ForgeRule]:
    for one in rulesets:
        names = (one.get("conditions") or {}).get("ref_name") or {}
        include, exclude = list(names.get("include") or ()), list(names.get("exclude") or ())
        if one.get("target") == "tag" and covers(include, exclude, f"refs/tags/{tag}", default):
            yield from _of_target([one], "tag")


def _of_target(rulesets: Iterable[Mapping[str, Any]], target: str) -> Iterable[ForgeRule]:
    for one in rulesets:
        if one.get("target") == target:
            yield from (_rule(row, str(one.get("source", "")), one) for row in one.get("rules") or ())


def _rule(row: Mapping[str, Any], source: str, ruleset: Mapping[str, Any] | None) -> ForgeRule:
    return ForgeRule(
        type=row["type"],
        source=source,
        parameters=row.get("parameters") or {},
        bypass=(ruleset or {}).get("current_user_can_bypass"),
    )
