import textwrap

import pytest

from tests.checks.testing import CI, answers, ask, job, places

RELEASE = "uses: softprops/action-gh-release@v2\n  with: {files: app.tar.gz}"


@pytest.mark.parametrize(
    "step",
    [
        f"- {RELEASE}\n  continue-on-error: true",
        "- uses: docker/build-push-action@v6\n  with: {push: true}\n  continue-on-error: true",
        "- run: |\n    gh release upload v1 app.tar.gz || true",
        "- run: |\n    aws s3 cp app.tar.gz s3://releases/app.tar.gz || echo failed",
        "- run: |\n    set +e\n    docker push acme/app:1\n    echo pushed",
        "- run: kubectl apply -f app.yaml\n  continue-on-error: true",
    ],
)
def test_a_publication_whose_failure_is_lost_is_named(step: str) -> None:
    (found,) = ask("upload-can-fail", {CI: job(step)})
    assert (found.weight, found.evidence[0].file) == ("warning", CI)
    assert "stays green" in found.message


@pytest.mark.parametrize(
    "step",
    [
        f"- {RELEASE}",
        f"- {RELEASE}\n  continue-on-error: ${{{{ matrix.experimental }}}}",
        (
            f"- {RELEASE}\n  id: up\n  continue-on-error: true\n"
            "- run: exit 1\n  if: steps.up.outcome == 'failure'"
        ),
        f"- {RELEASE}\n  if: failure()\n  continue-on-error: true",
        "- uses: docker/build-push-action@v6\n  with: {push: false}\n  continue-on-error: true",
        "- run: gh release create v1 || true",
        "- run: gh release create v1 app || gh release upload v1 app",
        "- run: aws s3 cp s3://cache/app.tar.gz . || true",
        "- run: docker push acme/buildcache:1 || true",
        "- run: gh release delete v1 || true",
    ],
)
def test_a_publication_that_can_fail_or_is_asked_about_or_is_none_is_fine(step: str) -> None:
    assert ask("upload-can-fail", {CI: job(step)}) == []


def test_a_job_that_publishes_and_counts_as_passed_in_any_case_is_named() -> None:
    text = job(f"- {RELEASE}", extra="continue-on-error: true")
    (found,) = ask("upload-can-fail", {CI: text})
    assert (places([found]), found.weight) == ([(CI, 5)], "warning")
    said = job(f"- {RELEASE}", extra="# The registry is often down.\ncontinue-on-error: true")
    assert [one.weight for one in ask("upload-can-fail", {CI: said})] == ["note"]
    lane = job(f"- {RELEASE}", extra="continue-on-error: ${{ matrix.experimental }}")
    assert ask("upload-can-fail", {CI: lane}) == []


HANDED = """
    on: push
    jobs:
      package:
        runs-on: ubuntu-latest
        JOB
        steps:
          - run: make
          - uses: actions/upload-artifact@v4
            UPLOAD
            with:
              name: app
              path: dist
              FILES
      release:
        needs: package
        runs-on: ubuntu-latest
        steps:
          - uses: actions/download-artifact@v4
            with: {TAKEN}
          - uses: softprops/action-gh-release@v2
    """


def handed(*, job_: str = "", upload: str = "", files: str = "", taken: str = "path: dist") -> str:
    made = HANDED.replace("        JOB\n", f"        {job_}\n" if job_ else "")
    made = made.replace("            UPLOAD\n", f"            {upload}\n" if upload else "")
    made = made.replace("              FILES\n", f"              {files}\n" if files else "")
    return made.replace("TAKEN", taken)


@pytest.mark.parametrize(
    ("text", "line", "weight"),
    [
        (handed(job_="continue-on-error: true"), 6, "warning"),
        (handed(job_="continue-on-error: true", taken="pattern: a*"), 6, "warning"),
        (handed(job_="continue-on-error: true", taken="name: app"), 6, "note"),
        (handed(upload="continue-on-error: true"), 9, "warning"),
        (handed(files="if-no-files-found: ignore"), 12, "note"),
        (handed(upload="continue-on-error: true", taken="name: other"), 9, "note"),
        (handed(upload="continue-on-error: true", taken="pattern: x-*"), 9, "note"),
        (handed(upload="continue-on-error: true", taken="name: app, run-id: 7"), 9, "note"),
        (handed(files="if-no-files-found: warn", taken="name: app"), 12, "note"),
    ],
)
def test_a_package_that_may_quietly_be_missing_where_it_is_taken_is_named(
    text: str, line: int, weight: str
) -> None:
    (found,) = ask("upload-can-fail", {CI: text})
    assert (found.subject, places([found]), found.weight) == (
        "ci.yml: package: app",
        [(CI, line)],
        weight,
    )
    assert " go on without" not in found.message
    assert ("'release'" in found.message) is ("the job stays green" not in found.message)


@pytest.mark.parametrize(
    "text",
    [
        handed(),
        handed(files="if-no-files-found: error"),
        handed(job_="continue-on-error: ${{ matrix.experimental }}"),
        handed(files="if-no-files-found: ignore", upload="if: always()"),
        handed(files="if-no-files-found: ignore").replace("needs: package", "needs: []"),
        handed(upload="# It is often full.\n            continue-on-error: true", taken="name: other"),
        handed(upload="if: always()\n            continue-on-error: true", taken="name: other"),
    ],
)
def test_a_package_that_nobody_takes_or_whose_absence_ends_the_run_is_fine(text: str) -> None:
    assert ask("upload-can-fail", {CI: text}) == []


QUIET = handed(files="if-no-files-found: warn", taken="name: app").replace(
    "- run: make", "- uses: actions/checkout@v4\n          - run: make"
)


@pytest.mark.parametrize(
    "run",
    [
        "make && cp target/app dist",
        "aws s3 cp s3://b/app dist/app",
        "curl -fsSL -o dist/app https://example.org/app",
        "tar -czf dist/app.tgz app",
        "if [ -z $X ]; then exit 1; else mv app dist/; fi",
        "make > dist/log",
    ],
)
def test_an_upload_of_what_a_step_surely_wrote_needs_no_setting(run: str) -> None:
    assert ask("upload-can-fail", {CI: QUIET.replace("run: make", f"run: {run}")}) == []


@pytest.mark.parametrize(
    "run",
    [
        "cp target/app dist || true",
        "if [ -n $X ]; then mv app dist/; fi",
        "cp target/app elsewhere",
        "for x in *.rs; do cp $x dist/; done",
        "cp dist/app target",
        "cp app dist\n            continue-on-error: true",
        "cp app dist\n            if: runner.os == 'Linux'",
    ],
)
def test_an_upload_of_what_may_not_have_been_written_is_named(run: str) -> None:
    (found,) = ask("upload-can-fail", {CI: QUIET.replace("run: make", f"run: {run}")})
    assert "where nothing was made" in found.message


def test_an_upload_that_can_fail_is_said_to_hold() -> None:
    assert "ci.yml: package: app" in [one.subject for one in answers("upload-can-fail", {CI: handed()})]


def test_uploads_of_one_choice_for_one_job_are_one_finding() -> None:
    text = handed(files="if-no-files-found: ignore")
    second = text.partition("          - run: make\n")[2].partition("      release:")[0]
    twice = text.replace("      release:", second.replace("name: app", "name: more") + "      release:")
    (found,) = ask("upload-can-fail", {CI: twice})
    assert found.subject == "ci.yml: package: app"
    assert [one.line for one in found.evidence] == [12, 10, 17, 15]
    other = twice.replace("if-no-files-found: ignore", "if-no-files-found: warn", 1)
    assert len(ask("upload-can-fail", {CI: other})) == 2


def test_an_upload_of_which_a_comment_says_that_there_may_be_no_file_is_fine() -> None:
    text = handed(files="# ignore = tolerate none\n              if-no-files-found: ignore")
    assert ask("upload-can-fail", {CI: text}) == []
    assert ask("upload-can-fail", {CI: text.replace("ignore = tolerate none", "for the release")})


def test_of_two_jobs_that_go_on_without_a_package_both_are_said_to() -> None:
    more = "  notes:\n    needs: package\n    runs-on: ubuntu-latest\n    steps:\n"
    more += "      - uses: actions/download-artifact@v4\n        with: {path: dist}\n"
    more += "      - uses: softprops/action-gh-release@v2\n"
    text = textwrap.dedent(handed(upload="continue-on-error: true"))
    (found,) = ask("upload-can-fail", {CI: text + more})
    assert found.message.endswith("'release' and 'notes' go on without it")
