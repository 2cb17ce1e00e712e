from datetime import date

import pytest

from tasks.domain.finding import Weight
from tasks.domain.today import Today
from tests.checks.testing import CI, CRATE, ask, job, places

OTHER = ".github/workflows/other.yml"

MANIFEST = CRATE + 'rust-version = "1.70"\n'
CHECKOUT = "- uses: actions/checkout@v4\n"


def repo(steps: str, extra: str = "", manifest: str = MANIFEST, **files: str) -> dict[str, str]:
    return {"Cargo.toml": manifest, "src/main.rs": "", CI: job(CHECKOUT + steps, extra=extra), **files}


@pytest.mark.parametrize(
    "steps",
    [
        "- uses: dtolnay/rust-toolchain@1.65.0\n- run: cargo build",
        "- {uses: dtolnay/rust-toolchain@master, with: {toolchain: 1.65.0}}\n- run: cargo test",
        "- {uses: actions-rs/toolchain@v1, with: {toolchain: '1.65'}}\n- run: cargo check",
        "- run: cargo +1.65 build",
        "- run: rustup default 1.65.0\n- run: cargo build",
        "- run: rustup override set 1.65.0 && cargo build",
        "- {run: cargo build, env: {RUSTUP_TOOLCHAIN: '1.65.0'}}",
    ],
)
def test_a_rust_that_is_too_old_for_the_package_is_named_where_it_is_installed(steps: str) -> None:
    (found,) = ask("rust-version-met", repo(steps))
    assert (found.evidence[0].file, found.evidence[0].line) == (CI, 7)
    assert (found.evidence[1].file, found.evidence[1].line) == ("Cargo.toml", 5)
    assert found.blocks


SETUP = ".github/actions/setup/action.yml"
LOCAL = "- uses: ./.github/actions/setup\n- run: cargo build"


def of_action(*steps: str) -> str:
    inputs = "inputs: {rust: {description: x, default: 1.65.0}, more: {description: x}}"
    lines = "\n".join(f"    - {one}" for one in steps)
    return f"name: x\ndescription: x\n{inputs}\nruns:\n  using: composite\n  steps:\n{lines}\n"


@pytest.mark.parametrize(
    "step",
    [
        "uses: dtolnay/rust-toolchain@1.65.0",
        "{uses: dtolnay/rust-toolchain@master, with: {toolchain: '${{ inputs.rust }}'}}",
        "{uses: dtolnay/rust-toolchain@1.65.0, if: inputs.more == ''}",
    ],
)
def test_a_rust_that_an_action_of_the_repository_installs_is_named_there(step: str) -> None:
    (found,) = ask("rust-version-met", repo(LOCAL, **{SETUP: of_action(step)}))
    assert (found.evidence[0].file, found.evidence[0].line) == (SETUP, 7)
    assert found.blocks


@pytest.mark.parametrize(
    ("use", "steps"),
    [
        (LOCAL, ["uses: dtolnay/rust-toolchain@stable"]),
        (LOCAL, ["uses: dtolnay/rust-toolchain@1.65.0", "{run: rustup default stable, shell: bash}"]),
        (LOCAL, ["{uses: dtolnay/rust-toolchain@1.65.0, if: runner.arch == 'ARM64'}"]),
        (LOCAL, ["{uses: dtolnay/rust-toolchain@1.65.0, if: inputs.more != ''}"]),
        (LOCAL, ["uses: dtolnay/rust-toolchain@1.65.0", "uses: ./.github/actions/other"]),
        (
            LOCAL.replace("setup\n", "setup\n  with: {rust: 1.75.0}\n"),
            ["{uses: dtolnay/rust-toolchain@master, with: {toolchain: '${{ inputs.rust }}'}}"],
        ),
        (
            LOCAL.replace("setup\n", "setup\n  with: {rust: '${{ vars.RUST }}'}\n"),
            ["{uses: dtolnay/rust-toolchain@master, with: {toolchain: '${{ inputs.rust }}'}}"],
        ),
    ],
)
def test_what_an_action_of_the_repository_may_install_newer_is_not_accused(
    use: str, steps: list[str]
) -> None:
    assert ask("rust-version-met", repo(use, **{SETUP: of_action(*steps)})) == []


def test_each_lane_of_a_matrix_is_looked_at() -> None:
    matrix = "strategy: {matrix: {rust: ['1.65', '1.75', stable]}}"
    steps = (
        "- {uses: dtolnay/rust-toolchain@master, with: {toolchain: '${{ matrix.rust }}'}}\n- run: cargo build"
    )
    (found,) = ask("rust-version-met", repo(steps, matrix))
    assert "Rust 1.65 is installed" in found.message


@pytest.mark.parametrize(
    "steps",
    [
        "- uses: dtolnay/rust-toolchain@stable\n- run: cargo build",
        "- uses: dtolnay/rust-toolchain@1.70\n- run: cargo build",
        "- uses: dtolnay/rust-toolchain@1.65\n- run: cargo build --ignore-rust-version",
        "- uses: dtolnay/rust-toolchain@1.65\n- run: cargo install x",
        "- uses: dtolnay/rust-toolchain@1.65\n- run: rustup default stable\n- run: cargo build",
        "- {uses: dtolnay/rust-toolchain@1.65, with: {toolchain: '${{ inputs.x }}'}}\n- run: cargo build",
        "- uses: dtolnay/rust-toolchain@1.65\n- run: cargo +stable build",
        "- run: rustup toolchain install 1.65.0\n- run: cargo build",
        "- run: rustup default 1.65.0\n- run: rustup default stable\n- run: cargo build",
        "- run: rustup default 1.65.0\n- {run: cargo build, env: {RUSTUP_TOOLCHAIN: stable}}",
        "- {run: rustup default 1.65.0, if: github.event_name == 'push'}\n- run: cargo build",
        '- run: if [ -n "$OLD" ]; then rustup default 1.65.0; fi\n- run: cargo build',
        "- uses: actions-rust-lang/setup-rust-toolchain@v1\n- run: rustup default 1.65.0\n- run: cargo build",
        "- run: cd other && rustup override set 1.65.0\n- run: cargo build",
        "- {uses: dtolnay/rust-toolchain@1.65, if: github.ref == 'x'}\n- run: cargo build",
    ],
)
def test_a_rust_that_is_new_enough_or_not_certain_is_not_accused(steps: str) -> None:
    assert ask("rust-version-met", repo(steps)) == []


def test_an_edition_and_a_lock_file_need_a_rust_of_their_time() -> None:
    steps = "- uses: dtolnay/rust-toolchain@1.75\n- run: cargo build"
    edition = ask("rust-version-met", repo(steps, manifest=CRATE.replace("2021", "2024")))
    assert (edition[0].evidence[1].file, edition[0].evidence[1].line) == ("Cargo.toml", 4)
    lock = ask("rust-version-met", repo(steps, manifest=CRATE, **{"Cargo.lock": "# x\nversion = 4\n"}))
    assert (lock[0].evidence[1].file, lock[0].evidence[1].line) == ("Cargo.lock", 2)


def test_the_toolchain_file_decides_which_rust_builds() -> None:
    steps = "- uses: dtolnay/rust-toolchain@stable\n- run: cargo build"
    found = ask("rust-version-met", repo(steps, **{"rust-toolchain": "1.65.0\n"}))
    assert places(found) == [("rust-toolchain", 1)]


def test_an_override_of_the_directory_wins_over_the_toolchain_file() -> None:
    steps = "- run: rustup override set 1.65.0\n- run: cargo build"
    found = ask("rust-version-met", repo(steps, **{"rust-toolchain": "1.75.0\n"}))
    assert places(found) == [(CI, 7)]
    assert (
        ask(
            "rust-version-met",
            repo(steps.replace("override set", "default"), **{"rust-toolchain": "1.75.0\n"}),
        )
        == []
    )


def test_an_action_that_may_override_the_toolchain_file_leaves_nothing_certain() -> None:
    steps = "- {{uses: actions-rust-lang/setup-rust-toolchain@v1{0}}}\n- run: cargo build"
    file = {"rust-toolchain": "1.65.0\n"}
    assert ask("rust-version-met", repo(steps.format(", with: {toolchain: stable}"), **file)) == []
    found = ask("rust-version-met", repo(steps.format(""), **file))
    assert places(found) == [("rust-toolchain", 1)]


def test_a_choice_that_the_toolchain_file_overrides_has_no_effect() -> None:
    steps = "- uses: dtolnay/rust-toolchain@1.75\n- run: cargo build"
    found = ask("toolchain-choice-has-effect", repo(steps, **{"rust-toolchain": "1.80.0\n"}))
    assert places(found) == [(CI, 7)]


def test_a_choice_of_the_matrix_that_the_toolchain_file_overrides_has_no_effect() -> None:
    text = """\
    on: push
    jobs:
      a:
        strategy: {matrix: {rust: [stable, nightly, 1.88.0]}}
        runs-on: ubuntu-latest
        steps:
          - uses: dtolnay/rust-toolchain@master
            with: {toolchain: "${{ matrix.rust }}"}
          - run: cargo build
    """
    files = {"Cargo.toml": CRATE, "rust-toolchain.toml": '[toolchain]\nchannel = "stable"\n'}
    (found,) = ask("toolchain-choice-has-effect", {**files, CI: text})
    assert (places([found]), found.weight, found.subject) == ([(CI, 7)], "warning", "Rust nightly, 1.88.0")
    for fine in (
        text.replace("cargo build", "cargo +${{ matrix.rust }} build"),
        text.replace("[stable, nightly, 1.88.0]", "'${{ fromJSON(vars.RUST) }}'"),
        text.replace("run: cargo", "run: rm rust-toolchain.toml && cargo"),
        text.replace("nightly, 1.88.0", "stable"),
        text.replace("- run", "- {uses: actions/checkout@v5, with: {path: src}}\n          - run"),
    ):
        assert ask("toolchain-choice-has-effect", {**files, CI: fine}) == []


def test_what_an_action_of_the_repository_installs_has_no_effect_either() -> None:
    action = """\
    name: Setup
    runs:
      using: composite
      steps:
        - uses: dtolnay/rust-toolchain@master
          with: {toolchain: "1.95"}
    """
    path = ".github/actions/setup/action.yml"
    files = {**repo("- uses: ./.github/actions/setup\n- run: cargo build"), "rust-toolchain": "1.94\n"}
    (found,) = ask("toolchain-choice-has-effect", {**files, path: action})
    assert places([found]) == [(path, 5)]
    for fine in (
        action.replace('"1.95"', '"1.94"'),
        action.replace('"1.95"', "${{ inputs.rust }}"),
        action.replace("- uses", "- if: inputs.new\n          uses"),
        action + "        - {run: rustup override set 1.95, shell: bash}\n",
    ):
        assert ask("toolchain-choice-has-effect", {**files, path: fine}) == []


def test_jobs_that_make_the_same_choice_without_effect_are_one_finding() -> None:
    steps = "- uses: dtolnay/rust-toolchain@1.75\n- run: cargo build"
    files = repo(steps, **{"rust-toolchain": "1.80.0\n"})
    (found,) = ask("toolchain-choice-has-effect", {**files, OTHER: files[CI]})
    assert [one.file for one in found.evidence] == [CI, OTHER, "rust-toolchain"]


@pytest.mark.parametrize(
    "steps",
    [
        "- uses: dtolnay/rust-toolchain@1.80\n- run: cargo build",
        "- uses: dtolnay/rust-toolchain@1.75\n- run: cargo +1.75 build",
        "- uses: dtolnay/rust-toolchain@master\n- run: cargo build",
        "- {uses: dtolnay/rust-toolchain@1.75, env: {A: b}}\n- run: make",
        "- uses: dtolnay/rust-toolchain@nightly\n- run: cargo xtask format --check",
        "- uses: dtolnay/rust-toolchain@1.75\n- {run: cargo test, env: {RUSTUP_TOOLCHAIN: '1.75'}}",
    ],
)
def test_the_same_choice_or_one_that_is_made_by_name_has_effect(steps: str) -> None:
    assert ask("toolchain-choice-has-effect", repo(steps, **{"rust-toolchain": "1.80.0\n"})) == []


INHERITING = '[package]\nname = "a"\nversion.workspace = true\nrust-version.workspace = true\n'
WORKSPACE = '[workspace]\nmembers = ["a"]\n[workspace.package]\nversion = "1.0.0"\nrust-version = "1.85"\n'


def test_an_inherited_release_is_shown_where_the_workspace_writes_it() -> None:
    job = """\
        on: push
        jobs:
          a:
            runs-on: ubuntu-24.04
            steps:
              - uses: actions/checkout@v6
              - uses: dtolnay/rust-toolchain@master
                with:
                  toolchain: 1.70.0
              - run: cargo build --workspace
        """
    files = {"Cargo.toml": WORKSPACE, "a/Cargo.toml": INHERITING, "a/src/lib.rs": "", CI: job}
    found = ask("rust-version-met", files)
    assert [(e.file, e.line) for e in found[0].evidence] == [(CI, 9), ("Cargo.toml", 5), (CI, 10)]
    locked = {**files, "Cargo.lock": 'version = 4\n\n[[package]]\nname = "a"\nversion = "0.9.0"\n'}
    assert places(ask("cargo-lock-consistent", locked)) == [("Cargo.toml", 4)]


@pytest.mark.parametrize(
    "before", ["rm ../Cargo.toml", "cp old.lock Cargo.lock", "cargo update -p x --precise 1.0.0"]
)
def test_a_job_that_makes_room_for_an_old_release_is_left_alone(before: str) -> None:
    steps = "- uses: dtolnay/rust-toolchain@1.75\n{}- run: cargo build"
    lock = {"Cargo.lock": 'version = 4\n\n[[package]]\nname = "app"\nversion = "0.1.0"\n'}
    assert len(ask("rust-version-met", repo(steps.format(""), **lock))) == 1
    assert ask("rust-version-met", repo(steps.format(f"- run: {before}\n"), **lock)) == []


@pytest.mark.parametrize(
    ("run", "weight"),
    [("cargo test", Weight.BLOCKER), ("cargo +1.80 test", Weight.WARNING), ("make", Weight.WARNING)],
)
def test_a_toolchain_that_cannot_be_out_yet_is_told_at_its_line(run: str, weight: Weight) -> None:
    files = {
        "Cargo.toml": CRATE,
        "src/lib.rs": "",
        "rust-toolchain.toml": '[toolchain]\nchannel = "1.999.0"\n',
        CI: job(f"- uses: actions/checkout@v4\n- run: {run}"),
    }
    (found,) = ask("toolchain-is-released", files, Today(day=date(2026, 11, 22)))
    assert (places([found]), found.weight) == ([("rust-toolchain.toml", 2)], weight)
    assert "1.100 is the newest" in found.message
    known = {**files, "rust-toolchain.toml": '[toolchain]\nchannel = "1.95.0"\n'}
    assert ask("toolchain-is-released", known, Today(day=date(2026, 11, 22))) == []
    assert ask("toolchain-is-released", files) == []


def test_a_day_of_nightly_is_another_rust_than_the_one_of_today() -> None:
    steps = "- uses: dtolnay/rust-toolchain@nightly\n- run: cargo build"
    (found,) = ask("toolchain-choice-has-effect", repo(steps, **{"rust-toolchain": "nightly-2024-04-27\n"}))
    assert (places([found]), found.weight) == ([(CI, 7)], "note")
    assert ask("toolchain-choice-has-effect", repo(steps, **{"rust-toolchain": "nightly\n"})) == []


def test_a_row_of_a_matrix_that_the_toolchain_file_overrides_is_told_beside_a_toolchain_called_by_name() -> (
    None
):
    text = """\
    on: push
    jobs:
      a:
        strategy:
          matrix:
            include:
              - {cell: msrv, rust: 1.88.0}
              - {cell: stable, rust: stable}
              - {cell: nightly, rust: nightly}
        runs-on: ubuntu-latest
        steps:
          - uses: dtolnay/rust-toolchain@master
            with: {toolchain: "${{ matrix.rust }}"}
          - run: cargo build
          - run: cargo +nightly fmt --check
    """
    files = {"Cargo.toml": CRATE, "rust-toolchain": "1.88.0\n"}
    (found,) = ask("toolchain-choice-has-effect", {**files, CI: text})
    assert (places([found]), found.weight, found.subject) == ([(CI, 12)], "warning", "Rust stable")
    assert (
        ask("toolchain-choice-has-effect", {**files, CI: text.replace("cargo build", "cargo +stable build")})
        == []
    )


@pytest.mark.parametrize(
    "step",
    [
        "- {uses: release-plz/action@v0.5, with: {command: release}}",
        "- run: make -C src lint",
        "- run: ${{ inputs.cross && 'cross' || 'cargo' }} build",
    ],
)
def test_cargo_that_an_action_or_make_calls_takes_the_toolchain_file_too(step: str) -> None:
    files = repo(f"- uses: dtolnay/rust-toolchain@1.75\n{step}", **{"rust-toolchain": "1.80.0\n"})
    (found,) = ask("toolchain-choice-has-effect", {**files, "src/Makefile": "lint:\n\tcargo clippy\n"})
    assert places([found]) == [(CI, 7)]
    if "make" in step:
        for made in ("lint:\n\tcargo +1.75 clippy\n", "lint:\n\tmdl .\n"):
            assert ask("toolchain-choice-has-effect", {**files, "src/Makefile": made}) == []


@pytest.mark.parametrize("included", ["include made/check.mk", "include ../$(WHERE)/check.mk\n"])
def test_what_a_makefile_includes_and_nobody_reads_may_choose_the_toolchain(included: str) -> None:
    steps = "- uses: dtolnay/rust-toolchain@nightly\n- run: make udeps"
    files = {
        **repo(steps, **{"rust-toolchain": "1.80.0\n"}),
        "made/check.mk": "udeps:\n\tcargo +nightly udeps\n",
    }
    makefile = "clean:\n\tcargo clean\n"
    for text in (f"{included}\n{makefile}", f"{makefile}{included}"):
        assert ask("toolchain-choice-has-effect", {**files, "Makefile": text}) == []
    for text in (makefile, f"-include .env\n{makefile}", f"include b/Makefile\n{makefile}"):
        more = {"Makefile": text, "b/Makefile": "b:\n\tcargo build\n"}
        assert len(ask("toolchain-choice-has-effect", {**files, **more})) == 1
    more = {"Makefile": f"include b/Makefile\n{makefile}", "b/Makefile": "b:\n\tcargo +nightly udeps\n"}
    assert ask("toolchain-choice-has-effect", {**files, **more}) == []
