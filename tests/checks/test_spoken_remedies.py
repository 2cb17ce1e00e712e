"""What documents tell in indented blocks, spans and rows: most of them never say that it is shell."""

import pytest

from tests.checks.testing import CRATE, ask, places

GUIDE = "docs/guide.md"
HERE = {"deploy/install.sh": "#!/bin/sh\n", "infra/main.tf": 'variable "a" {}\n'}


def said(text: str) -> dict[str, str]:
    return {**HERE, GUIDE: f"# Guide\n\n{text}\n"}


@pytest.mark.parametrize(
    "text", ["    ./deploy/rollback.sh v1", "Run `deploy/rollback.sh v1`.", "    sh deploy/rollback.sh"]
)
def test_a_script_that_is_told_without_a_shell_block_and_missing_is_named(text: str) -> None:
    assert places(ask("documented-script-exists", said(text))) == [(GUIDE, 3)]


@pytest.mark.parametrize(
    "text",
    [
        "    ./deploy/install.sh v1",
        "A `deploy/rollback.sh v1` would be needed.",
        "    ./tools/x.sh",
        "    deploy/",
    ],
)
def test_a_script_that_is_there_planned_or_of_nobody_is_not_accused(text: str) -> None:
    assert ask("documented-script-exists", said(text)) == []


@pytest.mark.parametrize("text", ["```sh\nmake rollback\n```", "    make deploy"])
def test_a_target_where_no_makefile_is_at_all_is_named(text: str) -> None:
    assert len(ask("documented-recipe-exists", said(text))) == 1


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("    make deploy", {"Makefile": "deploy:\n\ttrue\n"}),
        ("    make deploy", {"CMakeLists.txt": "project(a)\n"}),
        ("    make deploy", {"tools/Makefile.in": "x\n"}),
        ("Call `make test` when a file changes.", {}),
        ("    git clone x\n    make deploy", {}),
        ("Write a Makefile first.\n\n    make deploy", {}),
    ],
)
def test_a_target_that_a_file_may_have_or_that_a_sentence_speaks_of_is_not_accused(
    text: str, more: dict[str, str]
) -> None:
    assert ask("documented-recipe-exists", said(text) | more) == []


@pytest.mark.parametrize(
    "text", ["    terraform -chdir=terraform apply", "```sh\ncd terraform\nterraform init\n```"]
)
def test_a_directory_for_terraform_that_is_not_there_is_named(text: str) -> None:
    assert len(ask("documented-place-exists", said(text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "    terraform -chdir=infra apply",
        "```sh\ncd infra\nterraform init\n```",
        "```sh\ncd work\nls\n```",
        "```sh\nmkdir work\ncd work\nterraform init\n```",
    ],
)
def test_a_directory_that_is_there_made_or_for_others_is_not_accused(text: str) -> None:
    assert ask("documented-place-exists", said(text)) == []


def test_a_bare_name_for_terraform_is_nobodys_where_the_repository_has_no_terraform() -> None:
    files = {GUIDE: "# Guide\n\n    terraform -chdir=terraform apply\n"}
    assert ask("documented-place-exists", files) == []


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        ("The token lacks the workflow scope", "cargo clean"),
        ("`Permission denied` on deploy/package.sh", "cargo update"),
        ("Terraform state is locked", "terraform -chdir=infra init"),
    ],
)
def test_a_remedy_that_cannot_help_is_named_in_a_block_without_a_language(failure: str, told: str) -> None:
    files = {"Cargo.toml": CRATE, **said(f"## {failure}\n\n    {told}")}
    assert places(ask("documented-remedy-helps", files)) == [(GUIDE, 5)]


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        ("The token lacks the workflow scope", "gh auth refresh --scopes workflow\n    cargo clean"),
        ("`Permission denied` on deploy/package.sh", "chmod +x deploy/package.sh\n    cargo build"),
        ("Terraform state is locked", "terraform force-unlock ID\n    terraform init"),
        ("The build is stale", "cargo clean"),
    ],
)
def test_a_remedy_beside_one_that_helps_or_against_another_failure_is_not_accused(
    failure: str, told: str
) -> None:
    files = {"Cargo.toml": CRATE, **said(f"## {failure}\n\n    {told}")}
    assert ask("documented-remedy-helps", files) == []


def test_a_token_exported_for_git_in_an_indented_block_is_named() -> None:
    text = "    export GITHUB_TOKEN=...\n    git push"
    assert places(ask("documented-remedy-works", said(text))) == [(GUIDE, 3)]
    assert ask("documented-remedy-works", said(text.replace("git push", "gh pr list"))) == []
