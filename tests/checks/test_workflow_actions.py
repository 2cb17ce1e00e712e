import pytest

from tests.checks.testing import CI, answers, ask, job, places

SHA = "a" * 40


def test_the_day_on_which_a_version_ended_is_told_of_that_version() -> None:
    files = {CI: job("- uses: actions/upload-artifact@v2\n- uses: actions/upload-artifact@v3")}
    found = ask("action-is-supported", files)
    assert [one.message[-10:] for one in found] == ["2024-06-30", "2025-01-30"]


@pytest.mark.parametrize(
    ("uses", "subject", "weight"),
    [
        ("actions/upload-artifact@v3", "actions/upload-artifact@v3", "blocker"),
        ("actions/download-artifact@v2.1.0", "actions/download-artifact@v2", "blocker"),
        ("actions/cache@v2", "actions/cache@v2", "blocker"),
        (f"actions/upload-artifact@{SHA} # v3.1.2", "actions/upload-artifact@v3", "blocker"),
        ("actions/cache@v3.2.6", "actions/cache@v3.2", "blocker"),
        ("actions/cache/restore@v4.1.0", "actions/cache/restore@v4.1", "blocker"),
        (f"actions/cache@{SHA} # v4.0.2", "actions/cache@v4.0", "blocker"),
        ("actions-rs/toolchain@v1", "actions-rs/toolchain@v1", "warning"),
        ("docker/login-action@v1", "older Node", "note"),
        ("actions/cache@v3.4.1", "older Node", "note"),
        ("actions/checkout@v4", "older Node", "note"),
        ("actions/deploy-pages@v4", "older Node", "note"),
        ("actions/upload-pages-artifact@v4", "older Node", "note"),
        ("actions/create-github-app-token@v2", "older Node", "note"),
    ],
)
def test_an_action_that_ended_is_named_with_its_line(uses: str, subject: str, weight: str) -> None:
    (found,) = ask("action-is-supported", {CI: job(f"- uses: {uses}")})
    assert (places([found]), found.subject, found.weight) == ([(CI, 6)], subject, weight)


OTHER = ".github/workflows/release.yml"


def test_an_action_is_told_once_with_all_its_places() -> None:
    text = job("- uses: actions/upload-artifact@v3\n- uses: actions/upload-artifact@v3")
    (found,) = ask("action-is-supported", {CI: text})
    assert [one.line for one in found.evidence] == [6, 7]


def test_actions_for_an_older_node_are_one_note_with_what_replaces_them() -> None:
    steps = "- uses: actions/checkout@v4\n- uses: actions/cache@v4\n- uses: actions/checkout@v4"
    (found,) = ask("action-is-supported", {CI: job(steps)})
    assert [one.line for one in found.evidence] == [6, 7, 8]
    assert "actions/checkout@v4 and actions/cache@v4 ask for Node 20 or older" in found.message
    assert found.remedy is not None
    assert found.remedy.summary.startswith("Use actions/checkout@v")


def test_of_many_older_actions_each_is_named_and_shown_once_before_the_rest() -> None:
    names = ["checkout", "cache", "setup-node", "setup-python", "setup-go", "setup-java"]
    names += ["upload-artifact", "download-artifact", "github-script", "labeler"]
    steps = "\n".join(["- uses: actions/checkout@v4"] * 9 + [f"- uses: actions/{one}@v4" for one in names])
    (found,) = ask("action-is-supported", {CI: job(steps)})
    older = [f"actions/{one}@v" for one in names]
    assert found.remedy is not None
    assert [one for one in older if one not in found.remedy.summary] == []
    assert [one.line for one in found.evidence] == [6, *range(16, 25)]
    assert found.message.endswith("runners take Node 24 instead (and 9 more places)")


def test_an_action_that_changed_its_node_within_a_major_version_is_told_by_its_exact_version() -> None:
    steps = f"""\
        - uses: Swatinem/rust-cache@v2.8.0
        - uses: swatinem/rust-cache@{SHA} # v2.7.8
        - uses: mozilla-actions/sccache-action@v0.0.9
        - uses: Swatinem/rust-cache@v2.9.1
        - uses: Swatinem/rust-cache@v2
        - uses: aws-actions/amazon-ecr-login@v2.0.2
        - uses: mozilla-actions/sccache-action@v0.0.10
        """
    (found,) = ask("action-is-supported", {CI: job(steps)})
    assert [one.line for one in found.evidence] == [6, 7, 8]
    assert "rust-cache@v2.8.0, " in found.message
    assert found.remedy is not None
    assert "rust-cache@v2.9.0" in found.remedy.summary
    assert "sccache-action@v0.0.10" in found.remedy.summary


def test_the_first_checkout_is_a_plugin_and_the_first_docker_action_an_image_without_node() -> None:
    steps = "- uses: actions/checkout@v1\n- uses: docker/build-push-action@v1"
    assert ask("action-is-supported", {CI: job(steps)}) == []


SCCACHE = """\
on: push
env: {SCCACHE_GHA_ENABLED: "true", RUSTC_WRAPPER: sccache}
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: mozilla-actions/sccache-action@v0.0.4
      - run: cargo build
"""


def test_a_compiler_behind_an_sccache_that_cannot_start_is_named() -> None:
    set_by_step = SCCACHE.replace('env: {SCCACHE_GHA_ENABLED: "true", RUSTC_WRAPPER: sccache}\n', "").replace(
        "run: cargo",
        "run: echo RUSTC_WRAPPER=sccache >> $GITHUB_ENV; echo SCCACHE_GHA_ENABLED=true >> $GITHUB_ENV; cargo",
    )
    pinned = SCCACHE.replace("@v0.0.4", f"@{SHA} # v0.0.5")
    for text, line in ((SCCACHE, 7), (set_by_step, 6), (pinned, 7)):
        (found,) = ask("action-is-supported", {CI: text})
        assert (places([found]), found.weight) == ([(CI, line)], "blocker")


def test_an_sccache_that_starts_or_keeps_its_files_elsewhere_is_fine() -> None:
    for text in (
        SCCACHE.replace("0.0.4", "0.0.9"),
        SCCACHE.replace("0.0.4", "0.0.8"),
        SCCACHE.replace("0.0.4", "0.0.10"),
        SCCACHE.replace("RUSTC_WRAPPER", "OTHER"),
        SCCACHE.replace("SCCACHE_GHA_ENABLED", "SCCACHE_BUCKET"),
        SCCACHE.replace("env: {", "env: {SCCACHE_BUCKET: b, "),
        SCCACHE.replace('"true"', '"false"'),
    ):
        assert [one.subject for one in ask("action-is-supported", {CI: text})] in ([], ["older Node"])


def test_actions_of_composite_actions_are_looked_at() -> None:
    action = "runs:\n  using: composite\n  steps:\n    - uses: actions/upload-artifact@v3\n"
    assert places(ask("action-is-supported", {"a/action.yml": action})) == [("a/action.yml", 4)]


def test_new_versions_and_versions_nobody_can_tell_are_fine() -> None:
    steps = f"""
        - uses: actions/checkout@v7
        - uses: actions/upload-artifact@v6
        - uses: actions/upload-artifact@{SHA}
        - uses: actions/upload-artifact@main
        - uses: other/upload-artifact@v1
        - uses: ./actions/upload-artifact
    """
    assert ask("action-is-supported", {CI: job(steps)}) == []


def test_an_action_of_the_repository_for_an_old_node_is_named() -> None:
    files = {"a/action.yml": "runs:\n  using: node16\n  main: x.js\n"}
    assert places(ask("action-runtime-current", files)) == [("a/action.yml", 2)]


def test_an_action_for_a_node_of_today_is_fine() -> None:
    files = {"a/action.yml": "runs: {using: node24, main: x.js}", "b/action.yml": "runs: {using: docker}"}
    assert [one.verdict for one in answers("action-runtime-current", files)] == ["holds"]


def test_a_printed_command_that_is_switched_off_is_named() -> None:
    found = ask("workflow-command-works", {CI: job('- run: |\n    make\n    echo "::set-env name=A::b"')})
    assert (places(found), found[0].weight) == ([(CI, 8)], "blocker")


def test_printed_outputs_still_work_and_are_one_note() -> None:
    text = job("- run: echo ::set-output name=a::$X")
    (found,) = ask("workflow-command-works", {CI: text, ".github/workflows/two.yml": text})
    assert [one.file for one in found.evidence] == [CI, ".github/workflows/two.yml"]
    assert (found.subject, found.weight) == ("::set-output", "note")


def test_commands_that_still_work_are_fine() -> None:
    steps = '- run: |\n    echo "::error::x"\n    echo "::add-mask::$X"\n    echo "A=b" >> "$GITHUB_ENV"'
    assert ask("workflow-command-works", {CI: job(steps)}) == []


def test_an_action_that_ended_stops_the_phase_of_the_workflow_that_needs_it_first() -> None:
    uses = "- uses: actions/upload-artifact@v3"
    nightly = job(uses, on="{schedule: [{cron: '0 1 * * *'}], workflow_dispatch: }")
    release = job(uses, on="{push: {tags: ['v*']}}")
    other = ".github/workflows/other.yml"
    (alone,) = ask("action-is-supported", {CI: nightly})
    (both,) = ask("action-is-supported", {CI: nightly, other: release})
    assert (alone.weight, both.weight, both.phase) == ("warning", "blocker", "release")


def test_an_action_for_an_older_node_without_a_newer_version_is_listed_with_the_others() -> None:
    text = job("- uses: actions/checkout@v4\n- uses: rustsec/audit-check@v2.0.0")
    (found,) = ask("action-is-supported", {CI: text})
    assert "actions/checkout@v4 and rustsec/audit-check@v2 ask for Node 20 or older" in found.message
    assert [one.line for one in found.evidence] == [6, 7]
    assert found.remedy is not None
    assert found.remedy.summary == "Use actions/checkout@v5 or newer; there is no newer rustsec/audit-check"
    # Alone it is nothing that anybody could change.
    assert ask("action-is-supported", {CI: job("- uses: rustsec/audit-check@v2.0.0")}) == []


def test_older_actions_that_dist_wrote_are_changed_by_its_settings() -> None:
    made = "# This file was autogenerated by dist: https://github.com/astral-sh/cargo-dist\n"
    files = {CI: job("- uses: actions/checkout@v4"), OTHER: made + job("- uses: actions/checkout@v4")}
    own, theirs = ask("action-is-supported", files)
    assert ([one.file for one in own.evidence], [one.file for one in theirs.evidence]) == ([CI], [OTHER])
    assert theirs.remedy is not None
    assert "github-action-commits" in theirs.remedy.summary


@pytest.mark.parametrize("comment", ["v4.2.1", "pin@v4.2.1", "tag=v4", "actions/checkout@v4", "pin: 4.2"])
def test_the_comment_behind_a_commit_tells_the_version_in_any_spelling(comment: str) -> None:
    text = job(f"- uses: actions/checkout@{'e' * 40} # {comment}")
    (found,) = ask("action-is-supported", {CI: text})
    assert found.message.startswith("actions/checkout@v4 asks for Node 20")


def test_a_comment_that_no_tool_writes_is_left_from_the_ref_before_and_proves_no_version() -> None:
    text = job(f"- uses: actions/checkout@{'e' * 40} # @v4")
    assert ask("action-is-supported", {CI: text}) == []


def test_the_actions_of_pages_are_known_by_their_node() -> None:
    (found,) = ask("action-is-supported", {CI: job("- uses: actions/configure-pages@v5")})
    assert found.remedy is not None
    assert "actions/configure-pages@v6" in found.remedy.summary
    assert ask("action-is-supported", {CI: job("- uses: actions/configure-pages@v6")}) == []


@pytest.mark.parametrize("name", ["checkout", "upload-artifact", "download-artifact"])
def test_a_branch_that_was_left_behind_is_for_the_node_of_its_last_version(name: str) -> None:
    (found,) = ask("action-is-supported", {CI: job(f"- uses: actions/{name}@master")})
    assert (places([found]), found.subject, found.weight) == ([(CI, 6)], "older Node", "note")
    assert f"actions/{name}@master asks for Node 20" in found.message


def test_a_branch_that_still_moves_is_fine() -> None:
    steps = "- uses: actions/checkout@main\n- uses: actions/download-artifact@main\n- uses: a/b@master"
    assert ask("action-is-supported", {CI: job(steps)}) == []


PINNED = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # "


@pytest.mark.parametrize(
    ("first", "second", "lines"),
    [("v4.5.4", "v6.0.2", []), ("v4", "v4.2.2", [6, 7]), ("v4.5.4", "v4.5.4", [6, 7])],
)
def test_a_comment_proves_no_version_where_another_says_otherwise(
    first: str, second: str, lines: list[int]
) -> None:
    found = ask("action-is-supported", {CI: job(f"- uses: {PINNED}{first}\n- uses: {PINNED}{second}")})
    assert [one.line for finding in found for one in finding.evidence] == lines


def test_an_archived_action_is_told_whatever_comments_say_of_its_version() -> None:
    pinned = "actions-rs/toolchain@16499b5e05bf2e26879000db0c1d13f7e13fa3af # "
    found = ask("action-is-supported", {CI: job(f"- uses: {pinned}v1\n- uses: {pinned}v2")})
    assert "archived" in found[0].message
