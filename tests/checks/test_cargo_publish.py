import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

TOLD = CRATE + 'description = "An app"\nlicense = "MIT"\n'


def files(manifest: str, call: str = "cargo publish", **more: str) -> dict[str, str]:
    return {
        CI: job(f"- uses: actions/checkout@v4\n- run: {call}"),
        "Cargo.toml": manifest,
        "src/lib.rs": "",
        **{path.replace("__", "/"): text for path, text in more.items()},
    }


@pytest.mark.parametrize(
    ("manifest", "call", "line", "told"),
    [
        (
            CRATE,
            "cargo publish --manifest-path Cargo.toml",
            2,
            "crates.io refuses it without description and license",
        ),
        (TOLD.replace("MIT", " "), "cargo publish", 2, "crates.io refuses it without license"),
        (TOLD + "publish = false\n", "cargo publish", 7, "`publish` forbids it"),
        (TOLD + "publish = []\n", "cargo publish --dry-run", 7, "`publish` forbids it"),
        (TOLD.replace('version = "0.1.0"\n', ""), "cargo publish -p app", 2, "it has no version"),
        (
            TOLD + '[dependencies]\nx = { path = "x" }\n',
            "cargo publish -n",
            8,
            "the dependency x has no version",
        ),
        (
            TOLD + '[build-dependencies]\nx = { git = "https://e/x" }\n',
            "cargo publish",
            8,
            "x has no version",
        ),
    ],
)
def test_what_cargo_or_the_registry_refuses_blocks(manifest: str, call: str, line: int, told: str) -> None:
    (found,) = ask("cargo-publish-possible", files(manifest, call))
    assert places([found]) == [("Cargo.toml", line)]
    assert (found.evidence[1].file, found.evidence[1].line) == (CI, 7)
    assert told in found.message
    assert found.blocks


@pytest.mark.parametrize(
    ("manifest", "call"),
    [
        (TOLD, "cargo publish --token x"),
        (CRATE, "cargo publish --dry-run"),
        (CRATE, "cargo publish --registry own"),
        (CRATE + 'publish = ["own"]\n', "cargo publish"),
        (CRATE, "cargo build"),
        (CRATE, "cargo publish -p $CRATE"),
        (CRATE, "cargo publish --manifest-path $CRATE/Cargo.toml"),
        (TOLD + '[dev-dependencies]\nx = { path = "x" }\n', "cargo publish"),
        (TOLD + '[dependencies]\nx = { path = "x", version = "1" }\n', "cargo publish"),
        (TOLD.replace("license =", "license-file ="), "cargo publish"),
        (
            TOLD.replace("0.1.0", "0.0.0") + "publish = true\n",
            "sed -i s/0.0.0/1/ Cargo.toml && cargo publish",
        ),
        (CRATE, "python describe.py Cargo.toml\n- run: cargo publish"),
    ],
)
def test_a_package_that_is_accepted_or_not_sent_there_is_not_accused(manifest: str, call: str) -> None:
    assert ask("cargo-publish-possible", files(manifest, call)) == []


def test_what_the_workspace_says_is_inherited() -> None:
    root = '[workspace]\nmembers = ["a"]\n[workspace.package]\ndescription = "A"\nlicense = "MIT"\n'
    member = CRATE.replace("app", "a") + "description.workspace = true\nlicense.workspace = true\n"
    made = {"a__Cargo.toml": member, "a__src__lib.rs": ""}
    assert ask("cargo-publish-possible", files(root, "cargo publish -p a", **made)) == []


def test_publishing_the_workspace_leaves_out_what_forbids_it() -> None:
    root = '[workspace]\nmembers = ["a", "b"]\n'
    made = {
        "a__Cargo.toml": CRATE.replace("app", "a") + "publish = false\n",
        "b__Cargo.toml": CRATE.replace("app", "b"),
        "a__src__lib.rs": "",
        "b__src__lib.rs": "",
    }
    (found,) = ask("cargo-publish-possible", files(root, "cargo publish --workspace", **made))
    assert places([found]) == [("b/Cargo.toml", 2)]


def test_a_step_that_may_fail_warns() -> None:
    (found,) = ask("cargo-publish-possible", files(CRATE, "cargo publish || true"))
    assert not found.blocks
