import pytest

from tests.checks.testing import CI, ask, job, places

CHECK = "permission-is-granted"
READS = "permissions: {contents: read}"
LOGIN = (
    "- uses: docker/login-action@v4\n"
    "  with: {registry: ghcr.io, username: a, password: '${{ secrets.GITHUB_TOKEN }}'}\n"
)
BUILD = "- uses: docker/build-push-action@v7\n  with: {push: true, tags: 'ghcr.io/a/b:1'}\n"
BY_HAND = (
    "- run: |\n"
    '    echo "$T" | docker login ghcr.io -u x --password-stdin\n'
    "    docker push ghcr.io/a/b:1\n"
    "  env: {T: '${{ github.token }}'}\n"
)
META = "- id: meta\n  uses: docker/metadata-action@v6\n  with: {images: 'ghcr.io/${{ github.repository }}'}\n"
TAGGED = BUILD.replace("ghcr.io/a/b:1", "${{ steps.meta.outputs.tags }}")
COMMENT = (
    "- uses: actions/github-script@v8\n"
    "  with:\n"
    "    script: |\n"
    "      // github.rest.issues.create(a)\n"
    "      await github.rest.issues.createComment({body: 'x'})\n"
)


@pytest.mark.parametrize(
    ("steps", "line"),
    [
        (LOGIN + BUILD, 9),
        (LOGIN + "- run: docker push ghcr.io/a/b:1", 9),
        (BY_HAND, 9),
        (BY_HAND.replace("$T", "${{ secrets.GITHUB_TOKEN }}"), 9),
        (LOGIN + META + TAGGED, 12),
        (LOGIN + BUILD.replace("true", "\"${{ github.event_name != 'pull_request' }}\""), 9),
    ],
)
def test_a_push_to_githubs_registry_takes_the_right_to_write_packages(steps: str, line: int) -> None:
    (found,) = ask(CHECK, {CI: job(steps, extra=READS)})
    assert (places([found]), found.subject, found.weight) == (
        [(CI, line)],
        "ci.yml: build: packages",
        "blocker",
    )


def test_a_push_elsewhere_with_another_token_or_with_the_right_is_fine() -> None:
    for steps in (
        LOGIN.replace("GITHUB_TOKEN", "PAT") + BUILD,
        LOGIN + BUILD.replace("ghcr.io", "docker.io"),
        LOGIN + BUILD.replace("push: true", "push: false"),
        LOGIN + BUILD.replace("push: true", "push: '${{ inputs.push }}'"),
        LOGIN + LOGIN.replace("GITHUB_TOKEN", "PAT") + BUILD,
        LOGIN + TAGGED,
        BY_HAND.replace("github.token", "secrets.PAT"),
        BUILD,
    ):
        assert ask(CHECK, {CI: job(steps, extra=READS)}) == []
    allowed = "permissions: {packages: write}"
    assert ask(CHECK, {CI: job(LOGIN + BUILD + BY_HAND, extra=allowed)}) == []


def test_a_script_that_comments_takes_the_right_for_issues_or_pull_requests() -> None:
    (found,) = ask(CHECK, {CI: job(COMMENT, extra=READS)})
    assert (places([found]), found.weight) == ([(CI, 11)], "blocker")
    assert "issues or pull-requests: write" in found.message


def test_a_script_that_may_not_come_to_its_comment_stops_nobody() -> None:
    for steps in (
        COMMENT.replace("await", "if (x) await"),
        COMMENT.replace("      await", "      if (x) return\n      await"),
        COMMENT.replace("  with:", "  if: failure()\n  with:"),
    ):
        (found,) = ask(CHECK, {CI: job(steps, extra=READS)})
        assert found.weight == "warning"


def test_a_script_with_the_right_with_another_token_or_that_catches_the_refusal_is_fine() -> None:
    for steps, extra in (
        (COMMENT, "permissions: {pull-requests: write}"),
        (COMMENT, "permissions: {issues: write}"),
        (COMMENT.replace("script: |", "github-token: '${{ secrets.PAT }}'\n    script: |"), READS),
        (COMMENT.replace("'x'})", "'x'}).catch(() => {})"), READS),
        (COMMENT.replace("issues.createComment", "issues.get"), READS),
    ):
        assert ask(CHECK, {CI: job(steps, extra=extra)}) == []
