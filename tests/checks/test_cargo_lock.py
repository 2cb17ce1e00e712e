import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, CRATE, ask, job, places

LOCK = """\
version = 4

[[package]]
name = "app"
version = "0.1.0"
dependencies = [
 "serde",
]

[[package]]
name = "serde"
version = "1.0.200"
source = "registry+x"
"""
MANIFEST = CRATE + '[dependencies]\nserde = "{}"\n'
BUILD = job("- uses: actions/checkout@v4\n- run: cargo build --locked")


def repo(serde: str = "1.0", lock: str = LOCK, **files: str) -> dict[str, str]:
    return {"Cargo.toml": MANIFEST.format(serde), "src/main.rs": "", "Cargo.lock": lock, CI: BUILD, **files}


def without_lock(**files: str) -> dict[str, str]:
    return {path: text for path, text in repo(**files).items() if path != "Cargo.lock"}


def test_a_locked_build_without_a_lock_file_is_named_where_it_is_written() -> None:
    found = ask("cargo-lock-committed", without_lock())
    assert places(found) == [(CI, 7)]
    assert found[0].blocks


@pytest.mark.parametrize("call", ["cargo build", "cargo build --locked || true", "cargo install --locked x"])
def test_a_program_without_a_lock_file_is_only_a_note(call: str) -> None:
    files = {**without_lock(), CI: job(f"- uses: actions/checkout@v4\n- run: {call}")}
    assert [one.weight for one in ask("cargo-lock-committed", files)] == [Weight.NOTE]
    assert ask("cargo-lock-committed", {**files, ".gitignore": "/target\n/Cargo.lock\n"}) == []


@pytest.mark.parametrize(
    "before",
    [
        "cargo generate-lockfile -Z minimal-versions",
        "cargo build",
        "cargo update",
        "cp ci/old.lock Cargo.lock",
    ],
)
def test_a_lock_file_that_the_job_writes_first_need_not_be_committed(before: str) -> None:
    steps = f"- uses: actions/checkout@v4\n- run: {before}\n- run: cargo check --locked"
    files = {"Cargo.toml": CRATE, "src/lib.rs": "", CI: job(steps)}
    assert ask("cargo-lock-committed", files) == []


@pytest.mark.parametrize("before", ["cargo fmt --check", "cargo build --locked", "cp Cargo.toml ci/"])
def test_a_job_that_writes_no_lock_file_first_needs_a_committed_one(before: str) -> None:
    steps = f"- uses: actions/checkout@v4\n- run: {before}\n- run: cargo check --locked"
    files = {"Cargo.toml": CRATE, "src/lib.rs": "", CI: job(steps)}
    assert [one.blocks for one in ask("cargo-lock-committed", files)] == [True]


def test_a_lock_file_that_the_same_line_writes_first_need_not_be_committed() -> None:
    steps = "- uses: actions/checkout@v4\n- run: cargo generate-lockfile; cargo check --locked"
    files = {"Cargo.toml": CRATE, "src/lib.rs": "", CI: job(steps)}
    assert ask("cargo-lock-committed", files) == []


def test_a_library_needs_no_lock_file() -> None:
    assert ask("cargo-lock-committed", {"Cargo.toml": CRATE, "src/lib.rs": ""}) == []


def test_a_sound_lock_file_has_no_finding() -> None:
    for check in ("cargo-lock-committed", "cargo-lock-readable", "cargo-lock-consistent"):
        assert ask(check, repo()) == []


def test_a_conflict_in_the_lock_file_is_named_with_its_line() -> None:
    found = ask("cargo-lock-readable", repo(lock=f"{LOCK}<<<<<<< HEAD\n"))
    assert places(found) == [("Cargo.lock", 14)]


def test_a_version_that_differs_is_shown_in_both_files() -> None:
    (found,) = ask("cargo-lock-consistent", repo(lock=LOCK.replace('"0.1.0"', '"0.0.9"')))
    assert [one.excerpt for one in found.evidence] == ['version = "0.1.0"', 'version = "0.0.9"']
    assert [one.file for one in found.evidence] == ["Cargo.toml", "Cargo.lock"]


def test_a_pinned_toolchain_that_cannot_read_the_lock_file_is_named() -> None:
    (found,) = ask("cargo-lock-readable", repo(**{"rust-toolchain": "1.70.0\n"}))
    assert [(one.file, one.line) for one in found.evidence] == [("Cargo.lock", 1), ("rust-toolchain", 1)]


def test_a_lock_file_newer_than_the_pinned_cargo_is_made_anew_by_it_and_told_once() -> None:
    lock = LOCK.replace("version = 3", "version = 4")
    files = {**repo(lock=lock), "rust-toolchain": "1.75.0\n"}
    (found,) = ask("cargo-lock-readable", files)
    assert found.remedy is not None
    assert found.remedy.commands[:2] == ("rm Cargo.lock", "cargo +1.75.0 generate-lockfile")
    assert ask("rust-version-met", files) == []
    # near miss: what a job installs over the file's choice is told of the job
    job_of_own = BUILD.replace("cargo build", "cargo +1.70.0 build")
    assert len(ask("rust-version-met", {**files, CI: job_of_own})) == 1


@pytest.mark.parametrize("channel", ["1.78.0", "stable", "nightly-2023-01-01"])
def test_a_toolchain_that_reads_the_lock_file_is_not_accused(channel: str) -> None:
    assert ask("cargo-lock-readable", repo(**{"rust-toolchain": channel})) == []


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (repo(lock=LOCK.replace('"0.1.0"', '"0.0.9"')), ("Cargo.toml", 3)),
        (repo(lock=LOCK.replace('name = "app"', 'name = "old"')), ("Cargo.toml", 2)),
        (repo(lock=LOCK.partition('[[package]]\nname = "serde"')[0]), ("Cargo.toml", 6)),
        (repo("2"), ("Cargo.toml", 6)),
        (repo("=1.0.199"), ("Cargo.toml", 6)),
        (repo("~1.1"), ("Cargo.toml", 6)),
    ],
)
def test_what_the_lock_file_does_not_hold_blocks_a_locked_build(
    files: dict[str, str], place: tuple[str, int]
) -> None:
    found = ask("cargo-lock-consistent", files)
    assert places(found) == [place]
    assert found[0].blocks


@pytest.mark.parametrize("serde", ["1", "^1.0.100", "~1.0", "=1.0.200", ">=0.9, <3", "*", "1.0.200"])
def test_a_requirement_that_is_met_or_not_certain_is_not_accused(serde: str) -> None:
    assert ask("cargo-lock-consistent", repo(serde)) == []


def test_the_lock_file_of_a_workspace_further_down_is_the_one_to_write_anew() -> None:
    manifest = CRATE + '\n[workspace]\n[dependencies]\ngone = "1"\n'
    lock = 'version = 3\n[[package]]\nname = "app"\nversion = "0.1.0"\n'
    files = {"fuzz/Cargo.toml": manifest, "fuzz/Cargo.lock": lock, "fuzz/src/lib.rs": ""}
    (found,) = ask("cargo-lock-consistent", files)
    assert found.remedy is not None
    assert found.remedy.commands == (
        "cargo update --workspace --manifest-path fuzz/Cargo.toml",
        "git add --force fuzz/Cargo.lock",
        "git commit -m 'Lock' -- fuzz/Cargo.lock",
    )


def test_without_a_locked_build_a_stale_lock_file_is_a_note() -> None:
    files = {**repo("2"), CI: job("- uses: actions/checkout@v4\n- run: cargo build")}
    assert [one.weight for one in ask("cargo-lock-consistent", files)] == [Weight.NOTE]


@pytest.mark.parametrize(("version", "count"), [("1.5.0", 1), ("1.6.0", 0)])
def test_the_version_of_a_package_that_a_workspace_takes_from_beside_it_is_locked(
    version: str, count: int
) -> None:
    fuzz = '[package]\nname = "fuzz"\nversion = "0.0.0"\n[workspace]\n[dependencies]\napp = {path = ".."}\n'
    lock = f'version = 3\n[[package]]\nname = "app"\nversion = "{version}"\n'
    lock += '[[package]]\nname = "fuzz"\nversion = "0.0.0"\n'
    manifest = CRATE.replace("0.1.0", "1.6.0")
    files = {"Cargo.toml": manifest, "src/lib.rs": "", "fuzz/Cargo.toml": fuzz, "fuzz/src/lib.rs": ""}
    found = ask("cargo-lock-consistent", {**files, "fuzz/Cargo.lock": lock})
    assert [(one.subject, one.weight, places([one])) for one in found] == [
        ("fuzz/Cargo.lock", Weight.NOTE, [("Cargo.toml", 3)])
    ] * count


def test_many_differences_are_one_finding() -> None:
    needs = "".join(f'crate{number} = "1"\n' for number in range(12))
    files = {**repo(), "Cargo.toml": MANIFEST.format("1.0") + needs}
    (found,) = ask("cargo-lock-consistent", files)
    assert found.subject == "Cargo.lock"
    assert found.message.startswith("12 things differ from the manifests: the dependency crate0 is not in")
    assert len(found.evidence) == 10


@pytest.mark.parametrize(
    ("makefile", "weight"),
    [("cargo build", Weight.NOTE), ("cargo build --locked", Weight.WARNING)],
)
def test_a_version_of_its_own_that_is_not_locked_hurts_only_who_builds_locked(
    makefile: str, weight: Weight
) -> None:
    files = {**repo(lock=LOCK.replace('"0.1.0"', '"0.0.9"')), "Makefile": f"all:\n\t{makefile}\n"}
    files[CI] = job("- uses: actions/checkout@v4\n- run: cargo build")
    assert [one.weight for one in ask("cargo-lock-consistent", files)] == [weight]


def test_the_lock_file_of_a_workspace_that_nobody_builds_is_a_note() -> None:
    files = {f"fuzz/{path}": text for path, text in repo("2").items() if path != CI}
    files = {**files, "Cargo.toml": CRATE, "src/lib.rs": ""}
    assert [one.weight for one in ask("cargo-lock-consistent", files)] == [Weight.NOTE]
    files["Makefile"] = "fuzz:\n\tcd fuzz && cargo build --locked\n"
    assert [one.weight for one in ask("cargo-lock-consistent", files)] == [Weight.WARNING]


def test_a_lock_file_that_needs_what_it_does_not_hold_is_named_at_that_line() -> None:
    lock = LOCK.replace('\n "serde"', '\n "serdes"')
    (found,) = ask("cargo-lock-consistent", repo(lock=lock))
    assert places([found])[0][0] == "Cargo.lock"
    assert "needs serdes" in found.message


def test_a_format_that_no_cargo_reads_yet_is_refused() -> None:
    newer = LOCK.replace("version = 3", "version = 9").replace("version = 4", "version = 9")
    (found,) = ask("cargo-lock-readable", repo(lock=newer))
    assert "format 9" in found.message


@pytest.mark.parametrize(("path", "blocks"), [("Cargo.lock", True), ("fuzz/Cargo.lock", False)])
def test_a_lock_file_further_down_may_have_another_toolchain(path: str, blocks: bool) -> None:
    files = {**repo(**{"rust-toolchain": "1.70.0\n"}), "fuzz/Cargo.toml": CRATE, "fuzz/src/lib.rs": ""}
    files[path] = LOCK
    found = {one.subject: one.blocks for one in ask("cargo-lock-readable", files)}
    assert found[path] is blocks


def test_what_only_tests_use_and_a_stale_lock_file_lacks_is_a_note() -> None:
    files = {**repo("2"), CI: job("- uses: actions/checkout@v4\n- run: cargo build")}
    files["Cargo.toml"] = files["Cargo.toml"].replace("[dependencies]", "[dev-dependencies]")
    assert [one.weight for one in ask("cargo-lock-consistent", files)] == [Weight.NOTE]


def test_an_installation_from_a_path_takes_a_stale_lock_file() -> None:
    files = {
        **repo(lock=LOCK.replace('"0.1.0"', '"0.0.9"')),
        "Makefile": "all:\n\tcargo install --locked --path .\n",
    }
    files[CI] = job("- uses: actions/checkout@v4\n- run: cargo build")
    assert [one.weight for one in ask("cargo-lock-consistent", files)] == [Weight.NOTE]


@pytest.mark.parametrize(
    ("directory", "weights"),
    [("", [Weight.BLOCKER]), ("fuzz/", [Weight.NOTE]), ("tests/fixtures/", [])],
)
def test_a_lock_file_that_cargo_did_not_write_weighs_by_who_reads_it(
    directory: str, weights: list[Weight]
) -> None:
    files = {f"{directory}{path}": text for path, text in repo(lock="[[package]]\n").items() if path != CI}
    files.setdefault("Cargo.toml", CRATE)
    assert [one.weight for one in ask("cargo-lock-readable", files)] == weights


def test_the_lock_file_beside_no_manifest_is_read_by_nobody() -> None:
    files = {**repo(), "data/Cargo.lock": "[[package]]\n"}
    assert ask("cargo-lock-readable", files) == []


def test_lock_files_that_are_stale_and_stop_nothing_are_one_note_with_a_place_each() -> None:
    tools = {}
    for name in ("a", "b"):
        manifest = MANIFEST.format("1.0.300").replace('"app"', f'"{name}"')
        tools[f"tools/{name}/Cargo.toml"] = manifest
        tools[f"tools/{name}/src/lib.rs"] = ""
        tools[f"tools/{name}/Cargo.lock"] = LOCK.replace('"app"', f'"{name}"')
    (found,) = ask("cargo-lock-consistent", tools)
    assert (found.weight, found.subject) == (Weight.NOTE, "tools/a/Cargo.lock")
    assert {one.file for one in found.evidence} == {"tools/a/Cargo.toml", "tools/b/Cargo.toml"}
    assert found.message.startswith("2 lock files differ from their manifests: ")
    assert found.remedy
    assert found.remedy.commands[-1] == "git commit -m 'Lock' -- tools/a/Cargo.lock tools/b/Cargo.lock"


def test_a_stale_lock_file_that_stops_a_build_is_told_for_itself() -> None:
    tool = {
        "tools/a/Cargo.toml": MANIFEST.format("1.0.300"), "tools/a/src/lib.rs": "", "tools/a/Cargo.lock": LOCK
    }  # fmt: skip
    found = ask("cargo-lock-consistent", repo("1.0.300", **tool))
    assert [(one.subject, one.weight) for one in found] == [
        ("Cargo.lock", Weight.BLOCKER),
        ("tools/a/Cargo.lock", Weight.NOTE),
    ]
