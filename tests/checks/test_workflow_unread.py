import pytest

from tests.checks.testing import CI, CRATE, answers, ask, job, places

WRITES = '- run: echo "digest=1" >> $GITHUB_OUTPUT'
EXPORTS = '- run: echo "IMAGE=app:1" >> $GITHUB_ENV'


def test_outputs_of_a_step_without_an_id_are_named_once_for_a_file() -> None:
    (found,) = ask("step-result-is-consumed", {CI: job(f"{WRITES}\n- run: make\n{WRITES}")})
    assert (found.subject, found.weight) == ("ci.yml: results", "note")
    assert [one.line for one in found.evidence] == [6, 8]
    assert "(it has no id)" in found.message


@pytest.mark.parametrize(
    "step",
    [
        "- id: versions\n  run: ./versions.py >> $GITHUB_OUTPUT",
        "- id: versions\n  shell: python\n  run: open(os.environ['GITHUB_OUTPUT'], 'a')",
        "- id: changes\n  uses: dorny/paths-filter@v3\n  with: {filters: x}",
        "- uses: tj-actions/changed-files@v45",
    ],
)
def test_a_step_that_only_has_outputs_which_nobody_reads_is_named(step: str) -> None:
    assert places(ask("step-result-is-consumed", {CI: job(step)})) == [(CI, 6)]


@pytest.mark.parametrize(
    "steps",
    [
        f"{WRITES}\n  id: meta\n- run: echo ${{{{ steps.meta.outputs.digest }}}}",
        f"{WRITES}\n  id: meta",  # ``output-is-read`` tells of outputs whose names are known
        "- id: all\n  run: ./x.py >> $GITHUB_OUTPUT\n- run: echo '${{ toJSON(steps) }}'",
        "- id: all\n  run: ./x.py >> $GITHUB_OUTPUT\n- run: x\n  if: steps.all.outcome == 'success'",
        "- id: c\n  uses: dorny/paths-filter@v3\n- run: x\n  if: steps.c.outputs.src == 'true'",
        "- uses: tj-actions/changed-files@v45\n  with: {write_output_files: true}",
        "- id: build\n  run: make",
        "- id: cache\n  uses: actions/cache@v4",
        "- run: 'echo \"see $GITHUB_OUTPUT\"'",
    ],
)
def test_a_step_whose_outputs_are_read_or_that_does_more_is_fine(steps: str) -> None:
    assert ask("step-result-is-consumed", {CI: job(steps)}) == []


@pytest.mark.parametrize(
    "later",
    [
        "",
        "- run: docker build -t app .",
        "- uses: docker/build-push-action@v6\n  with: {push: true, tags: app}",
        "- uses: actions/checkout@v4\n- run: |\n    tar czf app.tgz dist\n    gh release upload v1 app.tgz",
        "- uses: actions/checkout@v4\n- run: bash ci/pack.sh",
    ],
)
def test_a_variable_that_nothing_later_in_the_job_can_read_is_a_note(later: str) -> None:
    files = {CI: job(f"- run: make\n{EXPORTS}\n{later}"), "ci/pack.sh": "set -e\ntar czf app.tgz dist\n"}
    (found,) = ask("exported-variable-is-read", files)
    assert (found.subject, places([found]), found.weight) == ("ci.yml: GITHUB_ENV", [(CI, 7)], "note")
    assert "'IMAGE' of the job 'build'" in found.message


def test_all_unread_variables_of_a_file_are_one_finding() -> None:
    steps = "- run: |\n    echo A1=x >> $GITHUB_ENV\n    echo B1=x >> $GITHUB_ENV"
    (found,) = ask("exported-variable-is-read", {CI: job(steps)})
    assert [one.line for one in found.evidence] == [7, 8]


@pytest.mark.parametrize(
    "later",
    [
        "- run: docker build -t $IMAGE .",
        "- run: docker build -t ${IMAGE} .",
        "- run: docker build -t ${{ env.IMAGE }} .",
        "- run: echo %IMAGE%\n  shell: cmd",
        "- run: echo $env:IMAGE\n  shell: pwsh",
        "- run: cargo build",
        "- run: make image",
        "- uses: someone/deploys@v1",
        "- uses: ./.github/actions/deploy",
        "- uses: actions/checkout@v4\n- run: bash ci/uses.sh",
        "- run: ./deploy.py",
        "- run: env",
        "- run: docker compose up",
        "- run: x\n  shell: python",
        "- uses: actions/checkout@v4\n- run: bash ci/builds.sh",
    ],
)
def test_a_variable_that_something_later_reads_or_may_read_is_fine(later: str) -> None:
    files = {
        "Cargo.toml": CRATE,
        CI: job(f"{EXPORTS}\n{later}"),
        "ci/uses.sh": "docker push $IMAGE\n",
        "ci/builds.sh": "cargo build\n",
    }
    assert ask("exported-variable-is-read", files) == []


@pytest.mark.parametrize(
    "name", ["RUSTFLAGS", "CARGO_TERM_COLOR", "AWS_REGION", "PATH", "GH_TOKEN", "DOCKER_HOST", "https_proxy"]
)
def test_a_variable_that_tools_read_by_themselves_is_fine(name: str) -> None:
    assert ask("exported-variable-is-read", {CI: job(f"- run: echo {name}=x >> $GITHUB_ENV")}) == []


def test_a_variable_that_another_file_names_may_be_read_there() -> None:
    files = {CI: job(EXPORTS), "compose.yml": "services:\n  app:\n    image: $IMAGE\n"}
    assert [one.verdict for one in answers("exported-variable-is-read", files)] == ["holds"]


def test_a_variable_that_only_another_job_reads_reaches_nobody() -> None:
    text = job(EXPORTS) + "  ship:\n    runs-on: ubuntu-latest\n    steps: [{run: docker push $IMAGE}]\n"
    assert places(ask("exported-variable-is-read", {CI: text})) == [(CI, 6)]


def test_an_output_of_the_job_reads_a_variable() -> None:
    text = job(EXPORTS, extra="outputs: {image: '${{ env.IMAGE }}'}")
    assert ask("exported-variable-is-read", {CI: text}) == []
