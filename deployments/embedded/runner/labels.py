"""What of `runs-on:` and of a job's containers this machine can serve."""

import platform
from collections.abc import Mapping, Sequence
from typing import Any

ARM = ("arm64", "aarch64")
_OTHER_SYSTEMS = {"windows": "Windows", "macos": "macOS"}
_OURS = ("self-hosted", "linux", "x64")


def labels_of(runs_on: Any) -> tuple[str, ...]:
    """Give the labels of an evaluated `runs-on:` in any of its forms."""
    if isinstance(runs_on, Mapping):
        return labels_of(runs_on.get("labels") or [])
    if isinstance(runs_on, str):
        return (runs_on,)
    return tuple(str(label) for label in runs_on or ())


def cannot_run(labels: Sequence[str], spec: Mapping[str, Any]) -> str | None:
    """Say why a job cannot run on this machine at all, or None when it can."""
    if spec.get("container"):
        return "it runs in a container, and the embedded world has no container engine"
    if spec.get("services"):
        return "it needs service containers, and the embedded world has no container engine"
    if not labels:
        return "its `runs-on` names no label"
    return next((reason for label in labels if (reason := _refusal(label.lower()))), None)


def _refusal(label: str) -> str | None:
    for word, system in _OTHER_SYSTEMS.items():
        if word in label:
            return f"it runs on {system} (`{label}`), and this is a Linux machine"
    on_arm = platform.machine().lower() in ARM
    if ("arm" in label.split("-") or label in ARM) and not on_arm:
        return f"it runs on ARM (`{label}`), and this is a {platform.machine()} machine"
    if label == "x64" and on_arm:
        return f"it runs on x64, and this is a {platform.machine()} machine"
    if "ubuntu" in label or label in _OURS:
        return None
    return f"no runner of the embedded world has the label `{label}`"
