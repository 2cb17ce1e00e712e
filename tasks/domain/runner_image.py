"""What GitHub's own Ubuntu runners have installed, as their published lists of software say.

Read in the lists of ubuntu-22.04 and ubuntu-24.04 of February 2025 and of ubuntu-26.04 of July 2026;
``ubuntu-latest`` is 26.04 since November 2026 (actions/runner-images#14748). Only what is certain is here: of
other images and of runners of one's own nothing is known.
"""

from __future__ import annotations

from tasks.domain.lane import Lane, lanes
from tasks.domain.workflow import Job, Workflow

_IMAGES = {
    "ubuntu-latest": "26.04",
    "ubuntu-26.04": "26.04",
    "ubuntu-26.04-arm": "26.04",
    "ubuntu-24.04": "24.04",
    "ubuntu-24.04-arm": "24.04",
    "ubuntu-22.04": "22.04",
    "ubuntu-22.04-arm": "22.04",
}

CARGO_TOOLS = {
    "22.04": frozenset({"audit", "outdated"}),
    "24.04": frozenset[str](),
    "26.04": frozenset[str](),
}
"""Cargo subcommands that an image has beyond those of the toolchain."""

_ABSENT = frozenset(
    {
        "tofu", "terragrunt", "tflint", "just", "cosign", "syft", "grype", "trivy", "hyperfine",
        "mdbook", "wasm-pack", "wasm-bindgen", "cross", "zig", "actionlint", "zizmor", "hadolint", "grcov",
        "cargo2junit", "fio", "protoc", "valgrind", "cargo-nextest", "cargo-deny", "cargo-audit",
    }
)  # fmt: skip
ABSENT = {
    "22.04": _ABSENT - {"cargo-audit"},
    "24.04": _ABSENT | {"terraform"},
    "26.04": _ABSENT | {"terraform"},
}
"""Well-known programs that an image does not have."""
HELM = {"22.04": 3, "24.04": 3, "26.04": 4}
"""The first number of an image's Helm."""
ABSENT_ANYWHERE = frozenset().union(*ABSENT.values())


def image(workflow: Workflow, job: Job) -> str | None:
    """Return the version of Ubuntu that a job runs on in every lane; None when it is not certain."""
    found = _images(workflow, job)
    return found.pop() if len(found) == 1 else None


def is_hosted(workflow: Workflow, job: Job) -> bool:
    """Tell whether every lane of a job certainly runs on one of these images, which may differ."""
    found = _images(workflow, job)
    return bool(found) and None not in found


def host(workflow: Workflow, job: Job) -> str | None:
    """Return the Rust target of the machine itself; None when lanes differ or it is not certain."""
    if not is_hosted(workflow, job):
        return None
    named = {lane.text(label) or "" for lane in lanes(workflow, job) for label in job.runs_on}
    arm = {label.endswith("-arm") for label in named}
    return (
        {False: "x86_64-unknown-linux-gnu", True: "aarch64-unknown-linux-gnu"}[arm.pop()]
        if len(arm) == 1
        else None
    )


def _images(workflow: Workflow, job: Job) -> set[str | None]:
    return set() if "container" in job.root else {_of(lane, job) for lane in lanes(workflow, job)}


def _of(lane: Lane, job: Job) -> str | None:
    labels = [lane.text(label) for label in job.runs_on]
    return _IMAGES.get(labels[0] or "") if len(labels) == 1 else None
