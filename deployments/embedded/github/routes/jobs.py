"""Jobs, their logs, and the check runs that they also are."""

from deployments.embedded.github.records.actions import Job, Run
from deployments.embedded.github.routes.runs import found_run
from deployments.embedded.github.shapes.actions import annotation, check_run, check_suite, job
from deployments.embedded.github.shapes.repositories import minimal_repository
from deployments.embedded.github.web.answers import Answer, RefusedError, invalid, not_found, redirect
from deployments.embedded.github.web.call import Call
from deployments.embedded.github.web.router import Route, read, write

_LINK_SECONDS = 60


def get_job(call: Call) -> Answer:
    """Return a job."""
    found, of = _job(call, "job")
    return Answer(body=job(call.forge, call.repository, found, of))


def get_log(call: Call) -> Answer:
    """Redirect to the log of a job that has ended, on a host that must not be sent the token."""
    found, _ = _job(call, "job")
    if found.record.status != "completed" or found.record.log is None or not found.record.log.is_file():
        raise not_found()
    expired = call.forge.faults.take("expired-log-links", "GET", call.request.path)
    return redirect(call.forge.link(f"/logs/{found.id}", seconds=-1 if expired else _LINK_SECONDS))


def rerun_job(call: Call) -> Answer:
    """Run one job again, and what needs it."""
    found, of = _job(call, "job")
    if of.latest.status != "completed":
        raise RefusedError(403, "This workflow is already running")
    call.engine.rerun(of, call.user, jobs={found.record.key})
    return Answer(status=201, body={})


def get_check_run(call: Call) -> Answer:
    """Return a job as a check run."""
    found, of = _job(call, "check")
    return Answer(body=check_run(call.forge, call.repository, found, of))


def list_annotations(call: Call) -> Answer:
    """List the messages on a check run."""
    found, of = _job(call, "check")
    return call.page(
        found.record.annotations, lambda item: annotation(call.forge, call.repository, item, of.sha)
    )


def list_check_runs_of_ref(call: Call) -> Answer:
    """List the latest check runs of a commit, branch or tag."""
    runs = {item.id: item for item in _runs_of_ref(call)}
    return _checks(call, runs)


def list_check_runs_of_suite(call: Call) -> Answer:
    """List the check runs of one run."""
    suite = call.number("suite")
    runs = call.forge.store.runs.all(lambda item: item.suite_id == suite)
    if not runs:
        raise not_found()
    return _checks(call, {item.id: item for item in runs})


def list_check_suites(call: Call) -> Answer:
    """List the check suites of a commit, branch or tag."""
    runs = _runs_of_ref(call)
    return call.page(
        runs,
        lambda item: check_suite(call.forge, call.repository, item, len(_latest(call, item))),
        key="check_suites",
    )


def get_check_suite(call: Call) -> Answer:
    """Return a check suite."""
    suite = call.number("suite")
    for item in call.forge.store.runs.all(lambda item: item.suite_id == suite):
        return Answer(body=check_suite(call.forge, call.repository, item, len(_latest(call, item))))
    raise not_found()


def combined_status(call: Call) -> Answer:
    """Return the commit statuses of a ref; Actions makes checks, not statuses, so there are none."""
    sha = call.forge.git(call.repository).resolve(call.values["ref"])
    if sha is None:
        raise invalid(f"No commit found for SHA: {call.values['ref']}")
    return Answer(
        body={
            "state": "pending",
            "statuses": [],
            "sha": sha,
            "total_count": 0,
            "repository": minimal_repository(call.forge, call.repository),
            "commit_url": call.forge.urls.repository(call.repository, "commits", sha),
            "url": call.forge.urls.repository(call.repository, "commits", sha, "status"),
        }
    )


def run_logs(call: Call) -> Answer:
    """Refuse the zip of a whole run's logs: it is not made here, and its names differ from the jobs'."""
    found_run(call)
    raise RefusedError(501, "The embedded GitHub serves logs job by job.")


def _job(call: Call, name: str) -> tuple[Job, Run]:
    found = call.forge.store.jobs.get(call.number(name))
    if found is None or found.repository_id != call.repository.id:
        raise not_found()
    of = call.forge.store.runs.get(found.run_id)
    if of is None:
        raise not_found()
    return found, of


def _runs_of_ref(call: Call) -> list[Run]:
    sha = call.forge.git(call.repository).resolve(call.values["ref"])
    if sha is None:
        raise invalid(f"No commit found for SHA: {call.values['ref']}")
    now = call.forge.now()
    return call.forge.store.runs.all(
        lambda item: item.repository_id == call.repository.id and item.sha == sha and item.visible_at <= now
    )


def _latest(call: Call, of: Run) -> list[Job]:
    return call.forge.store.jobs.all(lambda item: item.run_id == of.id and item.attempt == of.latest.number)


def _checks(call: Call, runs: dict[int, Run]) -> Answer:
    jobs = [item for of in runs.values() for item in _latest(call, of)]
    name, status = call.query("check_name"), call.query("status")
    chosen = [
        item for item in jobs if name in (None, item.record.name) and status in (None, item.record.status)
    ]
    return call.page(
        chosen,
        lambda item: check_run(call.forge, call.repository, item, runs[item.run_id]),
        key="check_runs",
    )


_R = "/repos/{owner}/{repo}"
_JOB = f"{_R}/actions/jobs/{{job}}"
_READ, _WRITE, _CHECKS = read("actions"), write("actions"), read("checks")

ROUTES = (
    Route(method="GET", template=_JOB, handler=get_job, needs=_READ),
    # Logs are for people who are logged in, of public repositories too.
    Route(method="GET", template=f"{_JOB}/logs", handler=get_log, needs=read("actions", anonymous=False)),
    Route(method="POST", template=f"{_JOB}/rerun", handler=rerun_job, needs=_WRITE),
    Route(method="GET", template=f"{_R}/actions/runs/{{run}}/logs", handler=run_logs, needs=_READ),
    Route(method="GET", template=f"{_R}/check-runs/{{check}}", handler=get_check_run, needs=_CHECKS),
    Route(
        method="GET",
        template=f"{_R}/check-runs/{{check}}/annotations",
        handler=list_annotations,
        needs=_CHECKS,
    ),
    Route(method="GET", template=f"{_R}/check-suites/{{suite}}", handler=get_check_suite, needs=_CHECKS),
    Route(
        method="GET",
        template=f"{_R}/check-suites/{{suite}}/check-runs",
        handler=list_check_runs_of_suite,
        needs=_CHECKS,
    ),
    Route(
        method="GET",
        template=f"{_R}/commits/{{ref+}}/check-runs",
        handler=list_check_runs_of_ref,
        needs=_CHECKS,
    ),
    Route(
        method="GET", template=f"{_R}/commits/{{ref+}}/check-suites", handler=list_check_suites, needs=_CHECKS
    ),
    Route(
        method="GET",
        template=f"{_R}/commits/{{ref+}}/status",
        handler=combined_status,
        needs=read("statuses"),
    ),
)
