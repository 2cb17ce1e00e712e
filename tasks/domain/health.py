"""What a deployed service answers about itself."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ServiceAnswer:
    """One HTTP answer; ``status`` is None when there was none, and ``text`` then says why."""

    url: str
    status: int | None
    text: str


@dataclass(frozen=True, kw_only=True)
class ServiceState:
    """Health and version of one environment as its own answers state them; None for what is not stated."""

    health: ServiceAnswer
    version_answer: ServiceAnswer

    @property
    def healthy(self) -> bool:
        """Tell whether the health address answers with success."""
        return self.health.status is not None and 200 <= self.health.status < 300

    @property
    def version(self) -> str | None:
        """The version the service states."""
        return _field(self.version_answer, "version")

    @property
    def sha256(self) -> str | None:
        """The sum of the artifact it was started from, where it states one."""
        return _field(self.version_answer, "artifact_sha256") or _field(self.version_answer, "sha256")

    def problem(self, version: str) -> ServiceAnswer | None:
        """Return the answer that is not as it should be, None when both are."""
        if not self.healthy:
            return self.health
        return None if self.version == version else self.version_answer


def _field(answer: ServiceAnswer, name: str) -> str | None:
    if answer.status is None or not 200 <= answer.status < 300:
        return None
    try:
        body = json.loads(answer.text)
    except ValueError:
        text = answer.text.strip()
        return text.removeprefix("v") if name == "version" and text and len(text) < 64 else None
    value = body.get(name) if isinstance(body, dict) else None
    return str(value).removeprefix("v") if value else None
