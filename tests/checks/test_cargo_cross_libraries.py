import pytest

from tests.checks.testing import CI, CRATE, ask, job

CHECKOUT = "- uses: actions/checkout@v4\n"
ARM = "- run: cargo build --target aarch64-unknown-linux-gnu"
MUSL = "- run: cargo build --target x86_64-unknown-linux-musl"
LOCK = """\
version = 3

[[package]]
name = "openssl-sys"
version = "0.9.100"
source = "registry+https://github.com/rust-lang/crates.io-index"
"""


def repo(crate: str, steps: str, *, extra: str = "", lock: str = LOCK, **files: str) -> dict[str, str]:
    manifest = f"{CRATE}[dependencies]\n{crate}\n"
    tree = {"Cargo.toml": manifest, "src/main.rs": "", "Cargo.lock": lock}
    return {**tree, CI: job(CHECKOUT + steps, extra=extra), **files}


def test_openssl_of_another_target_is_told_where_it_is_built_and_asked_for() -> None:
    (found,) = ask("cross-build-has-libraries", repo('openssl-sys = "0.9"', ARM))
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 7), ("Cargo.toml", 6)]
    assert found.blocks
    assert found.remedy is not None
    assert found.remedy.commands == ("cargo add openssl --features vendored --package app",)


def test_a_linker_for_the_target_brings_no_openssl() -> None:
    linker = "- run: sudo apt-get install -y gcc-aarch64-linux-gnu\n"
    env = "env: {CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER: aarch64-linux-gnu-gcc}"
    assert len(ask("cross-build-has-libraries", repo('native-tls = "0.2"', linker + ARM, extra=env))) == 1


def test_c_for_musl_without_its_compiler_is_told() -> None:
    (found,) = ask("cross-build-has-libraries", repo('ring = "0.17"', MUSL))
    assert "musl-gcc" in found.message
    by_matrix = MUSL.replace("x86_64-unknown-linux-musl", "${{ matrix.target }}")
    matrix = "strategy: {matrix: {target: [x86_64-unknown-linux-gnu, x86_64-unknown-linux-musl]}}"
    (found,) = ask("cross-build-has-libraries", repo('ring = "0.17"', by_matrix, extra=matrix))
    assert found.subject == "ci.yml: ring: x86_64-unknown-linux-musl"


def of_matrix(rows: str, crate: str = 'openssl-sys = "0.9"', steps: str = "") -> dict[str, str]:
    text = repo(
        crate,
        f"{steps}- run: cargo build --target ${{{{ matrix.t }}}}",
        extra=f"strategy: {{matrix: {{include: [{rows}]}}}}",
    )
    return {**text, CI: text[CI].replace("runs-on: ubuntu-latest", "runs-on: ${{ matrix.os }}")}


OWN, OTHER = (
    "{os: ubuntu-24.04, t: x86_64-unknown-linux-gnu}",
    "{os: ubuntu-24.04, t: aarch64-unknown-linux-gnu}",
)


def test_openssl_of_a_target_that_only_a_row_of_the_matrix_builds_for_is_told() -> None:
    (found,) = ask(
        "cross-build-has-libraries", of_matrix(f"{OWN}, {OTHER}, {{os: macos-15, t: aarch64-apple-darwin}}")
    )
    assert found.subject == "ci.yml: openssl-sys: aarch64-unknown-linux-gnu"


@pytest.mark.parametrize(
    "rows",
    [
        OWN,
        OTHER.replace("24.04", "24.04-arm"),
        OTHER.replace("ubuntu-24.04", "macos-15"),
        OTHER.replace("}", ", cross: true}"),
    ],
)
def test_a_row_for_the_machine_itself_or_on_another_system_is_not_accused(rows: str) -> None:
    assert ask("cross-build-has-libraries", of_matrix(rows)) == []


@pytest.mark.parametrize(
    "files",
    [
        repo('openssl-sys = "0.9"', "- run: cargo build --target x86_64-unknown-linux-gnu"),
        repo('openssl-sys = "0.9"', "- run: cargo build"),
        repo('openssl-sys = "0.9"', ARM.replace("cargo build", "cross build")),
        repo('openssl-sys = "0.9"', ARM.replace("build", "zigbuild")),
        repo('openssl-sys = "0.9"', ARM, extra="env: {OPENSSL_DIR: /opt/ssl}"),
        repo('openssl-sys = "0.9"', ARM, extra="env: {PKG_CONFIG_ALLOW_CROSS: 1}"),
        repo('openssl-sys = "0.9"', "- run: sudo apt-get install -y libssl-dev:arm64\n" + ARM),
        repo('openssl-sys = "0.9"', "- uses: someone/toolchain@v1\n" + ARM),
        repo('openssl-sys = "0.9"', "- run: ./prepare\n" + ARM),
        repo('openssl-sys = "0.9"', ARM + " || true"),
        repo('openssl-sys = "0.9"', ARM, extra="container: debian"),
        repo('openssl-sys = "0.9"', ARM, lock=LOCK + LOCK.partition("\n\n")[2].replace("-sys", "-src")),
        repo('openssl-sys = "0.9"', ARM, **{".cargo/config.toml": '[env]\nOPENSSL_DIR = "/x"\n'}),
        repo('openssl-sys = { version = "0.9", optional = true }', ARM),
        repo('[target."cfg(windows)".dependencies]\nopenssl-sys = "0.9"', ARM),
        repo('[build-dependencies]\nopenssl-sys = "0.9"', ARM),
        repo('ring = "0.17"', "- run: sudo apt-get install -y musl-tools\n" + MUSL),
        repo('ring = "0.17"', MUSL, extra="env: {CC_x86_64_unknown_linux_musl: gcc}"),
        repo('ring = "0.17"', MUSL, extra="env: {CC: gcc}"),
        repo('ring = "0.17"', ARM),
        repo('serde = "1"', MUSL),
    ],
)
def test_what_is_given_or_not_needed_or_not_certain_is_not_accused(files: dict[str, str]) -> None:
    assert ask("cross-build-has-libraries", files) == []
