import dataclasses
from typing import Any

import pytest

from tasks.domain.cron import CronError, closest, minutes
from tasks.domain.git_state import GitState
from tests.checks.testing import CI, ask, job, places

RUN = "- run: make"
ON_MAIN = GitState(commit="a" * 40, branch="main", origin=None, default_branch="main")


@pytest.mark.parametrize(
    ("on", "subject"),
    [
        ("pull-request", "on.pull-request"),
        ("[push, relase]", "on.relase"),
        ("{push: {branch: [main]}}", "on.push.branch"),
        ("{push: {branches: [a], branches-ignore: [b]}}", "on.push.branches-ignore"),
        ("{push: {tags: ['?x']}}", "on.push: ?x"),
        ("{release: {types: [publish]}}", "on.release.types: publish"),
        ("{workflow_dispatch: {input: {}}}", "on.workflow_dispatch.input"),
    ],
)
def test_what_github_does_not_know_in_on_is_named(on: str, subject: str) -> None:
    (found,) = ask("trigger-is-known", {CI: job(RUN, on=on)})
    assert (places([found]), found.subject) == ([(CI, 1)], f"ci.yml: {subject}")


def test_triggers_that_github_knows_are_accepted() -> None:
    for on in (
        "push",
        "[push, pull_request, merge_group]",
        "{push: {branches: main, tags: ['v*', '!v0*'], paths: ['**.rs']}, repository_dispatch: {types: [x]}}",
        "{workflow_run: {workflows: [A], types: [completed], branches: [main]}, issues: {types: [typed]}}",
    ):
        assert ask("trigger-is-known", {CI: job(RUN, on=on)}) == []


@pytest.mark.parametrize(
    "cron", ["0 5 * *", "60 * * * *", "* * * * MOND", "@daily", "0 24 * * *", "*/0 * * * *", "5-1 * * * *"]
)
def test_a_schedule_that_is_none_is_refused(cron: str) -> None:
    with pytest.raises(CronError):
        minutes(cron)


def test_a_schedule_tells_the_minutes_at_which_it_fires() -> None:
    assert sorted(minutes("*/20 0-5/2 1,15 JAN-MAR mon")) == [0, 20, 40]
    assert (closest(minutes("*/20 * * * *")), closest(minutes("0 * * * *"))) == (20, 60)


def test_a_schedule_of_four_fields_is_named_with_its_line() -> None:
    text = "on:\n  schedule:\n    - cron: '0 5 * *'\njobs: {}\n"
    (found,) = ask("schedule-is-valid", {CI: text})
    assert (places([found]), found.weight) == ([(CI, 3)], "blocker")


def test_a_schedule_of_every_minute_is_a_warning_and_every_five_minutes_is_not() -> None:
    text = "on:\n  schedule:\n    - cron: '*/5 * * * *'\n    - cron: '* * * * *'\njobs: {}\n"
    (found,) = ask("schedule-is-valid", {CI: text})
    assert (places([found]), found.weight) == ([(CI, 4)], "warning")


def test_a_workflow_that_waits_for_a_name_that_is_not_there_is_named() -> None:
    waits = job(RUN, on="{workflow_run: {workflows: [Tests, Build]}}")
    files = {CI: f"name: Builds\n{job(RUN)}", ".github/workflows/w.yml": waits, "x/t.yml": "name: Tests"}
    files[".github/workflows/t.yml"] = f"name: Tests\n{job(RUN)}"
    (found,) = ask("workflow-run-name-exists", files)
    assert (places([found]), found.subject) == ([(".github/workflows/w.yml", 1)], "w.yml: Build")


def test_a_name_in_a_file_that_does_not_parse_is_not_accused() -> None:
    waits = job(RUN, on="{workflow_run: {workflows: [Tests]}}")
    files = {CI: waits, ".github/workflows/t.yml": "name: Tests\njobs: 'x' y\n"}
    assert ask("workflow-run-name-exists", files) == []


def test_a_push_filter_for_master_while_the_default_branch_is_main_is_named() -> None:
    text = job(RUN, on="{push: {branches: [master]}}")
    assert places(ask("trigger-names-default-branch", {CI: text}, ON_MAIN)) == [(CI, 1)]


def test_a_renamed_branch_is_one_finding_for_all_events_and_files() -> None:
    text = job(RUN, on="\n  push: {branches: [master]}\n  pull_request: {branches: [master]}")
    (found,) = ask("trigger-names-default-branch", {CI: text, ".github/workflows/z.yml": text}, ON_MAIN)
    assert [(one.file, one.line) for one in found.evidence] == [
        (file, line) for file in (CI, ".github/workflows/z.yml") for line in (2, 3)
    ]
    assert found.message == "waits for master (push and pull_request); the default branch is main"


def test_a_dead_filter_of_a_workflow_that_others_call_is_a_note_that_does_not_tell_to_run_it_twice() -> None:
    text = job(RUN, on="{push: {branches: [master]}, workflow_call: }")
    caller = "on: push\njobs:\n  release: {uses: ./.github/workflows/ci.yml}\n"
    files = {CI: text, ".github/workflows/main.yml": caller}
    (found,) = ask("trigger-names-default-branch", files, ON_MAIN)
    assert (places([found]), found.weight) == ([(CI, 1)], "note")
    assert found.remedy is not None
    assert found.remedy.summary.startswith("Take the trigger out")


def test_filters_for_other_branches_are_not_accused() -> None:
    for branches in ("[main, master]", "[release]", "['**']", "[master, 'release/**']"):
        text = job(RUN, on=f"{{push: {{branches: {branches}}}}}")
        assert ask("trigger-names-default-branch", {CI: text}, ON_MAIN) == []
    assert ask("trigger-names-default-branch", {CI: job(RUN, on="{push: {branches: [master]}}")}) == []


def test_paths_that_let_no_file_in_are_named() -> None:
    text = job(RUN, on="{push: {paths: ['crate/**', '!crate/x']}}")
    (found,) = ask("trigger-paths-match", {CI: text, "crates/a/x": ""})
    assert (places([found]), found.weight) == ([(CI, 1)], "warning")


def test_a_workflow_that_nothing_starts_is_one_finding_that_says_to_delete_it() -> None:
    on = "{push: {paths: ['old/**']}, pull_request: {paths: ['old/**']}}"
    (found,) = ask("trigger-paths-match", {CI: job(RUN, on=on), "crates/a/x": ""})
    assert found.message == "no file of the repository is let in by its paths: nothing starts ci.yml"
    assert found.remedy is not None
    assert "Delete the workflow" in found.remedy.summary
    by_hand = on.replace("}}", "}, workflow_dispatch: }")
    (found,) = ask("trigger-paths-match", {CI: job(RUN, on=by_hand), "crates/a/x": ""})
    assert found.message.endswith("no push and no pull_request starts ci.yml")


def test_one_path_of_several_that_matches_nothing_is_a_note() -> None:
    text = job(RUN, on="{push: {paths: ['crates/**', 'Cargo.lock']}}")
    (found,) = ask("trigger-paths-match", {CI: text, "crates/a/x": ""})
    assert found.weight == "note"


def test_paths_that_let_files_in_are_fine() -> None:
    text = job(RUN, on="{push: {paths: ['**/*.rs', 'crates/**', .github/workflows/*.yml]}}")
    assert ask("trigger-paths-match", {CI: text, "crates/a/x.rs": ""}) == []


@pytest.mark.parametrize(
    ("on", "weight", "consequence"),
    [
        (
            "{push: {path: [a]}}",
            "warning",
            "this filter, and every push starts it: the event push has no 'path'; did",
        ),
        ("{pull_request: {path: [a]}}", "warning", "and every pull request starts it"),
        ("{push: {path: [a], branches: [main]}}", "warning", "only the other filters narrow it"),
        ("{pull_request: {tags-ignore: ['**']}}", "warning", "GitHub ignores this filter"),
        ("{workflow_dispatch: {input: {}}}", "blocker", "has no 'input'; did you mean 'inputs'?"),
    ],
)
def test_a_filter_that_github_does_not_know_has_no_effect(on: str, weight: str, consequence: str) -> None:
    (found,) = ask("trigger-is-known", {CI: job(RUN, on=on)})
    assert (found.weight, consequence in found.message) == (weight, True)


def test_a_filter_with_a_slip_has_a_command_that_writes_it_right() -> None:
    (found,) = ask("trigger-is-known", {CI: job(RUN, on="{push: {path: [a]}}")})
    assert found.remedy is not None
    assert "s/{path:/{paths:/" in found.remedy.commands[0]


def test_the_same_dead_paths_of_two_events_are_one_finding_and_kinds_of_files_none() -> None:
    text = job(
        RUN, on="{push: {paths: ['src/**', 'old/**', '**.ts']}, pull_request: {paths: ['src/**', 'old/**']}}"
    )
    (found,) = ask("trigger-paths-match", {CI: text, "src/x.rs": ""})
    assert (found.message, found.weight) == ("no file of the repository matches old/**", "note")


def test_a_tag_starts_a_workflow_whatever_its_paths() -> None:
    text = job(RUN, on="{push: {tags: ['v*'], paths: [old/**]}}")
    (found,) = ask("trigger-paths-match", {CI: text})
    assert found.weight == "note"


def test_a_pattern_for_names_of_workflows_is_not_judged() -> None:
    assert ask("workflow-run-name-exists", {CI: job(RUN, on="{workflow_run: {workflows: ['*']}}")}) == []


def _after(on: str, branches: str = "") -> dict[str, str]:
    after = job(RUN, on=f"{{workflow_run: {{workflows: [CI]{branches}}}}}")
    return {CI: f"name: CI\n{job(RUN, on=on)}", ".github/workflows/z.yml": after}


@pytest.mark.parametrize(
    ("on", "branches", "why"),
    [
        ("workflow_call", "", "ci.yml never runs alone"),
        ("{push: {branches: [develop]}}", ", branches: [main]", "ci.yml never runs on main"),
        ("{push: {tags: ['v*']}}", ", branches: [main, next]", "ci.yml never runs on main and next"),
    ],
)
def test_a_workflow_that_waits_for_a_run_that_cannot_be_is_told(on: str, branches: str, why: str) -> None:
    (found,) = ask("workflow-run-can-happen", _after(on, branches))
    assert (places([found]), why in found.message) == ([(".github/workflows/z.yml", 1)], True)


@pytest.mark.parametrize(
    ("on", "branches"),
    [
        ("[workflow_call, push]", ""),
        ("{push: {branches: [main]}}", ", branches: [main]"),
        ("{push: {branches: [develop]}}", ", branches: ['m*']"),
        ("{push: {branches: [develop]}, pull_request: }", ", branches: [main]"),
        ("{push: {branches: [develop]}, workflow_dispatch: }", ", branches: [main]"),
        ("push", ", branches: [main]"),
    ],
)
def test_a_run_that_may_be_is_waited_for_with_reason(on: str, branches: str) -> None:
    assert ask("workflow-run-can-happen", _after(on, branches)) == []


def test_an_activity_that_is_not_there_takes_nothing_from_the_others() -> None:
    found = ask("trigger-is-known", {CI: job(RUN, on="{pull_request: {types: [opened, synchronized]}}")})
    assert [(one.subject, one.weight) for one in found] == [
        ("ci.yml: on.pull_request.types: synchronized", "warning")
    ]


def test_a_filter_that_leaves_every_file_out_starts_nothing() -> None:
    text = job(RUN, on="{push: {branches: [main], paths-ignore: ['**']}}")
    (found,) = ask("trigger-paths-match", {CI: text, "src/main.rs": ""})
    assert (places([found]), found.weight) == ([(CI, 1)], "warning")


def test_a_filter_that_leaves_some_files_in_is_fine() -> None:
    for ignored in ("'**.md'", "'**', '!src/**'"):
        text = job(RUN, on=f"{{push: {{paths-ignore: [{ignored}]}}}}")
        assert ask("trigger-paths-match", {CI: text, "src/main.rs": "", "a.md": ""}) == []
    with_tags = job(RUN, on="{push: {paths-ignore: ['**'], tags: ['v*']}}")
    assert ask("trigger-paths-match", {CI: with_tags}) == []


def test_a_branch_that_the_remote_has_beside_the_default_one_may_be_waited_for() -> None:
    text = job(RUN, on="{push: {branches: [master]}}")
    for others, told in (({"main", "master"}, []), ({"main"}, [(CI, 1)])):
        git = dataclasses.replace(ON_MAIN, remote_branches=frozenset(others))
        assert places(ask("trigger-names-default-branch", {CI: text}, git)) == told


ALONE = GitState(commit="a" * 40, branch="master", origin=None)
OTHER = ".github/workflows/other.yml"


def test_a_branch_whose_pushes_start_nothing_is_a_note_where_no_remote_tells_the_default_one() -> None:
    files = {
        CI: job("- run: x", on="{push: {branches: [main]}, pull_request: {branches: [main]}}"),
        OTHER: job("- run: x", on="{push: {tags: ['v*']}, workflow_dispatch: }"),
    }
    (found,) = ask("trigger-names-default-branch", files, ALONE)
    assert (found.subject, places([found]), found.weight) == ("pushes of master", [(CI, 1)], "note")
    assert "HEAD is on master" in found.message
    assert found.remedy is not None
    assert found.remedy.commands == ("git branch --move master main",)


@pytest.mark.parametrize(
    ("on", "git"),
    [
        ("{push: {branches: [main]}}", GitState(commit="a" * 40, branch="feature", origin=None)),
        ("{push: {branches: [main]}}", GitState(commit="a" * 40, branch="master", origin="git@x:a/b.git")),
        ("{push: {branches: [main]}}", GitState(commit="a" * 40, branch=None, origin=None)),
        ("{push: {branches: [main, 'ma*']}}", ALONE),
        ("{push: {branches: [main]}, pull_request: }", ALONE),
        ("push", ALONE),
        ("{push: {tags: ['v*']}}", ALONE),
        ("{push: {branches: ['**']}}", ALONE),
    ],
)
def test_a_branch_that_may_start_something_or_may_not_be_the_default_one_is_fine(
    on: str, git: GitState
) -> None:
    assert ask("trigger-names-default-branch", {CI: job("- run: x", on=on)}, git) == []


def test_one_workflow_for_every_push_is_enough() -> None:
    files = {CI: job("- run: x", on="{push: {branches: [main]}}"), OTHER: job("- run: x")}
    assert ask("trigger-names-default-branch", files, ALONE) == []


@pytest.mark.parametrize("origin", [None, "https://github.com/a/b.git"])
def test_the_only_branch_of_a_repository_that_was_never_pushed_is_taken_for_the_default_one(
    origin: str | None,
) -> None:
    git = dataclasses.replace(ALONE, origin=origin, branches=("master",))
    files = {
        CI: job("- run: x", on="{push: {branches: [main]}, pull_request: }"),
        OTHER: job("- run: x", on="{push: {branches: [master]}}"),
    }
    (found,) = ask("trigger-names-default-branch", files, git)
    assert (found.subject, places([found]), found.weight) == ("ci.yml: push", [(CI, 1)], "warning")
    assert "the only branch here is master" in found.message


@pytest.mark.parametrize(
    "changes",
    [
        {"branches": ("main", "master")},  # the other one is here as well
        {"branches": ("master",), "remote_branches": frozenset({"main"})},
        {"branches": ("feature",), "branch": "feature"},
    ],
)
def test_a_branch_beside_others_may_not_be_the_default_one(changes: dict[str, Any]) -> None:
    git = dataclasses.replace(ALONE, **changes)
    files = {CI: job("- run: x", on="{push: {branches: [main]}, pull_request: }")}
    assert ask("trigger-names-default-branch", files, git) == []
