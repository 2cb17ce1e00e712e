import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, ask

BOTH = "{push: {branches: [main]}, pull_request: {branches: [main]}}"
FILE = """\
on: {on}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: cargo test
  {id}:
    needs: test
    runs-on: ubuntu-latest
    environment: {environment}
    {condition}
    steps:
      - run: kubectl -n app set image deployment/server server=app:${{GITHUB_SHA:0:7}}
"""


def ci(
    *, on: str = BOTH, called: str = "beta", environment: str = "beta", condition: str = ""
) -> dict[str, str]:
    return {CI: FILE.format(on=on, id=called, environment=environment, condition=condition)}


def test_a_deployment_of_each_pull_request_is_told() -> None:
    (found,) = ask("pull-request-deploys-nowhere", ci())
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 7), (CI, 1)]
    assert (found.weight, "deploys to beta" in found.message) == (Weight.WARNING, True)
    failed = ci(condition="if: ${{ !cancelled() && needs.test.result == 'success' }}")
    assert len(ask("pull-request-deploys-nowhere", failed)) == 1


@pytest.mark.parametrize(
    "files",
    [
        ci(condition="if: github.event_name == 'push'"),
        ci(condition="if: github.ref == 'refs/heads/main'"),
        ci(condition="if: vars.DEPLOYS == 'true'"),
        ci(environment="preview"),
        ci(environment="pr-7"),
        ci(environment="${{ steps.x.outputs.y }}"),
        ci(called="plan-beta"),
        ci(on="{push: {branches: [main]}}"),
        ci(on="{pull_request: {branches: [main]}}"),
        ci(on="{push: {}, pull_request: {types: [closed]}}"),
        {CI: ci()[CI].replace("cargo test", "test $GITHUB_REF = refs/heads/main")},
        {CI: ci()[CI].replace("kubectl -n", "kubectl --dry-run=client -n")},
        {CI: ci()[CI].replace("  test:\n", "  test:\n    if: github.event_name != 'pull_request'\n")},
    ],
)
def test_a_deployment_of_other_events_or_for_pull_requests_is_fine(files: dict[str, str]) -> None:
    assert ask("pull-request-deploys-nowhere", files) == []
