"""What the checkouts of a job put into its workspace."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tasks.domain.job_order import earlier
from tasks.domain.workflow import Job, Step

CHECKOUT = "actions/checkout"


def checked_out(job: Job, step: Step) -> bool:
    """Tell whether the commit at hand lies in the workspace itself when a step begins."""
    found = False
    for one in _checkouts(job, step):
        if "path" not in one.inputs:
            found = _is_own(one)
    return found


def checked_out_as_given(job: Job, step: Step) -> bool:
    """Tell whether this repository lies in the workspace at a commit that whoever starts the run names."""
    found = False
    for one in _checkouts(job, step):
        if "path" not in one.inputs:
            ref = one.inputs.text("ref")
            found = ref is not None and "inputs." in ref and _is_whole(one)
    return found


def placed(job: Job, step: Step, path: str) -> bool:
    """Tell whether a path is in a directory that a checkout with a ``path:`` made, or may be."""
    for one in _checkouts(job, step):
        place = one.inputs.text("path")
        if place is None:
            continue
        directory = posixpath.normpath(place)
        if "${{" in place or directory in (".", path) or path.startswith(f"{directory}/"):
            return True
    return False


def _checkouts(job: Job, step: Step) -> Iterator[Step]:
    return (one for one in earlier(job, step) if one.action is not None and one.action.name == CHECKOUT)


def _is_own(step: Step) -> bool:
    """Tell whether it takes this repository at the commit of the run; of other commits nobody knows."""
    ref = step.inputs.text("ref")
    return _is_whole(step) and (ref is None or "github." in ref)


def _is_whole(step: Step) -> bool:
    repository = step.inputs.text("repository")
    return "sparse-checkout" not in step.inputs and (repository is None or "github.repository" in repository)
