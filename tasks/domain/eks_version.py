"""Versions of Kubernetes on which EKS makes no cluster any more.

After AWS's calendar of releases (docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html), as of
2026-08-06: extended support of 1.30 ended on 2026-07-23, that of 1.31 ends on 2026-11-26. New clusters can be
made on any version in standard or extended support, and others are taken to the oldest of these.
"""

from __future__ import annotations

import re

OLDEST = "1.31"
_MINOR = re.compile(r"1\.(\d{1,2})")


def is_ended(version: str) -> bool:
    """Tell whether a version is one of those before the oldest that was offered on that day."""
    written = _MINOR.fullmatch(version)
    oldest = _MINOR.fullmatch(OLDEST)
    return written is not None and oldest is not None and int(written[1]) < int(oldest[1])
