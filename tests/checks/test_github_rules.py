from dataclasses import replace
from typing import Any

import pytest

from tasks.domain.finding import Weight
from tasks.domain.forge import ForgeBranch, ForgeProtection, ForgeRule, ForgeRules, ForgeTag
from tasks.domain.git_state import GitState
from tasks.domain.work_tree import LocalCommit, WorkTree
from tests.checks.test_github_repository import REPOSITORY, SETTINGS, one
from tests.checks.testing import CI, ask, job

BEHIND, THERE = ForgeBranch(name="main", commit="c0"), ForgeBranch(name="main", commit="c1")
NEW = ForgeBranch(name="main", commit=None)
ADMIN = replace(REPOSITORY, permissions=frozenset({"push", "admin"}))


def rule(kind: str, bypass: str | None = None, **parameters: Any) -> ForgeRule:
    return ForgeRule(type=kind, source="o/n", bypass=bypass, parameters=parameters)


def rules(*found: ForgeRule, **more: Any) -> ForgeRules:
    return ForgeRules(branch="main", rules=found, **{"protected": None, **more})


def test_a_rule_that_refuses_pushes_is_named() -> None:
    found = one(
        ask("push-not-ruled-out", {}, rules(rule("pull_request"), rule("deletion")), BEHIND, SETTINGS)
    )
    assert (found.subject, found.weight) == ("main: pull_request", Weight.WARNING)
    certain = rules(rule("pull_request", "never"))
    assert one(ask("push-not-ruled-out", {}, certain, BEHIND, SETTINGS)).blocks


def test_a_rule_that_the_token_s_user_may_break_refuses_nothing() -> None:
    for bypass in ("always", "exempt"):
        assert ask("push-not-ruled-out", {}, rules(rule("update", bypass)), BEHIND, SETTINGS) == []
    only_requests = rules(rule("update", "pull_requests_only"))
    assert one(ask("push-not-ruled-out", {}, only_requests, BEHIND, SETTINGS)).blocks


def test_rules_refuse_nothing_when_nothing_is_pushed_or_they_are_about_other_things() -> None:
    assert ask("push-not-ruled-out", {}, rules(rule("pull_request")), THERE, SETTINGS) == []
    others = rules(rule("deletion"), rule("non_fast_forward"), rule("creation", "never"))
    assert ask("push-not-ruled-out", {}, others, BEHIND, SETTINGS) == []


def test_a_branch_that_is_not_there_yet_is_made_and_not_updated() -> None:
    assert one(ask("push-not-ruled-out", {}, rules(rule("creation", "never")), NEW, SETTINGS)).blocks
    assert ask("push-not-ruled-out", {}, rules(rule("pull_request", "never")), NEW, SETTINGS) == []


def test_a_rule_about_signatures_stops_only_who_does_not_sign() -> None:
    found = one(ask("push-not-ruled-out", {}, rules(rule("required_signatures", "never")), BEHIND, SETTINGS))
    assert (found.weight, "unless they are" in found.message) == (Weight.WARNING, True)


def test_classic_protection_stops_who_is_no_administrator() -> None:
    guarded = rules(protected=True, protection=ForgeProtection(reviews=True))
    assert one(ask("push-not-ruled-out", {}, guarded, BEHIND, SETTINGS, REPOSITORY)).blocks
    assert ask("push-not-ruled-out", {}, guarded, BEHIND, SETTINGS, ADMIN) == []
    strict = rules(protected=True, protection=ForgeProtection(reviews=True, admins=True))
    assert one(ask("push-not-ruled-out", {}, strict, BEHIND, SETTINGS, ADMIN)).blocks


def test_protection_that_is_not_shown_is_unknown_and_that_of_nothing_refuses_nothing() -> None:
    hidden = one(ask("push-not-ruled-out", {}, rules(protected=True), BEHIND, SETTINGS, REPOSITORY))
    assert (hidden.verdict, hidden.weight) == ("unknown", "note")
    harmless = rules(protected=True, protection=ForgeProtection())
    assert ask("push-not-ruled-out", {}, harmless, BEHIND, SETTINGS, REPOSITORY) == []


def merging(*, merges: bool) -> WorkTree:
    state = GitState(commit="c1", branch="main", origin=None, upstream="c0", ahead=1, behind=0)
    return WorkTree(state=state, unpushed=(LocalCommit(id="c1", title="Merge x", merges=merges),))


def test_a_linear_history_takes_no_merge_commits() -> None:
    linear = rules(rule("required_linear_history", "never"))
    found = one(ask("push-not-ruled-out", {}, linear, BEHIND, SETTINGS, REPOSITORY, merging(merges=True)))
    assert (found.subject, found.blocks) == ("main: linear history", True)
    classic = rules(protected=True, protection=ForgeProtection(linear=True))
    given = (classic, BEHIND, SETTINGS)
    assert one(ask("push-not-ruled-out", {}, *given, REPOSITORY, merging(merges=True))).blocks
    assert ask("push-not-ruled-out", {}, *given, ADMIN, merging(merges=True)) == []


def test_a_linear_history_is_fine_with_plain_commits_and_with_who_may_break_it() -> None:
    linear, waived = (rules(rule("required_linear_history", bypass)) for bypass in ("never", "always"))
    assert ask("push-not-ruled-out", {}, linear, BEHIND, SETTINGS, REPOSITORY, merging(merges=False)) == []
    assert ask("push-not-ruled-out", {}, waived, BEHIND, SETTINGS, REPOSITORY, merging(merges=True)) == []


PLANNED = ForgeTag(name="v1.0.0")


def test_a_rule_against_new_tags_stops_the_release() -> None:
    closed = rules(tag="v1.0.0", on_tag=(rule("creation", "never"),))
    found = one(ask("tag-not-ruled-out", {}, closed, PLANNED))
    assert (found.blocks, found.phase) == (True, "release")
    untold = rules(tag="v1.0.0", on_tag=(rule("creation"),))
    assert one(ask("tag-not-ruled-out", {}, untold, PLANNED)).weight is Weight.WARNING


def test_a_tag_that_is_there_or_may_be_made_is_not_ruled_out() -> None:
    closed = rules(tag="v1.0.0", on_tag=(rule("creation", "never"), rule("deletion", "never")))
    assert ask("tag-not-ruled-out", {}, closed, replace(PLANNED, commit="c1")) == []
    assert ask("tag-not-ruled-out", {}, rules(on_tag=(rule("creation", "always"),)), PLANNED) == []
    assert ask("tag-not-ruled-out", {}, rules(on_tag=(rule("update", "never"),)), PLANNED) == []


@pytest.mark.parametrize(
    ("operator", "pattern", "negate", "refused"),
    [
        ("starts_with", "v", False, False),
        ("starts_with", "release-", False, True),
        ("starts_with", "v", True, True),
        ("ends_with", ".0", False, False),
        ("contains", "beta", False, True),
        ("regex", r"^v\d+\.\d+\.\d+$", False, False),
        ("regex", r"^\d", False, True),
        ("regex", "(", False, False),
    ],
)
def test_the_pattern_for_names_of_tags_is_applied(
    operator: str, pattern: str, negate: bool, refused: bool
) -> None:
    named = rule("tag_name_pattern", "never", operator=operator, pattern=pattern, negate=negate)
    assert bool(ask("tag-not-ruled-out", {}, rules(on_tag=(named,)), PLANNED)) is refused


FILES = {CI: job("- run: x"), "src/main.rs": "fn main() {}", "tool.exe": "x" * 50}


def pushing(*paths: str) -> WorkTree:
    state = GitState(commit="c1", branch="main", origin=None, upstream="c0", ahead=1, behind=0)
    return WorkTree(state=state, unpushed=(LocalCommit(id="c1", title="x", paths=paths),))


@pytest.mark.parametrize(
    "given",
    [
        rule("file_path_restriction", "never", restricted_file_paths=[".github/**/*"]),
        rule("file_path_restriction", "never", restricted_file_paths=[".github/workflows/*"]),
        rule("max_file_path_length", "never", max_file_path_length=20),
    ],
)
def test_a_rule_about_files_refuses_a_push_that_brings_such_a_file(given: ForgeRule) -> None:
    found = one(ask("pushed-files-allowed", FILES, rules(on_files=(given,)), BEHIND, pushing(CI)))
    assert (found.blocks, [place.file for place in found.evidence]) == (True, [CI])
    assert ask("pushed-files-allowed", FILES, rules(on_files=(given,)), BEHIND, pushing("src/main.rs")) == []


def test_rules_about_endings_and_sizes_look_at_all_files_when_the_branch_is_new() -> None:
    endings = rule("file_extension_restriction", None, restricted_file_extensions=["*.exe"])
    found = one(ask("pushed-files-allowed", FILES, rules(on_files=(endings,)), NEW, pushing()))
    assert ([place.file for place in found.evidence], found.weight) == (["tool.exe"], Weight.WARNING)
    sizes = rule("max_file_size", "never", max_file_size=1)
    assert ask("pushed-files-allowed", FILES, rules(on_files=(sizes,)), NEW, pushing()) == []
    large: dict[str, str | bytes] = {**FILES, "data.bin": b"0" * (1024**2 + 1)}
    assert one(ask("pushed-files-allowed", large, rules(on_files=(sizes,)), NEW, pushing())).blocks


def test_what_a_push_brings_to_an_unknown_branch_accuses_nobody() -> None:
    given = rule("file_path_restriction", "never", restricted_file_paths=["**/*"])
    elsewhere = ForgeBranch(name="main", commit="c9")
    assert ask("pushed-files-allowed", FILES, rules(on_files=(given,)), elsewhere, pushing(CI)) == []
    waived = replace(given, bypass="always")
    assert ask("pushed-files-allowed", FILES, rules(on_files=(waived,)), BEHIND, pushing(CI)) == []


def required(*names: str, app: int | None = 15368) -> ForgeRules:
    wanted = [{"context": name, "integration_id": app} for name in names]
    return rules(rule("required_status_checks", required_status_checks=wanted))


LANES = "strategy: {matrix: {os: [ubuntu-latest, macos-latest]}}"


def test_a_required_check_that_no_job_makes_is_named() -> None:
    found = ask("required-checks-made", {CI: job("- run: x")}, required("build", "test"))
    assert [finding.subject for finding in found] == ["test"]
    old = rules(protected=True, protection=ForgeProtection(checks=(("old", None),)))
    assert "unless another app does" in one(ask("required-checks-made", {CI: job("- run: x")}, old)).message


@pytest.mark.parametrize(
    ("extra", "name"),
    [
        ("name: Build it", "Build it"),
        (LANES, "build (ubuntu-latest)"),
        (f"{LANES}\nname: On ${{{{ matrix.os }}}}", "On macos-latest"),
        ("name: Build ${{ github.ref_name }}", "Build main"),
    ],
)
def test_jobs_make_checks_of_their_names_and_lanes(extra: str, name: str) -> None:
    assert ask("required-checks-made", {CI: job("- run: x", extra=extra)}, required(name)) == []
    assert len(ask("required-checks-made", {CI: job("- run: x", extra=extra)}, required("Other"))) == 1


def test_the_jobs_of_a_called_workflow_and_the_checks_of_other_apps_are_known() -> None:
    caller = "on: push\njobs:\n  all: {uses: ./.github/workflows/called.yml}\n"
    files = {CI: caller, ".github/workflows/called.yml": job("- run: x", on="workflow_call")}
    assert ask("required-checks-made", files, required("all / build")) == []
    assert len(ask("required-checks-made", files, required("all / test"))) == 1
    assert ask("required-checks-made", files, required("codecov/patch", app=254)) == []
    elsewhere = {CI: "on: push\njobs:\n  all: {uses: a/b/.github/workflows/c.yml@v1}\n"}
    assert ask("required-checks-made", elsewhere, required("all / anything")) == []
