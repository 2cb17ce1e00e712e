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
    if "sparse-checkout" in step.inputs:
        return False
    repository, ref = step.inputs.text("repository"), step.inputs.text("ref")
    own = repository is None or "github.repository" in repository
    return own and (ref is None or "github." in ref)
