"""Runtimes of AWS Lambda that have ended.

After AWS's page of Lambda runtimes (docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html, "Deprecated
runtimes"), by way of the table of cfn-lint 1.58.0, as of 2026-10-20. AWS has put off the refusal of later
ones several times, so only a refusal that had begun on that day is in here as one. The successor is one that
Terraform's AWS provider has known for a year, where there is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

AS_OF = "2026-10-20"


@dataclass(frozen=True, kw_only=True)
class EndedRuntime:
    """A runtime without security updates: the days as AWS states them, and what takes its place.

    ``refused`` is the day since which AWS creates no function on it; None while it still does.
    """

    deprecated: str
    refused: str | None
    successor: str


def _ended(deprecated: str, refused: str | None, successor: str) -> EndedRuntime:
    return EndedRuntime(deprecated=deprecated, refused=refused, successor=successor)


_NODE, _PYTHON, _RUBY, _NET, _JAVA = "nodejs22.x", "python3.13", "ruby3.4", "dotnet10", "java21"
_OWN = "provided.al2023"

ENDED: Mapping[str, EndedRuntime] = {
    "dotnet6": _ended("2024-12-20", None, _NET),
    "dotnetcore1.0": _ended("2019-06-27", "2019-06-30", _NET),
    "dotnetcore2.0": _ended("2019-05-30", "2019-04-30", _NET),
    "dotnetcore2.1": _ended("2022-01-05", "2022-01-05", _NET),
    "dotnetcore3.1": _ended("2023-04-03", "2023-04-03", _NET),
    "go1.x": _ended("2024-01-08", "2024-02-08", _OWN),
    "java8": _ended("2024-01-08", "2024-02-08", _JAVA),
    "nodejs": _ended("2016-08-30", "2016-09-30", _NODE),
    "nodejs4.3": _ended("2020-03-05", "2020-02-03", _NODE),
    "nodejs4.3-edge": _ended("2020-03-05", "2019-03-31", _NODE),
    "nodejs6.10": _ended("2019-08-12", "2019-07-12", _NODE),
    "nodejs8.10": _ended("2020-03-06", "2020-02-04", _NODE),
    "nodejs10.x": _ended("2021-07-30", "2021-07-30", _NODE),
    "nodejs12.x": _ended("2023-03-31", "2023-03-31", _NODE),
    "nodejs14.x": _ended("2023-12-04", "2024-01-09", _NODE),
    "nodejs16.x": _ended("2024-06-12", None, _NODE),
    "nodejs18.x": _ended("2025-09-01", None, _NODE),
    "nodejs20.x": _ended("2026-04-30", None, _NODE),
    "provided": _ended("2024-01-08", "2024-02-08", _OWN),
    "provided.al2": _ended("2026-07-31", None, _OWN),
    "python2.7": _ended("2021-07-15", "2021-07-15", _PYTHON),
    "python3.6": _ended("2022-07-18", "2022-07-18", _PYTHON),
    "python3.7": _ended("2023-12-04", "2024-01-09", _PYTHON),
    "python3.8": _ended("2024-10-14", None, _PYTHON),
    "python3.9": _ended("2025-12-15", None, _PYTHON),
    "ruby2.5": _ended("2021-07-30", "2021-07-30", _RUBY),
    "ruby2.7": _ended("2023-12-07", "2024-01-09", _RUBY),
    "ruby3.2": _ended("2026-03-31", None, _RUBY),
}
"""Identifier -> what is known of its end."""
