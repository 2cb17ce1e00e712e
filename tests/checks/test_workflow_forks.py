import pytest

from tasks.domain.forge import ForgeRepository
from tests.checks.testing import CI, ask, job, places

CHECK = "fork-needs-no-secret"
LOGIN = """\
- uses: docker/login-action@v3
  with: {username: me, password: '${{ secrets.DOCKER }}'}"""
KEYS = """\
- uses: aws-actions/configure-aws-credentials@v4
  with: {aws-region: x, aws-access-key-id: '${{ secrets.A }}', aws-secret-access-key: '${{ secrets.B }}'}"""
ROLE = """\
- uses: aws-actions/configure-aws-credentials@v4
  with: {aws-region: x, role-to-assume: 'arn:aws:iam::1:role/ci'}"""
TOKEN = "permissions: {id-token: write}"


@pytest.mark.parametrize(("step", "extra", "line"), [(LOGIN, "", 6), (KEYS, "", 6), (ROLE, TOKEN, 7)])
def test_signing_in_with_what_forks_are_not_given_is_one_note(step: str, extra: str, line: int) -> None:
    text = job(step, on="[push, pull_request]", extra=extra)
    (found,) = ask(CHECK, {CI: text, ".github/workflows/two.yml": text})
    assert (places([found]), found.weight, len(found.evidence)) == ([(CI, line)], "note", 2)


def test_a_step_that_is_there_for_pull_requests_only_is_named_too() -> None:
    text = job(LOGIN, on="[push, pull_request]", extra="if: github.event_name == 'pull_request'")
    assert places(ask(CHECK, {CI: text})) == [(CI, 7)]


@pytest.mark.parametrize(
    "text",
    [
        job(LOGIN, on="push"),
        job(LOGIN, on="pull_request_target"),
        job(LOGIN, on="{pull_request: {types: [closed]}}"),
        job(LOGIN + "\n  if: github.event_name != 'pull_request'", on="[push, pull_request]"),
        job(LOGIN + "\n  if: ${{ !github.event.pull_request.head.repo.fork }}", on="pull_request"),
        job(
            LOGIN,
            on="pull_request",
            extra="if: github.event.pull_request.head.repo.full_name == github.repository",
        ),
        job(LOGIN, on="pull_request", extra="if: github.actor == 'me'"),
        job(LOGIN + "\n  continue-on-error: true", on="pull_request"),
        job(LOGIN.replace("DOCKER", "GITHUB_TOKEN"), on="pull_request"),
        job(LOGIN.replace("username", "registry: 1.dkr.ecr.x.amazonaws.com, username"), on="pull_request"),
        job(KEYS, on="pull_request").replace("ubuntu-latest", "self-hosted"),
        job(ROLE, on="pull_request"),
    ],
)
def test_a_job_without_such_a_step_or_left_out_for_forks_is_fine(text: str) -> None:
    assert ask(CHECK, {CI: text}) == []


def test_a_private_repository_decides_itself_what_forks_get() -> None:
    private = ForgeRepository(
        id=1,
        full_name="o/r",
        private=True,
        default_branch="main",
        permissions=frozenset(),
        archived=False,
        url="https://example.com/o/r",
    )
    assert ask(CHECK, {CI: job(LOGIN, on="pull_request")}, private) == []
