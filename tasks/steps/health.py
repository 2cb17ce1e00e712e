"""Asking a deployed service how it is."""

from __future__ import annotations

from tasks.domain.health import ServiceAnswer, ServiceState
from tasks.domain.settings import Environment
from tasks.systems.http import Http, HttpFailure

TIMEOUT = 5.0
SHOWN = 500  # characters of an answer that a report shows


def service_state(http: Http, url: str, environment: Environment) -> ServiceState:
    """Ask both addresses once; no answer is an answer that says why."""
    base = url.rstrip("/")
    return ServiceState(
        health=_ask(http, base + environment.health), version_answer=_ask(http, base + environment.version)
    )


def _ask(http: Http, url: str) -> ServiceAnswer:
    try:
        answer = http.get(url, timeout=TIMEOUT)
    except HttpFailure as failure:
        return ServiceAnswer(url=url, status=None, text=str(failure))
    return ServiceAnswer(url=url, status=answer.status, text=answer.text[:SHOWN])
