import pytest

from tests.checks.testing import CI, ask, job, places

ALIAS = {".cargo/config.toml": '[alias]\nxtask = "run -p xtask --"\n'}


def on(runner: str, steps: str) -> dict[str, str]:
    return {CI: job(steps).replace("ubuntu-latest", runner)}


@pytest.mark.parametrize("command", ["cargo audit", "cargo +stable nextest run"])
def test_a_subcommand_that_nobody_installs_is_named_with_its_line(command: str) -> None:
    found = ask("cargo-subcommand-installed", {CI: job(f"- uses: actions/checkout@v4\n- run: {command}")})
    assert places(found) == [(CI, 7)]


def test_a_directory_that_a_job_brings_may_have_aliases_of_its_own() -> None:
    brought = "- uses: actions/checkout@v4\n- run: |\n    cd app\n    cargo db reset"
    assert ask("cargo-subcommand-installed", {CI: job(brought)}) == []
    assert len(ask("cargo-subcommand-installed", {CI: job(brought), "app/README.md": ""})) == 1


def test_an_installer_that_is_pinned_and_names_another_tool_does_not_bring_it() -> None:
    steps = f"- {{uses: taiki-e/install-action@{'a1' * 20}, with: {{tool: just}}}}\n- run: cargo audit"
    assert places(ask("cargo-subcommand-installed", {CI: job(steps)})) == [(CI, 7)]


@pytest.mark.parametrize("other", ["cargo install cargo-deny --locked", "cargo +stable install just"])
def test_what_else_is_installed_does_not_bring_a_subcommand(other: str) -> None:
    steps = f"- run: {other}\n- run: cargo audit"
    assert places(ask("cargo-subcommand-installed", {CI: job(steps)})) == [(CI, 7)]


@pytest.mark.parametrize("tool", ["cargo-edit", "cargo-edit,cargo-nextest@0.9", "just"])
def test_a_crate_with_several_subcommands_brings_no_others(tool: str) -> None:
    steps = f"- {{uses: taiki-e/install-action@v2, with: {{tool: '{tool}'}}}}\n- run: cargo audit"
    assert places(ask("cargo-subcommand-installed", {CI: job(steps)})) == [(CI, 7)]


@pytest.mark.parametrize("where", ["${CARGO_HOME:-~/.cargo}/bin", "/usr/local/bin"])
def test_what_is_downloaded_to_where_programs_are_looked_for_may_be_the_subcommand(where: str) -> None:
    steps = f"- run: curl -LsSf https://get.nexte.st/latest/linux | tar zxf - -C {where}\n"
    assert ask("cargo-subcommand-installed", {CI: job(f"{steps}- run: cargo nextest run")}) == []


def test_a_download_to_elsewhere_brings_no_subcommand() -> None:
    steps = "- run: curl -o fortio.deb https://example.org/fortio.deb\n- run: cargo nextest run"
    assert places(ask("cargo-subcommand-installed", {CI: job(steps)})) == [(CI, 7)]


def test_the_subject_is_the_subcommand() -> None:
    (found,) = ask("cargo-subcommand-installed", {CI: job("- run: cargo audit")})
    assert found.subject == "ci.yml: cargo audit"


@pytest.mark.parametrize(
    "steps",
    [
        "- run: cargo install cargo-audit --locked\n- run: cargo audit",
        "- run: |\n    cargo install cargo-audit\n    cargo audit",
        "- {uses: taiki-e/install-action@v2, with: {tool: cargo-audit}}\n- run: cargo audit",
        "- uses: taiki-e/install-action@cargo-audit\n- run: cargo audit",
        f"- uses: taiki-e/install-action@{'a1' * 20} # cargo-audit\n- run: cargo audit",
        "- uses: someone/tools@v1\n- run: cargo audit",
        "- run: make tools\n- run: cargo audit",
        "- run: cargo install sqlx-cli --features postgres\n- run: cargo sqlx migrate run",
        "- {uses: taiki-e/install-action@v2, with: {tool: sqlx-cli}}\n- run: cargo sqlx migrate run",
        "- run: cargo install --locked kani-verifier\n- run: cargo kani",
        (
            "- {uses: taiki-e/install-action@v2, with: {tool: cargo-edit}}\n"
            "- run: test -n a\n- run: cargo set-version 1.2.3"
        ),
        "- {uses: taiki-e/install-action@v2, with: {tool: 'just,cargo-c@0.10'}}\n- run: cargo cinstall",
        "- run: cargo install cargo-show-asm --locked\n- run: cargo asm --lib",
        "- run: cargo install cargo-seldom-heard-of\n- run: cargo heard",
        "- uses: cargo-bins/cargo-binstall@main\n- run: cargo binstall some-tools@1.2 -y\n- run: cargo audit",
        "- {uses: actions/cache@v4, with: {path: ~/.cargo/bin, key: a}}\n- run: cargo audit",
        "- run: cargo build && cargo tree",
        "- run: cargo xtask",
        "- run: cargo $COMMAND",
        "- run: if cargo audit; then echo fine; fi",
        "- uses: ./tools\n- run: cargo audit",
    ],
)
def test_a_subcommand_that_is_installed_or_may_be_is_fine(steps: str) -> None:
    action = "runs:\n  using: composite\n  steps:\n    - {run: cargo install cargo-audit, shell: bash}\n"
    files = {**ALIAS, "tools/action.yml": action, CI: job(steps)}
    assert ask("cargo-subcommand-installed", files) == []


@pytest.mark.parametrize("runner", ["ubuntu-22.04", "self-hosted", "macos-latest", "'${{ matrix.os }}'"])
def test_other_runners_may_have_it(runner: str) -> None:
    assert ask("cargo-subcommand-installed", on(runner, "- run: cargo audit")) == []


@pytest.mark.parametrize(
    "command", ["terraform init", "sudo fio --version", "just build", "protoc --version"]
)
def test_a_program_that_the_image_lacks_is_named(command: str) -> None:
    assert places(ask("tool-installed", {CI: job(f"- run: {command}")})) == [(CI, 6)]


@pytest.mark.parametrize(
    "steps",
    [
        "- uses: hashicorp/setup-terraform@v3\n- run: terraform init",
        "- run: |\n    sudo apt-get install -y fio\n    fio --version",
        "- run: if command -v fio; then fio --version; fi",
        "- run: fio --version || true",
        "- run: jq . x.json && gh --version && aws --version",
        "- {run: fio, if: false}",
    ],
)
def test_a_program_that_is_there_or_installed_is_fine(steps: str) -> None:
    assert ask("tool-installed", {CI: job(steps)}) == []


def test_the_older_image_has_terraform() -> None:
    assert ask("tool-installed", on("ubuntu-22.04", "- run: terraform init")) == []


def test_a_crate_of_the_same_family_may_bring_the_subcommand() -> None:
    install = "- {{uses: baptiste0928/cargo-install@v3, with: {{crate: {}}}}}\n"
    use = "- run: cargo check-all-features"
    steps = install.format("cargo-all-features") + use
    assert ask("cargo-subcommand-installed", {CI: job(steps)}) == []
    steps = install.format("cargo-deny") + use
    assert len(ask("cargo-subcommand-installed", {CI: job(steps)})) == 1
