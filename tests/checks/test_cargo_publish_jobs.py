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


def three(**more: str) -> dict[str, str]:
    """Return a workspace of which a list publishes two, and both need the third."""
    needs = '[dependencies]\nc = { path = "../c", version = "0.1.0" }\n'
    return files(
        "- run: cargo publish -p b\n- run: cargo publish -p a",
        **{
            "Cargo.toml": '[workspace]\nmembers = ["a", "b", "c"]\n',
            "a/Cargo.toml": CRATE.replace("app", "a") + needs,
            "b/Cargo.toml": CRATE.replace("app", "b") + needs,
            "c/Cargo.toml": CRATE.replace("app", "c"),
            "c/src/lib.rs": "",
            **more,
        },
    )


def test_what_a_published_list_needs_and_nothing_publishes_is_told_once() -> None:
    (found,) = ask("cargo-publish-in-order", three())
    assert [(one.file, one.line) for one in found.evidence] == [
        ("c/Cargo.toml", 2),
        ("b/Cargo.toml", 6),
        (CI, 7),
    ]
    assert "b and a can be published only when crates.io has c 0.1.0" in found.message
    assert found.weight == "warning"


@pytest.mark.parametrize(
    "more",
    [
        {"ci/c.sh": "cargo publish -p c\n"},
        {"ci/all.sh": "for one in a b c; do cargo publish -p $one; done\n"},
        {"c/Cargo.toml": CRATE.replace("app", "c") + "publish = false\n"},
        {"RELEASING.md": "Run `cargo release`.\n"},
    ],
)
def test_what_is_published_elsewhere_or_may_be_is_not_told(more: dict[str, str]) -> None:
    assert ask("cargo-publish-in-order", three(**more)) == []


def test_a_package_of_another_version_may_have_been_published_before() -> None:
    (found,) = ask(
        "cargo-publish-in-order",
        three(**{"c/Cargo.toml": CRATE.replace("app", "c").replace("0.1.0", "0.1.7")}),
    )
    assert found.weight == "note"
