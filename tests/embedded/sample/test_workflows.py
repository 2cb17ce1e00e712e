"""The sample's workflows are a model: linters find nothing, every action is pinned, every job is bounded."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deployments.embedded.seed import SAMPLE

WORKFLOWS = sorted((SAMPLE / ".github" / "workflows").glob("*.yml"))
TOOLS = Path(sys.executable).parent


def jobs(file: Path) -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(file.read_text())["jobs"]
    return loaded


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_every_job_has_a_time_limit_and_says_its_permissions(file: Path) -> None:
    for name, job in jobs(file).items():
        assert job["timeout-minutes"] <= 20, name
        assert "permissions" in job, name


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_every_action_is_pinned_to_a_commit_and_says_its_version(file: Path) -> None:
    uses = re.findall(r"uses: (.+)", file.read_text())
    assert all(re.match(r"[\w./-]+@[0-9a-f]{40} # v\d", line) for line in uses), uses


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_no_expression_stands_inside_a_script(file: Path) -> None:
    steps = [step for job in jobs(file).values() for step in job["steps"]]
    assert not [step["run"] for step in steps if "${{" in step.get("run", "")]


def test_only_the_job_that_deploys_may_ask_for_an_identity_and_it_names_its_environment() -> None:
    asking = {
        (file.name, name): job
        for file in WORKFLOWS
        for name, job in jobs(file).items()
        if job["permissions"].get("id-token") == "write"
    }
    assert list(asking) == [("deploy.yml", "rollout")]
    assert asking["deploy.yml", "rollout"]["environment"]["name"] == "${{ inputs.environment }}"


@pytest.mark.processes
def test_zizmor_finds_nothing() -> None:
    done = subprocess.run(
        [TOOLS / "zizmor", "--offline", "--persona", "pedantic", "--format", "plain", SAMPLE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.processes
def test_the_schema_of_workflows_holds() -> None:
    done = subprocess.run(
        [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.processes
def test_the_deploy_scripts_pass_their_own_tests(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-B", "-m", "unittest", "discover", "--start-directory", SAMPLE / "deploy"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"Ran [1-9]\d* tests", done.stderr)
