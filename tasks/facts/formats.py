"""How names have to be written that AWS and GitHub refuse otherwise, often minutes into a run."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_IP = re.compile(r"[0-9]+(\.[0-9]+){3}")
# Names with an underscore are those of users that an enterprise manages.
_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
RESERVED_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
RESERVED_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


@dataclass(frozen=True, kw_only=True)
class Format:
    """A way to write a name; ``expected`` says it to a person."""

    expected: str
    fits: Callable[[str], bool]


def _bucket(name: str) -> bool:
    return (
        _BUCKET.fullmatch(name) is not None
        and ".." not in name
        and _IP.fullmatch(name) is None
        and not name.startswith(RESERVED_STARTS)
        and not name.endswith(RESERVED_ENDS)
    )


def _repository(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and name not in (".", "..") and not name.endswith(".git")


REGION = Format(expected="a region such as us-west-2", fits=lambda name: _REGION.fullmatch(name) is not None)
BUCKET = Format(
    expected="a bucket's name: 3 to 63 of a-z, 0-9, dot and hyphen, with a letter or digit at both ends "
    "and nothing that S3 reserves",
    fits=_bucket,
)
OWNER = Format(
    expected="the name of a user or organization on GitHub: at most 39 of A-Z, a-z, 0-9 and hyphen",
    fits=lambda name: _OWNER.fullmatch(name) is not None,
)
REPOSITORY = Format(
    expected="the name of a repository alone: at most 100 of A-Z, a-z, 0-9, dot, hyphen and underscore, "
    "without .git",
    fits=_repository,
)
