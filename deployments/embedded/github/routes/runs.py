"""Workflow runs: watched, repeated, cancelled, reviewed."""

import operator
from collections.abc import Callable
from datetime import datetime

from deployments.embedded.github.records.actions import Attempt, Run
from deployments.embedded.github.records.deployments import Verdict
from deployments.embedded.github.routes.workflows import named
from deployments.embedded.github.shapes import moment
from deployments.embedded.github.shapes.actions import job, run
from deployments.embedded.github.shapes.deployments import approval, deployment, pending_deployment
from deployments.embedded.github.web.access import not_accessible
from deployments.embedded.github.web.answers import Answer, RefusedError, invalid, not_found
from deployments.embedded.github.web.call import Call
from deployments.embedded.github.web.router import Route, read, write

# Longer signs first: `>=` starts with `>`.
_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


def list_runs(call: Call) -> Answer:
    """List the runs, newest first, as the query narrows them."""
    return _listed(call, None)


def list_workflow_runs(call: Call) -> Answer:
    """List the runs of one workflow."""
    return _listed(call, named(call).id)


def get_run(call: Call) -> Answer:
    """Return a run."""
    return Answer(body=run(call.forge, call.repository, found_run(call)))


def get_attempt(call: Call) -> Answer:
    """Return one attempt of a run."""
    found = found_run(call)
    return Answer(body=run(call.forge, call.repository, found, _attempt(call, found)))


def delete_run(call: Call) -> Answer:
    """Forget a run that has ended."""
    found = found_run(call)
    if found.latest.status != "completed":
        raise RefusedError(403, "Could not delete the workflow run")
    for item in call.forge.store.jobs.all(lambda item: item.run_id == found.id):
        call.forge.store.jobs.remove(item.id)
    call.forge.store.runs.remove(found.id)
    return Answer(status=204)


def list_jobs(call: Call) -> Answer:
    """List the jobs of the latest attempt, or of all with `filter=all`."""
    found = found_run(call)
    return _jobs(call, found, None if call.query("filter") == "all" else found.latest.number)


def list_attempt_jobs(call: Call) -> Answer:
    """List the jobs of one attempt."""
    found = found_run(call)
    return _jobs(call, found, _attempt(call, found).number)


def rerun(call: Call) -> Answer:
    """Run everything again."""
    call.engine.rerun(_ended(call), call.user)
    return Answer(status=201, body={})


def rerun_failed(call: Call) -> Answer:
    """Run again what failed, and what needs it."""
    found = _ended(call)
    failed = {
        item.record.key
        for item in call.forge.store.jobs.all(
            lambda item: item.run_id == found.id and item.attempt == found.latest.number
        )
        if item.record.conclusion not in ("success", "skipped")
    }
    if not failed:
        raise RefusedError(403, "This workflow run cannot be retried")
    call.engine.rerun(found, call.user, jobs=failed)
    return Answer(status=201, body={})


def cancel(call: Call) -> Answer:
    """Cancel a run that has not ended."""
    if not call.engine.cancel(found_run(call).id):
        raise RefusedError(409, "Cannot cancel a workflow run that is completed.")
    return Answer(status=202, body={})


def timing(call: Call) -> Answer:
    """Say how long a run took; nothing here is billed."""
    found = found_run(call)
    spent = found.latest.updated_at - found.latest.started_at
    return Answer(body={"billable": {}, "run_duration_ms": int(spent.total_seconds() * 1000)})


def list_pending_deployments(call: Call) -> Answer:
    """List the environments that a run waits before."""
    found = found_run(call)
    gates = call.engine.gates.open(found)
    shapes = [pending_deployment(call.forge, call.repository, gate, call.user.login, found) for gate in gates]
    return Answer(body=shapes)


def review_pending_deployments(call: Call) -> Answer:
    """Approve or reject environments; the answer lists the deployments behind them."""
    found, token = found_run(call), call.caller.token
    if token is not None and token.kind in ("app", "actions"):
        raise not_accessible(token)
    verdict: Verdict = "approved" if call.wanted("state", str) == "approved" else "rejected"
    if call.json().get("state") not in ("approved", "rejected"):
        raise invalid("state must be approved or rejected")
    wanted = call.wanted("environment_ids", list)
    gates = [gate for gate in call.engine.gates.open(found) if gate.environment_id in wanted]
    if not gates:
        raise invalid("No pending deployment requests to approve or reject.")
    for gate in gates:
        shape = pending_deployment(call.forge, call.repository, gate, call.user.login, found)
        if not shape["current_user_can_approve"]:
            raise invalid(f"You are not allowed to review deployments to {gate.environment}.")
    answered = []
    for gate in gates:
        call.engine.gates.review(gate, verdict, call.user.login, str(call.json().get("comment") or ""))
        behind = call.forge.store.deployments.all(
            lambda item, gate=gate: (  # type: ignore[misc]
                item.repository_id == call.repository.id
                and item.sha == found.sha
                and item.environment == gate.environment
            )
        )
        answered += [deployment(call.forge, call.repository, item) for item in behind[-1:]]
    return Answer(body=answered)


def list_approvals(call: Call) -> Answer:
    """List the reviews of a run."""
    found = found_run(call)
    gates = call.forge.store.gates.all(lambda item: item.run_id == found.id and item.reviewer is not None)
    return Answer(body=[approval(call.forge, call.repository, gate) for gate in gates])


def found_run(call: Call) -> Run:
    """Return the run that the path names, once it can be seen."""
    found = call.forge.store.runs.get(call.number("run"))
    if found is None or found.repository_id != call.repository.id or found.visible_at > call.forge.now():
        raise not_found()
    return found


def _listed(call: Call, workflow_id: int | None) -> Answer:
    now, wanted = call.forge.now(), call.query
    status, created = wanted("status"), wanted("created")

    def belongs(item: Run) -> bool:
        return (
            item.repository_id == call.repository.id
            and item.visible_at <= now
            and workflow_id in (None, item.workflow_id)
            and wanted("head_sha") in (None, item.sha)
            and wanted("branch") in (None, item.ref_name)
            and wanted("event") in (None, item.event)
            and wanted("actor") in (None, item.actor)
            and wanted("check_suite_id") in (None, str(item.suite_id))
            and status in (None, item.latest.status, item.latest.conclusion)
            and (created is None or _within(item.created_at, created))
        )

    found = call.forge.store.runs.all(belongs)
    found.sort(key=lambda item: item.id, reverse=True)
    return call.page(found, lambda item: run(call.forge, call.repository, item), key="workflow_runs")


def _within(when: datetime, query: str) -> bool:
    """Say whether a time is in the range of GitHub's search syntax; days compare as days."""
    first, dots, last = query.partition("..")
    if dots:
        return (first == "*" or _cut(when, first) >= first) and (last == "*" or _cut(when, last) <= last)
    for sign, holds in _COMPARISONS.items():
        if query.startswith(sign):
            bound = query.removeprefix(sign)
            return holds(_cut(when, bound), bound)
    return _cut(when, query) == query


def _cut(when: datetime, like: str) -> str:
    return moment(when)[: len(like)] if len(like) <= len("2026-01-01") else moment(when)


def _attempt(call: Call, found: Run) -> Attempt:
    number = call.number("attempt")
    for attempt in found.attempts:
        if attempt.number == number:
            return attempt
    raise not_found()


def _jobs(call: Call, found: Run, attempt: int | None) -> Answer:
    jobs = call.forge.store.jobs.all(lambda item: item.run_id == found.id and attempt in (None, item.attempt))

    return call.page(jobs, lambda item: job(call.forge, call.repository, item, found), key="jobs")


def _ended(call: Call) -> Run:
    found = found_run(call)
    if found.latest.status != "completed":
        raise RefusedError(403, "This workflow is already running")
    if found.latest.conclusion == "startup_failure":
        raise RefusedError(403, "This workflow run cannot be retried")
    return found


_A = "/repos/{owner}/{repo}/actions"
_RUN = f"{_A}/runs/{{run}}"
_READ, _WRITE = read("actions"), write("actions")

ROUTES = (
    Route(method="GET", template=f"{_A}/runs", handler=list_runs, needs=_READ),
    Route(
        method="GET", template=f"{_A}/workflows/{{workflow}}/runs", handler=list_workflow_runs, needs=_READ
    ),
    Route(method="GET", template=_RUN, handler=get_run, needs=_READ),
    Route(method="DELETE", template=_RUN, handler=delete_run, needs=_WRITE),
    Route(method="GET", template=f"{_RUN}/attempts/{{attempt}}", handler=get_attempt, needs=_READ),
    Route(method="GET", template=f"{_RUN}/attempts/{{attempt}}/jobs", handler=list_attempt_jobs, needs=_READ),
    Route(method="GET", template=f"{_RUN}/jobs", handler=list_jobs, needs=_READ),
    Route(method="POST", template=f"{_RUN}/rerun", handler=rerun, needs=_WRITE),
    Route(method="POST", template=f"{_RUN}/rerun-failed-jobs", handler=rerun_failed, needs=_WRITE),
    Route(method="POST", template=f"{_RUN}/cancel", handler=cancel, needs=_WRITE),
    Route(method="POST", template=f"{_RUN}/force-cancel", handler=cancel, needs=_WRITE),
    Route(method="GET", template=f"{_RUN}/timing", handler=timing, needs=_READ),
    Route(method="GET", template=f"{_RUN}/approvals", handler=list_approvals, needs=_READ),
    Route(
        method="GET", template=f"{_RUN}/pending_deployments", handler=list_pending_deployments, needs=_READ
    ),
    Route(
        method="POST",
        template=f"{_RUN}/pending_deployments",
        handler=review_pending_deployments,
        needs=write("deployments"),
    ),
)
