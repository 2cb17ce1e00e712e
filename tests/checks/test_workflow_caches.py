import textwrap

import pytest

from tests.checks.testing import CI, ask, job, places

OTHER = ".github/workflows/other.yml"


def cache(key: str, path: str = "target", more: str = "") -> str:
    return f"- uses: actions/cache@v5\n  with:\n    path: {path}\n    key: {key}\n{more}"


def test_a_cache_without_key_is_named() -> None:
    (found,) = ask("cache-has-key-and-path", {CI: job("- uses: actions/cache@v5\n  with: {path: x}")})
    assert (places([found]), "no key" in found.message) == ([(CI, 6)], True)


def test_a_cache_with_both_and_other_actions_are_fine() -> None:
    text = job(cache("x") + "- uses: actions/checkout@v6")
    assert ask("cache-has-key-and-path", {CI: text}) == []


@pytest.mark.parametrize(
    "key", ["cargo", "${{ runner.os }}-cargo", "${{ matrix.os }}-build", "a-v2", "a-${{ runner.os }}-v2"]
)
def test_a_key_that_never_changes_is_named(key: str) -> None:
    assert places(ask("cache-key-changes", {CI: job(cache(key))})) == [(CI, 9)]


@pytest.mark.parametrize(
    "key",
    [
        "v1.2",
        "a-v2.1",
        "${{ env.DAY }}",
        "a-${{ hashFiles('x') }}",
        "a-${{ github.sha }}",
        "tool-1.2",
        "${{ inputs.k }}",
    ],
)
def test_a_key_that_changes_is_fine(key: str) -> None:
    assert ask("cache-key-changes", {CI: job(cache(key))}) == []


def test_a_cache_of_a_tool_may_have_one_key_for_ever() -> None:
    assert ask("cache-key-changes", {CI: job(cache("tool", "~/bin/tool"))}) == []


def test_a_key_whose_cache_is_deleted_to_renew_it_is_fine() -> None:
    text = job("- run: gh cache delete a\n" + cache("a"))
    assert ask("cache-key-changes", {CI: text}) == []


def test_all_keys_that_never_change_are_one_finding() -> None:
    (found,) = ask("cache-key-changes", {CI: job(cache("a") + cache("b")), OTHER: job(cache("c"))})
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 9), (CI, 13), (OTHER, 9)]
    assert found.message.startswith("caches of ci.yml and other.yml have keys that never change")


RUST = "- uses: Swatinem/rust-cache@v2"


@pytest.mark.parametrize("on", ["pull_request", "[pull_request, merge_group]"])
def test_a_cache_that_only_pull_requests_save_is_found_by_no_other(on: str) -> None:
    (found,) = ask("cache-is-found-by-others", {CI: job(RUST, on=on), OTHER: job("- run: x", on="push")})
    assert (places([found]), found.weight) == ([(CI, 6)], "note")


def test_a_cache_that_others_never_save_is_found_by_no_other() -> None:
    saved = job(f"{RUST}\n  with: {{save-if: true}}", on="pull_request")
    never = job(f"{RUST}\n  with: {{save-if: false}}", on="push")
    assert places(ask("cache-is-found-by-others", {CI: saved, OTHER: never})) == [(CI, 6)]


def test_a_cache_that_the_default_branch_may_save_is_found() -> None:
    requests = {CI: job(RUST, on="pull_request")}
    for files in (
        {CI: job(RUST, on="[pull_request, push]")},
        {CI: job(RUST, on="[pull_request, workflow_dispatch]")},
        {CI: job(RUST, on="workflow_call")},
        {**requests, OTHER: job(RUST, on="schedule")},
        {**requests, "a/action.yml": "runs: {using: composite, steps: [{uses: Swatinem/rust-cache@v2}]}"},
        {CI: job(f"{RUST}\n  with: {{save-if: false}}", on="pull_request")},
        {**requests, OTHER: job(f"{RUST}\n  with: {{shared-key: a, save-if: true}}", on="push")},
        {**requests, OTHER: job(f"{RUST}\n  with: {{save-if: '${{{{ env.X }}}}'}}", on="push")},
    ):
        assert ask("cache-is-found-by-others", files) == []


def test_a_hashed_key_without_restore_keys_is_a_note_for_each_file() -> None:
    key = "a-${{ hashFiles('Cargo.lock') }}"
    text = job(cache(key) + cache(key, "|\n      ~/.cargo/registry\n      ~/.cargo/git"))
    (found,) = ask("cache-is-found-again", {CI: text})
    assert ([one.line for one in found.evidence], found.weight) == ([9, 15], "note")


def test_a_hashed_key_with_restore_keys_is_fine() -> None:
    text = job(cache("a-${{ hashFiles('Cargo.lock') }}", more="    restore-keys: a-\n"))
    assert ask("cache-is-found-again", {CI: text}) == []


def test_a_job_that_caches_twice_is_named() -> None:
    text = job("- uses: actions-rust-lang/setup-rust-toolchain@v1\n- uses: Swatinem/rust-cache@v2")
    (found,) = ask("cache-kept-once", {CI: text})
    assert [one.line for one in found.evidence] == [6, 7]


def test_the_jobs_of_all_files_that_cache_twice_are_one_finding() -> None:
    text = job("- uses: actions-rust-lang/setup-rust-toolchain@v1\n- uses: Swatinem/rust-cache@v2")
    (found,) = ask("cache-kept-once", {CI: text, OTHER: text})
    assert [one.file for one in found.evidence] == [CI, CI, OTHER, OTHER]


def test_one_cache_that_is_restored_twice_is_a_note_and_two_that_differ_are_a_warning() -> None:
    setup, cache = "- uses: actions-rust-lang/setup-rust-toolchain@v1\n", "- uses: Swatinem/rust-cache@v2\n"
    toolchain = "  with: {toolchain: beta, cache-on-failure: false}\n"
    workspaces = "  with: {%sworkspaces: a}\n"
    for same in (
        setup + cache,
        setup + toolchain + cache,
        setup + workspaces % "cache-" + cache + workspaces % "",
    ):
        (found,) = ask("cache-kept-once", {CI: job(same)})
        assert found.weight == "note"
        assert "restore one cache twice, and its second save is refused" in found.message
        assert found.remedy is not None
        assert "`cache: false`" in found.remedy.summary
    for other in (setup + cache + workspaces % "", setup + workspaces % "cache-" + cache):
        (found,) = ask("cache-kept-once", {CI: job(other)})
        assert (found.weight, "more than one cache" in found.message) == ("warning", True)


def test_an_installed_program_is_none_of_the_files_that_the_lock_file_decides() -> None:
    text = job(f"- uses: Swatinem/rust-cache@v2\n{cache('${{ runner.os }}-critcmp', '~/.cargo/bin/critcmp')}")
    for check in ("cache-kept-once", "cache-key-changes"):
        assert ask(check, {CI: text}) == []


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("target", True),
        ("./app/target/", True),
        ("target/debug/deps", True),
        ("target/x86_64-unknown-linux-gnu/release", True),
        ("target/${{ matrix.target }}", True),
        ("'*/target/iai/iai_benchmark/'", False),
        ("target/criterion", False),
        ("target/debug/lintcheck", False),
    ],
)
def test_only_what_cargo_compiles_is_its_part_of_target(path: str, kept: bool) -> None:
    text = job(f"- uses: Swatinem/rust-cache@v2\n{cache('${{ hashFiles(1) }}', path)}")
    assert [one.subject for one in ask("cache-kept-once", {CI: text})] == (
        ["actions/cache and swatinem/rust-cache"] if kept else []
    )


def test_caches_without_restore_keys_are_one_finding_for_all_files() -> None:
    text = job(cache("a-${{ hashFiles('Cargo.lock') }}"))
    (found,) = ask("cache-is-found-again", {CI: text, OTHER: text})
    assert [one.file for one in found.evidence] == [CI, OTHER]


def test_a_job_that_switches_the_other_cache_off_or_splits_one_is_fine() -> None:
    toolchain = "- uses: actions-rust-lang/setup-rust-toolchain@v1\n"
    for text in (
        job(f"{toolchain}  with: {{cache: false}}\n{cache('x')}"),
        job(cache("x") + cache("y", "~/.cargo/git")),
        job(toolchain + cache("x", "~/bin")),
    ):
        assert ask("cache-kept-once", {CI: text}) == []


LOCKED = "a-${{ hashFiles('Cargo.lock') }}"


@pytest.mark.parametrize(
    "on", ["{push: {tags: ['v*']}}", "release", "{push: {tags: ['v*']}, workflow_dispatch: {}}"]
)
def test_what_an_earlier_tag_left_is_found_by_no_later_one(on: str) -> None:
    assert ask("cache-is-found-again", {CI: job(cache(LOCKED), on=on)}) == []
    # The branch keeps a cache of another name, which is not theirs.
    (found,) = ask("cache-is-found-again", {CI: job(cache(LOCKED), on=on), OTHER: job(cache(f"b{LOCKED}"))})
    assert [one.file for one in found.evidence] == [OTHER]


@pytest.mark.parametrize(
    "on", ["{push: {tags: ['v*'], branches: [main]}}", "{push: {tags: ['v*']}, pull_request: {}}"]
)
def test_a_workflow_that_a_branch_starts_too_finds_its_older_caches(on: str) -> None:
    assert places(ask("cache-is-found-again", {CI: job(cache(LOCKED), on=on)})) == [(CI, 9)]


def test_what_the_default_branch_keeps_under_the_same_name_is_found_for_a_tag() -> None:
    files = {CI: job(cache(LOCKED), on="{push: {tags: ['v*']}}"), OTHER: job(cache(LOCKED))}
    (found,) = ask("cache-is-found-again", files)
    assert [one.file for one in found.evidence] == [CI, OTHER]


def test_a_beginning_that_other_keys_have_too_is_not_proposed() -> None:
    gate = cache("a-gate-${{ hashFiles('Cargo.lock') }}")
    (found,) = ask("cache-is-found-again", {CI: job(cache(LOCKED) + gate)})
    assert found.remedy is not None
    (command,) = found.remedy.commands
    assert r"restore-keys: a-lock-\n          key: a-lock-" in command
    assert "restore-keys: a-gate-" in command
    # A cache of other paths is never taken for it, and a longer name of its own is none.
    for other in (
        cache("a-gate-${{ hashFiles('Cargo.lock') }}", "~/.cargo/git"),
        cache("b-${{ hashFiles(1) }}"),
    ):
        (found,) = ask("cache-is-found-again", {CI: job(cache(LOCKED) + other)})
        assert found.remedy is not None
        assert "a-lock-" not in found.remedy.commands[0]


ACTION = ".github/actions/setup/action.yml"


def setting_up(steps: str) -> str:
    return f"runs:\n  using: composite\n  steps:\n{textwrap.indent(steps, '    ')}"


def test_a_cache_beside_that_of_a_local_action_is_named_in_both_files() -> None:
    text = job("- uses: ./.github/actions/setup\n" + cache("a", "|\n      ~/.cargo/registry\n      target"))
    (found,) = ask("cache-kept-once", {ACTION: setting_up("- uses: Swatinem/rust-cache@v2\n"), CI: text})
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 7), (ACTION, 4)]
    assert found.message == (
        "jobs of ci.yml keep cargo's files in more than one cache: actions/cache and swatinem/rust-cache"
    )
    other = {ACTION: setting_up(cache("a")), CI: job("- uses: ./.github/actions/setup\n" + RUST)}
    assert places(ask("cache-kept-once", other)) == [(CI, 7)]


def test_a_cache_of_a_local_action_is_fine_where_it_is_the_only_one_or_can_be_switched_off() -> None:
    uses = "- uses: ./.github/actions/setup\n"
    for action, steps in (
        (RUST, uses),
        (RUST, uses + cache("a", "~/.cargo/bin")),
        (RUST, uses + cache("a", "node_modules")),
        (f"{RUST}\n  if: inputs.cache == 'true'", uses + cache("a")),
        ("- uses: actions/cache@v5\n  with: {path: '${{ inputs.path }}', key: a}", uses + RUST),
        (RUST, cache("a")),
    ):
        assert ask("cache-kept-once", {ACTION: setting_up(f"{action}\n"), CI: job(steps)}) == []
