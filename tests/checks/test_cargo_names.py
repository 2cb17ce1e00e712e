import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, CRATE, ask, job, places

CHECKOUT = "- uses: actions/checkout@v4\n"
WORKSPACE = {
    "Cargo.toml": '[workspace]\nmembers = ["app", "lib"]\n',
    "app/Cargo.toml": CRATE + '[features]\nfast = []\n[dependencies]\nlib = { path = "../lib" }\n',
    "app/src/main.rs": "",
    "lib/Cargo.toml": """\
        [package]
        name = "lib"
        [features]
        slow = []
        [dependencies]
        serde = { version = "1", optional = true }
        """,
    "lib/src/lib.rs": "",
    "lib/tests/all.rs": "",
}


def ci(command: str) -> dict[str, str]:
    return {**WORKSPACE, CI: job(f"{CHECKOUT}- run: {command}")}


@pytest.mark.parametrize(
    ("check", "command"),
    [
        ("workflow-package-exists", "cargo build -p ap"),
        ("workflow-package-exists", "cargo +nightly test --package=libb -- --nocapture"),
        ("workflow-package-exists", "cargo build -p 'li?x'"),
        ("workflow-package-exists", "cargo publish -p ap"),
        ("workflow-package-exists", "cargo publish -p serde_json"),
        ("workflow-target-exists", "cargo build --bin ap"),
        ("workflow-target-exists", "cargo build -p lib --bin app"),
        ("workflow-target-exists", "cargo test --test none"),
        ("workflow-feature-exists", "cargo build --features quick"),
        ("workflow-feature-exists", "cargo build -p app -F fast,slow"),
        ("workflow-feature-exists", "cargo build --features lib/fast"),
        ("workflow-binary-exists", "cp target/release/ap dist/"),
        ("workflow-binary-exists", "cp target/x86_64-unknown-linux-gnu/release/ap dist/"),
    ],
)
def test_a_name_that_the_workspace_has_not_is_named_with_its_line(check: str, command: str) -> None:
    assert places(ask(check, ci(command))) == [(CI, 7)]


@pytest.mark.parametrize(
    ("check", "command"),
    [
        ("workflow-package-exists", "cargo build -p app -p lib@0.0.0"),
        ("workflow-package-exists", "cargo build -p 'li*'"),
        ("workflow-package-exists", "cargo build -p $NAME"),
        ("workflow-package-exists", "cargo install -p nothing"),
        ("workflow-package-exists", "cargo publish -p lib --locked"),
        ("workflow-package-exists", "cargo run -- -p nothing"),
        ("workflow-package-exists", "cd elsewhere && cargo build -p nothing"),
        ("workflow-package-exists", "echo cargo build -p nothing"),
        ("workflow-target-exists", "cargo test -p lib --test all"),
        ("workflow-target-exists", "cargo test --test 'al*'"),
        ("workflow-feature-exists", "cargo build --features fast,slow"),
        ("workflow-feature-exists", "cargo build -p lib --features 'serde slow'"),
        ("workflow-feature-exists", "cd lib && cargo build --features slow"),
        ("workflow-feature-exists", "cargo build --features serde_json/std"),
        ("workflow-binary-exists", "cp target/release/app.exe target/release/liblib.rlib dist/"),
        ("workflow-binary-exists", "ls target/release/*.d"),
    ],
)
def test_a_name_that_is_there_or_only_a_run_can_tell_is_not_accused(check: str, command: str) -> None:
    assert ask(check, ci(command)) == []


def test_a_program_that_a_step_before_has_renamed_is_there() -> None:
    rename = "- run: mv target/debug/app target/debug/app-before\n"
    use = "- run: cmp ./target/debug/app-before target/debug/app\n"
    assert ask("workflow-binary-exists", {**WORKSPACE, CI: job(CHECKOUT + rename + use)}) == []
    base = "- uses: actions/checkout@v4\n  with: {ref: '${{ github.base_ref }}'}\n"
    assert ask("workflow-binary-exists", {**WORKSPACE, CI: job(base + rename + CHECKOUT + use)}) == []
    found = ask("workflow-binary-exists", {**WORKSPACE, CI: job(CHECKOUT + use + rename)})
    assert places(found) == [(CI, 7)]


def test_every_value_of_a_matrix_is_looked_at() -> None:
    text = job(
        f"{CHECKOUT}- run: cargo test -p ${{{{ matrix.p }}}}", extra="strategy: {matrix: {p: [app, gone]}}"
    )
    found = ask("workflow-package-exists", {**WORKSPACE, CI: text})
    assert [one.subject for one in found] == ["ci.yml: gone"]


ENTRIES = "strategy:\n  matrix:\n    include:\n      - {p: app, n: 1}\n      - {p: %s, n: 2}\n"


@pytest.mark.parametrize(("gone", "shown"), [("gone", [(CI, 9), (CI, 12)]), ("app", [])])
def test_of_a_name_that_the_matrix_holds_its_entry_comes_first(
    gone: str, shown: list[tuple[str, int]]
) -> None:
    text = job(f"{CHECKOUT}- run: cargo test --package=${{{{ matrix.p }}}}", extra=ENTRIES % gone)
    found = ask("workflow-package-exists", {**WORKSPACE, CI: text})
    assert [(one.file, one.line) for each in found for one in each.evidence] == shown
    text = job(f"{CHECKOUT}- run: cargo test --bin ${{{{ matrix.p }}}}", extra=ENTRIES % gone)
    found = ask("workflow-target-exists", {**WORKSPACE, CI: text})
    assert [(one.file, one.line) for each in found for one in each.evidence] == shown


def test_a_name_that_is_written_where_it_is_used_has_one_place() -> None:
    text = job(f"{CHECKOUT}- run: cargo test -p gone", extra=ENTRIES % "gone")
    (found,) = ask("workflow-package-exists", {**WORKSPACE, CI: text})
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 12)]


def test_a_job_that_checks_out_another_repository_is_not_judged() -> None:
    text = job("- uses: actions/checkout@v4\n  with: {repository: other/one}\n- run: cargo build -p gone")
    assert ask("workflow-package-exists", {**WORKSPACE, CI: text}) == []


def test_nothing_is_said_while_a_manifest_is_broken() -> None:
    assert ask("workflow-package-exists", {**ci("cargo build -p gone"), "lib/Cargo.toml": "[package\n"}) == []


def test_what_packagers_keep_beside_the_programs_is_no_program() -> None:
    files = {
        "Cargo.toml": CRATE,
        "src/main.rs": "",
        CI: job("- uses: actions/checkout@v6\n- run: ls target/release/bundle"),
    }
    assert ask("workflow-binary-exists", files) == []


@pytest.mark.parametrize(
    "maker",
    [
        "- run: make -C bin/spice",
        "- run: go build -o target/release/spice ./bin",
        "- run: mkdir -p target/release/spice",
        "- run: ./build.sh",
        "- run: cargo xtask dist",
        "- uses: someone/build@v1",
        "- {uses: actions/download-artifact@v4, with: {path: target/release}}",
    ],
)
def test_what_builds_more_than_manifests_name_may_have_built_a_program(maker: str) -> None:
    use = "- run: mv target/release/spice spice"
    assert ask("workflow-binary-exists", {**WORKSPACE, CI: job(f"{CHECKOUT}{maker}\n{use}")}) == []
    quiet = {**WORKSPACE, CI: job(f"{CHECKOUT}- run: cargo build --release\n{use}")}
    assert len(ask("workflow-binary-exists", quiet)) == 1


def test_a_script_that_does_not_name_the_program_has_not_built_it() -> None:
    use = "- run: mv target/release/spice spice"
    files = {**WORKSPACE, "ci/setup.sh": "cargo build\n", CI: job(f"{CHECKOUT}- run: ci/setup.sh\n{use}")}
    assert len(ask("workflow-binary-exists", files)) == 1
    assert ask("workflow-binary-exists", {**files, "ci/setup.sh": "cp a target/release/spice\n"}) == []


def test_a_move_without_arguments_breaks_no_check() -> None:
    files = {**WORKSPACE, CI: job(f"{CHECKOUT}- run: |\n    cp\n    ls target/release/app")}
    assert ask("workflow-binary-exists", files) == []


def test_a_member_that_is_made_first_may_have_any_name() -> None:
    whole = WORKSPACE["Cargo.toml"]
    assert "members = [" in whole
    files = ci("cargo publish -p made") | {"Cargo.toml": whole.replace("members = [", 'members = ["made", ')}
    assert ask("workflow-package-exists", files) == []


@pytest.mark.parametrize(
    ("run", "weight"),
    [
        ("cargo build -p gone", Weight.BLOCKER),
        ("cargo test && cargo build -p gone", Weight.BLOCKER),
        ('if [ "$X" = 1 ]; then cargo build -p gone; fi', Weight.WARNING),
        ("[ -f Cargo.toml ] && cargo build -p gone", Weight.WARNING),
        ('if [ "$X" = 1 ]; then cargo build -p gone; fi; cargo test -p gone', Weight.BLOCKER),
    ],
)
def test_a_name_that_is_used_under_a_condition_does_not_stop_each_run(run: str, weight: Weight) -> None:
    text = job(f"- uses: actions/checkout@v6\n- run: |\n    {run}\n    true")
    (found,) = ask("workflow-package-exists", {"Cargo.toml": CRATE, "src/main.rs": "", CI: text})
    assert found.weight is weight


@pytest.mark.parametrize(
    "run",
    [
        "test -f tool/Cargo.toml && cargo build -p tool",
        "[ -d tool ] && cargo build -p tool",
        "if [[ -e tool/Cargo.toml ]]; then\n      cargo build -p tool\n    fi",
    ],
)
def test_what_only_runs_where_a_missing_file_is_there_is_not_judged(run: str) -> None:
    text = job(f"- uses: actions/checkout@v6\n- run: |\n    {run}\n    true")
    files = {"Cargo.toml": CRATE, "src/main.rs": "", CI: text}
    assert ask("workflow-package-exists", files) == []
    assert (
        len(ask("workflow-package-exists", {**files, "tool/Cargo.toml": CRATE.replace("app", "other")})) == 1
    )


GATED = {
    "Cargo.toml": '[workspace]\nresolver = "2"\nmembers = ["app", "lib"]\n',
    "app/Cargo.toml": CRATE
    + """\
[features]
default = ["net"]
net = []
all = ["mock"]
mock = []
[[bin]]
name = "gated"
path = "src/gated.rs"
required-features = ["mock"]
[[test]]
name = "wire"
required-features = ["net"]
[dependencies]
lib = { path = "../lib" }
""",
    "app/src/gated.rs": "",
    "app/src/main.rs": "",
    "app/tests/wire.rs": "",
    "lib/Cargo.toml": CRATE.replace("app", "lib"),
    "lib/src/lib.rs": "",
}


def gated(command: str, **files: str) -> dict[str, str]:
    return {**GATED, CI: job(f"{CHECKOUT}- run: {command}"), **files}


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("cargo build --release --target ${{ matrix.t }} --no-default-features -p app --bin gated", 13),
        ("cargo run -p app --bin gated", 13),
        ("cargo build --bin gated --features net", 13),
        ("cargo nextest run --no-default-features --test wire", 16),
    ],
)
def test_a_target_whose_required_feature_is_off_is_refused_by_name(command: str, line: int) -> None:
    (found,) = ask("workflow-target-exists", gated(command))
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 7), ("app/Cargo.toml", line)]
    assert (found.weight, "mock" in found.message) == (Weight.BLOCKER, line == 13)


@pytest.mark.parametrize(
    "command",
    [
        "cargo build -p app --bin gated --features mock",
        "cargo build -p app --bin gated --features app/all",
        "cargo build --bin gated --all-features",
        "cargo build --bin gated $MORE",
        'cargo build --bin gated --features "$FEATURES"',
        "cargo build --bin gated ${{ vars.FLAGS }}",
        "cargo build --no-default-features --bins",
        "cargo test --test wire",
        "cargo doc --bin gated",
    ],
)
def test_a_target_whose_features_are_on_or_not_certain_is_left_alone(command: str) -> None:
    assert ask("workflow-target-exists", gated(command)) == []


def test_a_feature_that_another_package_of_the_build_asks_for_is_on() -> None:
    asking = CRATE.replace("app", "lib") + '[dependencies]\napp = { path = "../app", features = ["mock"] }\n'
    files = gated("cargo build --workspace --bin gated", **{"lib/Cargo.toml": asking})
    assert ask("workflow-target-exists", files) == []


def test_under_the_first_resolver_only_the_package_of_the_directory_is_certain() -> None:
    root = CRATE.replace("2021", "2018").replace("app", "top") + '[workspace]\nmembers = ["app", "lib"]\n'
    files = gated("cargo build -p app --bin gated", **{"Cargo.toml": root, "src/lib.rs": ""})
    assert ask("workflow-target-exists", files) == []
    inside = gated("cd app && cargo build --bin gated", **{"Cargo.toml": root, "src/lib.rs": ""})
    assert len(ask("workflow-target-exists", inside)) == 1


PACKED = [
    "tar -C target/release -czf app.tar.gz spice",
    "tar czf app.tar.gz -C target/release app spice",
    "cd target/release && tar czf ../../app.tar.gz spice",
    "cd target/release && cp spice ../../dist/",
    "cd target/release && zip -9j ../../app.zip app spice",
    "BIN=spice; tar -C target/release -cf - $BIN > app.tar",
]


@pytest.mark.parametrize("packed", PACKED)
def test_a_program_that_nobody_builds_is_told_where_a_step_has_moved_to_it(packed: str) -> None:
    steps = f"{CHECKOUT}- run: cargo build --release\n- run: {packed}"
    assert places(ask("workflow-binary-exists", {**WORKSPACE, CI: job(steps)})) == [(CI, 8)]
    assert ask("workflow-binary-exists", {**WORKSPACE, CI: job(steps.replace("spice", "app"))}) == []


@pytest.mark.parametrize(
    "packed",
    [
        "cp LICENSE target/release/spice && tar -C target/release -czf app.tar.gz spice",
        "cd target/release && mv app spice && tar czf ../../app.tar.gz spice",
        "cd target/release && ./app > spice && tar czf ../../app.tar.gz spice",
        "tar -C target/release -xzf app.tar.gz spice",
        "tar -C target/release -czf spice app",
        "cd target/release && zip spice app",
        "cd target/release && zip -r ../../app.zip . -x spice",
        "cd target/release && zip -P spice ../../app.zip app",
        "tar -C target/release -czf app.tar.gz --exclude spice app",
        "tar -C target/release -czf app.tar.gz $SPICE",
        "tar -C target/release -czf app.tar.gz spice || true",
    ],
)
def test_what_an_earlier_command_spells_or_tar_does_not_pack_is_left_alone(packed: str) -> None:
    steps = f"{CHECKOUT}- run: cargo build --release\n- run: {packed}"
    assert ask("workflow-binary-exists", {**WORKSPACE, CI: job(steps)}) == []


LANES = """\
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    strategy: {matrix: {t: [x86_64-unknown-linux-gnu, x86_64-unknown-linux-musl]}}
    steps:
      - uses: actions/checkout@v6
      - run: cargo build --release --target ${{ matrix.t }}
      - run: |
"""
INTO = "          cd target/${{ matrix.t }}/release\n"


def test_a_program_that_nobody_builds_is_told_in_the_directories_of_several_lanes() -> None:
    pack = "          tar czf ../../../app-${{ matrix.t }}.tar.gz spice\n"
    files = {**WORKSPACE, CI: LANES + INTO + pack}
    assert places(ask("workflow-binary-exists", files)) == [(CI, 11)]
    for other in (
        INTO + pack.replace("spice", "app"),
        INTO + "          mv app spice\n" + pack,
        INTO + "          cd ../../..\n" + pack,
        "          cd target/$WHERE/release\n" + pack,
        "          for one in a b; do cd target/${{ matrix.t }}/release; done\n" + pack,
    ):
        assert ask("workflow-binary-exists", {**WORKSPACE, CI: LANES + other}) == []


def test_what_a_build_script_spells_may_be_packed() -> None:
    steps = f"{CHECKOUT}- run: cargo build --release\n- run: tar -C target/release -czf app.tar.gz spice"
    files = {**WORKSPACE, "app/build.rs": 'fn main() { write("spice"); }', CI: job(steps)}
    assert ask("workflow-binary-exists", files) == []
