from tests.checks.testing import CI, ask, job

OLD = """\
[advisories]
vulnerability = "deny"
ignore = []

[licenses]
allow = [
  "MIT",
]
copyleft = "warn"
"""
NEW = '[advisories]\nignore = []\n\n[licenses]\nallow = ["MIT"]\n\n[bans]\ndeny = []\n'
INSTALLED = "- run: cargo install cargo-deny --locked\n- run: cargo deny check licenses"


def found(steps: str, config: str = OLD, **files: str) -> list[tuple[str | None, int | None]]:
    answers = ask(
        "cargo-deny-reads-config",
        {CI: job(f"- uses: actions/checkout@v5\n{steps}"), "deny.toml": config, **files},
    )
    assert all(one.evidence for one in answers), answers  # or a finding without a place would not be seen
    return [(place.file, place.line) for one in answers for place in one.evidence]


def test_keys_that_the_newest_cargo_deny_removed_are_named_with_the_call() -> None:
    assert found(INSTALLED) == [("deny.toml", 2), ("deny.toml", 9), (CI, 8)]
    assert found("- uses: EmbarkStudios/cargo-deny-action@v2") == [
        ("deny.toml", 2),
        ("deny.toml", 9),
        (CI, 7),
    ]


def test_calls_of_several_jobs_are_one_finding_with_all_places() -> None:
    two = f"{INSTALLED}\n- run: cargo deny check bans"
    assert found(two) == [("deny.toml", 2), ("deny.toml", 9), (CI, 8), (CI, 9)]


def test_a_configuration_without_them_is_read() -> None:
    assert found(INSTALLED, NEW) == []


def test_an_older_one_still_reads_them() -> None:
    assert found("- uses: EmbarkStudios/cargo-deny-action@v1") == []
    for how in ("cargo install cargo-deny --version 0.14.3", "cargo binstall cargo-deny@0.15.0"):
        assert found(f"- run: {how}\n- run: cargo deny check") == [], how


def test_a_call_that_may_fail_or_names_its_own_file_is_not_asked() -> None:
    assert found("- run: cargo install cargo-deny\n- run: cargo deny check || true") == []
    assert found("- run: cargo install cargo-deny\n- run: cargo deny check --config ci/deny.toml") == []
    assert found("- run: cargo deny check") == []
