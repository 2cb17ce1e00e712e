"""The stand-ins do what the actions do, or say why they cannot."""

import pytest

from deployments.embedded.runner.interface import OidcEndpoint
from tests.embedded.runner.bench import Bench

pytestmark = pytest.mark.processes


def job(steps: str, extra: str = "") -> str:
    lines = "\n".join(f"      {line}" for line in steps.strip("\n").splitlines())
    return f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    {extra}\n    steps:\n{lines}\n"


def test_checkout_brings_the_commit_on_its_branch(bench: Bench) -> None:
    result = bench.run(
        job(
            """
- id: c
  uses: actions/checkout@v4
- run: |
    test "$(cat README.md)" = hello
    test "$(git rev-parse HEAD)" = "${{ github.sha }}"
    test "$(git branch --show-current)" = main
    test "${{ steps.c.outputs.commit }}" = "${{ github.sha }}"
- uses: actions/checkout@v4
  with: {path: other, ref: main, fetch-depth: 0}
- run: test -f other/README.md
"""
        )
    )
    assert result.conclusion == "success", bench.log(result.jobs[0])


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ("{ref: nowhere}", "could not be found"),
        ("{repository: a/b}", "does not have the repository"),
        ("{path: ../x}", "is not under"),
    ],
)
def test_checkout_says_what_it_cannot_bring(bench: Bench, inputs: str, words: str) -> None:
    result = bench.run(job(f"- uses: actions/checkout@v4\n  with: {inputs}"))
    assert result.conclusion == "failure"
    assert words in result.jobs[0].annotations[0].message


def test_a_cache_is_saved_after_success_and_found_again(bench: Bench) -> None:
    text = job(
        """
- id: c
  uses: actions/cache@v4
  with: {path: "build\\n~/tool", key: "k-1", restore-keys: "k-"}
- run: |
    echo "hit=[${{ steps.c.outputs.cache-hit }}]"
    mkdir -p build ~/tool; echo "${EXPECT:-x}" > build/f; touch -d 2020-01-02 build/f; echo y > ~/tool/g
"""
    )
    first = bench.run(text)
    assert "hit=[]" in bench.log(first.jobs[0])
    assert list(bench.host.caches) == [("k-1", next(iter(bench.host.caches))[1])]
    second = bench.run(
        text.replace("mkdir", 'test "$(stat -c %y build/f | cut -c1-10)$(cat ~/tool/g)" = 2020-01-02y; mkdir')
    )
    assert second.conclusion == "success", bench.log(second.jobs[0])
    assert "hit=[true]" in bench.log(second.jobs[0])
    third = bench.run(text.replace('"k-1"', '"k-2"'))
    assert "hit=[false]" in bench.log(third.jobs[0])
    assert len(bench.host.caches) == 2


def test_a_cache_is_not_saved_by_a_failed_job(bench: Bench) -> None:
    result = bench.run(job("- uses: actions/cache@v4\n  with: {path: b, key: k}\n- run: mkdir b; exit 1"))
    assert bench.host.caches == {}
    assert [step.conclusion for step in result.jobs[0].steps if step.name.startswith("Post")] == ["skipped"]


def test_artifacts_travel_between_jobs_and_a_name_is_used_once(bench: Bench) -> None:
    result = bench.run(
        """
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: mkdir -p out/deep; echo one > out/a.txt; echo two > out/deep/b.txt; echo h > out/.hidden
      - {uses: actions/upload-artifact@v4, with: {name: all, path: out}}
      - {uses: actions/upload-artifact@v4, with: {name: single, path: out/a.txt}}
      - {id: again, continue-on-error: true, uses: actions/upload-artifact@v4, with: {name: all, path: out}}
      - run: test "${{ steps.again.outcome }}" = failure
      - {uses: actions/upload-artifact@v4, with: {name: all, path: out, overwrite: true}}
      - {uses: actions/upload-artifact@v4, with: {name: none, path: nowhere}}
  b:
    needs: a
    runs-on: ubuntu-latest
    steps:
      - {uses: actions/download-artifact@v4, with: {name: all, path: got}}
      - run: test "$(cat got/a.txt got/deep/b.txt | tr '\\n' -)" = one-two-; test ! -e got/.hidden
      - {uses: actions/download-artifact@v4, with: {path: every}}
      - run: test -f every/single/a.txt; test -f every/all/deep/b.txt
      - {uses: actions/download-artifact@v4, with: {pattern: "s*", path: merged, merge-multiple: true}}
      - run: test -f merged/a.txt; test ! -e merged/deep
      - {continue-on-error: true, id: gone, uses: actions/download-artifact@v4, with: {name: gone}}
      - run: test "${{ steps.gone.outcome }}" = failure
"""
    )
    assert result.conclusion == "success", [bench.log(job) for job in result.jobs if job.log]
    assert {artifact.name for artifact in bench.host.stored} == {"all", "single"}


def test_a_toolchain_that_is_here_is_used_and_makes_warnings_errors(bench: Bench) -> None:
    result = bench.run(
        job(
            """
- uses: actions-rust-lang/setup-rust-toolchain@v1
  with: {components: "rustfmt, clippy", cache: false}
- run: test "$RUSTFLAGS" = "-D warnings"; test "$CARGO_TERM_COLOR" = always; cargo --version
- uses: dtolnay/rust-toolchain@stable
"""
        )
    )
    assert result.conclusion == "success", bench.log(result.jobs[0])


@pytest.mark.parametrize(
    ("uses", "words"),
    [
        ("{uses: dtolnay/rust-toolchain@1.12.0}", "1.12.0 is not on this machine"),
        ("{uses: dtolnay/rust-toolchain@stable, with: {targets: sparc-unknown-none-elf}}", "target sparc"),
        ("{uses: taiki-e/install-action@no-such-tool}", "no-such-tool is not on this machine"),
        ("{uses: docker/build-push-action@v6}", "container engine"),
        ("{uses: actions/github-script@v7}", "JavaScript client"),
        ("{uses: 'docker://alpine'}", "container engine"),
        (
            "{uses: aws-actions/configure-aws-credentials@v4, with: {aws-region: r}}",
            "Could not load credentials",
        ),
        (
            "{uses: aws-actions/configure-aws-credentials@v4, with: {aws-region: r, role-to-assume: x}}",
            "Could not load",
        ),
        ("{uses: softprops/action-gh-release@v2}", "requires a tag"),
    ],
)
def test_what_is_not_here_fails_with_its_reason(bench: Bench, uses: str, words: str) -> None:
    result = bench.run(job(f"- {uses}"))
    assert result.conclusion == "failure"
    assert words in result.jobs[0].annotations[0].message


def test_a_report_to_an_outside_service_is_not_sent_and_says_so(bench: Bench) -> None:
    result = bench.run(job("- uses: codecov/codecov-action@v5"))
    assert result.conclusion == "success"
    assert "sends nothing" in result.jobs[0].annotations[0].message


def test_rustup_is_asked_but_never_installs(bench: Bench) -> None:
    result = bench.run(job("- run: rustup toolchain install 1.12.0"))
    assert result.conclusion == "failure"
    log = bench.log(result.jobs[0])
    assert "installs nothing" in log or "has no rustup" in log


def test_credentials_never_go_to_anything_but_loopback(bench: Bench) -> None:
    bench.host.oidc = OidcEndpoint(url="http://example.org/token?x=1", token="bearer-of-the-job")
    result = bench.run(
        job(
            "- uses: aws-actions/configure-aws-credentials@v4\n  with: {aws-region: r, role-to-assume: x}",
            "permissions: {id-token: write}",
        )
    )
    assert result.conclusion == "failure"
    assert "is not the embedded world" in result.jobs[0].annotations[0].message
