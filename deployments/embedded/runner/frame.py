"""The steps that belong together: those of a job, or those of one composite action."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tasks.domain.limit import Limit

MOST_NESTED = 10


@dataclass(kw_only=True)
class Frame:
    """What a list of steps shares while it runs."""

    inputs: Mapping[str, Any]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    steps: dict[str, Any] = field(default_factory=dict)
    status: Literal["success", "failure"] = "success"
    action_path: Path | None = None
    depth: int = 0
    limit: Limit | None = None  # why the first step that failed could not be run here
