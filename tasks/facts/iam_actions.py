"""Looks up which actions IAM knows, in the list that parliament ships; parliament itself is not imported.

Its ten megabytes are searched for the services that are asked about and not parsed: that takes hundredths
of a second instead of seconds, and only a repository with policies pays for it. The list is years older than
the models of the services in botocore, which are looked into where it lacks an action; botocore itself is
not imported either.
"""

from __future__ import annotations

import functools
import gzip
import importlib.util
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from tasks.domain.aws_action import PREFIXES
from tasks.domain.iam_action import KnownActions

_FILE = "iam_definition.json"
_ACTION = re.compile(rb'"privilege":\s*"([A-Za-z0-9]+)"')
_PREFIX = re.compile(rb'"prefix":\s*"([a-z0-9-]+)"')
_OPERATION = re.compile(rb'"name":\s*"(\w+)",\s*"http"')
_MODEL = "service-2.json.gz"


def known_actions(services: Iterable[str]) -> KnownActions:
    """Return the actions of these services; a service that the list lacks is left out."""
    wanted = frozenset(one.lower() for one in services)
    return _listed(wanted) if wanted else KnownActions(services={})


def with_operations(known: KnownActions, named: Iterable[str]) -> KnownActions:
    """Add the operations of the services of which an action is named that the list lacks."""
    lacking = {one.partition(":")[0].lower() for one in named if ":" in one and known.has(one) is False}
    found = {service: _operations(service) for service in lacking}
    return replace(known, operations=found) if found else known


@functools.lru_cache(maxsize=64)
def _operations(service: str) -> frozenset[str]:
    """Return the operations of the newest models behind a prefix of IAM, in small letters."""
    found = importlib.util.find_spec("botocore")
    if found is None or found.origin is None:
        raise FileNotFoundError("botocore, which has the models of AWS's services, is not installed")
    data = Path(found.origin).parent / "data"
    names = {service, *(name for name, prefix in PREFIXES.items() if prefix == service)}
    models = (max(data.glob(f"{name}/*/{_MODEL}"), default=None) for name in names)
    contents = (gzip.decompress(one.read_bytes()) for one in models if one is not None)
    return frozenset(name.decode().lower() for content in contents for name in _OPERATION.findall(content))


@functools.lru_cache(maxsize=16)
def _listed(wanted: frozenset[str]) -> KnownActions:
    """Read the list, which is large and the same as long as the process lives."""
    found = importlib.util.find_spec("parliament")
    place = Path(found.origin).parent / _FILE if found is not None and found.origin else None
    if place is None or not place.is_file():
        raise FileNotFoundError("parliament's list of IAM actions is not installed")
    content = place.read_bytes()
    places = [(one.start(), one[1].decode()) for one in _PREFIX.finditer(content)]
    ends = [*(start for start, _ in places[1:]), len(content)]
    actions: dict[str, frozenset[str]] = {}
    for (start, service), end in zip(places, ends, strict=True):
        if service in wanted:
            names = {one.decode() for one in _ACTION.findall(content, start, end)}
            actions[service] = actions.get(service, frozenset()) | names
    prefixes = {service for _, service in places}
    near = {one: _a_letter_away(one, prefixes) for one in wanted - prefixes}
    return KnownActions(
        services=actions, misspelled={one: meant for one, meant in near.items() if meant is not None}
    )


def _a_letter_away(word: str, known: Iterable[str]) -> str | None:
    """Return the service with one letter more or less; a service newer than the list is another word."""
    for one in sorted(known):
        longer, shorter = (word, one) if len(word) > len(one) else (one, word)
        if len(longer) == len(shorter) + 1 and any(
            longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer))
        ):
            return one
    return None
