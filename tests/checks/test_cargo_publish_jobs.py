import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

CHECKOUT = "- uses: actions/checkout@v4\n"


def files(steps: str, extra: str = "", **more: str) -> dict[str, str]:
    return {
        CI: job(CHECKOUT + steps, extra=extra).replace("ubuntu-latest", "ubuntu-24.04"),
        "Cargo.toml": '[workspace]\nmembers = ["a", "b"]\n',
        "a/Cargo.toml": CRATE.replace("app", "a")
        + '[dependencies]\nb = { path = "../b", version = "0.1" }\n',
        "a/src/lib.rs": "",
        "b/Cargo.toml": CRATE.replace("app", "b"),
        "b/src/lib.rs": "",
        **more,
    }


def test_publishing_without_any_token_blocks_once_for_a_job() -> None:
    steps = (
        "- uses: dtolnay/rust-toolchain@stable\n- run: cargo publish --locked -p b\n- run: cargo publish -p a"
    )
    (found,) = ask("cargo-publish-token-given", files(steps))
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 8), (CI, 9)]
    assert "CARGO_REGISTRY_TOKEN" in found.message
    assert found.blocks


def test_a_token_of_another_step_gives_nothing() -> None:
    token = "env: {CARGO_REGISTRY_TOKEN: '${{ secrets.T }}'}"
    steps = f"- run: cargo publish -p a\n- run: cargo publish -p b\n  {token}"
    assert places(ask("cargo-publish-token-given", files(steps))) == [(CI, 7)]


@pytest.mark.parametrize(
    "steps",
    [
        "- run: cargo publish\n  env: {CARGO_REGISTRY_TOKEN: '${{ secrets.T }}'}",
        "- run: cargo publish\n  env: {CARGO_REGISTRIES_CRATES_IO_TOKEN: '${{ secrets.T }}'}",
        "- run: cargo publish --token x",
        "- run: cargo publish --token=$T",
        "- run: CARGO_REGISTRY_TOKEN=$T cargo publish",
        "- run: cargo login $T\n- run: cargo publish",
        "- run: cargo publish --dry-run",
        "- run: cargo publish --registry own",
        "- run: cargo publish || true",
        "- uses: rust-lang/crates-io-auth-action@v1\n- run: cargo publish",
        "- uses: some/secrets@v1\n- run: cargo publish",
        "- uses: ./.github/actions/token\n- run: cargo publish",
        "- run: echo T=x >> $GITHUB_ENV\n- run: cargo publish",
        "- run: cp c ~/.cargo/config.toml\n- run: cargo publish",
    ],
)
def test_a_token_that_is_given_or_may_be_is_fine(steps: str) -> None:
    assert ask("cargo-publish-token-given", files(steps)) == []


def test_a_token_of_the_job_or_a_script_and_a_machine_of_ones_own_are_fine() -> None:
    steps = "- run: cargo publish -p b"
    of_job = files(steps, extra="env: {CARGO_REGISTRY_TOKEN: x}")
    of_script = files(steps, **{"ci/login.sh": "cargo login $T\n"})
    own = {CI: files(steps)[CI].replace("ubuntu-24.04", "self-hosted")}
    registry = {"b/Cargo.toml": CRATE.replace("app", "b") + 'publish = ["own"]\n'}
    for made in (of_job, of_script, files(steps, **own), files(steps, **registry)):
        assert ask("cargo-publish-token-given", made) == []


def test_a_package_before_what_it_depends_on_is_told() -> None:
    (found,) = ask("cargo-publish-in-order", files("- run: cargo publish -p a\n- run: cargo publish -p b"))
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 7), (CI, 8)]
    assert "publishes a before b" in found.message


@pytest.mark.parametrize(
    "steps",
    [
        "- run: cargo publish -p b\n- run: cargo publish -p a",
        "- run: cargo publish -p a -p b",
        "- run: cargo publish -p a",
        "- run: cargo publish -p a --dry-run\n- run: cargo publish -p b",
        "- run: cargo publish -p a || true\n- run: cargo publish -p b",
        "- run: cargo publish --workspace",
    ],
)
def test_the_right_order_or_one_that_is_not_certain_is_fine(steps: str) -> None:
    assert ask("cargo-publish-in-order", files(steps)) == []


def test_what_only_tests_need_may_come_later() -> None:
    manifest = CRATE.replace("app", "a") + '[dev-dependencies]\nb = { path = "../b" }\n'
    steps = "- run: cargo publish -p a\n- run: cargo publish -p b"
    assert ask("cargo-publish-in-order", files(steps, **{"a/Cargo.toml": manifest})) == []
