"""Which branches and tags may deploy to an environment."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.domain.ref_pattern import fits

BRANCH, TAG = "refs/heads/", "refs/tags/"


@dataclass(frozen=True, kw_only=True)
class DeployRule:
    """The rule of one environment: only protected branches (``patterns`` None), or refs of these patterns.

    A pattern is ``branch`` or ``tag`` and what its name has to fit. ``protected`` are the branches with
    classic protection: while there is none at all, every ref may deploy.
    """

    environment: str
    patterns: tuple[tuple[str, str], ...] | None
    protected: frozenset[str] = frozenset()

    def admits(self, ref: str) -> bool:
        """Tell whether a run of a whole ref, as ``refs/heads/main``, may deploy."""
        kind = "tag" if ref.startswith(TAG) else "branch"
        name = ref.removeprefix(TAG).removeprefix(BRANCH)
        if self.patterns is None:
            return not self.protected or (kind == "branch" and name in self.protected)
        return any(one == kind and fits(pattern, name) for one, pattern in self.patterns)

    def __str__(self) -> str:
        """Say what may deploy."""
        if self.patterns is None:
            return "protected branches"
        return ", ".join(f"{kind} {pattern}" for kind, pattern in self.patterns) or "no branch and no tag"


@dataclass(frozen=True, kw_only=True)
class ForgeDeployable:
    """The rules there are; an environment without one lets everything in."""

    rules: tuple[DeployRule, ...] = ()

    def rule(self, environment: str) -> DeployRule | None:
        """Return the rule of an environment; names are compared without letter case."""
        wanted = environment.lower()
        return next((one for one in self.rules if one.environment.lower() == wanted), None)
