import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

NIGHTLY = "- uses: dtolnay/rust-toolchain@nightly\n"
WASM = "- {uses: dtolnay/rust-toolchain@stable, with: {targets: wasm32-wasip1}}"
ARM = "aarch64-unknown-linux-gnu"


@pytest.mark.parametrize(
    ("steps", "subject"),
    [
        (f"{NIGHTLY}- run: cargo clippy", "clippy of nightly"),
        (f"{NIGHTLY}- run: cargo +nightly fmt --check", "rustfmt of nightly"),
        (
            "- {uses: dtolnay/rust-toolchain@master, with: {toolchain: '1.80'}}\n- run: cargo fmt",
            "rustfmt of 1.80",
        ),
        (
            "- {uses: dtolnay/rust-toolchain@nightly, with: {components: rustfmt}}\n- run: cargo clippy",
            "clippy of nightly",
        ),
        ("- uses: dtolnay/rust-toolchain@stable\n- run: cargo miri test", "miri of stable"),
    ],
)
def test_a_component_that_no_step_installs_is_named_with_its_line(steps: str, subject: str) -> None:
    found = ask("rust-component-installed", {CI: job(steps)})
    assert (places(found), found[0].subject) == ([(CI, 7)], f"ci.yml: build: {subject}")


@pytest.mark.parametrize(
    "steps",
    [
        "- uses: dtolnay/rust-toolchain@stable\n- run: cargo clippy && cargo fmt",
        "- {uses: dtolnay/rust-toolchain@nightly, with: {components: 'clippy,rustfmt'}}\n- run: cargo clippy",
        f"{NIGHTLY}- run: rustup component add clippy\n- run: cargo clippy",
        f"{NIGHTLY}- run: cargo +stable clippy",
        f"{NIGHTLY}- run: cargo build",
        "- {uses: dtolnay/rust-toolchain@master, with: {toolchain: '${{ inputs.x }}'}}\n- run: cargo clippy",
        "- {uses: dtolnay/rust-toolchain@nightly, if: inputs.x}\n- run: cargo clippy",
        "- run: cargo clippy",
        f"{NIGHTLY}- uses: ./.github/actions/x\n- run: cargo clippy",
    ],
)
def test_a_component_that_is_there_or_may_be_is_fine(steps: str) -> None:
    assert ask("rust-component-installed", {CI: job(steps)}) == []


def test_a_toolchain_file_says_its_own_components() -> None:
    files = {CI: job(f"{NIGHTLY}- run: cargo clippy"), "rust-toolchain": "nightly\n"}
    assert ask("rust-component-installed", files) == []


def of_file(
    steps: str, more: str = "", file: str = 'channel = "1.84.0"\nprofile = "minimal"'
) -> dict[str, str]:
    text = job("- uses: actions/checkout@v5\n" + steps + "\n- run: cargo fmt --all --check\n", extra=more)
    return {"Cargo.toml": CRATE, "src/lib.rs": "", "rust-toolchain.toml": f"[toolchain]\n{file}\n", CI: text}


LOCAL = "- {uses: ./.github/actions/setup, with: {components: rustfmt}}"
SETUP = """\
name: x
description: x
inputs: {components: {description: x}}
runs:
  using: composite
  steps:
    - uses: dtolnay/rust-toolchain@stable
      with: {components: "${{ inputs.components }}"}
"""


@pytest.mark.parametrize(
    "steps",
    ["- {uses: dtolnay/rust-toolchain@stable, with: {components: rustfmt}}", LOCAL, "- run: rustup show"],
)
def test_a_component_that_the_minimal_profile_of_a_toolchain_file_leaves_out_is_named(steps: str) -> None:
    files = {**of_file(steps), ".github/actions/setup/action.yml": SETUP}
    (found,) = ask("rust-component-installed", files)
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 8), ("rust-toolchain.toml", 2)]
    assert found.message.startswith("cargo fmt needs rustfmt, which the minimal profile of 1.84.0 lacks")
    assert found.blocks


def test_all_components_that_a_toolchain_file_leaves_out_are_one_finding() -> None:
    (found,) = ask("rust-component-installed", of_file("- run: cargo clippy"))
    assert "cargo clippy and cargo fmt need clippy and rustfmt" in found.message
    assert [one.line for one in found.evidence] == [7, 8, 2]


@pytest.mark.parametrize(
    "files",
    [
        of_file("- run: rustup component add rustfmt"),
        of_file("- {uses: dtolnay/rust-toolchain@1.84.0, with: {components: rustfmt}}"),
        of_file("- uses: actions-rust-lang/setup-rust-toolchain@v1"),
        of_file("- uses: ./.github/actions/unread"),
        of_file("- run: make setup"),
        of_file("- run: 'true'", "env: {RUSTUP_TOOLCHAIN: stable}"),
        of_file("- run: 'true'", "container: rust:1.84"),
        of_file("- run: 'true'", file='channel = "stable"\nprofile = "minimal"'),
        of_file("- run: 'true'", file='channel = "1.84.0"'),
        of_file("- run: 'true'", file='channel = "1.84.0"\nprofile = "minimal"\ncomponents = ["rustfmt"]'),
    ],
)
def test_a_component_that_the_toolchain_of_the_file_has_or_may_get_is_fine(files: dict[str, str]) -> None:
    assert ask("rust-component-installed", files) == []


def test_only_the_lane_of_a_matrix_that_lacks_it_is_named() -> None:
    steps = (
        "- {uses: dtolnay/rust-toolchain@master, with: {toolchain: '${{ matrix.r }}'}}\n- run: cargo clippy"
    )
    found = ask("rust-component-installed", {CI: job(steps, extra="strategy: {matrix: {r: [stable, beta]}}")})
    assert [one.subject for one in found] == ["ci.yml: build: clippy of beta"]


def test_a_target_that_no_step_installs_is_named() -> None:
    found = ask("rust-target-installed", {CI: job("- run: cargo build --target wasm32-wasip1")})
    assert (places(found), found[0].subject) == ([(CI, 6)], "ci.yml: build: wasm32-wasip1")


@pytest.mark.parametrize(
    "steps",
    [
        "- run: cargo build --target x86_64-unknown-linux-gnu",
        "- run: rustup target add wasm32-wasip1\n- run: cargo build --target wasm32-wasip1",
        f"{WASM}\n- run: cargo build --target wasm32-wasip1",
        "- run: cd app; rustup target add wasm32-wasip1 && cargo build --target wasm32-wasip1",
        "- run: cross build --target wasm32-wasip1",
        "- run: cargo build --target $TARGET",
        "- run: cargo build --target my-target.json",
        "- run: cargo build -Z build-std --target x86_64-unknown-none",
        "- run: rustup target add $TARGET\n- run: cargo build --target wasm32-wasip1",
    ],
)
def test_a_target_that_is_there_or_may_be_is_fine(steps: str) -> None:
    assert ask("rust-target-installed", {CI: job(steps)}) == []


def test_a_target_that_the_same_line_installs_too_late_is_named() -> None:
    steps = "- run: cargo build --target wasm32-wasip1 && rustup target add wasm32-wasip1"
    assert places(ask("rust-target-installed", {CI: job(steps)})) == [(CI, 6)]


def test_a_target_of_a_matrix_that_the_action_gets_is_fine() -> None:
    steps = """
        - {uses: dtolnay/rust-toolchain@stable, with: {targets: '${{ matrix.t }}'}}
        - run: cargo build --target ${{ matrix.t }}
    """
    extra = "strategy: {matrix: {t: [wasm32-wasip1, i686-unknown-linux-gnu]}}"
    assert ask("rust-target-installed", {CI: job(steps, extra=extra)}) == []


def test_a_target_of_the_toolchain_file_is_fine() -> None:
    files = {
        CI: job("- run: cargo build --target wasm32-wasip1"),
        "rust-toolchain.toml": '[toolchain]\nchannel = "stable"\ntargets = ["wasm32-wasip1"]\n',
    }
    assert ask("rust-target-installed", files) == []


def test_the_toolchain_file_that_lies_nearest_is_the_one_that_counts() -> None:
    checkout = "- uses: actions/checkout@v4\n"
    near = '[toolchain]\nchannel = "stable"\ntargets = ["wasm32-wasip1"]\n'
    files = {
        CI: job(f"{checkout}- run: cargo build --target wasm32-wasip1\n  working-directory: guest"),
        "guest/rust-toolchain.toml": near,
        "guest/Cargo.toml": CRATE,
    }
    assert ask("rust-target-installed", files) == []
    elsewhere = {**files, CI: job(f"{checkout}- run: cargo build --target wasm32-wasip1")}
    assert len(ask("rust-target-installed", elsewhere)) == 1


def test_wasm_pack_adds_the_target_that_it_builds_for() -> None:
    build = "- run: cargo clippy --target wasm32-unknown-unknown"
    assert ask("rust-target-installed", {CI: job(f"- run: wasm-pack build --dev\n{build}")}) == []
    assert len(ask("rust-target-installed", {CI: job(f"- run: wasm-pack --version\n{build}")})) == 1


def test_a_build_for_another_processor_without_its_linker_is_named() -> None:
    steps = f"- run: rustup target add {ARM}\n- run: cargo build --target {ARM}"
    found = ask("cross-linker-installed", {CI: job(steps)})
    assert (places(found), found[0].subject) == ([(CI, 7)], f"ci.yml: build: {ARM}")


def test_a_script_that_builds_for_what_its_caller_asks_is_read_too() -> None:
    script = f'if [ "$1" = --aarch64 ]; then\n  cargo build --target {ARM}\nfi\n'
    checkout = "- uses: actions/checkout@v4\n"
    files = {CI: job(f"{checkout}- run: ./release.sh --aarch64"), "release.sh": script}
    assert places(ask("cross-linker-installed", files)) == [("release.sh", 2)]
    files[CI] = job(f"{checkout}- run: ./release.sh")
    assert ask("cross-linker-installed", files) == []


@pytest.mark.parametrize(
    "steps",
    [
        f"- run: sudo apt-get install -y gcc-aarch64-linux-gnu\n- run: cargo build --target {ARM}",
        f"- run: cross build --target {ARM}",
        f"- run: cargo check --target {ARM}",
        f"- {{run: cargo build --target {ARM}, env: {{CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER: lld}}}}",
        f"- run: cargo zigbuild --target {ARM}",
        f"- uses: taiki-e/setup-cross-toolchain-action@v1\n- run: cargo build --target {ARM}",
    ],
)
def test_a_build_with_a_linker_or_without_linking_is_fine(steps: str) -> None:
    assert ask("cross-linker-installed", {CI: job(steps)}) == []


def test_the_machine_of_a_lane_is_that_of_its_matrix() -> None:
    pairs = "runner: ubuntu-latest, target: x86_64-unknown-linux-gnu}, {runner: ubuntu-24.04-arm, target: "
    steps = "- run: cargo build --target ${{ matrix.target }}"
    matrix = f"strategy: {{matrix: {{include: [{{{pairs}{ARM}}}]}}}}"
    text = job(steps).replace("runs-on: ubuntu-latest", f"runs-on: ${{{{ matrix.runner }}}}\n    {matrix}")
    assert ask("cross-linker-installed", {CI: text}) == []
    crossed = text.replace("ubuntu-24.04-arm", "ubuntu-24.04")
    assert len(ask("cross-linker-installed", {CI: crossed})) == 1


def test_a_machine_of_that_processor_and_a_configured_linker_are_fine() -> None:
    text = job(f"- run: cargo build --target {ARM}")
    assert ask("cross-linker-installed", {CI: text.replace("ubuntu-latest", "ubuntu-24.04-arm")}) == []
    config = f'[target.{ARM}]\nlinker = "aarch64-linux-gnu-gcc"\n'
    assert ask("cross-linker-installed", {CI: text, ".cargo/config.toml": config}) == []


PINNED = '[toolchain]\nchannel = "1.93.0"\n'
FOR_ANOTHER = """\
    - uses: actions/checkout@v6
    - uses: dtolnay/rust-toolchain@{}
      with:
        targets: x86_64-unknown-linux-musl
    - run: {}
    """


@pytest.mark.parametrize(
    ("ref", "call"),
    [
        ("1.75", "cargo build --target x86_64-unknown-linux-musl"),
        ("stable", "cargo auditable build --release --target x86_64-unknown-linux-musl"),
        ("1.93", "cargo +1.80.0 build --target x86_64-unknown-linux-musl"),
    ],
)
def test_a_target_that_another_toolchain_gets_is_not_there_for_the_one_that_is_used(
    ref: str, call: str
) -> None:
    files = {CI: job(FOR_ANOTHER.format(ref, call)), "rust-toolchain.toml": PINNED}
    (found,) = ask("rust-target-installed", files)
    assert [(one.file, one.line) for one in found.evidence[:2]] == [(CI, 10), (CI, 9)]


@pytest.mark.parametrize(
    ("ref", "call", "pinned"),
    [
        ("1.93", "cargo build --target x86_64-unknown-linux-musl", PINNED),
        ("1.93.0", "cargo build --target x86_64-unknown-linux-musl", PINNED),
        ("1.75", "cargo +1.75 build --target x86_64-unknown-linux-musl", PINNED),
        ("1.75", "cargo auditable foo --target x86_64-unknown-linux-musl", PINNED),
        (
            "1.75",
            "rustup target add x86_64-unknown-linux-musl && cargo build --target x86_64-unknown-linux-musl",
            PINNED,
        ),
        ("1.75", "RUSTUP_TOOLCHAIN=1.75 cargo build --target x86_64-unknown-linux-musl", PINNED),
        ("master", "cargo build --target x86_64-unknown-linux-musl", PINNED),
        (
            "1.75",
            "cargo build --target x86_64-unknown-linux-musl",
            PINNED + 'targets = ["x86_64-unknown-linux-musl"]\n',
        ),
        ("1.75", "cargo build --target x86_64-unknown-linux-musl", '[toolchain]\npath = "/x"\n'),
    ],
)
def test_a_target_that_the_toolchain_in_use_may_get_is_fine(ref: str, call: str, pinned: str) -> None:
    files = {CI: job(FOR_ANOTHER.format(ref, call)), "rust-toolchain.toml": pinned}
    assert ask("rust-target-installed", files) == []


def test_the_toolchain_file_of_a_directory_decides_for_it() -> None:
    call = "cd app && cargo build --target x86_64-unknown-linux-musl"
    files = {CI: job(FOR_ANOTHER.format("1.75", call)), "rust-toolchain.toml": PINNED, "app/Cargo.toml": ""}
    assert len(ask("rust-target-installed", files)) == 1
    assert ask("rust-target-installed", {**files, "app/rust-toolchain": "1.75\n"}) == []
