import subprocess
from pathlib import Path

import pytest

from tests.checks.testing import CI, ask, job, places

UPLOAD = "- {uses: actions/upload-artifact@v4, with: {path: report.json}}\n"


@pytest.mark.parametrize(
    "step",
    [
        "- run: cargo test || true",
        "- run: cargo test | tee log.txt",
        "- {run: cargo clippy, continue-on-error: true}",
        "- run: cargo audit || echo failed",
        "- run: zizmor .github/workflows/ || true",
        "- {id: t, run: cargo test, continue-on-error: true}",
    ],
)
def test_a_verification_whose_failure_is_lost_is_named(step: str) -> None:
    assert places(ask("verification-can-fail", {CI: job(step)})) == [(CI, 6)]


def test_the_same_step_in_two_jobs_is_one_finding() -> None:
    two = "    runs-on: ubuntu-latest\n    steps: [{run: cargo test || true}]\n"
    found = ask("verification-can-fail", {CI: f"on: push\njobs:\n  a:\n{two}  b:\n{two}"})
    assert [[one.line for one in finding.evidence] for finding in found] == [[5, 8]]


def test_a_job_whose_failure_is_ignored_is_named() -> None:
    text = job("- run: cargo test", extra="continue-on-error: true")
    (found,) = ask("verification-can-fail", {CI: text})
    assert (places([found]), found.weight) == ([(CI, 7)], "note")


@pytest.mark.parametrize(
    "step",
    [
        "- run: cargo test",
        "- {run: cargo test | tee log.txt, shell: bash}",
        "- run: set -o pipefail; cargo test | tee log.txt",
        "- run: 'cargo test | tee log.txt; exit ${PIPESTATUS[0]}'",
        "- run: 'cargo test || FAILED=1; exit ${FAILED:-0}'",
        "- run: cargo test || exit 1",
        "- run: if cargo test; then echo fine; else exit 1; fi",
        "- run: echo $(cargo test || true)",
        "- {run: cargo test, continue-on-error: '${{ matrix.experimental }}'}",
        "- {id: t, run: cargo test, continue-on-error: true}\n- {run: x, if: steps.t.outcome == 'failure'}",
        "- run: cargo audit --json > audit.json || true",
        "- {run: cargo bench, continue-on-error: true}",
        "- {run: rm -r x || true}",
        "- run: zizmor --version || true",
        "- run: zizmor --format sarif . > results.sarif || true",
        "- {run: cargo test || true, if: false}",
        "- run: |\n    cargo clippy | tee out\n    if grep -q error out; then\n      exit 1\n    fi",
        "- run: |\n    sed -i s/1/2/ Cargo.toml\n    cargo check || true",
        "- run: for f in a b; do ci/check-ages.sh $f || true; done",
        "- run: cargo test -p a || true\n- run: cargo insta test --all-features",
        "- {run: cargo clippy --fix, continue-on-error: true}",
    ],
)
def test_a_verification_that_can_fail_or_is_asked_about_is_fine(step: str) -> None:
    assert ask("verification-can-fail", {CI: job(step)}) == []


@pytest.mark.parametrize(
    "steps",
    [
        "- {run: cargo clippy --message-format=json | clippy-sarif | sarif-fmt, continue-on-error: true}",
        "- run: cargo clippy | cargo-action-fmt",
        "- {run: cargo nextest run, continue-on-error: true}\n- uses: mikepenz/action-junit-report@v5",
        "- {name: Test flaky parts, run: cargo test, continue-on-error: true}",
        "# Advisory: nobody waits for it\n- {run: cargo audit, continue-on-error: true}",
    ],
)
def test_a_failure_that_is_shown_elsewhere_or_let_through_on_purpose_is_a_note(steps: str) -> None:
    (found,) = ask("verification-can-fail", {CI: job(steps)})
    assert (found.weight, found.message.partition(" when")[0]) == ("note", "the job stays green")


@pytest.mark.parametrize(
    "name",
    ["ShellCheck (scripts, advisory)", "Test (non-blocking)", "Optional lints", "Audit (informational)"],
)
def test_a_step_whose_name_says_that_it_stops_nobody_is_believed(name: str) -> None:
    for step in (
        f"- {{name: '{name}', run: 'cargo audit || true'}}",
        f"- {{name: '{name}', run: cargo audit}}",
    ):
        assert ask("verification-can-fail", {CI: job(step)}) == []
    called = job("- run: cargo audit || true", extra=f"name: '{name}'")
    assert ask("verification-can-fail", {CI: called}) == []


@pytest.mark.parametrize("name", ["Audit", "Advisories", "Test optional features", "Audit what blocks"])
def test_a_step_whose_name_says_nothing_of_the_kind_is_named(name: str) -> None:
    text = job(f"- {{name: '{name}', run: 'cargo audit || true'}}")
    assert places(ask("verification-can-fail", {CI: text})) == [(CI, 6)]


def test_a_report_of_tests_shows_no_lint() -> None:
    steps = "- {run: cargo clippy, continue-on-error: true}\n- uses: dorny/test-reporter@v1"
    assert [one.weight for one in ask("verification-can-fail", {CI: job(steps)})] == ["warning"]


@pytest.mark.parametrize(
    "later", ["cargo test -p b", "cargo clippy", "{run: cargo test, continue-on-error: true}"]
)
def test_a_masked_test_that_nothing_repeats_is_named(later: str) -> None:
    later = later if later.startswith("{") else f"run: {later}"
    found = ask("verification-can-fail", {CI: job(f"- run: cargo test -p a || true\n- {later}")})
    assert places(found)[0] == (CI, 6)


def test_what_a_pipe_loses_of_an_uploaded_file_is_a_note() -> None:
    steps = f"- run: docker save app | gzip > report.json\n{UPLOAD}"
    (found,) = ask("producer-can-fail", {CI: job(steps)})
    assert (found.weight, places([found])) == ("note", [(CI, 6)])


def test_what_tee_notes_down_of_a_command_that_fails_is_a_note() -> None:
    steps = f"- run: make-report | tee report.json\n{UPLOAD}"
    (found,) = ask("producer-can-fail", {CI: job(steps)})
    assert (found.weight, places([found])) == ("note", [(CI, 6)])


@pytest.mark.parametrize(
    "step",
    [
        "- run: 'set -o pipefail; make-report | tee report.json'",
        "- {run: make-report | tee report.json, shell: bash}",
        "- run: 'make-report | tee report.json; exit ${PIPESTATUS[0]}'",
        "- run: echo done | tee report.json",
        "- run: tee report.json < in.json",
    ],
)
def test_what_tee_notes_down_with_its_failure_is_fine(step: str) -> None:
    assert ask("producer-can-fail", {CI: job(f"{step}\n{UPLOAD}")}) == []


@pytest.mark.processes
@pytest.mark.parametrize(
    "step",
    [
        "- run: make-report | tee ./report.json || true",
        "- run: |\n    cd .\n    A=b make-report \\\n      --all \\\n      2>&1 | tee report.json || true",
    ],
)
def test_the_edit_of_a_masked_pipe_lets_the_step_fail(step: str, tmp_path: Path) -> None:
    text = job(f"{step}\n{UPLOAD}")
    (found,) = ask("producer-can-fail", {CI: text})
    (tmp_path / CI).parent.mkdir(parents=True)
    (tmp_path / CI).write_text(text, encoding="utf-8")
    for command in found.remedy.commands if found.remedy else ():
        subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True, capture_output=True)
    corrected = (tmp_path / CI).read_text(encoding="utf-8")
    assert "set -o pipefail" in corrected
    assert ask("producer-can-fail", {CI: corrected}) == []


def test_what_a_verification_prints_is_told_of_once() -> None:
    steps = f"- run: cargo clippy | tee report.json || true\n{UPLOAD}"
    assert ask("producer-can-fail", {CI: job(steps)}) == []
    assert places(ask("verification-can-fail", {CI: job(steps)})) == [(CI, 6)]


@pytest.mark.parametrize(
    "step",
    [
        "- run: make-report > report.json || true",
        "- {run: make-report > report.json, continue-on-error: true}",
        "- run: make-report | tee ./report.json || true",
    ],
)
def test_a_producer_whose_failure_is_lost_is_named(step: str) -> None:
    (found,) = ask("producer-can-fail", {CI: job(f"{step}\n{UPLOAD}")})
    assert (found.subject, places([found])) == ("ci.yml: build: report.json", [(CI, 6)])


def test_a_build_of_an_uploaded_program_that_may_fail_is_named() -> None:
    upload = UPLOAD.replace("report.json", "target/release/x")
    steps = f"- run: cargo build --release || true\n{upload}"
    assert places(ask("producer-can-fail", {CI: job(steps)})) == [(CI, 6)]


def test_a_job_whose_failure_is_ignored_still_stops_before_the_upload() -> None:
    text = job(f"- run: make-report > report.json\n{UPLOAD}", extra="continue-on-error: true")
    assert ask("producer-can-fail", {CI: text}) == []


@pytest.mark.parametrize(
    "step",
    [
        "- run: make-report > report.json",
        "- {run: make-report > report.json || true, if: always()}",
        "- run: make-other > other.json || true",
        "- run: '{ make; ls x || echo none; } > report.json'",
        "- run: rm report.json || true",
        "- run: make-report > report.json || echo none > report.json",
    ],
)
def test_a_producer_that_can_fail_or_collects_after_a_failure_is_fine(step: str) -> None:
    assert ask("producer-can-fail", {CI: job(f"{step}\n{UPLOAD}")}) == []


DEPLOY = """\
    on: push
    jobs:
      ship:
        runs-on: ubuntu-24.04
        environment: live
        steps:
          - uses: actions/checkout@v6
          - run: {}
    """


@pytest.mark.parametrize(
    "run",
    [
        "deploy/push.sh x || true",
        "python3 deploy/roll.py || true",
        "bash -n deploy/push.sh || true",
        "ci/smoke-test.sh || true",
        'curl -fsS "https://$HOST/health" || true',
        "cargo publish || true",
    ],
)
def test_a_deployment_or_a_look_at_it_whose_failure_is_lost_is_named(run: str) -> None:
    files = {"deploy/push.sh": "", "deploy/roll.py": "", CI: DEPLOY.format(run)}
    assert places(ask("verification-can-fail", files)) == [(CI, 8)]


@pytest.mark.parametrize(
    "run",
    [
        "deploy/push.sh x",
        "deploy/other.sh || true",
        'curl -fsS "https://$HOST/hook" || true',
        'curl -sS "https://$HOST/health" || true',
        "if ci/smoke.sh; then echo yes; fi",
    ],
)
def test_what_is_no_deployment_or_can_fail_is_left_alone(run: str) -> None:
    assert not ask("verification-can-fail", {"deploy/push.sh": "", CI: DEPLOY.format(run)})


@pytest.mark.parametrize(("more", "told"), [("", 1), ("if: always(), ", 0)])
def test_what_collects_after_any_ending_in_a_job_that_deploys_may_fail(more: str, told: int) -> None:
    step = f"- {{{more}continue-on-error: true, run: deploy/push.sh logs}}"
    text = DEPLOY.replace("- run: {}", "{}").format(step)
    assert len(ask("verification-can-fail", {"deploy/push.sh": "", CI: text})) == told


PACKS = """\
    on: push
    jobs:
      package:
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/checkout@v6
          - run: cargo build --release{}
          - run: ci/pack.sh{}
          - uses: actions/upload-artifact@v6
            with: {{name: app, path: dist/}}
    """
PACK = "mkdir -p dist\ncp target/release/app dist/\n"


@pytest.mark.parametrize(("build", "pack", "line"), [(" || true", "", 7), ("", " || true", 8)])
def test_what_a_script_packs_has_to_be_built_and_packed(build: str, pack: str, line: int) -> None:
    found = ask("producer-can-fail", {"ci/pack.sh": PACK, CI: PACKS.format(build, pack)})
    assert places(found) == [(CI, line)]


def test_a_build_that_nothing_is_taken_of_may_fail() -> None:
    files = {"ci/pack.sh": "mkdir -p dist\ncp LICENSE dist/\n", CI: PACKS.format(" || true", "")}
    assert not ask("producer-can-fail", files)


def test_who_cuts_an_output_off_is_not_told_to_let_the_pipe_fail() -> None:
    (cut,) = ask("verification-can-fail", {CI: job("- run: cargo test 2>&1 | head -100")})
    (kept,) = ask("verification-can-fail", {CI: job("- run: cargo test 2>&1 | tee log")})
    assert cut.remedy is not None
    assert kept.remedy is not None
    assert "shell: bash" not in cut.remedy.summary
    assert "shell: bash" in kept.remedy.summary


TO_DIST = "- run: |\n    {}\n" + "- uses: actions/upload-artifact@v6\n  with: {path: dist.txt}"
MAKES = "make_it > dist.txt"


@pytest.mark.parametrize(
    ("run", "line", "told"),
    [
        (f"set +e\n    {MAKES}\n    echo done", 8, "set +e"),
        (f"if ! {MAKES}; then echo '::warning::none'; fi", 7, "prints that it failed"),
    ],
)
def test_a_producer_whose_failure_the_script_passes_over_is_named(run: str, line: int, told: str) -> None:
    (found,) = ask("producer-can-fail", {CI: job(TO_DIST.replace("{}", run))})
    assert (places([found]), found.weight) == ([(CI, line)], "warning")
    assert told in found.message


def test_a_producer_in_a_shell_without_e_is_named() -> None:
    steps = TO_DIST.replace("{}", f"{MAKES}\n    echo done").replace("- run", "- shell: bash {0}\n  run")
    assert places(ask("producer-can-fail", {CI: job(steps)})) == [(CI, 8)]
    last = steps.replace("\n    echo done", "")
    assert ask("producer-can-fail", {CI: job(last)}) == []


@pytest.mark.parametrize(
    "run",
    [
        f"set +e\n    {MAKES}",
        f"set +e\n    {MAKES}\n    status=$?\n    exit $status",
        f"set +e\n    {MAKES}\n    set -e\n    test -s dist.txt",
        f"if ! {MAKES}; then echo '::error::none'; exit 1; fi",
        f"if ! {MAKES}; then echo none; cp old.txt dist.txt; fi",
    ],
)
def test_a_producer_whose_failure_is_looked_at_or_is_the_last_is_fine(run: str) -> None:
    assert ask("producer-can-fail", {CI: job(TO_DIST.replace("{}", run))}) == []


@pytest.mark.parametrize(
    ("step", "extra"),
    [
        ("- run: make-report > report.json || true", "name: Report (non-gating)"),
        ("# A report only: it must not fail the build.\n- run: make-report > report.json || true", ""),
        ("- run: make-report > report.json || true", "# A non-gating\n# report.\nname: Audit"),
        ("- name: Informational sizes\n  run: make-report > report.json || true", ""),
    ],
)
def test_a_report_that_says_that_it_gates_nothing_may_be_missing(step: str, extra: str) -> None:
    assert ask("producer-can-fail", {CI: job(f"{step}\n{UPLOAD}", extra=extra)}) == []


@pytest.mark.parametrize(
    ("step", "extra"),
    [
        ("# What the release needs.\n- run: make-report > report.json || true", "name: Report"),
        ("# Non-gating.\n- run: true\n- run: make-report > report.json || true", ""),
    ],
)
def test_a_comment_about_something_else_excuses_no_producer(step: str, extra: str) -> None:
    assert ask("producer-can-fail", {CI: job(f"{step}\n{UPLOAD}", extra=extra)})


PACKED = """\
    on: push
    jobs:
      a:
        runs-on: ubuntu-latest
        steps:
          - uses: actions/checkout@v6
          - {{run: cargo build --release{}}}
          - run: mkdir dist
          - {{{}run: {}}}
          - {{uses: softprops/action-gh-release@v2, with: {{files: '{}'}}}}
    """


@pytest.mark.parametrize(
    ("more", "run", "files"),
    [
        ("", "tar czf dist/app.tgz -C target/release app || true", "dist/app.tgz"),
        ("", "tar -C target/release -czf dist/app.tgz app || true", "dist/*.tgz"),
        ("continue-on-error: true, ", "tar czf dist/app.tgz -C target/release app", "dist/app.tgz"),
        ("", "zip -j app.zip target/release/app || true", "app.zip"),
        ("", "tar czf dist/app-$GITHUB_REF_NAME.tgz app || true", "dist/*.tgz"),
        ("", "cp target/release/app dist/ || true", "dist/*"),
        ("", "install -m 755 target/release/app dist/app || true", "dist/app"),
    ],
)
def test_a_packing_whose_failure_is_lost_is_named(more: str, run: str, files: str) -> None:
    (found,) = ask("producer-can-fail", {CI: PACKED.format("", more, run, files)})
    assert (places([found])[0], found.weight) == ((CI, 9), "warning")


@pytest.mark.parametrize(
    ("run", "files"),
    [
        ("tar czf dist/app.tgz -C target/release app", "dist/app.tgz"),
        ("tar czf dist/other.tgz -C target/release app || true", "dist/app.tgz"),
        ("tar xzf dist/app.tgz || true", "dist/app.tgz"),
        ("tar czf dist/app-$GITHUB_REF_NAME.tgz app || true", "dist/app.tgz"),
        ("cp CHANGES.md dist/ || true", "dist/*"),
        ("cp target/release/*.exe dist/ || true", "dist/*"),
        ("'cp target/release/app dist/ || true; cp target/release/app.exe dist/ || true'", "dist/*"),
        ("for f in a b; do cp target/release/app dist/ || true; done", "dist/*"),
        ("cp target/release/app dist/ || cp target/debug/app dist/", "dist/*"),
    ],
)
def test_a_packing_that_can_fail_or_one_of_several_is_fine(run: str, files: str) -> None:
    run = run if run.startswith("'") else f"'{run}'"
    assert ask("producer-can-fail", {CI: PACKED.format("", "", run, files)}) == []


def test_a_packing_under_the_names_of_several_lanes_is_named() -> None:
    run = "tar -C target -czf dist/${{ matrix.t }}.tgz app || true"
    text = PACKED.format("", "", "'{}'", "dist/*.tgz").replace("{}", run)
    text = text.replace("runs-on", "strategy: {matrix: {t: [a, b]}}\n        runs-on")
    assert places(ask("producer-can-fail", {CI: text})) == [(CI, 10)]


def test_a_failed_build_that_only_the_packing_shows_is_a_note() -> None:
    pack = "tar czf dist/app.tgz -C target/release app"
    (found,) = ask("producer-can-fail", {CI: PACKED.format(" || true", "", pack, "dist/app.tgz")})
    assert ([one.line for one in found.evidence], found.weight) == ([7, 9], "note")
    other = "tar czf dist/app.tgz README.md"
    assert ask("producer-can-fail", {CI: PACKED.format(" || true", "", other, "dist/app.tgz")}) == []


IN_ONE = """\
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - run: |
          {}
          {}
      - {{uses: actions/upload-artifact@v6, with: {{name: app, path: app.tgz}}}}
"""


@pytest.mark.parametrize(
    ("build", "pack"),
    [
        ("cargo build --release || true", "tar czf app.tgz -C target/release app"),
        ("cargo build --release || echo failed", "zip -j app.tgz target/release/app"),
        ("set +e; cargo build --release", "tar czf app.tgz target/release/app"),
        ("cargo build --release || true", "cd target/release && tar czf ../../app.tgz app"),
        ("cargo build --release || true", "aws s3 cp target/release/app s3://apps/"),
    ],
)
def test_a_failed_build_that_only_the_packing_in_its_own_step_shows_is_a_note(build: str, pack: str) -> None:
    (found,) = ask("producer-can-fail", {CI: IN_ONE.format(build, pack)})
    assert ([one.line for one in found.evidence], found.weight) == ([8, 9], "note")
    assert found.message.startswith("the step goes on to what takes target/ although that could not be made")


@pytest.mark.parametrize(
    ("build", "pack"),
    [
        ("cargo build --release", "tar czf app.tgz -C target/release app"),
        ("cargo build --release; true", "tar czf app.tgz -C target/release app"),
        ("cargo build || cargo build --release", "tar czf app.tgz -C target/release app"),
        ("cargo build --release || true", "tar czf app.tgz README.md"),
        ("tar czf app.tgz -C target/release app", "cargo build || true"),
        ("cargo build --release || code=$?", "tar czf app.tgz -C target/release app; exit $code"),
    ],
)
def test_a_build_that_can_fail_before_the_packing_in_its_own_step_is_fine(build: str, pack: str) -> None:
    assert ask("producer-can-fail", {CI: IN_ONE.format(build, pack)}) == []


@pytest.mark.parametrize(
    ("run", "line", "why"),
    [
        ('set +e\n    cargo test\n    echo "tests: $?"', 8, "set +e goes on"),
        ('set +e\n    cargo test\n    code=$?\n    echo "ended with $code"\n    date', 8, "set +e goes on"),
        (
            'set +e\n    cargo test\n    echo "ended with $?" >> "$GITHUB_STEP_SUMMARY"',
            8,
            "set +e goes on",
        ),
        ('cargo test && echo "all green"\n    date', 7, "left of `&&`"),
        ("cargo fmt --check && cargo clippy\n    cargo build", 7, "left of `&&`"),
        ("cargo test &&\n      echo green\n    date", 7, "left of `&&`"),
        ("cargo test -p a &\n    cargo test -p b &\n    wait\n    echo done", 7, "in the background"),
    ],
)
def test_a_failure_that_the_rules_of_bash_let_go_is_named(run: str, line: int, why: str) -> None:
    found = ask("verification-can-fail", {CI: job(f"- run: |\n    {run}")})
    assert places(found)[0] == (CI, line)
    assert why in found[0].message
    assert found[0].remedy is not None
    assert "`|| true`" not in found[0].remedy.summary


@pytest.mark.parametrize(
    "run",
    [
        "set +e\n    cargo test\n    code=$?\n    echo $code\n    exit $code",
        "set +e\n    cargo test\n    code=$?\n    set -e\n    ./report.sh $code",
        'set +e\n    cargo test\n    echo "code=$?" >> "$GITHUB_OUTPUT"',
        "set +e\n    cargo test\n    case $? in 0) ;; *) exit 1 ;; esac",
        "date\n    cargo test && echo green",
        "cargo test && echo green || exit 1\n    date",
        "cargo test && passed=1\n    ./report.sh $passed",
        "cargo test && touch passed\n    test -f passed",
        "(cd a && cargo test && echo green)\n    date",
        "if cargo test && true; then\n      echo green\n    else\n      exit 1\n    fi\n    date",
        "cargo check && cargo build\n    cargo test",
        'cargo test &\n    pid=$!\n    wait "$pid"\n    date',
        "cargo test &\n    cargo clippy &\n    wait -n\n    wait -n",
        "cargo run &\n    wait\n    date",
    ],
)
def test_a_failure_that_ends_the_script_or_is_asked_about_is_fine(run: str) -> None:
    assert ask("verification-can-fail", {CI: job(f"- run: |\n    {run}")}) == []


def test_tests_of_two_directories_are_not_the_same_tests() -> None:
    steps = "- uses: actions/checkout@v6\n- run: |\n    cd a && cargo test && cd ..\n    cd b && cargo test"
    crates = {f"{name}/Cargo.toml": f"[package]\nname = '{name}'\nversion = '1.0.0'\n" for name in "ab"}
    assert places(ask("verification-can-fail", {CI: job(steps), **crates})) == [(CI, 8)]
    again = steps.replace("cd b && cargo test", "cargo test")
    assert ask("verification-can-fail", {CI: job(again), **crates}) == []
