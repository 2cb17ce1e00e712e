import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

READS = job("- run: ./deploy.sh\n  env:\n    TOKEN: ${{ secrets.DEPLOY_TOKEN }}\n")
REPOSITORY = {
    "Cargo.toml": '[workspace]\nmembers = ["crates/moon"]\n',
    "crates/moon/Cargo.toml": CRATE.replace("app", "moon"),
    "crates/moon/src/main.rs": "",
    "units/moond.service": "[Service]\n",
    "infra/main.tf": 'resource "aws_iam_role" "r" {\n  name = "moon-deploy"\n}\n',
    CI: READS,
}


SLIPS = ("DEPLOY_TOEKN", "crates/mono", "./crates/moon/Cargo.tmol", "moon-dpeloy")
NONE = ("DEPLOY_TOKEN", "crates/moon", "crates/sun", "OTHER_TOKEN", "moon-deployer", "systemctl stop monod")


@pytest.mark.parametrize("span", SLIPS)
def test_a_slip_in_a_name_of_the_repository_is_told_at_its_line(span: str) -> None:
    files = REPOSITORY | {"README.md": f"# It\n\nThe thing is `{span}`.\n"}
    assert places(ask("documented-name-spelled", files)) == [("README.md", 3)]


@pytest.mark.parametrize("span", NONE)
def test_right_names_others_and_short_ones_are_not_told(span: str) -> None:
    assert ask("documented-name-spelled", REPOSITORY | {"README.md": f"The thing is `{span}`.\n"}) == []


def test_a_name_that_something_else_writes_too_is_meant_so() -> None:
    script = "aws iam get-role --role-name moon-dpeloy\n"
    files = REPOSITORY | {"README.md": "`moon-dpeloy`\n", "make.sh": script}
    assert ask("documented-name-spelled", files) == []
    assert ask("documented-name-spelled", REPOSITORY | {"docs/session-notes.md": "`moon-dpeloy`\n"}) == []


RELEASE = job("- run: make\n", on='{push: {tags: ["v*"]}}')


def test_a_tag_for_which_nothing_starts_is_told() -> None:
    files = {CI: RELEASE, "README.md": "Then `git tag release-1.2.0 && git push origin release-1.2.0`.\n"}
    assert places(ask("documented-tag-starts", files)) == [("README.md", 1)]


@pytest.mark.parametrize(
    "said", ["`git tag v1.2.0`", "`git tag -d release-1.2.0`", "never `git tag 1.2.0`", "`git tag app-1.2.0`"]
)
def test_tags_that_start_one_are_deleted_or_are_a_package_s_own_are_not_told(said: str) -> None:
    files = {CI: RELEASE, "Cargo.toml": CRATE, "src/main.rs": "", "README.md": f"Then {said}.\n"}
    assert ask("documented-tag-starts", files) == []


def test_without_a_workflow_for_tags_no_tag_is_told() -> None:
    files = {CI: job("- run: make\n"), "README.md": "`git tag release-1.2.0`\n"}
    assert ask("documented-tag-starts", files) == []


def test_a_slip_that_two_documents_have_is_one_note() -> None:
    files = {"docs/events.mdx": "", "a.md": "`docs/events.md`\n", "b.md": "\n`docs/events.md`\n"}
    (found,) = ask("documented-name-spelled", files)
    assert [(one.file, one.line) for one in found.evidence] == [("a.md", 1), ("b.md", 2)]


def test_a_part_deep_inside_has_releases_of_its_own() -> None:
    workflow = "on:\n  push:\n    tags: ['v*']\njobs:\n  a:\n    runs-on: x\n    steps:\n    - run: x\n"
    block = "```bash\ngit tag 2022.02.25\n```\n"
    files = {".github/workflows/release.yml": workflow, "Cargo.toml": "", "a/cxx/tools/README.md": block}
    assert ask("documented-tag-starts", files) == []
    assert len(ask("documented-tag-starts", {**files, "docs/release.md": block})) == 1
