import pytest

from tests.checks.testing import CI, ask, places


def ci(id_: str, *steps: str) -> dict[str, str]:
    body = "".join(f"      - {step}\n" for step in steps)
    return {CI: f"on: push\njobs:\n  {id_}:\n    runs-on: ubuntu-latest\n    steps:\n{body}"}


def test_a_job_that_only_waits_for_health_is_named_with_its_lines() -> None:
    files = ci(
        "verify-deployment",
        "uses: actions/checkout@v4",
        "{name: Wait for health, run: 'for i in {1..30}; do echo $i; sleep 10; done'}",
        "run: echo done",
    )
    (found,) = ask("verification-verifies", files)
    assert found.subject == "ci.yml: verify-deployment"
    assert [one.line for one in found.evidence] == [7, 8]


@pytest.mark.parametrize("name", ["Trigger deployment", "Smoke test", "Health check"])
def test_a_step_that_only_prints_is_named(name: str) -> None:
    found = ask("verification-verifies", ci("build", "run: make", f"{{name: {name}, run: echo fine}}"))
    assert (places(found), found[0].subject) == ([(CI, 7)], f"ci.yml: build: {name}")


@pytest.mark.parametrize(
    "steps",
    [
        ("{name: Verify, run: curl --fail https://x/health}",),
        ("{name: Verify, run: 'sleep 5; ./check.sh'}",),
        ("{name: Verify, run: 'if [ -z \"$X\" ]; then echo no; exit 1; fi'}",),
        ("{name: Verify, run: 'echo url=x >> $GITHUB_OUTPUT'}",),
        ("{name: Verify, run: $CHECK}",),
        ("{name: Log the deployment, run: echo done}", "run: ./deploy.sh"),
        ("{name: Deploy, uses: o/deploys@v1}", "run: echo done"),
        ("{name: Verify, run: Write-Host fine, shell: pwsh}",),
        ("{name: Validate the configuration, run: 'echo {} > config.json'}",),
        ("{name: Wait for crates.io, run: sleep 30}", "run: cargo publish -p b"),
    ],
)
def test_a_step_that_does_something_or_only_reports_is_fine(steps: tuple[str, ...]) -> None:
    assert ask("verification-verifies", ci("deploy", *steps)) == []


def test_a_job_that_says_nothing_of_deploying_may_print() -> None:
    assert ask("verification-verifies", ci("summary", "run: echo done")) == []


def test_values_that_are_printed_only_are_one_note() -> None:
    files = ci("build", "run: make", "{name: Validate release version, run: echo $V}")
    again = ci("other", "run: make", "{name: Validate release version, run: echo $V}")[CI]
    (found,) = ask("verification-verifies", {**files, ".github/workflows/two.yml": again})
    assert (found.weight, len(found.evidence)) == ("note", 2)
    assert found.remedy is not None
    assert "Compare" in found.remedy.summary


def test_who_is_said_to_deploy_is_told_to_do_it() -> None:
    (found,) = ask("verification-verifies", ci("x", "run: make", "{name: Trigger deployment, run: echo}"))
    assert found.remedy is not None
    assert "do what its name says" in found.remedy.summary


def test_a_wait_that_nothing_follows_is_named() -> None:
    found = ask("verification-verifies", ci("ship", "run: ./up.sh", "{name: Wait for it, run: sleep 60}"))
    assert places(found) == [(CI, 7)]


def test_a_wait_for_a_job_that_comes_after_is_fine() -> None:
    files = ci("ship", "run: ./up.sh", "{name: Wait for it, run: sleep 60}")
    files[CI] += "  smoke:\n    needs: ship\n    runs-on: ubuntu-latest\n    steps: [{run: curl -f x}]\n"
    assert ask("verification-verifies", files) == []


def test_a_job_that_stands_for_all_that_it_needs_may_print() -> None:
    files = ci("verify", "run: echo All checks passed")
    gate = files[CI].replace("  verify:\n", "  verify:\n    name: verify all tests pass\n    needs: [a, b]\n")
    assert ask("verification-verifies", {CI: gate}) == []
    assert ask("verification-verifies", {CI: gate.replace("needs: [a, b]", "timeout-minutes: 5")}) != []


def test_a_job_that_only_writes_into_its_summary_that_all_is_well_is_named() -> None:
    for run in (
        "echo verified >> $GITHUB_STEP_SUMMARY",
        'sleep 30; echo ok | tee -a \\"$GITHUB_STEP_SUMMARY\\"',
    ):
        (found,) = ask("verification-verifies", ci("verify", f'run: "{run}"'))
        assert (places([found]), found.subject) == ([(CI, 6)], "ci.yml: verify")


def test_a_summary_of_what_happened_is_no_verification() -> None:
    for id_, run in (
        ("deployment-summary", "echo done >> $GITHUB_STEP_SUMMARY"),
        ("verify", "echo ${{ needs.build.result }} >> $GITHUB_STEP_SUMMARY"),
        ("verify", "cat report.md >> $GITHUB_STEP_SUMMARY"),
        ("publish", "echo done >> $GITHUB_STEP_SUMMARY"),
        ("verify", "echo x=1 >> $GITHUB_OUTPUT; echo done >> $GITHUB_STEP_SUMMARY"),
    ):
        assert ask("verification-verifies", ci(id_, f"run: '{run}'")) == []


def test_a_script_and_a_program_that_only_print_and_sleep_verify_nothing() -> None:
    files = ci("verify", "uses: actions/checkout@v6", "run: ci/verify.sh") | {
        "ci/verify.sh": "#!/bin/sh\necho verifying\nsleep 5\n"
    }
    assert places(ask("verification-verifies", files)) == [(CI, 7)]
    real = files | {"ci/verify.sh": "#!/bin/sh\necho verifying\ncurl --fail https://x.example/\n"}
    assert ask("verification-verifies", real) == []
    text = "{shell: python, run: \"import time\\ntime.sleep(5)\\nprint('healthy')\\n\"}"
    assert places(ask("verification-verifies", ci("health-check", text))) == [(CI, 6)]
    asks = text.replace("print('healthy')", "print(fetch('https://x.example/health'))")
    assert ask("verification-verifies", ci("health-check", asks)) == []


def test_a_job_that_announces_what_the_jobs_before_it_did_may_print() -> None:
    for id_, run in (
        ("deployment-announcement", 'echo Deployed >> "$GITHUB_STEP_SUMMARY"'),
        ("announce-deployment", "echo ::notice::production has been deployed"),
    ):
        files = ci(id_, f"run: '{run}'")
        behind = files[CI].replace(f"  {id_}:\n", f"  {id_}:\n    needs: production\n")
        assert ask("verification-verifies", {CI: behind}) == []
    named = behind.replace("announce-deployment", "verify-deployment")
    assert places(ask("verification-verifies", {CI: named})) == [(CI, 7)]


def test_a_job_that_waits_until_a_service_is_healthy_asks_it() -> None:
    files = ci("wait-until-healthy", "run: sleep 45", "run: echo healthy")
    (found,) = ask("verification-verifies", files)
    assert [one.line for one in found.evidence] == [6, 7]
    asks = ci("wait-until-healthy", "run: sleep 45", "run: curl --fail https://x.example/health")
    assert ask("verification-verifies", asks) == []
