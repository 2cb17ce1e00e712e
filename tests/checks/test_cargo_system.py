import pytest

from tests.checks.testing import CI, CRATE, answers, ask, job, places

FUSE = CRATE + '[dependencies]\nfuser = "0.15"\n'
PROTO = CRATE + '[build-dependencies]\ntonic-build = "0.12"\n'
CHECKOUT = "- uses: actions/checkout@v4\n"
BUILD = "- run: cargo build"
COMPILES = "fn main() { tonic_build::configure().compile_protos(&[], &[]).unwrap(); }"


def repo(manifest: str, steps: str = BUILD, extra: str = "", **files: str) -> dict[str, str]:
    return {"Cargo.toml": manifest, "src/main.rs": "", CI: job(CHECKOUT + steps, extra=extra), **files}


def test_a_library_that_no_step_installs_is_named_where_it_is_built_and_asked_for() -> None:
    (found,) = ask("system-library-installed", repo(FUSE))
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 7), ("Cargo.toml", 6)]
    assert found.blocks
    assert "libfuse3-dev" in found.message


@pytest.mark.parametrize(
    ("crate", "package"),
    [("alsa-sys", "libasound2-dev"), ("libudev-sys", "libudev-dev"), ("libdbus-sys", "libdbus-1-dev")],
)
def test_a_crate_that_only_binds_a_library_needs_it_too(crate: str, package: str) -> None:
    manifest = f'{CRATE}[dependencies]\n{crate} = "0.2"\n'
    (found,) = ask("system-library-installed", repo(manifest))
    assert package in found.message
    assert (
        ask(
            "system-library-installed",
            repo(manifest.replace('"0.2"', '{version = "1", features = ["vendored"]}')),
        )
        == []
    )


@pytest.mark.parametrize("section", ['cfg(target_os = "linux")', "cfg(unix)", "cfg(not(windows))"])
def test_a_crate_that_only_linux_builds_is_built_there(section: str) -> None:
    manifest = f"{CRATE}[target.'{section}'.dependencies]\nalsa-sys = \"0.3\"\n"
    assert places(ask("system-library-installed", repo(manifest))) == [(CI, 7)]
    other = manifest.replace(section, 'cfg(target_os = "macos")')
    assert ask("system-library-installed", repo(other)) == []


def test_a_library_of_a_crate_below_is_named() -> None:
    root = CRATE + '[dependencies]\nlow = { path = "low" }\n[workspace]\n'
    low = {"low/Cargo.toml": FUSE.replace("app", "low"), "low/src/lib.rs": ""}
    (found,) = ask("system-library-installed", repo(root, **low))
    assert (found.evidence[1].file, found.evidence[1].line) == ("low/Cargo.toml", 6)


def of_matrix(rows: str, steps: str = BUILD, manifest: str = FUSE) -> dict[str, str]:
    text = repo(manifest, steps, f"strategy: {{matrix: {{include: [{rows}]}}}}")
    return {**text, CI: text[CI].replace("runs-on: ubuntu-latest", "runs-on: ${{ matrix.os }}")}


UBUNTU, MAC = "{os: ubuntu-24.04, t: x86_64-unknown-linux-gnu}", "{os: macos-15, t: aarch64-apple-darwin}"
BY_MATRIX = BUILD + " --target ${{ matrix.t }}"


@pytest.mark.parametrize("rows", [f"{UBUNTU}, {{os: ubuntu-22.04, t: x}}", f"{UBUNTU}, {MAC}"])
@pytest.mark.parametrize("build", [BUILD, BY_MATRIX])
def test_a_library_is_missed_in_those_rows_of_a_matrix_that_run_on_ubuntu(rows: str, build: str) -> None:
    (found,) = ask("system-library-installed", of_matrix(rows, build))
    assert places([found]) == [(CI, 8)]
    assert found.remedy is not None
    assert ("runner.os == 'Linux'" in found.remedy.summary) == (MAC in rows)
    assert ("sed" in found.remedy.commands[0]) == (MAC not in rows)


@pytest.mark.parametrize(
    "files",
    [
        of_matrix(f"{MAC}, {{os: windows-2025}}"),
        of_matrix(f"{UBUNTU}, {MAC}", "- {run: cargo build, if: matrix.os == 'macos-15'}"),
        of_matrix(
            f"{UBUNTU}, {MAC}",
            "- {run: sudo apt-get install libfuse3-dev, if: runner.os == 'Linux'}\n" + BUILD,
        ),
        of_matrix(
            "{os: ubuntu-24.04, needs: libfuse3-dev}",
            "- run: sudo apt-get install ${{ matrix.needs }}\n" + BUILD,
        ),
        of_matrix("{os: ubuntu-24.04, t: aarch64-unknown-linux-musl}", BY_MATRIX),
        of_matrix("{os: ubuntu-24.04, more: --target x86_64-pc-windows-gnu}", BUILD + " ${{ matrix.more }}"),
        of_matrix(
            "{os: ubuntu-24.04, try: true}", "- {run: cargo build, continue-on-error: '${{ matrix.try }}'}"
        ),
        of_matrix("{os: self-hosted}"),
    ],
)
def test_rows_that_need_no_library_of_ubuntu_or_are_not_certain_are_not_accused(
    files: dict[str, str],
) -> None:
    assert ask("system-library-installed", files) == []


def test_a_build_script_that_compiles_protocols_needs_the_compiler() -> None:
    found = ask("system-library-installed", repo(PROTO, **{"build.rs": COMPILES}))
    assert places(found) == [(CI, 7)]
    assert "protobuf-compiler" in found[0].message


@pytest.mark.parametrize(
    "files",
    [
        repo(FUSE, "- run: sudo apt-get install -y libfuse3-dev\n" + BUILD),
        repo(FUSE, "- {uses: awalsh128/cache-apt-pkgs-action@v1, with: {packages: libfuse-dev}}\n" + BUILD),
        repo(FUSE, "- uses: someone/prepare@v1\n" + BUILD),
        repo(FUSE, "- run: ./prepare.sh\n" + BUILD),
        repo(FUSE, "- run: make deps\n" + BUILD),
        repo(FUSE, "- run: cargo fmt --check"),
        repo(FUSE, "- run: cargo build || true"),
        repo(FUSE, BUILD, "container: ghcr.io/x/y"),
        repo(FUSE.replace('"0.15"', '{ version = "0.15", default-features = false }')),
        repo(FUSE.replace('"0.15"', '{ version = "0.15", optional = true }')),
        repo(FUSE.replace("0.15", "0.16")),
        repo(FUSE.replace("[dependencies]", "[target.'cfg(windows)'.dependencies]")),
        repo(PROTO, **{"build.rs": "fn main() {}"}),
        repo(PROTO, **{"build.rs": COMPILES.replace("{ tonic", "{ protoc_bin_vendored::x(); tonic")}),
        repo(PROTO.replace("0.12", "~0.6.2"), **{"build.rs": COMPILES}),
        repo(PROTO.replace("tonic-build", "prost-build").replace("0.12", "0.10"), **{"build.rs": COMPILES}),
        repo(PROTO, **{"build.rs": COMPILES.replace("{ tonic", '{ if std::env::var("NEW").is_ok() { tonic')}),
        repo(PROTO, extra="env: {PROTOC: /opt/protoc}", **{"build.rs": COMPILES}),
        repo(PROTO, "- {run: cargo build, env: {PROTOC: /opt/protoc}}", **{"build.rs": COMPILES}),
        repo(PROTO, "- uses: arduino/setup-protoc@v3\n" + BUILD, **{"build.rs": COMPILES}),
    ],
)
def test_a_library_that_is_installed_or_not_needed_or_not_certain_is_not_accused(
    files: dict[str, str],
) -> None:
    assert ask("system-library-installed", files) == []


def test_the_locked_version_decides_whether_the_compiler_is_needed() -> None:
    manifest = PROTO.replace("0.12", ">=0.6")
    lock = 'version = 3\n\n[[package]]\nname = "tonic-build"\nversion = "{}"\nsource = "x"\n'
    old = repo(manifest, **{"build.rs": COMPILES, "Cargo.lock": lock.format("0.6.2")})
    assert ask("system-library-installed", old) == []
    new = repo(manifest, **{"build.rs": COMPILES, "Cargo.lock": lock.format("0.9.0")})
    assert len(ask("system-library-installed", new)) == 1


def test_what_only_the_whole_workflow_sets_is_there() -> None:
    files = repo(PROTO, **{"build.rs": COMPILES})
    assert len(ask("system-library-installed", files)) == 1
    files[CI] = "env: {PROTOC: /opt/protoc}\n" + files[CI]
    assert ask("system-library-installed", files) == []


@pytest.mark.parametrize("label", ["ubuntu-big-8-cores", "ubuntu-latest-16-cores"])
def test_a_machine_whose_label_is_not_githubs_may_have_everything(label: str) -> None:
    files = repo(FUSE)
    files[CI] = files[CI].replace("ubuntu-latest", label)
    assert answers("system-library-installed", files) == []


def test_a_machine_of_ones_own_may_have_everything() -> None:
    files = repo(FUSE)
    files[CI] = files[CI].replace("ubuntu-latest", "self-hosted")
    assert answers("system-library-installed", files) == []


def test_a_program_that_is_built_alone_needs_nothing_of_the_others() -> None:
    root = '[workspace]\nmembers = ["a", "b"]\n'
    files = repo(
        root, "- run: cargo build --bin b", **{"a/Cargo.toml": FUSE.replace("app", "a"), "a/src/main.rs": ""}
    )
    files |= {"b/Cargo.toml": CRATE.replace("app", "b"), "b/src/main.rs": ""}
    assert ask("system-library-installed", files) == []
    files[CI] = files[CI].replace("--bin b", "--bin a")
    assert len(ask("system-library-installed", files)) == 1


ACTION = """\
runs:
  using: composite
  steps:
    - uses: dtolnay/rust-toolchain@stable
    - run: sudo apt-get install --yes mold
      shell: bash
"""
PREPARE = "- uses: ./.github/actions/prepare\n" + BUILD


def test_an_action_of_the_repository_is_read() -> None:
    path = ".github/actions/prepare/action.yml"
    assert places(ask("system-library-installed", repo(FUSE, PREPARE, **{path: ACTION}))) == [(CI, 8)]
    for action in (
        ACTION.replace("mold", "libfuse3-dev"),
        ACTION.replace("sudo apt-get", "./install.sh"),
        ACTION.replace("dtolnay/rust-toolchain@stable", "someone/prepare@v1"),
        ACTION.replace("dtolnay/rust-toolchain@stable", "./.github/actions/other"),
        "runs: {using: node24, main: x.js}\n",
    ):
        assert ask("system-library-installed", repo(FUSE, PREPARE, **{path: action})) == []
