import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, ask, job

SUM = "cd dist && sha256sum * > SUMS"


def ci(make: str, then: str = SUM, between: str = "ls") -> dict[str, str]:
    return {CI: job(f"- uses: actions/checkout@v6\n- run: {make}\n- run: {between}\n- run: {then}")}


@pytest.mark.parametrize(
    ("make", "then"),
    [
        ("mkdir -p dist/sbom", SUM),
        ("mkdir -p dist/sbom/json", "cd dist; shasum -a 256 ./* > SUMS"),
        ("mkdir sub", "sha256sum *"),
    ],
)
def test_a_sum_of_all_that_meets_a_directory_fails(make: str, then: str) -> None:
    (found,) = ask("sums-are-of-files", ci(make, then))
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 9), (CI, 7)]
    assert found.weight is Weight.BLOCKER


@pytest.mark.parametrize(
    "files",
    [
        ci("mkdir -p dist"),
        ci("mkdir -p other/sbom"),
        ci("mkdir -p dist/.cache"),
        ci("mkdir -p dist/$NAME"),
        ci("test -d x && mkdir -p dist/sbom"),
        ci("mkdir -p dist/sbom", between="rm -r dist/sbom"),
        ci("mkdir -p dist/sbom", between="mv dist/* out"),
        ci("mkdir -p dist/sbom", "cd dist && sha256sum *.gz"),
        ci("mkdir -p dist/sbom", "cd dist && sha256sum * > SUMS || true"),
        ci("mkdir -p dist/sbom", "cd dist && sha256sum -c *"),
    ],
)
def test_a_sum_of_files_or_one_that_may_fail_is_fine(files: dict[str, str]) -> None:
    assert ask("sums-are-of-files", files) == []
