import pytest

from tests.checks.testing import CI, ask, job, places

CHECK = "version-is-text"


@pytest.mark.parametrize(
    "text", ["python-version: 3.10", "toolchain: 1.80 # the oldest", "terraform_version: 1.10"]
)
def test_a_version_that_loses_its_zero_is_named(text: str) -> None:
    assert places(ask(CHECK, {CI: job(f"- uses: a/b@v1\n  with:\n    {text}")})) == [(CI, 8)]


@pytest.mark.parametrize(
    "text", ["python-version: '3.10'", "toolchain: 1.85", "toolchain: 1.80.0", "version: 20", "ratio: 0.50"]
)
def test_a_version_that_arrives_as_written_and_other_numbers_are_fine(text: str) -> None:
    assert ask(CHECK, {CI: job(f"- uses: a/b@v1\n  with:\n    {text}")}) == []
