"""Workflows, runs, jobs, checks, artifacts and caches as JSON."""

from datetime import UTC, datetime

from deployments.embedded.github.forge import Forge
from deployments.embedded.github.records.actions import Artifact, Attempt, Cache, Job, Run, Workflow
from deployments.embedded.github.records.repositories import Repository
from deployments.embedded.github.shapes import Json, moment, node_id
from deployments.embedded.github.shapes.commits import simple_commit
from deployments.embedded.github.shapes.repositories import minimal_repository
from deployments.embedded.github.shapes.users import simple_user
from deployments.embedded.runner.interface import Annotation


def workflow(forge: Forge, repository: Repository, item: Workflow) -> Json:
    """Return a workflow file."""
    page = forge.urls.page(repository)
    return {
        "id": item.id,
        "node_id": node_id("W", item.id),
        "name": item.name,
        "path": item.path,
        "state": item.state,
        "created_at": moment(item.created_at),
        "updated_at": moment(item.updated_at),
        "url": forge.urls.repository(repository, "actions/workflows", item.id),
        "html_url": f"{page}/blob/{repository.default_branch}/{item.path}",
        "badge_url": f"{page}/actions/workflows/{item.path.rsplit('/', 1)[-1]}/badge.svg",
    }


def run(forge: Forge, repository: Repository, item: Run, attempt: Attempt | None = None) -> Json:
    """Return a run as its latest attempt, or as the one given, has it."""
    shown = attempt or item.latest
    url = forge.urls.repository(repository, "actions/runs", item.id)
    earlier = f"{url}/attempts/{shown.number - 1}" if shown.number > 1 else None
    named = minimal_repository(forge, repository)
    return {
        "id": item.id,
        "name": item.workflow_name,
        "node_id": node_id("WFR", item.id),
        "head_branch": item.ref_name,
        "head_sha": item.sha,
        "path": item.path,
        "display_title": item.title,
        "run_number": item.number,
        "event": item.event,
        "status": shown.status,
        "conclusion": shown.conclusion,
        "workflow_id": item.workflow_id,
        "check_suite_id": item.suite_id,
        "check_suite_node_id": node_id("CS", item.suite_id),
        "url": f"{url}/attempts/{shown.number}" if attempt else url,
        "html_url": forge.urls.page(repository, "actions/runs", item.id),
        "pull_requests": [],
        "created_at": moment(item.created_at),
        "updated_at": moment(shown.updated_at),
        "actor": simple_user(forge, item.actor),
        "run_attempt": shown.number,
        "referenced_workflows": [],
        "run_started_at": moment(shown.started_at),
        "triggering_actor": simple_user(forge, shown.actor),
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": forge.urls.repository(repository, "check-suites", item.suite_id),
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": earlier,
        "workflow_url": forge.urls.repository(repository, "actions/workflows", item.workflow_id),
        "head_commit": simple_commit(forge.commit(repository, item.sha)),
        "repository": named,
        "head_repository": named,
    }


def job(forge: Forge, repository: Repository, item: Job, of: Run) -> Json:
    """Return a job with its steps."""
    record = item.record
    url = forge.urls.repository
    began = record.started_at or record.created_at
    has_runner = bool(record.runner_name)
    return {
        "id": item.id,
        "run_id": item.run_id,
        "workflow_name": of.workflow_name,
        "head_branch": of.ref_name,
        "run_url": url(repository, "actions/runs", item.run_id),
        "run_attempt": item.attempt,
        "node_id": node_id("CR", item.id),
        "head_sha": of.sha,
        "url": url(repository, "actions/jobs", item.id),
        "html_url": forge.urls.page(repository, "actions/runs", item.run_id, "job", item.id),
        "status": record.status,
        "conclusion": record.conclusion,
        "created_at": record.created_at,
        "started_at": began,
        "completed_at": record.completed_at,
        "name": record.name,
        "steps": [
            {
                "name": step.name,
                "status": step.status,
                "conclusion": step.conclusion,
                "number": step.number,
                "started_at": step.started_at,
                "completed_at": step.completed_at,
            }
            for step in record.steps
        ],
        "check_run_url": url(repository, "check-runs", item.id),
        "labels": list(record.labels),
        "runner_id": 1 if has_runner else None,
        "runner_name": record.runner_name if has_runner else None,
        "runner_group_id": 1 if has_runner else None,
        "runner_group_name": "GitHub Actions" if has_runner else None,
    }


def app(forge: Forge) -> Json:
    """Return the App whose checks these are."""
    long_ago = moment(datetime(2018, 7, 30, tzinfo=UTC))
    return {
        "id": 15368,
        "slug": "github-actions",
        "node_id": node_id("A", 15368),
        "client_id": "Iv1.05c79e9ad1f6bdfa",
        "owner": simple_user(forge, "github"),
        "name": "GitHub Actions",
        "description": "Automate your workflow from idea to production",
        "external_url": "https://help.github.com/en/actions",
        "html_url": f"{forge.urls.api}/apps/github-actions",
        "created_at": long_ago,
        "updated_at": long_ago,
        "permissions": {"actions": "write", "checks": "write", "contents": "read", "metadata": "read"},
        "events": [],
    }


def check_run(forge: Forge, repository: Repository, item: Job, of: Run) -> Json:
    """Return a job as the check run that it also is."""
    record = item.record
    url = forge.urls.repository(repository, "check-runs", item.id)
    page = forge.urls.page(repository, "actions/runs", item.run_id, "job", item.id)
    return {
        "id": item.id,
        "name": record.name,
        "node_id": node_id("CR", item.id),
        "head_sha": of.sha,
        "external_id": str(item.id),
        "url": url,
        "html_url": page,
        "details_url": page,
        "status": record.status,
        "conclusion": record.conclusion,
        "started_at": record.started_at or record.created_at,
        "completed_at": record.completed_at,
        "output": {
            "title": None,
            "summary": record.summary or None,
            "text": None,
            "annotations_count": len(record.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": of.suite_id},
        "app": app(forge),
        "pull_requests": [],
    }


def annotation(forge: Forge, repository: Repository, item: Annotation, sha: str) -> Json:
    """Return a message on a check run."""
    return {
        "path": item.path,
        "blob_href": forge.urls.page(repository, "blob", sha, item.path),
        "start_line": item.start_line,
        "start_column": item.start_column,
        "end_line": item.end_line,
        "end_column": item.end_column,
        "annotation_level": item.level,
        "title": item.title or None,
        "message": item.message,
        "raw_details": item.details,
    }


def check_suite(forge: Forge, repository: Repository, of: Run, jobs: int) -> Json:
    """Return the suite that a run's checks form."""
    url = forge.urls.repository(repository, "check-suites", of.suite_id)
    return {
        "id": of.suite_id,
        "node_id": node_id("CS", of.suite_id),
        "head_branch": of.ref_name,
        "head_sha": of.sha,
        "status": of.latest.status,
        "conclusion": of.latest.conclusion,
        "url": url,
        "before": of.payload.get("before"),
        "after": of.sha,
        "pull_requests": [],
        "app": app(forge),
        "created_at": moment(of.created_at),
        "updated_at": moment(of.latest.updated_at),
        "rerequestable": True,
        "runs_rerequestable": False,
        "latest_check_runs_count": jobs,
        "check_runs_url": f"{url}/check-runs",
        "head_commit": simple_commit(forge.commit(repository, of.sha)),
        "repository": minimal_repository(forge, repository),
    }


def artifact(forge: Forge, repository: Repository, item: Artifact, of: Run) -> Json:
    """Return an artifact."""
    url = forge.urls.repository(repository, "actions/artifacts", item.id)
    return {
        "id": item.id,
        "node_id": node_id("MDg6QXJ0aWZhY3Q", item.id),
        "name": item.name,
        "size_in_bytes": item.size,
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": item.expires_at <= forge.now(),
        "digest": item.digest,
        "created_at": moment(item.created_at),
        "expires_at": moment(item.expires_at),
        "updated_at": moment(item.created_at),
        "workflow_run": {
            "id": of.id,
            "repository_id": repository.id,
            "head_repository_id": repository.id,
            "head_branch": of.ref_name,
            "head_sha": of.sha,
        },
    }


def cache(item: Cache) -> Json:
    """Return a cache entry."""
    return {
        "id": item.id,
        "ref": item.ref,
        "key": item.key,
        "version": item.version,
        "last_accessed_at": moment(item.last_accessed_at),
        "created_at": moment(item.created_at),
        "size_in_bytes": item.size,
    }
