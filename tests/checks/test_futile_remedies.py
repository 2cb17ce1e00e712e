"""Remedies in documents that are nothing but commands that change nothing about the failure."""

import pytest

from tests.checks.testing import CRATE, ask, places

GUIDE = "docs/runbook.md"


def under(failure: str, commands: str, before: str = "") -> dict[str, str]:
    text = f"# Runbook\n\n## {failure}\n\n{before}```sh\n{commands}\n```\n"
    return {"Cargo.toml": CRATE, GUIDE: text}


FMT = "CI fails at cargo fmt"
CLIPPY = "Clippy fails in CI"
LOCKED = "Lock file needs to be updated but --locked was passed"
COMPILE = "The build does not compile"
UPLOADED = "crate version `0.1.0` is already uploaded"
STD = "can't find crate for `std`"
LINKER = "linker `cc` not found"
STATE = "Error acquiring the state lock"
MODE = "Permission denied when CI runs scripts/x.sh"
DRIFT = "Drift detected at night"
SECRET = "The secret is missing in GitHub Actions"
ENTRY = "The entry of Secrets Manager is empty"
SCOPE = "The token is missing the workflow scope"
BEHIND = "The push is refused: non-fast-forward"
PROTECTED = "GH006: Protected branch update failed"
EXISTS = "`! [rejected] v1.0.0 -> v1.0.0 (already exists)`"
INTEGRATION = "Resource not accessible by integration"
ROLE = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
FILE = "Invalid workflow file"
DISABLED = "The workflow was disabled after 60 days"
ACTIONS = "Actions are disabled in the repository"

MISMATCH = "`error[E0308]`: mismatched types"
ADVISORY = "cargo audit fails with RUSTSEC-2024-0001"
BACKEND = "Error: Backend configuration changed"
VALUE = "Error: No value for required variable"
UNIT = "Warning: the unit file of app.service changed on disk"
WAITS = "The run is waiting for approval"


@pytest.mark.parametrize(
    ("failure", "commands"),
    [
        (MISMATCH, "cargo clean"),
        (ADVISORY, "cargo clean\ncargo build"),
        (BACKEND, "terraform init\nterraform plan"),
        (VALUE, "terraform init\nterraform validate"),
        (UNIT, "sudo systemctl restart app"),
        (WAITS, "gh run rerun 1"),
        (FMT, "cargo fmt --check"),
        (FMT, "cargo fmt --all -- --check"),
        (FMT, "cargo update -p serde\ngit commit -am x\ngit push"),
        ("The format check is red", "cargo build --release"),
        (CLIPPY, "cargo build --release"),
        (CLIPPY, "cargo fmt\ngit commit -am fmt\ngit push"),
        (LOCKED, "cargo build --locked"),
        (LOCKED, "cargo clean\ncargo build --locked"),
        ("Cargo.lock is out of date", "cargo build --frozen"),
        (COMPILE, "gh run rerun --failed"),
        ("`error[E0432]`: unresolved import", "gh run rerun 1"),
        (UPLOADED, "cargo yank --version 0.1.0\ncargo publish"),
        (STD, "rustup update"),
        (LINKER, "rustup update\ncargo clean"),
        (STATE, "terraform init -reconfigure"),
        (STATE, "rm -rf .terraform .terraform.lock.hcl\nterraform init\nterraform plan"),
        (MODE, "chmod +x scripts/x.sh\ngit push"),
        (DRIFT, "terraform -chdir=infra plan"),
        (SECRET, "export DEPLOY_TOKEN=abc\ngh run rerun --failed"),
        (SECRET, "gh secret list"),
        ("Missing GitHub secret", "gh run rerun --failed"),
        (ENTRY, "aws secretsmanager describe-secret --secret-id app"),
        (SCOPE, "gh auth refresh"),
        (SCOPE, "gh auth refresh -h github.com\ngit push --force"),
        (BEHIND, "git fetch\ngit push"),
        (PROTECTED, "git push --force"),
        (EXISTS, "git tag -f v1.0.0\ngit push --tags"),
        (INTEGRATION, "gh run rerun --failed"),
        (ROLE, "aws sts get-caller-identity\ngh run rerun"),
        (FILE, "gh run rerun 1"),
        (DISABLED, "gh workflow run ci.yml"),
        (ACTIONS, "git commit --allow-empty -m x\ngit push"),
    ],
)
def test_a_remedy_of_commands_that_change_nothing_about_the_failure_is_named(
    failure: str, commands: str
) -> None:
    found = ask("documented-remedy-helps", under(failure, commands))
    assert len(found) == 1
    assert places(found)[0][0] == GUIDE
    assert "cannot help here" in found[0].message


@pytest.mark.parametrize(
    ("failure", "commands"),
    [
        ("`error[E0463]`: can't find crate for `app`", "cargo clean"),
        (ADVISORY, "cargo update -p time\ncargo build"),
        (BACKEND, "terraform init -migrate-state"),
        (VALUE, "export TF_VAR_region=eu-west-1\nterraform plan"),
        (UNIT, "sudo systemctl daemon-reload\nsudo systemctl restart app"),
        (WAITS, "gh api -X POST repos/a/b/actions/runs/1/pending_deployments"),
        ("Permission denied (publickey) in the workflow", "chmod 600 key\ngit push"),
        (FMT, "cargo fmt"),
        (FMT, "cargo fmt --check\ncargo fmt"),
        (FMT, "make fmt\ncargo fmt --check"),
        ("How formatting works", "cargo fmt --check"),
        (CLIPPY, "cargo clippy --fix"),
        (CLIPPY, "cargo clippy -- -D warnings"),
        (LOCKED, "cargo build"),
        (LOCKED, "cargo update\ncargo build --locked"),
        (COMPILE, "cargo check\ngh run rerun"),
        ("The tests are flaky", "gh run rerun --failed"),
        (UPLOADED, "cargo set-version 0.1.1\ncargo publish"),
        (STD, "rustup target add x86_64-unknown-linux-musl\ncargo clean"),
        (LINKER, "sudo apt-get install gcc\ncargo build"),
        (STATE, "terraform force-unlock 1\nterraform init"),
        (STATE, "terraform plan -lock-timeout=5m"),
        (STATE, "terraform apply"),
        (STATE, "rm -rf .terraform.tfstate.lock.info\nterraform init"),
        (MODE, "chmod +x scripts/x.sh\ngit commit -am x\ngit push"),
        (MODE, "git update-index --chmod=+x scripts/x.sh\ngit push"),
        (DRIFT, "terraform plan\nterraform apply"),
        (DRIFT, "terraform import a.b c\nterraform plan"),
        (SECRET, "gh secret set DEPLOY_TOKEN\ngh run rerun"),
        (SECRET, 'export TOKEN=abc\ngh secret set DEPLOY_TOKEN --body "$TOKEN"'),
        (ENTRY, "aws secretsmanager put-secret-value --secret-id app --secret-string x"),
        (SCOPE, "gh auth refresh -s workflow\ngit push"),
        (SCOPE, "gh auth login\ngit push"),
        (BEHIND, "git pull --rebase\ngit push"),
        (PROTECTED, "git switch -c fix\ngit push --force\ngh pr create"),
        (EXISTS, "git push --delete origin v1.0.0\ngit push --tags"),
        (EXISTS, "git tag -f v1.0.0\ngit push --tags --force"),
        (INTEGRATION, "git grep -n permissions\n$EDITOR .github/workflows/ci.yml"),
        (ROLE, "terraform apply\ngh run rerun"),
        (FILE, "actionlint\ngh run rerun"),
        (DISABLED, "gh workflow enable ci.yml\ngh workflow run ci.yml"),
        (ACTIONS, "gh api -X PUT repos/a/b/actions/permissions -F enabled=true"),
    ],
)
def test_a_remedy_of_which_one_command_may_help_is_not_accused(failure: str, commands: str) -> None:
    assert ask("documented-remedy-helps", under(failure, commands)) == []


@pytest.mark.parametrize(
    "before", ["Run:\n\n", "To fix this, run the formatter:\n\n", "**Fix:** run this:\n\n"]
)
def test_words_that_only_tell_to_type_the_commands_do_not_matter(before: str) -> None:
    found = ask("documented-remedy-helps", under(FMT, "cargo fmt --check", before))
    assert places(found) == [(GUIDE, 8)]


@pytest.mark.parametrize(
    "before",
    [
        "Add the changes of rustfmt by hand, then see that nothing is left:\n\n",
        "The formatter of your editor does it.\n\n",
        "This is how to look at it:\n\n",
        "Call `just fmt` first.\n\n",
        "Fix it and push:\n\n",
        "Fix the workflow and run:\n\n",
    ],
)
def test_where_words_may_tell_another_remedy_the_commands_are_not_accused(before: str) -> None:
    assert ask("documented-remedy-helps", under(FMT, "cargo fmt --check", before)) == []


@pytest.mark.parametrize(
    "text",
    [
        "## What to check for when CI fails at cargo fmt\n\n```sh\ncargo fmt --check\n```\n",
        "## CI fails at cargo fmt\n\n```sh\ncargo fmt --check\n```\n\n### Then\n\n```sh\ncargo fmt\n```\n",
        "## CI fails at cargo fmt\n\n```sh\n# see what is left\ncargo fmt --check\n```\n",
        "## CI fails at cargo fmt\n\n```sh\ncargo fmt --check\n```\n\n```toml\na = 1\n```\n",
        "## Other\n\n```sh\ncargo fmt --check\n```\n\nCI fails at cargo fmt.\n",
    ],
)
def test_what_people_only_look_at_is_no_remedy(text: str) -> None:
    assert ask("documented-remedy-helps", {"Cargo.toml": CRATE, GUIDE: text}) == []


HEAD = "| Symptom | Fix |\n|---|---|\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"{HEAD}| CI fails at `cargo fmt` | Run `cargo fmt --check` |\n", 3),
        (f"{HEAD}| state is locked | `terraform init -reconfigure` |\n", 3),
        ("- CI fails at `cargo fmt`: run `cargo fmt --check`\n- Other\n", 1),
        ("1. The secret is missing in GitHub Actions: `export TOKEN=a` and `gh run rerun`\n", 1),
    ],
)
def test_a_row_or_an_item_is_a_remedy_of_its_own(text: str, line: int) -> None:
    found = ask("documented-remedy-helps", {"Cargo.toml": CRATE, GUIDE: text})
    assert places(found) == [(GUIDE, line)]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}| CI fails at `cargo fmt` | Run `cargo fmt` |\n",
        f"{HEAD}| CI fails at `cargo fmt` | See `cargo fmt --check` |\n",
        "| Symptom | Look |\n|---|---|\n| CI fails at `cargo fmt` | `cargo fmt --check` |\n",
        "- CI fails at `cargo fmt`: run `cargo fmt --check`\n  and format what it names\n",
        "- If `cargo fmt --check` fails, run `cargo fmt`\n",
        "- CI runs `cargo fmt --check` and fails the build\n",
    ],
)
def test_a_row_or_an_item_that_tells_more_is_not_accused(text: str) -> None:
    assert ask("documented-remedy-helps", {"Cargo.toml": CRATE, GUIDE: text}) == []


def test_what_helps_can_be_put_in_where_it_is_one_command() -> None:
    files = under(FMT, "cargo fmt --check")
    (found,) = ask("documented-remedy-helps", files)
    assert found.remedy
    assert "cargo fmt --all" in found.remedy.commands[0]
    mended = {**files, GUIDE: files[GUIDE].replace("cargo fmt --check", "cargo fmt --all")}
    assert ask("documented-remedy-helps", mended) == []


@pytest.mark.parametrize(
    ("commands", "better"),
    [
        ("git tag v0.1.0\ngit push", "git push && git push origin v0.1.0"),
        ("git tag -f v0.1.0\ngit push", "git push && git push --force origin v0.1.0"),
        (
            "git tag -a v0.1.0 -m x v0.1.0\ngit push origin main",
            "git push origin main && git push origin v0.1.0",
        ),
    ],
)
def test_a_push_that_leaves_a_new_tag_behind_is_named(commands: str, better: str) -> None:
    (found,) = ask("documented-remedy-helps", under("Release", commands))
    assert places([found]) == [(GUIDE, 7)]
    assert "v0.1.0 stays on this machine" in found.message
    assert found.remedy
    assert better in found.remedy.summary


@pytest.mark.parametrize(
    "commands",
    [
        "git tag v0.1.0\ngit push origin v0.1.0",
        "git tag v0.1.0\ngit push --tags",
        "git tag v0.1.0\ngit push\ngit push --tags",
        "git tag v0.1.0\ngit push --follow-tags",
        "git config push.followTags true\ngit tag -a v0.1.0 -m x\ngit push",
        'git tag "v$VERSION"\ngit push origin "v$VERSION"',
        "git push\ngit tag v0.1.0\ngh release create v0.1.0",
        "git tag -d v0.1.0\ngit push",
        "git tag --list\ngit push",
        "git push\ngit tag v0.1.0",
    ],
)
def test_a_tag_that_is_pushed_or_not_made_is_not_accused(commands: str) -> None:
    assert ask("documented-remedy-helps", under("Release", commands)) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "## CI\n\n**Symptom:** CI fails at cargo fmt.\n\n**Fix:**\n\n```sh\ncargo fmt --check\n```\n",
            8,
        ),
        (
            "## Formatting fails\n\n**Cause:** Somebody forgot.\n\nRun:\n\n```sh\ncargo fmt --check\n```\n",
            8,
        ),
        (
            "## CI\n\n### Symptom\n\nCI fails at cargo fmt.\n\n### Fix\n\n```sh\ncargo fmt --check\n```\n",
            10,
        ),
        (
            "## Push\n\n```text\nrefusing to allow an OAuth App\n```\n\n```sh\ngh auth refresh\n```\n",
            8,
        ),
    ],
)
def test_a_symptom_and_a_fix_may_have_labels_headings_or_output_of_their_own(text: str, line: int) -> None:
    found = ask("documented-remedy-helps", {"Cargo.toml": CRATE, GUIDE: text})
    assert places(found) == [(GUIDE, line)]


@pytest.mark.parametrize(
    "text",
    [
        "## CI\n\n### Symptom\n\nCI fails at cargo fmt.\n\n### Look\n\n```sh\ncargo fmt --check\n```\n",
        "## CI\n\n### CI fails at cargo fmt\n\n```sh\ncargo fmt\n```\n\n### Fix\n\n```sh\ncargo test\n```\n",
        "## CI\n\n```sh\ncargo fmt --check\n```\n\n```text\nerror: CI fails at cargo fmt\n```\n",
        "## CI\n\nKeep it tidy with `cargo fmt`. CI fails at cargo fmt:\n\n```sh\ncargo fmt --check\n```\n",
    ],
)
def test_a_failure_beside_what_people_look_at_is_not_accused(text: str) -> None:
    assert ask("documented-remedy-helps", {"Cargo.toml": CRATE, GUIDE: text}) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("**CI fails at cargo fmt**\n\nRun `cargo fmt --check` and commit.\n\n**Other**\n\nText.\n", [3]),
        ("- CI fails at cargo fmt\n  ```sh\n  cargo clean\n  ```\n- Other\n", [3]),
        ("## CI fails at cargo fmt\n\n1. Run `cargo clean`.\n2. Commit and push.\n", [3]),
        (
            "## Publish\n\n`error: crate version 1.0.0 is already uploaded`\n\n```sh\ncargo publish\n```\n",
            [6],
        ),
        ("## CI\n\n**Problem:** formatting fails\n\n**Solution:**\n\n```sh\ncargo clean\n```\n", [8]),
    ],
)
def test_lines_in_bold_and_items_with_blocks_are_parts_of_their_own(text: str, lines: list[int]) -> None:
    found = ask("documented-remedy-helps", {"Cargo.toml": CRATE, GUIDE: text})
    assert [one.line for one in found[0].evidence] == lines


@pytest.mark.parametrize(
    "text",
    [
        "**CI fails at cargo fmt**\n\nText.\n\n**Other**\n\n```sh\ncargo fmt --check\n```\n",
        "- CI fails at cargo fmt\n- Look at it\n  ```sh\n  cargo fmt --check\n  ```\n",
        "- CI fails at cargo fmt\n\nTo see it:\n\n```sh\ncargo fmt --check\n```\n",
        f"## {MODE}\n\nCommit this and push:\n\n```sh\nchmod +x scripts/x.sh\ngit push\n```\n",
        "## CI fails at cargo fmt\n\n1. Run `cargo clean`.\n2. Use the formatter of the editor.\n",
    ],
)
def test_what_belongs_to_another_part_or_is_committed_is_not_accused(text: str) -> None:
    assert ask("documented-remedy-helps", {"Cargo.toml": CRATE, GUIDE: text}) == []


def test_one_command_against_two_failures_is_told_of_each() -> None:
    one, other = under(FMT, "cargo clean"), under(MISMATCH, "cargo clean")
    text = one[GUIDE] + other[GUIDE].removeprefix("# Runbook\n")
    found = ask("documented-remedy-helps", {**one, GUIDE: text})
    assert places(found) == [(GUIDE, 6), (GUIDE, 12)]
    assert len({finding.subject for finding in found}) == len(found)
