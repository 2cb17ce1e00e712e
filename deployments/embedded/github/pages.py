"""What a person finds who opens the page of a run, a job or a release: plain text, for this machine only."""

import re
from collections.abc import Iterator

from werkzeug import Request, Response

from deployments.embedded.github.forge import Forge
from deployments.embedded.github.records.actions import Job, Run
from deployments.embedded.github.records.repositories import Repository

_PAGE = re.compile(
    r"/(?P<owner>[^/]+)/(?P<name>[^/]+)/"
    r"(?:actions/runs/(?P<run>\d+)(?:/job/(?P<job>\d+))?|releases/tag/(?P<tag>[^/]+))/?"
)


class Pages:
    """Answers GET of pages, before the REST API is asked."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge

    def __call__(self, request: Request) -> Response | None:
        """Return the page; None for a path that is none, or that shows nothing there is."""
        match = _PAGE.fullmatch(request.path) if request.method == "GET" else None
        repository = self._forge.store.repository(match["owner"], match["name"]) if match else None
        if match is None or repository is None:
            return None
        if match["tag"]:
            text = self._release(repository, match["tag"])
        elif match["job"]:
            text = self.log(int(match["job"]))
        else:
            text = self._run(repository, int(match["run"]))
        return None if text is None else Response(text, content_type="text/plain; charset=utf-8")

    def log(self, job: int) -> str | None:
        """Return what there is of a job's log; None for no job or one that has not begun."""
        found = self._forge.store.jobs.get(job)
        if found is None or found.record.log is None or not found.record.log.is_file():
            return None
        return found.record.log.read_text(encoding="utf-8", errors="replace")

    def _run(self, repository: Repository, number: int) -> str | None:
        run = self._forge.store.runs.get(number)
        if run is None or run.repository_id != repository.id:
            return None
        jobs = self._forge.store.jobs.all(
            lambda item: item.run_id == run.id and item.attempt == run.latest.number
        )
        return "\n".join([*self._told(repository, run, jobs), ""])

    def _told(self, repository: Repository, run: Run, jobs: list[Job]) -> Iterator[str]:
        ended = run.latest.conclusion or run.latest.status
        yield f"{run.path} at {run.sha[:10]}, attempt {run.latest.number}: {ended}"
        for job in jobs:
            page = self._forge.urls.page(repository, "actions/runs", run.id, "job", job.id)
            yield f"  {job.record.conclusion or job.record.status:<12} {job.record.name}  {page}"
            yield from (f"    {remark.message}" for remark in job.record.annotations)

    def _release(self, repository: Repository, tag: str) -> str | None:
        releases = self._forge.store.releases.all(
            lambda item: item.repository_id == repository.id and item.tag == tag and not item.draft
        )
        if not releases:
            return None
        lines = [f"  {asset.name}  {asset.size} bytes  {asset.digest}" for asset in releases[0].assets]
        return "\n".join([f"{repository.full_name} {tag}", *lines, ""])
