"""Jobs that compile through sccache on GitHub's cache, and the versions of its action that can reach it."""

from __future__ import annotations

import re

from tasks.domain.source import Source
from tasks.domain.workflow import Action, Job, Workflow

ACTION = "mozilla-actions/sccache-action"
FIRST = "0.0.9"
"""The first version that hands sccache the address of the cache service that GitHub has since April 2025.

Up to 0.0.7 it hands on only that of the old one; sccache then does not start, and so no rustc behind it.
"""

_VERSION = re.compile(r"v?0\.0\.([0-7])\b")
_WRAPPER = re.compile(r"\bRUSTC_WRAPPER=[\"']?(?:\S*/)?sccache\b")
_ON_GITHUB = re.compile(r"\bSCCACHE_GHA_ENABLED=[\"']?(?:true|on|1)\b", re.IGNORECASE)
_ELSEWHERE = re.compile(
    # Another store comes first, or the job hands on the address itself, or does without the server.
    r"\bSCCACHE_(?:BUCKET|REDIS|MEMCACHED|GCS|AZURE|WEBDAV|OSS|ENDPOINT|IGNORE_SERVER_IO_ERROR)"
    r"|\bACTIONS_(?:RESULTS_URL|CACHE_SERVICE_V2)"
)


def cut_off(action: Action, source: Source) -> bool:
    """Tell whether this is the action in a version that knows only the cache service that is switched off."""
    if action.name != ACTION:
        return False
    written = str(action.ref or "")
    if action.pinned:
        written = (source.line(action.line) or "").partition(written)[2].lstrip(" #")
    return _VERSION.match(written) is not None


def compiles_by_github(workflow: Workflow, job: Job) -> bool:
    """Tell whether rustc runs behind an sccache that keeps its files in GitHub's cache, for certain."""
    if _ELSEWHERE.search(workflow.source.text):
        return False
    envs = [workflow.env, job.env, *(step.env for step in job.steps)]
    said = [f"{key}={value}" for env in envs for key, value in env.items()]
    said += [str(step.run) for step in job.steps if step.run is not None]
    return any(_WRAPPER.search(one) for one in said) and any(_ON_GITHUB.search(one) for one in said)
