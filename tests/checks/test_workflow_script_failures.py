import pytest

from tests.checks.testing import CI, ask, job, places

CALLED = job("- uses: actions/checkout@v4\n- run: bash ci/all.sh")


def script(*lines: str, first: str = "#!/bin/bash") -> dict[str, str]:
    return {CI: CALLED, "ci/all.sh": "\n".join([first, *lines, ""])}


@pytest.mark.parametrize(
    "lost",
    [
        "cargo test --workspace",
        "cargo build --release",
        "terraform apply -auto-approve",
        "aws s3 cp app.tar.gz s3://releases/",
        "docker push acme/app:1",
        "npm run build",
        "./ci/deploy.sh staging",
        "cargo test | tee log",
    ],
)
def test_a_called_script_that_goes_on_to_its_last_echo_is_named(lost: str) -> None:
    (found,) = ask("script-failure-counts", script("cd app", lost, "echo done"))
    assert (found.subject, found.weight) == ("ci/all.sh", "warning")
    assert [(one.file, one.line) for one in found.evidence] == [("ci/all.sh", 3), (CI, 7)]
    assert found.remedy is not None
    assert "set -eo pipefail" in found.remedy.commands[0]


def test_all_that_one_script_forgets_is_one_finding() -> None:
    found = ask("script-failure-counts", script("cargo build", "cargo test", "exit 0", first="#!/bin/sh"))
    assert places(found) == [("ci/all.sh", 2)]
    assert "`cargo build` and `cargo test`" in found[0].message


def test_a_script_that_another_one_calls_is_looked_at_too() -> None:
    files = script("set -e", "ci/inner.sh") | {"ci/inner.sh": "#!/bin/bash\ncargo test\necho done\n"}
    assert places(ask("script-failure-counts", files)) == [("ci/inner.sh", 2)]


@pytest.mark.parametrize(
    "lines",
    [
        ["set -e", "cargo test", "echo done"],
        ["set -euo pipefail", "cargo test", "echo done"],
        ["cargo test"],
        ["cargo test", "cargo build"],
        ["cargo test || exit 1", "echo done"],
        ["cargo test && echo done"],
        ["cargo test", "status=$?", "echo done", "exit $status"],
        ["if ! cargo test; then", "  exit 1", "fi", "echo done"],
        ["trap 'exit 1' ERR", "cargo test", "echo done"],
        [". ci/common.sh", "cargo test", "echo done"],
        ["cargo test", "test -f target/release/app || exit 1", "echo done"],
        ["ls", "mkdir -p out", "echo done"],
        ["cargo --version", "echo done"],
        ["for one in a b; do cargo test -p $one; done", "echo done"],
        ["cargo test", 'if [ -n "$X" ]; then echo done; fi'],
        ["cargo test || true", "echo done"],
    ],
)
def test_a_script_that_ends_at_a_failure_or_looks_at_it_is_fine(lines: list[str]) -> None:
    assert ask("script-failure-counts", script(*lines)) == []


@pytest.mark.parametrize(
    ("run", "first"),
    [
        ("bash -e ci/all.sh", "#!/bin/bash"),
        ("./ci/all.sh", "#!/bin/bash -e"),
        ("source ci/all.sh", "#!/bin/bash"),
        ("bash ci/all.sh || true", "#!/bin/bash"),
        ("ssh host 'bash -s' < ci/all.sh", "#!/bin/bash"),
        ("make all", "#!/bin/bash"),
    ],
)
def test_a_script_that_is_called_with_e_or_not_at_all_is_fine(run: str, first: str) -> None:
    text = job(f"- uses: actions/checkout@v4\n- run: {run}")
    files = {CI: text, "ci/all.sh": f"{first}\ncargo test\necho done\n"}
    assert ask("script-failure-counts", files) == []


@pytest.mark.parametrize(
    "step",
    [
        "- run: cargo build 2>&1 | tee build.log",
        "- run: |\n    set +e\n    docker build .\n    echo built",
        "- run: |\n    npm run build\n    echo built\n  shell: bash {0}",
    ],
)
def test_a_build_of_a_step_whose_failure_is_lost_is_named(step: str) -> None:
    (found,) = ask("script-failure-counts", {CI: job(step)})
    assert found.subject.startswith("ci.yml: build: ")


@pytest.mark.parametrize(
    "step",
    [
        "- run: cargo build 2>&1 | tee build.log\n  shell: bash",
        "- run: |\n    set -o pipefail\n    cargo build | tee build.log",
        "- run: cargo build | grep finished",
        "- run: cargo build | tee log\n- uses: actions/upload-artifact@v4\n  with: {path: log}",
        "- run: cargo build || true",
        "- run: |\n    docker build .\n    echo built",
        "- run: |\n    npm run build\n    echo built\n  shell: sh",
    ],
)
def test_a_build_of_a_step_that_can_fail_is_fine(step: str) -> None:
    assert ask("script-failure-counts", {CI: job(step)}) == []
