import pytest

from tests.checks.testing import CI, ask, job, places

READS = "- run: make\n  env:\n    ROLE: ${{ secrets.ROLE }}\n    REGION: ${{ vars.REGION }}\n"
FLOW = {CI: job(READS, extra="environment: staging")}
GUIDE = "docs/guide.md"


def table(*rows: str) -> str:
    return "# Once\n| what | where |\n|---|---|\n" + "".join(f"| {one} |\n" for one in rows)


def test_a_secret_of_a_table_that_nobody_reads_is_named_with_the_one_that_no_document_names() -> None:
    (found,) = ask("documented-secret-read", {**FLOW, GUIDE: table("secret `SIGNING_KEY` | repository")})
    assert places([found]) == [(GUIDE, 4)]
    assert "ROLE, which one reads, is in no document" in found.message


@pytest.mark.parametrize(
    "row",
    [
        "secret `ROLE` | repository",
        "secret `SIGNING_KEY` | the cluster",  # not GitHub's
        "secret `app-tls` | repository",
        "`SIGNING_KEY` | repository",
    ],
)
def test_a_secret_that_is_read_or_set_elsewhere_is_not_accused(row: str) -> None:
    assert ask("documented-secret-read", {**FLOW, GUIDE: table(row)}) == []


@pytest.mark.parametrize(
    "text", ["    gh variable set WHERE --body x\n", table("variable `WHERE` | repository")]
)
def test_a_variable_that_no_workflow_reads_is_named(text: str) -> None:
    (found,) = ask("documented-variable-read", {**FLOW, GUIDE: f"# Guide\n\n{text}"})
    assert "WHERE" in found.message


@pytest.mark.parametrize("call", ["gh variable set REGION --body x", "gh variable set WHERE --org acme"])
def test_a_variable_that_is_read_or_of_an_organization_is_not_accused(call: str) -> None:
    assert ask("documented-variable-read", {**FLOW, GUIDE: f"# Guide\n\n    {call}\n"}) == []


def test_what_a_workflow_of_others_reads_of_the_callers_variables_is_not_known() -> None:
    other = "on: push\njobs:\n  a:\n    uses: o/r/.github/workflows/x.yml@v1\n"
    files = {**FLOW, ".github/workflows/b.yml": other, GUIDE: "# Guide\n\n    gh variable set WHERE -b x\n"}
    assert ask("documented-variable-read", files) == []


def test_an_environment_of_a_table_in_which_no_job_runs_is_named() -> None:
    (found,) = ask(
        "documented-environment-used", {**FLOW, GUIDE: table("environments `staging`, `canary` | repository")}
    )
    assert places([found]) == [(GUIDE, 4)]
    assert "canary" in found.message


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("staging", "environment `Staging` | repository"),
        ("staging", "environment `canary` | the data center"),
        ("${{ vars.WHERE }}", "environment `canary` | repository"),
    ],
)
def test_environments_that_are_used_or_that_may_be_are_not_accused(name: str, row: str) -> None:
    files = {CI: job(READS, extra=f"environment: {name}"), GUIDE: table(row)}
    assert ask("documented-environment-used", files) == []


READING = "# Guide\n\n## Secrets\n\n| secret | what for |\n|---|---|\n| `ROLE` | it |\n| `LEFT_TOKEN` | x |\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (READING, 8),
        (READING.replace("| secret |", "| Name |"), 8),
        ("# Guide\n\n## Required secrets\n\n- `ROLE`: deploys\n- `LEFT_TOKEN`: tells\n", 6),
        ("# Guide\n\n### GitHub Actions secrets\n\n- `LEFT_TOKEN`\n", 5),
        ("# Guide\n| Repository secret | x |\n|---|---|\n| `LEFT_TOKEN` | x |\n", 4),
    ],
)
def test_a_secret_of_a_list_that_no_workflow_reads_is_named(text: str, line: int) -> None:
    (found,) = ask("documented-secret-read", {**FLOW, GUIDE: text})
    assert (places([found]), "LEFT_TOKEN" in found.message) == ([(GUIDE, line)], True)


@pytest.mark.parametrize(
    "text",
    [
        READING.replace("LEFT_TOKEN", "ROLE"),
        READING.replace("| `ROLE` | it |\n", ""),  # of which nothing says that it is GitHub's
        READING.replace("| secret |", "| variable |"),
        READING.replace("| secret |", "| name |").replace("## Secrets", "## Names"),
        "# Guide\n\n## AWS secrets\n\n- `ROLE`: deploys\n- `LEFT_TOKEN`: tells\n",
        "# Guide\n\n## Secrets\n\nWith `ROLE` comes `LEFT_TOKEN`.\n",
        "# Guide\n\n## GitHub secrets\n\n- `GITHUB_TOKEN`: is there\n",
        "# Guide\n\n## GitHub secrets\n\n- `left-token`: is none\n",
    ],
)
def test_a_list_of_what_is_read_or_of_other_things_is_not_accused(text: str) -> None:
    assert ask("documented-secret-read", {**FLOW, GUIDE: text}) == []


def test_a_listed_secret_that_a_script_speaks_of_is_not_accused() -> None:
    files = {**FLOW, GUIDE: READING, "ci/tell.sh": "curl $LEFT_TOKEN\n"}
    assert ask("documented-secret-read", files) == []


def test_a_host_of_the_domain_example_makes_no_example_of_a_command() -> None:
    text = "# Guide\n\nSet it %sfirst: `gh variable set WHERE --body moon.example`.\n"
    assert len(ask("documented-variable-read", {**FLOW, GUIDE: text % ""})) == 1
    assert ask("documented-variable-read", {**FLOW, GUIDE: text % "(an example) "}) == []


def test_a_variable_that_a_sentence_has_people_set_is_named() -> None:
    text = "# Guide\n\nAlso set the repository variable `WHERE`.\n"
    (found,) = ask("documented-variable-read", {**FLOW, GUIDE: text})
    assert (places([found]), "WHERE" in found.message) == ([(GUIDE, 3)], True)


@pytest.mark.parametrize(
    "text",
    [
        "Also set the repository variable `REGION`.",
        "Do not set the repository variable `WHERE`.",
        "Set the repository variable `WHERE` in your fork.",
        "Set the environment variable `WHERE`.",
        "The program sets the repository variable `WHERE`.",
    ],
)
def test_a_sentence_of_other_variables_is_not_accused(text: str) -> None:
    assert ask("documented-variable-read", {**FLOW, GUIDE: f"# Guide\n\n{text}\n"}) == []


ENVIRONMENTS = (
    "# Guide\n\n| environment | protection |\n| --- | --- |\n| `staging` | none |\n| `canary` | none |\n"
)


def test_an_environment_of_a_table_of_environments_is_named() -> None:
    (found,) = ask("documented-environment-used", {**FLOW, GUIDE: ENVIRONMENTS})
    assert (places([found]), "canary" in found.message) == ([(GUIDE, 6)], True)


def test_environments_that_callers_hand_on_are_used() -> None:
    called = job(
        "- run: x",
        on="{workflow_call: {inputs: {to: {type: string}}}}",
        extra="environment: ${{ inputs.to }}",
    )
    uses = "on: push\njobs:\n  a:\n    uses: ./.github/workflows/c.yml\n    with:\n      to: %s\n"
    flows = {**FLOW, ".github/workflows/c.yml": called, ".github/workflows/d.yml": uses % "production"}
    table = ENVIRONMENTS + "| `production` | a reviewer |\n"
    (found,) = ask("documented-environment-used", {**flows, GUIDE: table})
    assert places([found]) == [(GUIDE, 6)]
    flows[".github/workflows/d.yml"] = uses % "${{ github.ref_name }}"
    assert ask("documented-environment-used", {**flows, GUIDE: table}) == []


@pytest.mark.parametrize(
    "files",
    [
        {GUIDE: ENVIRONMENTS.replace("| environment |", "| stage |")},
        {GUIDE: ENVIRONMENTS + "| `local` | none |\n"},  # of which most are something else
        {GUIDE: ENVIRONMENTS + "| none of these | none |\n"},
        {GUIDE: ENVIRONMENTS, "infra/envs/canary/main.tf": "# here\n"},
        {GUIDE: ENVIRONMENTS, "go.sh": "deploy --to canary\n"},
    ],
)
def test_a_table_of_other_environments_is_not_accused(files: dict[str, str]) -> None:
    assert ask("documented-environment-used", {**FLOW, **files}) == []


SPOKEN = {CI: job("- run: make\n  env:\n    ROLE: ${{ secrets.AWS_ROLE_ARN }}\n")}


def test_a_sentence_on_a_secret_of_workflows_that_is_read_under_a_shorter_name_is_told() -> None:
    said = "# It\n\nThe secret `AWS_DEPLOY_ROLE_ARN` holds the role that the workflows assume.\n"
    (found,) = ask("documented-secret-read", {**SPOKEN, GUIDE: said})
    assert places([found]) == [(GUIDE, 3)]
    assert found.message == (
        "speaks of the secret AWS_DEPLOY_ROLE_ARN, which no workflow reads; "
        "AWS_ROLE_ARN, which one reads, is in no document"
    )


@pytest.mark.parametrize(
    "said",
    [
        "The secret `AWS_ROLE_ARN` holds the role that the workflows assume.",
        "The secret `AWS_DEPLOY_ROLE_ARN` holds the role of the service.",  # whose?
        "The secret `DATABASE_URL` is what workflows take.",  # no other is called so
        "The secret `AWS_DEPLOY_ROLE_ARN` is what workflows no longer assume.",
        "The secret `AWS_DEPLOY_ROLE_ARN` is of workflows.\n\nSo is `AWS_ROLE_ARN`.",
    ],
)
def test_a_sentence_on_another_secret_is_not_accused(said: str) -> None:
    assert ask("documented-secret-read", {**SPOKEN, GUIDE: f"# It\n\n{said}\n"}) == []
    other = "The secret `AWS_DEPLOY_ROLE_ARN` holds the role that the workflows assume.\n"
    read = {**SPOKEN, GUIDE: other, "src/main.rs": "", "deploy.sh": "echo $AWS_DEPLOY_ROLE_ARN\n"}
    assert ask("documented-secret-read", read) == []
