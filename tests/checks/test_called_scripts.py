from tests.checks.testing import CI, CRATE, ask, job

STEPS = "- uses: actions/checkout@v5\n- run: ./tools/build.sh v1"
PACK = """\
set -e
DIR="$(pwd)/target/release"
cargo build --release
for one in "${ALL[@]}"; do tar -cf a "$one"; done
"""


def found(script: str, steps: str = STEPS) -> list[tuple[str | None, int | None]]:
    files = {"Cargo.toml": CRATE, "src/main.rs": "", "tools/build.sh": script, CI: job(steps)}
    answers = ask("called-script-binary-exists", files, executable=["tools/build.sh"])
    assert all(one.evidence for one in answers), answers  # or a finding without a place would not be seen
    return [(place.file, place.line) for one in answers for place in one.evidence]


def test_a_program_in_a_list_that_no_package_builds_is_named_with_the_call() -> None:
    assert found(f'{PACK}ALL=(\n    "$DIR/ap"\n)\n') == [("tools/build.sh", 6), (CI, 7)]


def test_a_program_named_through_variables_is_found() -> None:
    script = f'{PACK}NAME="ap"\nPROGRAM="$DIR/$NAME"\ncp "$PROGRAM" dist/\n'
    assert found(script) == [("tools/build.sh", 6), (CI, 7)]


def test_a_program_that_is_built_and_one_that_is_only_tried_are_fine() -> None:
    assert found(f'{PACK}ALL=(\n    "$DIR/app"\n)\n') == []
    tried = 'if [ -f "$DIR/old" ]; then\n  ALL=("$DIR/old")\nfi\n'
    assert found(PACK + tried) == []
    assert found(PACK + tried.replace("[ -f", "[ ! -f")) != []


def test_what_comes_from_elsewhere_is_not_judged() -> None:
    listed = 'ALL=(\n    "$DIR/ap"\n)\n'
    assert found(f"git clone https://example.invalid/x\n{PACK}{listed}") == []
    assert found(PACK.replace("cargo build", "make") + listed) == []
    assert found(PACK.replace('="$(pwd)/target/release', '="$1') + listed) == []
    download = "- uses: actions/checkout@v5\n- uses: actions/download-artifact@v7\n- run: ./tools/build.sh v1"
    assert found(PACK + listed, download) == []
    assert found(PACK + listed, f"{STEPS} || true") == []
