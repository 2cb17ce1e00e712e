import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, ask, job, places

OTHER = ".github/workflows/other.yml"
DEPLOY = "environment: production"


def grouped(group: str, steps: str = "- run: x", cancel: str = "true") -> str:
    return f"concurrency: {{group: '{group}', cancel-in-progress: {cancel}}}\n{job(steps)}"


def test_a_deployment_without_group_is_named() -> None:
    assert places(ask("deployments-wait-for-each-other", {CI: job("- run: x", extra=DEPLOY)})) == [(CI, 3)]


@pytest.mark.parametrize(
    ("steps", "environment"),
    [
        ("- run: kubectl apply -f k8s", "acme"),
        ("- run: x", "{name: acme, url: 'https://acme.example'}"),
        ("- run: x", "eu-prod"),
        ("- uses: o/deploy-it@v1", "acme"),
    ],
)
def test_a_job_deploys_that_says_so_or_whose_environment_is_a_place(steps: str, environment: str) -> None:
    text = job(steps, extra=f"environment: {environment}")
    assert places(ask("deployments-wait-for-each-other", {CI: text})) == [(CI, 3)]


def test_infrastructure_that_is_changed_without_group_is_named() -> None:
    text = job("- run: terraform -chdir=infra apply -auto-approve")
    assert places(ask("deployments-wait-for-each-other", {CI: text})) == [(CI, 3)]


@pytest.mark.parametrize(("timeout", "lines"), [("1h", []), ("0s", [3])])
def test_terraform_that_waits_for_the_lock_of_the_state_needs_no_group(
    timeout: str, lines: list[int]
) -> None:
    text = job(f"- run: terraform apply -auto-approve -lock-timeout={timeout}")
    assert [line for _, line in places(ask("deployments-wait-for-each-other", {CI: text}))] == lines
    with_both = job(f"- run: terraform destroy\n- run: terraform apply -lock-timeout={timeout}")
    assert len(ask("deployments-wait-for-each-other", {CI: with_both})) == 1


def test_deployments_with_a_group_and_jobs_that_deploy_nothing_are_fine() -> None:
    for text in (
        job("- run: x", extra=f"{DEPLOY}\nconcurrency: x"),
        f"concurrency: x\n{job('- run: x', extra=DEPLOY)}",
        job("- run: terraform plan"),
        job("- run: x", extra="environment: github-pages"),
        job("- run: x", on="workflow_call", extra=DEPLOY),
        job("- run: cargo publish", extra="environment: publish"),
        job("- run: echo approved", extra="environment: {name: release-gate, deployment: true}"),
        job("- run: ./deploy.sh", extra="environment: {name: dev, deployment: false}"),
    ):
        assert ask("deployments-wait-for-each-other", {CI: text}) == []


def test_a_job_that_only_builds_has_its_environment_for_a_secret() -> None:
    steps = "- uses: actions/checkout@v4\n- run: sed -i s/a/b/ Cargo.toml\n- run: cargo build -p node\n"
    told = "- {uses: act10ns/slack@v2, if: failure(), env: {URL: x}}"
    text = job(steps + told, extra=DEPLOY)
    assert ask("deployments-wait-for-each-other", {CI: text}) == []
    pushed = job(f"{steps}- run: ./push.sh", extra=DEPLOY)
    assert places(ask("deployments-wait-for-each-other", {CI: pushed})) == [(CI, 3)]


@pytest.mark.parametrize(
    "steps",
    [
        "- uses: docker/login-action@v4\n- uses: docker/build-push-action@v7",
        "- uses: docker/login-action@v4\n- run: make cross-images",
        "- run: docker build -t a . && docker push a",
        "- run: echo V=$(git rev-parse HEAD | tr a b) >> $GITHUB_ENV\n- uses: docker/build-push-action@v7",
        "- uses: hashicorp/setup-terraform@v3\n- run: terraform init && terraform plan -out=p",
        "- run: gh api repos/o/r/dispatches --method POST",
        "- uses: peter-evans/repository-dispatch@v4",
    ],
)
def test_a_job_that_publishes_plans_or_asks_others_has_its_environment_for_a_secret(steps: str) -> None:
    assert ask("deployments-wait-for-each-other", {CI: job(steps, extra=DEPLOY)}) == []


def test_the_name_of_a_secret_and_tidying_up_are_no_deployments() -> None:
    for text in (
        job("- run: ./x\n  env: {T: '${{ secrets.META_DEPLOY_TOKEN }}'}", extra="environment: binaries"),
        job("- run: ./x", extra="name: Delete old machines\nenvironment: dev"),
    ):
        assert ask("deployments-wait-for-each-other", {CI: text}) == []


def test_the_address_of_a_registry_is_no_place_where_something_runs() -> None:
    extra = "environment: {name: Images, url: 'https://hub.docker.com/u/acme'}"
    assert ask("deployments-wait-for-each-other", {CI: job("- run: ./prune.sh", extra=extra)}) == []


def test_all_jobs_that_one_setting_ends_are_one_finding() -> None:
    text = grouped("x").replace(
        "jobs:\n", "jobs:\n  other: {runs-on: x, environment: qa, steps: [{run: ./d}]}\n"
    )
    text = text.replace("    steps:", "    environment: production\n    steps:")
    (found,) = ask("deployment-is-not-cancelled", {CI: text})
    assert [one.line for one in found.evidence] == [1, 4, 5]


@pytest.mark.parametrize(
    ("group", "extra"),
    [
        ("${{ github.workflow }}-${{ github.sha }}", DEPLOY),
        ("${{ github.head_ref || github.run_id }}", DEPLOY),
        ("${{ github.ref }}", f"{DEPLOY}\nif: startsWith(github.ref, 'refs/tags/')"),
        ("${{ github.ref }}", "environment: app-preview"),
        ("${{ github.ref }}", f"{DEPLOY}\nif: github.event_name == 'pull_request'"),
    ],
)
def test_a_run_that_no_newer_one_ends_or_that_may_be_replaced_is_fine(group: str, extra: str) -> None:
    head = f"concurrency: {{group: '{group}', cancel-in-progress: true}}\n"
    assert ask("deployment-is-not-cancelled", {CI: head + job("- run: ./x", extra=extra)}) == []


def test_a_group_of_the_branch_ends_runs_although_it_would_fall_back_to_the_run() -> None:
    group = "${{ github.head_ref || github.ref || github.run_id }}"
    both = f"{DEPLOY}\nif: github.event_name == 'push' || github.event_name == 'pull_request'"
    for extra in (DEPLOY, both):
        head = f"concurrency: {{group: '{group}', cancel-in-progress: true}}\n"
        text = head + job("- run: ./x", extra=extra)
        assert places(ask("deployment-is-not-cancelled", {CI: text})) == [(CI, 1)]


def test_a_place_that_shows_a_whole_deployment_or_none_is_fine() -> None:
    head = "concurrency: {group: x, cancel-in-progress: true}\n"
    text = head + job("- run: npx wrangler@latest pages deploy dist", extra=DEPLOY)
    assert ask("deployment-is-not-cancelled", {CI: text}) == []


def test_a_deployment_that_a_newer_run_ends_is_named() -> None:
    text = job("- run: x", extra=f"{DEPLOY}\nconcurrency:\n  group: x\n  cancel-in-progress: true")
    assert places(ask("deployment-is-not-cancelled", {CI: text})) == [(CI, 8)]


def test_a_deployment_that_is_never_ended_and_a_build_that_is_are_fine() -> None:
    deployment = job("- run: x", extra=f"{DEPLOY}\nconcurrency: {{group: x, cancel-in-progress: false}}")
    secret = "environment: {name: dev, deployment: false}\nconcurrency: {group: x, cancel-in-progress: true}"
    for text in (deployment, grouped("x"), job("- run: just test", extra=secret)):
        assert ask("deployment-is-not-cancelled", {CI: text}) == []


def test_two_workflows_with_one_group_end_each_other() -> None:
    files = {CI: grouped("${{ github.ref }}"), OTHER: grouped("${{github.ref}}", cancel="false")}
    (found,) = ask("concurrency-group-is-own", files)
    assert places([found]) == [(CI, 1)]
    assert found.evidence[1].file == OTHER


def test_groups_with_the_workflows_name_or_that_end_nothing_are_fine() -> None:
    named = "${{ github.workflow }}-${{ github.ref }}"
    for one, other in ((grouped(named), grouped(named)), (grouped("a"), grouped("b"))):
        assert ask("concurrency-group-is-own", {CI: one, OTHER: other}) == []
    waits = grouped("deploy", cancel="false")
    assert ask("concurrency-group-is-own", {CI: waits, OTHER: waits}) == []


def test_one_cancelling_group_for_all_pull_requests_is_named_at_its_group() -> None:
    for cancel in ("true", "${{ github.event_name == 'pull_request' }}"):
        head = f"concurrency:\n  cancel-in-progress: {cancel}\n  group: all\n"
        (found,) = ask("concurrency-keeps-branches-apart", {CI: head + job("- run: make", on="pull_request")})
        assert places([found]) == [(CI, 3)]


def test_a_group_of_each_branch_or_one_that_lets_all_wait_keeps_them_apart() -> None:
    for group, more in (
        ("ci-${{ github.ref }}", "cancel-in-progress: true"),
        ("ci-${{ github.ref }}", "cancel-in-progress: false"),
        ("all", "queue: max"),
    ):
        head = f"concurrency:\n  group: {group}\n  {more}\n"
        assert (
            ask("concurrency-keeps-branches-apart", {CI: head + job("- run: make", on="pull_request")}) == []
        )
    head = "concurrency:\n  group: all\n  cancel-in-progress: true\n"
    assert ask("concurrency-keeps-branches-apart", {CI: head + job("- run: make", on="push")}) == []


def test_of_pull_requests_that_wait_in_one_group_only_the_newest_is_kept() -> None:
    head = "concurrency:\n  group: pages\n  cancel-in-progress: false\n"
    (found,) = ask("concurrency-keeps-branches-apart", {CI: head + job("- run: make", on="pull_request")})
    assert (places([found]), found.weight) == ([(CI, 2)], Weight.NOTE)
    assert ask("concurrency-keeps-branches-apart", {CI: head + job("- run: make", on="push")}) == []
    text = head + job("- run: make", on="pull_request")
    (found,) = ask("concurrency-keeps-branches-apart", {CI: text, OTHER: text})
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 2), (OTHER, 2)]


def test_a_group_that_ends_runs_of_pull_requests_only_is_shared_all_the_same() -> None:
    ends = "${{ github.event_name == 'pull_request' }}"
    head = f"concurrency:\n  group: build-${{{{ github.ref }}}}\n  cancel-in-progress: {ends}\n"
    one = head + job("- run: make", on="[push, pull_request]")
    assert places(ask("concurrency-group-is-own", {CI: one, OTHER: one})) == [(CI, 2)]
    pushed = head + job("- run: make", on="push")
    assert ask("concurrency-group-is-own", {CI: one, OTHER: pushed}) == []


def test_two_workflows_of_one_name_share_the_group_of_that_name() -> None:
    head = "concurrency:\n  group: ${{ github.workflow }}-${{ github.ref }}\n  cancel-in-progress: true\n"
    one = "name: CI\n" + head + job("- run: make", on="[push, pull_request]")
    (found,) = ask("concurrency-group-is-own", {CI: one, OTHER: one})
    assert (places([found]), "name 'CI'" in found.message) == ([(CI, 3)], True)
    nightly = "name: CI\n" + head + job("- run: make", on="{schedule: [{cron: '0 5 * * *'}]}")
    assert ask("concurrency-group-is-own", {CI: one, OTHER: nightly}) == []
    assert ask("concurrency-group-is-own", {CI: one, OTHER: one.replace("name: CI", "name: Docs")}) == []


def test_workflows_for_other_tags_never_meet_in_a_group_by_ref() -> None:
    head = "concurrency:\n  group: release-${{ github.ref }}\n  cancel-in-progress: true\n"
    one = head + job("- run: make", on="{push: {tags: ['prover-v*']}, workflow_dispatch: }")
    other = head + job("- run: make", on="{push: {tags: ['simplex-v*']}}")
    assert ask("concurrency-group-is-own", {CI: one, OTHER: other}) == []
    same = other.replace("simplex", "prover")
    assert len(ask("concurrency-group-is-own", {CI: one, OTHER: same})) == 1


def test_only_where_every_job_deploys_the_workflows_setting_is_edited() -> None:
    head = "concurrency:\n  group: x\n  cancel-in-progress: true\n"
    text = head + job("- run: ./x", extra=DEPLOY)
    (found,) = ask("deployment-is-not-cancelled", {CI: text})
    assert found.remedy is not None
    assert found.remedy.commands == (
        f"sed -i 's/cancel-in-progress: true/cancel-in-progress: false/w /dev/stdout' {CI} | grep .",
    )
    other = "  test:\n    runs-on: ubuntu-latest\n    steps: [{run: cargo test}]\n"
    (found,) = ask("deployment-is-not-cancelled", {CI: text + other})
    assert found.remedy is not None
    assert found.remedy.commands == ()


def test_what_a_job_deploys_to_a_container_beside_it_no_other_run_shares() -> None:
    cloud = "services: {cloud: {image: 'localstack/localstack:3', ports: ['4566:4566']}}"
    steps = "- run: terraform apply -auto-approve"
    assert ask("deployments-wait-for-each-other", {CI: job(steps, extra=cloud)}) == []
    assert (
        ask("deployments-wait-for-each-other", {CI: job("- run: x --deploy", extra="environment: local")})
        == []
    )
    real = f"- uses: aws-actions/configure-aws-credentials@v4\n{steps}"
    assert len(ask("deployments-wait-for-each-other", {CI: job(real, extra=cloud)})) == 1
    base = cloud.replace("localstack/localstack:3", "postgres:17")
    assert len(ask("deployments-wait-for-each-other", {CI: job(steps, extra=base)})) == 1


CALLS = "on: {}\n{}jobs:\n  roll:\n    uses: ./.github/workflows/ci.yml\n    with: {{to: production}}\n{}"
TAKES = "{workflow_call: {inputs: {to: {type: string}}}}"


def called(where: str = "${{ inputs.to }}", name: str = "Deploy", on: str = TAKES) -> str:
    text = job("- run: kubectl apply -f k8s", on=on, extra=f"name: {name}\nenvironment: {where}")
    return text.replace("  build:", "  apply:")


def test_a_called_deployment_is_named_where_no_caller_has_a_group() -> None:
    for where in ("production", "${{ inputs.to }}"):
        files = {CI: called(where), OTHER: CALLS.format("push", "", "")}
        (found,) = ask("deployments-wait-for-each-other", files)
        assert [(one.file, one.line) for one in found.evidence] == [(CI, 3), (OTHER, 3)]


def test_a_called_deployment_is_fine_where_it_or_each_caller_has_a_group_or_others_call_it() -> None:
    for files in (
        {CI: called(), OTHER: CALLS.format("push", "concurrency: x\n", "")},
        {CI: called(), OTHER: CALLS.format("push", "", "    concurrency: x\n")},
        {CI: called("production\n    concurrency: x"), OTHER: CALLS.format("push", "", "")},
        {CI: called(), OTHER: CALLS.format("workflow_call", "", "")},
        {CI: called(), OTHER: CALLS.format("push", "", "").replace("production", "${{ vars.TO }}")},
    ):
        assert ask("deployments-wait-for-each-other", files) == []


def test_a_called_job_that_only_has_the_environment_of_a_deployment_is_none() -> None:
    for name in ("Build", "Health check", "Approval"):
        files = {CI: called(name=name), OTHER: CALLS.format("push", "", "")}
        assert ask("deployments-wait-for-each-other", files) == []
    files = {CI: called("nix-cache"), OTHER: CALLS.format("push", "", "")}
    assert ask("deployments-wait-for-each-other", files) == []
