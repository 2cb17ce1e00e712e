"""Terraform that no workflow runs stops no workflow."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.terraform_reach import weighed
from tests.checks.testing import CI, ask, job, snapshot

TREE = {
    "infra/main.tf": 'module "node" {\n  source = "./node"\n}\n',
    "infra/node/main.tf": 'variable "a" {}\n',
    "environments/dev/main.tf": 'variable "b" {}\n',
}


def _weight(
    *paths: str, step: str = "- run: terraform -chdir=infra plan", more: Mapping[str, str] = {}
) -> Weight:
    finding = Finding(
        check="terraform-variables-known",
        phase=Phase.PROVISIONING,
        subject="x",
        verdict=Verdict.BROKEN,
        weight=Weight.BLOCKER,
        message="is not declared",
        evidence=tuple(Evidence(file=path, line=1) for path in paths),
    )
    return weighed(
        finding, snapshot({**TREE, **more, CI: job(f"- uses: actions/checkout@v4\n{step}")})
    ).weight


def test_what_a_workflow_plans_and_the_modules_it_calls_stop_it() -> None:
    assert _weight("infra/main.tf") is Weight.BLOCKER
    assert _weight("infra/node/main.tf") is Weight.BLOCKER


def test_a_directory_that_nothing_runs_is_a_note() -> None:
    assert _weight("environments/dev/main.tf", "infra/main.tf") is Weight.NOTE


def test_a_directory_that_people_run_by_hand_is_a_warning() -> None:
    script = {"dev.sh": "#!/bin/sh\nterraform -chdir=environments/dev apply\n"}
    assert _weight("environments/dev/main.tf", more=script) is Weight.WARNING
    page = {"README.md": "    cd environments/dev && terraform apply\n"}
    assert _weight("environments/dev/main.tf", more=page) is Weight.WARNING


def test_where_no_workflow_runs_terraform_or_nobody_knows_where_nothing_is_lighter() -> None:
    for step in ("- run: cargo test", '- run: terraform -chdir="$WHERE" apply', "- run: terraform fmt"):
        assert _weight("environments/dev/main.tf", step=step) is Weight.BLOCKER
    two = '- run: |\n    terraform -chdir=infra plan\n    terraform -chdir="environments/$NAME" plan'
    assert _weight("environments/dev/main.tf", step=two) is Weight.BLOCKER


def test_what_a_workflow_passes_keeps_its_weight() -> None:
    assert _weight(CI, "environments/dev/main.tf") is Weight.BLOCKER


DATA = {"tests/source/main.tf": 'output "x" {\n  value = var.gone\n}\n'}


def test_what_may_be_data_of_tests_stops_nothing() -> None:
    files = {**DATA, "run.sh": '#!/bin/sh\nterraform -chdir="$1" plan\n'}
    seen = snapshot(files)
    (found,) = ask("terraform-names-declared", files)
    assert found.blocks
    assert not weighed(found, seen).blocks


def test_what_lies_among_the_data_of_tests_and_nobody_runs_is_not_looked_at() -> None:
    assert ask("terraform-names-declared", DATA) == []
    elsewhere = {**DATA, "infra/main.tf": 'variable "x" {}\n', "fmt.sh": "#!/bin/sh\nterraform fmt\n"}
    assert ask("terraform-names-declared", elsewhere) == []


def test_fixtures_are_not_looked_at_though_nobody_knows_where_terraform_is_run() -> None:
    script = {"run.sh": '#!/bin/sh\nterraform -chdir="$1" plan\n'}
    text = DATA["tests/source/main.tf"]
    assert ask("terraform-names-declared", {**script, "ops/fixtures/open/main.tf": text}) == []
    assert len(ask("terraform-names-declared", {**script, "ops/fixture_maker/main.tf": text})) == 1


def test_tests_that_are_run_or_called_are_looked_at() -> None:
    run = {**DATA, "e2e.sh": "#!/bin/sh\nterraform -chdir=tests/source plan\n"}
    assert len(ask("terraform-names-declared", run)) == 1
    called = {**DATA, "infra/main.tf": 'module "x" {\n  source = "../tests/source"\n}\n'}
    assert len(ask("terraform-names-declared", called)) == 1


def test_an_example_that_no_workflow_runs_stops_nobody() -> None:
    step = "- run: cargo test"
    assert _weight("examples/ecs/main.tf", step=step) is Weight.NOTE
    assert _weight("overlays/ecs/main.tf", step=step) is Weight.NOTE


def test_what_lies_among_integration_tests_and_nobody_runs_is_not_looked_at() -> None:
    assert (
        ask("terraform-names-declared", {"integration-tests/x/main.tf": DATA["tests/source/main.tf"]}) == []
    )
    assert ask("terraform-names-declared", {"contests/x/main.tf": DATA["tests/source/main.tf"]}) != []
