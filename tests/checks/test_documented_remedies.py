import pytest

from tests.checks.testing import CRATE, ask, places

BASE = {
    "Cargo.toml": CRATE,
    "src/main.rs": "",
    "rust-toolchain.toml": '[toolchain]\nchannel = "1.75.0"\n',
    "tools/run.sh": "true\n",
    "tools/fine.sh": "true\n",
}
SCOPE = "The push fails: `refusing to allow an OAuth App to update workflow x without workflow scope`."
MODE = "In CI the script ends with Permission denied."
LOCK = "`the lock file Cargo.lock needs to be updated but --locked was passed`"
ROLE = "`Not authorized to perform sts:AssumeRoleWithWebIdentity`"
OLD = "error: package `x` requires rustc 1.80 or newer"
REFUSED = "`! [remote rejected] GH006: Protected branch update failed`"
SECRET = "`GH013: push declined due to repository rule violations`"
INTEGRATION = "`Resource not accessible by integration`"


def guide(failure: str, commands: str, path: str = "docs/runbook.md", after: str = "") -> dict[str, str]:
    return {**BASE, path: f"# Runbook\n\n## Failure\n{failure}\n\n```bash\n{commands}\n```\n{after}"}


@pytest.mark.parametrize(
    ("failure", "commands"),
    [
        (SCOPE, "git push --force"),
        (SCOPE, "git push --no-verify origin main"),
        (REFUSED, "git push --no-verify"),
        (SECRET, "git rm --cached .env"),
        (LOCK, "cargo clean"),
        (MODE, "chmod +x tools/run.sh"),
        (OLD, "rustup update stable"),
        (ROLE, "export AWS_ACCESS_KEY_ID=x"),
        (ROLE, "aws configure"),
        (INTEGRATION, "gh auth login"),
    ],
)
def test_a_command_that_cannot_help_is_named_with_its_line(failure: str, commands: str) -> None:
    found = ask("documented-remedy-helps", guide(failure, commands))
    assert places(found) == [("docs/runbook.md", 7)]


@pytest.mark.parametrize(
    ("failure", "commands"),
    [
        ("The push is slow.", "git push --force"),
        (SCOPE, "gh auth refresh --scopes workflow\ngit push --force"),
        (SCOPE, "git push"),
        (SECRET, "git rm --cached .env\ngit commit --amend"),
        (LOCK, "cargo clean\ncargo update"),
        ("The build is slow.", "cargo clean"),
        (MODE, "chmod +x tools/run.sh\ngit add tools/run.sh"),
        (MODE, "chmod +x tools/fine.sh"),
        (MODE, "chmod +x target/release/app"),
        ("Permission denied on your machine.", "chmod +x tools/run.sh"),
        (OLD, "rustup update 1.75.0"),
        (f"{OLD}: see rust-toolchain.toml", "rustup update"),
        (ROLE, "aws configure\naws iam update-assume-role-policy"),
        (f"{INTEGRATION}: give it permissions", "gh auth login"),
    ],
)
def test_a_command_that_may_help_is_not_accused(failure: str, commands: str) -> None:
    files = guide(failure, commands)
    assert ask("documented-remedy-helps", files, executable=["tools/fine.sh"]) == []


@pytest.mark.parametrize(
    ("failure", "commands", "better"),
    [
        (MODE, "chmod +x tools/run.sh", "git update-index --chmod=+x tools/run.sh"),
        ("`Permission denied: ./tools/run.sh`", "cargo clean", "git update-index --chmod=+x tools/run.sh"),
        (LOCK, "cargo clean", "cargo update --workspace"),
    ],
)
def test_what_helps_is_told_without_a_placeholder_and_can_be_put_in(
    failure: str, commands: str, better: str
) -> None:
    files = guide(failure, commands)
    (found,) = ask("documented-remedy-helps", files)
    assert found.remedy
    assert f"`{better}`" in found.remedy.summary
    assert better in found.remedy.commands[0]
    mended = {**files, "docs/runbook.md": files["docs/runbook.md"].replace(commands, better)}
    assert ask("documented-remedy-helps", mended) == []


def test_a_command_that_takes_what_only_people_know_is_told_in_words_and_not_put_in() -> None:
    (found,) = ask("documented-remedy-helps", guide("Error acquiring the state lock", "terraform init"))
    assert found.remedy
    assert "`terraform force-unlock LOCK_ID`" in found.remedy.summary
    assert "under `Lock Info:`" in found.remedy.summary
    assert not any("LOCK_ID" in one for one in found.remedy.commands)


def test_what_stands_under_another_heading_or_in_a_record_is_not_accused() -> None:
    apart = guide(SCOPE, "git status", after="\n## Other\n\n```bash\ngit push --force\n```\n")
    assert ask("documented-remedy-helps", apart) == []
    assert ask("documented-remedy-helps", guide(SCOPE, "git push --force", "docs/session3.md")) == []


def test_where_no_release_is_pinned_an_update_helps() -> None:
    files = guide(OLD, "rustup update")
    assert (
        ask("documented-remedy-helps", {**files, "rust-toolchain.toml": '[toolchain]\nchannel = "stable"\n'})
        == []
    )


@pytest.mark.parametrize(
    "commands",
    ["export GITHUB_TOKEN=x\ngh auth login", "export GH_TOKEN=$T\ngit fetch\ngh auth refresh -s workflow"],
)
def test_signing_in_while_a_token_is_exported_is_named_with_its_line(commands: str) -> None:
    found = ask("documented-sign-in-works", guide("", commands))
    assert places(found) == [("docs/runbook.md", 7 + commands.count("\n"))]


@pytest.mark.parametrize(
    "commands",
    [
        "gh auth login\nexport GITHUB_TOKEN=x",
        "export GITHUB_TOKEN=x\nunset GITHUB_TOKEN\ngh auth login",
        "export GITHUB_TOKEN=\ngh auth login",
        "export GITHUB_TOKEN=x\ngh auth status",
        "GITHUB_TOKEN=x\ngh auth login",
        "export GITHUB_TOKEN=x\ngh auth login --hostname example.org",
    ],
)
def test_signing_in_without_an_exported_token_is_not_accused(commands: str) -> None:
    assert ask("documented-sign-in-works", guide("", commands)) == []
