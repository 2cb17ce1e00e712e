import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, CRATE, ask, job

FILES = {
    "Cargo.toml": CRATE,
    "src/main.rs": "",
    "Cargo.lock": """\
        version = 4
        [[package]]
        name = "app"
        version = "0.1.0"
        [[package]]
        name = "serde"
        version = "1.0.0"
        source = "registry+https://example.com/index"
        """,
}


def ci(call: str, **files: str) -> dict[str, str]:
    return {**FILES, CI: job(f"- uses: actions/checkout@v6\n- run: {call}"), **files}


@pytest.mark.parametrize(
    ("call", "file"),
    [
        ("cargo vet", "supply-chain/config.toml"),
        ("cargo vet --locked", "supply-chain/config.toml"),
        ("cargo deny check", "deny.toml"),
        ("cargo deny --all-features check licenses bans", "deny.toml"),
    ],
)
def test_a_tool_without_its_committed_file_stops_the_job(call: str, file: str) -> None:
    (found,) = ask("cargo-tool-file-there", ci(call))
    assert (found.evidence[0].file, found.evidence[0].line, found.weight) == (CI, 7, Weight.BLOCKER)
    assert file in found.message


@pytest.mark.parametrize(
    ("call", "files"),
    [
        ("cargo vet --locked", {"supply-chain/config.toml": ""}),
        ("cargo vet --store-path audits", {}),
        ("cargo vet init", {}),
        ("cargo vet --version", {}),
        ("cargo vet || true", {}),
        ("cargo vet init && cargo vet", {}),
        ("git clone x supply-chain && cargo vet", {}),
        ("cargo vet", {"Cargo.toml": CRATE + '[package.metadata.vet]\nstore = { path = "x" }\n'}),
        ("cargo deny check advisories", {}),
        ("cargo deny check", {".cargo/deny.toml": ""}),
        ("cargo deny check --config x.toml", {}),
        ("cargo deny check -A rejected", {}),
        ("cargo deny list", {}),
        ("cargo deny check", {"Cargo.lock": "version = 4\n"}),
    ],
)
def test_a_tool_that_has_its_file_or_may_go_on_without_is_fine(call: str, files: dict[str, str]) -> None:
    assert ask("cargo-tool-file-there", ci(call, **files)) == []


def test_a_comment_makes_no_file() -> None:
    run = "- run: |\n    # kept below supply-chain, made by vet init\n    cargo vet\n"
    steps = f"- uses: actions/checkout@v6\n{run}"
    assert len(ask("cargo-tool-file-there", {**FILES, CI: job(steps)})) == 1
