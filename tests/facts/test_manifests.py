import textwrap

from tasks.domain.crate import Manifests, TargetKind
from tasks.domain.source import source
from tasks.facts.manifests import read_manifests
from tasks.facts.tree import LiteralFiles


def manifests(files: dict[str, str]) -> Manifests:
    texts = {path: textwrap.dedent(text) for path, text in files.items()}
    return read_manifests(
        [source(path, text.encode()) for path, text in texts.items()], LiteralFiles(texts).tree
    )


WORKSPACE = {
    "Cargo.toml": """\
        [workspace]
        members = ["crates/*", "tools/x", "gone"]
        exclude = ["crates/old"]
        default-members = ["crates/app"]
        [workspace.package]
        version = "1.2.3"
        edition = "2021"
        [workspace.dependencies]
        lib = { path = "crates/lib" }
        """,
    "crates/app/Cargo.toml": """\
        [package]
        name = "app"
        version.workspace = true
        edition.workspace = true
        [[bin]]
        name = "serve"
        path = "src/serve.rs"
        required-features = ["net"]
        [dependencies]
        lib.workspace = true
        hyper = { version = "1", optional = true }
        [features]
        net = []
        """,
    "crates/app/src/serve.rs": "",
    "crates/app/src/main.rs": "",
    "crates/app/src/bin/tool.rs": "",
    "crates/app/tests/cli/main.rs": "",
    "crates/app/examples/demo.rs": "",
    "crates/lib/Cargo.toml": '[package]\nname = "lib"\n',
    "crates/lib/src/lib.rs": "",
    "crates/old/Cargo.toml": '[package]\nname = "old"\n',
    "tools/x/Cargo.toml": '[package]\nname = "x"\nedition = "2021"\nautobins = false\n',
    "tools/x/src/main.rs": "",
}


def test_members_follow_patterns_excludes_and_what_is_missing_is_told_with_its_line() -> None:
    found = manifests(WORKSPACE).workspace("crates/app/src")
    assert found is not None
    assert [one.name for one in found.packages] == ["app", "lib", "x"]
    assert found.missing == (("gone", 2),)
    assert (found.default_members, found.virtual) == (("crates/app",), True)


def test_targets_are_those_written_and_those_in_their_places() -> None:
    app = manifests(WORKSPACE).at("crates/app")
    assert app is not None
    assert sorted(app.binaries) == ["app", "serve", "tool"]
    assert (app.binaries["serve"].line, app.binaries["serve"].required_features) == (6, ("net",))
    assert list(app.named(TargetKind.TEST)) == ["cli"]
    assert list(app.named(TargetKind.EXAMPLE)) == ["demo"]


def test_what_is_inherited_is_filled_in() -> None:
    app = manifests(WORKSPACE).at("crates/app")
    assert app is not None
    assert (app.version, app.edition) == ("1.2.3", "2021")
    assert [(one.key, one.path, one.line) for one in app.dependencies] == [
        ("lib", "crates/lib", 10),
        ("hyper", None, 11),
    ]


def test_an_optional_dependency_implies_a_feature_unless_dep_names_it() -> None:
    app = manifests(WORKSPACE).at("crates/app")
    assert app is not None
    assert app.all_features == {"net", "hyper", "default"}


def test_autobins_false_ends_the_search() -> None:
    found = manifests(WORKSPACE).at("tools/x")
    assert found is not None
    assert found.binaries == {}


def test_a_lock_file_is_read_with_lines_and_a_conflict_is_told() -> None:
    text = 'version = 4\n\n[[package]]\nname = "a"\nversion = "1.0.0"\n\n'
    text += '[[package]]\nname = "b"\nversion = "2.0.0"\nsource = "registry+x"\n'
    lock = manifests({"Cargo.lock": text}).locks["Cargo.lock"]
    assert (lock.version, [(p.name, p.source, p.line) for p in lock.packages]) == (
        4,
        [("a", None, 3), ("b", "registry+x", 7)],
    )
    assert manifests({"Cargo.lock": f"<<<<<<< ours\n{text}"}).locks["Cargo.lock"].problem is not None


def test_a_manifest_that_is_no_toml_is_told_with_its_line() -> None:
    (broken,) = manifests({"Cargo.toml": "[package]\nname = \n"}).broken
    assert broken.problem is not None
    assert broken.problem.line == 2


def test_both_forms_of_the_toolchain_file_are_read() -> None:
    one = manifests({"rust-toolchain": "1.80.0\n"}).toolchain
    two = manifests(
        {"rust-toolchain.toml": '[toolchain]\nchannel = "nightly"\ncomponents = ["clippy"]\n'}
    ).toolchain
    assert one is not None
    assert one.channel == "1.80.0"
    assert two is not None
    assert (two.channel, two.components, two.line) == ("nightly", ("clippy",), 2)
