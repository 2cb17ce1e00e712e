import dataclasses
from pathlib import Path
from typing import Any

import pytest

from tasks.domain.git_state import GitState
from tasks.domain.mistake import Mistaken
from tasks.domain.settings import SecretSource, WorldKind
from tasks.domain.source import Source
from tasks.facts.configuration import from_environment, from_text
from tasks.facts.discovery import discover, workspace_version
from tasks.facts.settings import DEFAULTS, settled
from tasks.facts.workflows import read_workflows

RELEASE = """
on: {push: {tags: ["v*"]}}
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - uses: softprops/action-gh-release@v2
"""
DEPLOY = """
on:
  workflow_dispatch:
    inputs:
      environment: {type: choice, options: [production, staging]}
jobs: {deploy: {runs-on: ubuntu-latest, steps: [{run: "true"}]}}
"""
GIT = GitState(
    commit="c", branch="feature", origin="git@github.com:acme/moonphase.git", default_branch="trunk"
)
MANIFEST = Source(path="Cargo.toml", text='[workspace.package]\nversion = "0.3.1"\n')


def workflows(**files: Any) -> Any:
    return read_workflows(
        Source(path=f".github/workflows/{name}.yml", text=text) for name, text in files.items()
    )


def settings(tmp_path: Path, toml: Any = "", environment: Any = None, git: Any = GIT, **files: Any) -> Any:
    layers = from_text(toml).over(discover(git, workflows(**files), MANIFEST).over(DEFAULTS))
    layers = from_environment(environment or {}).over(layers)
    return settled(layers, world=WorldKind.EMBEDDED, repository=tmp_path, state=tmp_path)


def test_a_repository_without_a_file_is_discovered(tmp_path: Path) -> None:
    found = settings(tmp_path, release=RELEASE, deploy=DEPLOY)
    assert found.full_name == "acme/moonphase"
    assert (found.branch, found.tag) == ("trunk", "v0.3.1")
    assert (found.release_workflow, found.deploy_workflow) == ("release.yml", "deploy.yml")
    assert [(e.name, e.approval) for e in found.environments] == [("staging", False), ("production", True)]
    assert found.origins["release.workflow"].file == ".github/workflows/release.yml"
    assert found.origins["aws.region"].source == "default"


@pytest.mark.parametrize(
    ("pattern", "tag"),
    [
        ("[0-9]+.[0-9]+.[0-9]+", "0.3.1"),
        ("v*", "v0.3.1"),
        ("*", "v0.3.1"),
        ("release-*", "release-0.3.1"),
        ("app-v[0-9]+.[0-9]+.[0-9]+*", "app-v0.3.1"),
        ("v?[0-9]*.[0-9]*.[0-9]*", "v0.3.1"),
        ("nightly", None),
        ("[", "v0.3.1"),
    ],
)
def test_the_planned_tag_is_written_as_the_release_waits_for_it(
    tmp_path: Path, pattern: str, tag: str | None
) -> None:
    assert settings(tmp_path, release=RELEASE.replace("v*", pattern)).tag == tag


def test_the_planned_tag_is_written_as_the_tags_that_are_there(tmp_path: Path) -> None:
    git = dataclasses.replace(GIT, tags=("v0.1.0", "app/1.0.0-rc.1", "later"))
    found = settings(tmp_path, git=git, release=RELEASE.replace("v*", "*/[0-9]*"))
    assert found.tag == "app/0.3.1"


def test_a_workflow_that_a_tag_starts_but_that_makes_no_release_is_not_the_release_workflow(
    tmp_path: Path,
) -> None:
    build = RELEASE.replace("softprops/action-gh-release@v2", "actions/checkout@v4")
    assert settings(tmp_path, build=build).release_workflow is None


def test_several_release_workflows_leave_the_question_open_unless_one_is_called_release(
    tmp_path: Path,
) -> None:
    assert settings(tmp_path, a=RELEASE, b=RELEASE).release_workflow is None
    assert settings(tmp_path, a=RELEASE, release=RELEASE).release_workflow == "release.yml"


def test_the_file_wins_over_discovery_and_the_environment_over_the_file(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        '[repository]\nowner = "other"\nbranch = "main"\n',
        {"ACTIVATION_REPOSITORY_BRANCH": "next"},
    )
    assert (found.full_name, found.branch) == ("other/moonphase", "next")


def test_environments_of_the_file_replace_the_discovered_ones(tmp_path: Path) -> None:
    found = settings(tmp_path, '[[deployment.environments]]\nname = "edge"\n', deploy=DEPLOY)
    assert [(e.name, e.approval, e.health) for e in found.environments] == [("edge", False, "/healthz")]


def test_secrets_budget_thresholds_and_waivers_are_read(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        '[aws]\ndeploy_role = "r"\n[secrets.A]\nsource = "role-arn"\n[secrets.B]\nsource = "env:B_VALUE"\n'
        "[budget]\ndaily_usd = 5\n[thresholds]\nbuild_minutes = 3\n"
        '[[waive]]\ncheck = "c"\nsubject = "s"\nreason = "r"\nowner = "o"\nexpires = "2027-01-01"\n',
    )
    assert [(s.name, s.source, s.variable) for s in found.secrets] == [
        ("A", SecretSource.ROLE_ARN, None),
        ("B", SecretSource.ENVIRONMENT, "B_VALUE"),
    ]
    assert found.budget.daily_usd == 5
    assert found.thresholds["build_minutes"].alert == 3
    assert found.thresholds["test_minutes"].alert == 60
    assert found.waivers[0].expires == "2027-01-01"


def test_a_secret_from_a_role_that_is_not_named_is_a_mistake_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(Mistaken) as caught:
        settings(tmp_path, '[secrets.A]\nsource = "role-arn"\n')
    assert str(caught.value).startswith(
        "activation.toml:2: secrets.A comes from role-arn, but aws.deploy_role"
    )


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('[package]\nname = "a"\nversion = "1.2.3"\n', "1.2.3"),
        ('[package]\nversion.workspace = true\n[workspace.package]\nversion = "2.0.0"\n', "2.0.0"),
        ('[workspace]\nmembers = ["a"]\n', None),
        ("not toml [", None),
    ],
)
def test_the_version_is_the_one_the_root_manifest_states(text: Any, version: Any) -> None:
    assert workspace_version(Source(path="Cargo.toml", text=text)) == version


def test_processes_to_supervise_are_read_and_need_a_name(tmp_path: Path) -> None:
    text = '[[supervision.processes]]\nname = "watchdog"\ncommand = "watchdog.sh"\nfresh_minutes = 5\n'
    watched = settings(tmp_path, text).supervised[0]
    assert (watched.name, watched.command, watched.log, watched.fresh_minutes) == (
        "watchdog",
        "watchdog.sh",
        None,
        5,
    )
    nameless = from_text('[[supervision.processes]]\nlog = "x"\n')
    assert [(one.line, one.message) for one in nameless.mistakes] == [
        (1, "supervision.processes.0 lacks name")
    ]
