import pytest

from tasks.domain.finding import Weight
from tasks.domain.tree import SUBMODULE, Entry, Tree
from tests.checks.testing import CI, CRATE, answers, ask, job, places

ROOT = '[workspace]\nresolver = "2"\nmembers = ["crates/*"]\n'
HEAD = '[package]\nname = "{}"\nversion = "0.1.0"\nedition = "2021"\n'
SOUND = {
    "Cargo.toml": ROOT,
    "crates/a/Cargo.toml": HEAD.format("a"),
    "crates/a/src/lib.rs": "",
    "crates/b/Cargo.toml": HEAD.format("b") + '[dependencies]\na = { path = "../a" }\n',
    "crates/b/src/main.rs": "",
}
CHECKS = (
    "cargo-workspace-there",
    "cargo-manifest-parses",
    "cargo-members-exist",
    "cargo-package-names-unique",
    "cargo-edition-known",
    "cargo-path-dependency-exists",
    "cargo-workspace-inherits",
    "cargo-feature-refers",
    "cargo-targets-there",
    "cargo-target-names-unique",
    "cargo-settings-at-root",
)


def one(manifest: str, **files: str) -> dict[str, str]:
    return {"Cargo.toml": CRATE + manifest, "src/lib.rs": "", **files}


@pytest.mark.parametrize("check", CHECKS)
def test_a_sound_workspace_has_no_finding(check: str) -> None:
    assert ask(check, SOUND) == []
    assert answers(check, SOUND) or check == "cargo-feature-refers"


def test_a_repository_without_any_manifest_is_stopped_with_the_way_out() -> None:
    (found,) = ask("cargo-workspace-there", {"README.md": "x", "Cargo.toml.orig": CRATE})
    assert found.blocks
    assert found.message == "no Cargo.toml is committed (files committed: 2)"
    assert found.remedy
    assert found.remedy.commands[0] == "cargo init --name app"


def test_a_repository_of_another_language_is_not_told_to_become_a_cargo_package() -> None:
    (found,) = ask("cargo-workspace-there", {"go.mod": "module x\n", "main.go": "package main\n"})
    assert found.blocks
    assert found.remedy is not None
    assert not any("cargo init" in one for one in found.remedy.commands)
    (mixed,) = ask("cargo-workspace-there", {"go.mod": "module x\n", "src/main.rs": "fn main() {}\n"})
    assert mixed.remedy is not None
    assert mixed.remedy.commands[0] == "cargo init --name app"


def test_a_commit_without_any_file_is_stopped() -> None:
    (found,) = ask("cargo-workspace-there", {})
    assert (found.blocks, found.message) == (True, "no file is committed")


@pytest.mark.parametrize("path", ["Cargo.toml", "rust/Cargo.toml", "a/b/c/Cargo.toml"])
def test_a_manifest_anywhere_is_enough(path: str) -> None:
    assert ask("cargo-workspace-there", {path: CRATE}) == []


def test_a_manifest_that_a_submodule_may_hide_stops_nothing() -> None:
    tree = Tree(origin="commit c", entries={"app": Entry(path="app", mode=SUBMODULE, size=None)})
    (found,) = ask("cargo-workspace-there", {}, tree)
    assert found.weight is Weight.WARNING
    assert "the submodule app" in found.message


def test_a_manifest_that_is_no_toml_is_named_with_its_line() -> None:
    found = ask("cargo-manifest-parses", {**SOUND, "crates/a/Cargo.toml": '[package]\nname = "a\n'})
    assert places(found) == [("crates/a/Cargo.toml", 2)]
    assert found[0].blocks


def test_a_broken_manifest_that_cargo_never_opens_stops_nothing() -> None:
    found = ask("cargo-manifest-parses", {**SOUND, "tools/data/Cargo.toml": "[package\n"})
    assert [one.weight for one in found] == [Weight.NOTE]


def test_a_member_without_a_manifest_is_named_with_its_line() -> None:
    root = '[workspace]\nmembers = [\n  "a",\n  "gone",\n]\n'
    found = ask("cargo-members-exist", {"Cargo.toml": root, "a/Cargo.toml": HEAD.format("a")})
    assert places(found) == [("Cargo.toml", 4)]


@pytest.mark.parametrize(
    "files", [{"crates/notes/todo.md": "x"}, {"Cargo.toml": '[workspace]\n\nmembers = ["c/*"]'}]
)
def test_a_pattern_that_matches_nothing_or_a_directory_without_manifest_is_refused(
    files: dict[str, str],
) -> None:
    assert places(ask("cargo-members-exist", {**SOUND, **files})) == [("Cargo.toml", 3)]


@pytest.mark.parametrize("files", [{"crates/README.md": "x"}, {"crates/a/notes/x.md": "x"}])
def test_a_file_beside_the_members_is_no_member(files: dict[str, str]) -> None:
    assert ask("cargo-members-exist", {**SOUND, **files}) == []


def test_an_excluded_directory_needs_no_manifest() -> None:
    root = ROOT + 'exclude = ["crates/notes"]\n'
    assert ask("cargo-members-exist", {**SOUND, "Cargo.toml": root, "crates/notes/x.md": ""}) == []


def test_two_packages_of_one_name_are_both_shown() -> None:
    found = ask("cargo-package-names-unique", {**SOUND, "crates/b/Cargo.toml": HEAD.format("a")})
    assert [place.file for place in found[0].evidence] == ["crates/a/Cargo.toml", "crates/b/Cargo.toml"]


def test_an_edition_that_does_not_exist_is_named() -> None:
    files = {**SOUND, "crates/a/Cargo.toml": HEAD.format("a").replace("2021", "2022")}
    assert places(ask("cargo-edition-known", files)) == [("crates/a/Cargo.toml", 4)]


def test_a_path_dependency_that_leads_nowhere_is_named_with_its_line() -> None:
    found = ask("cargo-path-dependency-exists", one('[dependencies]\nhelp = { path = "help" }\n'))
    assert places(found) == [("Cargo.toml", 6)]
    assert found[0].blocks


def test_a_path_out_of_the_repository_is_a_warning() -> None:
    (found,) = ask("cargo-path-dependency-exists", one('[dependencies]\nhelp = { path = "../help" }\n'))
    assert found.weight is Weight.WARNING


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ("[dependencies]\nserde = { workspace = true }\n", 6),
        ("license.workspace = true\n", 5),
        ("[lints]\nworkspace = true\n", 5),
    ],
)
def test_what_the_workspace_does_not_write_cannot_be_taken_from_it(more: str, line: int) -> None:
    files = {**SOUND, "crates/a/Cargo.toml": HEAD.format("a") + more}
    assert places(ask("cargo-workspace-inherits", files)) == [("crates/a/Cargo.toml", line)]


def test_a_package_of_no_workspace_that_takes_from_one_is_told_once() -> None:
    more = "license.workspace = true\n[dependencies]\nserde.workspace = true\n"
    files = {**SOUND, "old/Cargo.toml": HEAD.format("old") + more, "old/src/lib.rs": ""}
    (found,) = ask("cargo-workspace-inherits", files)
    assert {one.file for one in found.evidence} == {"old/Cargo.toml"}
    assert len(found.evidence) == 2
    assert found.weight is Weight.NOTE


def test_many_packages_of_no_workspace_are_one_finding() -> None:
    more = "license.workspace = true\n"
    old = {f"old/{name}/Cargo.toml": HEAD.format(name) + more for name in "xyz"}
    (found,) = ask("cargo-workspace-inherits", {**SOUND, **old})
    assert [one.file for one in found.evidence] == [
        "old/x/Cargo.toml",
        "old/y/Cargo.toml",
        "old/z/Cargo.toml",
    ]
    assert found.remedy is not None
    assert found.remedy.commands == (
        "cargo metadata --no-deps --format-version 1 --manifest-path old/x/Cargo.toml",
    )


def test_one_key_that_many_members_take_is_one_finding() -> None:
    more = "license.workspace = true\n"
    files = {f"crates/{name}/Cargo.toml": HEAD.format(name) + more for name in "ab"}
    (found,) = ask("cargo-workspace-inherits", {**SOUND, **files})
    assert found.subject == "Cargo.toml: package.license"
    assert [one.file for one in found.evidence] == ["crates/a/Cargo.toml", "crates/b/Cargo.toml"]
    assert found.blocks


@pytest.mark.parametrize(
    ("directory", "text", "weights"),
    [
        ("tests/fixtures/x", "cd tests/fixtures/x && cargo build", []),
        ("tools/contest", "cd tools/contest && cargo build", [Weight.WARNING]),
        ("fuzz", "cd fuzz", [Weight.WARNING]),
        ("fuzz", "echo fuzz", [Weight.NOTE]),
        ("tools/contest", "cargo build", [Weight.NOTE]),
        ("examples/x", "cd examples/x && cargo build", [Weight.NOTE]),
    ],
)
def test_a_fault_further_down_weighs_by_who_goes_there(
    directory: str, text: str, weights: list[Weight]
) -> None:
    files = {**one(""), f"{directory}/Cargo.toml": CRATE, "Makefile": f"all:\n\t{text}\n"}
    assert [found.weight for found in ask("cargo-targets-there", files)] == weights


def test_a_package_that_another_depends_on_by_path_is_used() -> None:
    files = {
        **one('[dependencies]\napp2 = { path = "other" }\n'),
        "other/Cargo.toml": CRATE + "[workspace]\n",
    }
    assert [found.weight for found in ask("cargo-targets-there", files)] == [Weight.WARNING]


def test_a_copy_with_many_lost_paths_is_one_finding() -> None:
    needs = '[dependencies]\nx = { path = "../x" }\ny = { path = "../y" }\n'
    (found,) = ask("cargo-path-dependency-exists", {**SOUND, "old/z/Cargo.toml": HEAD.format("z") + needs})
    assert (found.subject, found.weight) == ("z", Weight.NOTE)
    assert [one.line for one in found.evidence] == [6, 7]


def test_a_directory_that_many_packages_miss_is_one_finding() -> None:
    need = '[dependencies]\nx = { path = "../x" }\n'
    files = {f"crates/{name}/Cargo.toml": HEAD.format(name) + need for name in "ab"}
    (found,) = ask("cargo-path-dependency-exists", {**SOUND, **files})
    assert found.subject == "crates/x"
    assert places([found]) == [("crates/a/Cargo.toml", 6)]
    assert found.blocks


def test_what_gitignore_keeps_out_is_made_before_it_is_used() -> None:
    needs = HEAD.format("a") + '[dependencies]\nx = { path = "../x" }\n'
    files = {**SOUND, "Cargo.toml": '[workspace]\nmembers = ["crates/*", "crates/x"]\n'}
    files |= {"crates/a/Cargo.toml": needs}
    for check in ("cargo-path-dependency-exists", "cargo-members-exist"):
        assert len(ask(check, files)) == 1
        assert ask(check, {**files, "crates/.gitignore": "/x\n"}) == []


@pytest.mark.parametrize(("directory", "told"), [("templates/new", 0), ("tools/new", 1)])
def test_a_template_of_a_manifest_is_no_manifest(directory: str, told: int) -> None:
    files = {**one(""), f"{directory}/Cargo.toml": "[package]\n{% if x %}\n"}
    assert len(ask("cargo-manifest-parses", files)) == told


def test_what_the_workspace_writes_can_be_taken_from_it() -> None:
    root = (
        ROOT
        + '[workspace.package]\nlicense = "MIT"\n[workspace.dependencies]\nserde = "1"\n[workspace.lints]\n'
    )
    more = "license.workspace = true\n[dependencies]\nserde.workspace = true\n[lints]\nworkspace = true\n"
    files = {**SOUND, "Cargo.toml": root, "crates/a/Cargo.toml": HEAD.format("a") + more}
    assert ask("cargo-workspace-inherits", files) == []


@pytest.mark.parametrize("value", ["gone", "dep:gone", "gone/std", "dep:libc"])
def test_a_feature_that_refers_to_nothing_is_named_with_its_line(value: str) -> None:
    found = ask("cargo-feature-refers", one(f'[dependencies]\nlibc = "1"\n[features]\nx = ["{value}"]\n'))
    assert places(found) == [("Cargo.toml", 8)]


@pytest.mark.parametrize("value", ["y", "dep:serde", "serde", "serde?/std", "libc/std"])
def test_a_feature_that_refers_to_something_is_not_accused(value: str) -> None:
    more = '[dependencies]\nlibc = "1"\nserde = { version = "1", optional = true }\n[features]\ny = []\n'
    assert ask("cargo-feature-refers", one(f'{more}x = ["{value}"]\n')) == []


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ('[[bin]]\nname = "tool"\npath = "src/tool.rs"\n', 6),
        ('[[bin]]\nname = "tool"\n', 6),
        ('default-run = "tool"\n', 5),
        ('build = "made.rs"\n', 5),
        ('[lib]\npath = "src/library.rs"\n', 5),
    ],
)
def test_a_target_without_its_file_is_named_with_its_line(more: str, line: int) -> None:
    assert places(ask("cargo-targets-there", one(more))) == [("Cargo.toml", line)]


@pytest.mark.parametrize(
    "more",
    [
        '[[bin]]\nname = "tool"\npath = "src/bin/t.rs"\n',
        '[[bin]]\nname = "t"\n',
        'default-run = "t"\n',
        "build = false\n",
        '[[test]]\nname = "whole"\n',
    ],
)
def test_targets_lie_where_cargo_looks_for_them(more: str) -> None:
    assert (
        ask("cargo-targets-there", one(more, **{"src/bin/t.rs": "", "tests/whole/main.rs": "fn main() {}"}))
        == []
    )


def test_a_package_with_nothing_to_build_is_named() -> None:
    assert places(ask("cargo-targets-there", {"Cargo.toml": CRATE})) == [("Cargo.toml", 1)]


def test_two_programs_of_one_name_in_a_package_are_refused() -> None:
    twice = '[[bin]]\nname = "t"\npath = "src/lib.rs"\n' * 2
    found = ask("cargo-target-names-unique", one(twice))
    assert found[0].blocks
    assert places(found) == [("Cargo.toml", 9)]


def test_two_packages_with_programs_of_one_name_are_a_warning() -> None:
    bins = {"crates/a/src/bin/run.rs": "", "crates/b/src/bin/run.rs": ""}
    (found,) = ask("cargo-target-names-unique", {**SOUND, **bins})
    assert found.weight is Weight.WARNING
    assert [place.line for place in found.evidence] == [2, 2]


def test_programs_of_one_name_that_are_built_only_when_asked_for_are_not_accused() -> None:
    more = '[[bin]]\nname = "schema"\nrequired-features = ["made"]\n[features]\nmade = []\n'
    files = {**SOUND, "crates/a/Cargo.toml": HEAD.format("a") + more, "crates/a/src/bin/schema.rs": ""}
    files |= {"crates/b/src/bin/schema.rs": ""}
    assert ask("cargo-target-names-unique", files) == []
    by_default = more + 'default = ["made"]\n'
    files["crates/a/Cargo.toml"] = HEAD.format("a") + by_default
    assert len(ask("cargo-target-names-unique", files)) == 1


@pytest.mark.parametrize(
    ("table", "weight"),
    [
        ("[profile.release]\nlto = true\n", Weight.NOTE),
        ('[profile.release]\npanic = "abort"\n', Weight.WARNING),
        ('[patch.crates-io]\nx = { path = "x" }\n', Weight.WARNING),
    ],
)
def test_a_table_that_cargo_ignores_weighs_by_what_is_lost(table: str, weight: Weight) -> None:
    files = {**SOUND, "crates/a/Cargo.toml": HEAD.format("a") + table}
    assert [found.weight for found in ask("cargo-settings-at-root", files)] == [weight]


def test_a_profile_in_many_members_is_one_finding() -> None:
    table = "[profile.release]\nlto = true\n"
    files = {f"crates/{name}/Cargo.toml": HEAD.format(name) + table for name in "ab"}
    (found,) = ask("cargo-settings-at-root", {**SOUND, **files})
    assert [one.file for one in found.evidence] == ["crates/a/Cargo.toml", "crates/b/Cargo.toml"]


def test_a_profile_in_a_member_is_ignored_by_cargo() -> None:
    files = {**SOUND, "crates/a/Cargo.toml": HEAD.format("a") + "[profile.release]\nlto = true\n"}
    assert places(ask("cargo-settings-at-root", files)) == [("crates/a/Cargo.toml", 5)]


def test_a_profile_at_the_root_is_read() -> None:
    assert ask("cargo-settings-at-root", one("[profile.release]\nlto = true\n")) == []


def test_an_edition_of_the_workspace_is_named_where_it_is_written() -> None:
    member = HEAD.format("a").replace('edition = "2021"', "edition.workspace = true")
    files = {"Cargo.toml": ROOT + '[workspace.package]\nedition = "2012"\n', "crates/a/Cargo.toml": member}
    found = ask("cargo-edition-known", {**files, "crates/a/src/lib.rs": ""})
    assert places(found) == [("Cargo.toml", 5)]


def test_an_inline_table_over_several_lines_is_one_that_cargo_reads() -> None:
    shared = 'serde = {\n  version = "1",\n  features = ["derive"], # all of it\n}\n'
    files = {**SOUND, "Cargo.toml": f"{ROOT}[workspace.dependencies]\n{shared}"}
    files["crates/a/Cargo.toml"] += "[dependencies]\nserde.workspace = true\n"
    assert ask("cargo-manifest-parses", files) == []
    assert ask("cargo-workspace-inherits", files) == []


def test_a_table_that_never_ends_is_told_at_its_line() -> None:
    (found,) = ask(
        "cargo-manifest-parses", {**SOUND, "Cargo.toml": f"{ROOT}[workspace.dependencies]\na = {{\n"}
    )
    assert found.evidence[0].file == "Cargo.toml"


def test_a_filter_of_paths_does_not_work_in_a_directory() -> None:
    files = {**one(""), "fuzz/Cargo.toml": CRATE, CI: "on:\n  push:\n    paths: ['fuzz/**']\njobs: {}\n"}
    assert [found.weight for found in ask("cargo-targets-there", files)] == [Weight.NOTE]


def test_packages_that_inherit_from_their_own_empty_workspace_are_one_finding() -> None:
    more = "license.workspace = true\n[workspace]\n"
    files = {f"fuzz/{name}/Cargo.toml": HEAD.format(name) + more for name in "xy"}
    (found,) = ask("cargo-workspace-inherits", {**SOUND, **files})
    assert [place.file for place in found.evidence] == ["fuzz/x/Cargo.toml", "fuzz/y/Cargo.toml"]
    assert found.weight is Weight.NOTE


def test_programs_of_one_name_that_a_plain_build_does_not_make_together_are_a_note() -> None:
    root = ROOT + 'default-members = ["crates/a"]\n'
    bins = {"crates/a/src/bin/run.rs": "", "crates/b/src/bin/run.rs": ""}
    (found,) = ask("cargo-target-names-unique", {**SOUND, "Cargo.toml": root, **bins})
    assert found.weight is Weight.NOTE


def test_a_package_that_only_an_unused_one_depends_on_is_not_used() -> None:
    files = {
        **one(""),
        "old/a/Cargo.toml": HEAD.format("a") + '[dependencies]\nb = { path = "../b" }\n[workspace]\n',
        "old/a/src/lib.rs": "",
        "old/b/Cargo.toml": HEAD.format("b") + "[workspace]\n",
    }
    assert [found.weight for found in ask("cargo-targets-there", files)] == [Weight.NOTE]
    used = {**files, "Makefile": "all:\n\tcd old/a && cargo build\n"}
    assert [found.weight for found in ask("cargo-targets-there", used)] == [Weight.WARNING]


def test_programs_that_the_same_packages_share_are_one_finding() -> None:
    bins = {f"crates/{package}/src/bin/{name}.rs": "" for package in "ab" for name in ("one", "two")}
    (found,) = ask("cargo-target-names-unique", {**SOUND, **bins})
    assert found.message == "a and b build programs one and two to the same files"


def test_a_package_without_a_name_is_told_at_its_table_and_nothing_of_its_lock() -> None:
    files = {**SOUND, "crates/a/Cargo.toml": '[package]\nversion = "0.1.0"\n', "Cargo.lock": "version = 4\n"}
    (found,) = ask("cargo-package-names-unique", files)
    assert (found.weight, places([found])) == (Weight.BLOCKER, [("crates/a/Cargo.toml", 1)])
    assert ask("cargo-lock-consistent", files) == []


def test_a_member_with_a_workspace_of_its_own_is_refused() -> None:
    inner = HEAD.format("a").replace('"2021"', '"2021"\nlicense.workspace = true') + "[workspace]\n"
    files = {**SOUND, "crates/a/Cargo.toml": inner}
    (found,) = ask("cargo-workspace-not-nested", files)
    assert (found.weight, places([found])) == (Weight.BLOCKER, [("crates/a/Cargo.toml", 6)])
    assert ask("cargo-workspace-inherits", files) == []


def test_a_workspace_that_the_other_excludes_is_none_of_its_members() -> None:
    files = {
        **SOUND,
        "Cargo.toml": ROOT + 'exclude = ["crates/a"]\n',
        "crates/a/Cargo.toml": HEAD.format("a") + "[workspace]\n",
        "crates/b/Cargo.toml": HEAD.format("b"),
    }
    assert ask("cargo-workspace-not-nested", files) == []


def test_an_edition_that_the_rust_version_does_not_know_is_told_once_where_both_are_written() -> None:
    shared = '[workspace.package]\nedition = "2024"\nrust-version = "1.80"\n'
    takes = '[package]\nname = "{}"\nedition.workspace = true\nrust-version.workspace = true\n'
    files = {
        **SOUND,
        "Cargo.toml": ROOT + shared,
        "crates/a/Cargo.toml": takes.format("a"),
        "crates/b/Cargo.toml": takes.format("b"),
    }
    (found,) = ask("cargo-edition-known", files)
    assert found.weight is Weight.BLOCKER
    assert [(one.file, one.line) for one in found.evidence] == [("Cargo.toml", 6), ("Cargo.toml", 5)]
    new_enough = {**files, "Cargo.toml": ROOT + shared.replace("1.80", "1.85")}
    assert ask("cargo-edition-known", new_enough) == []


def test_a_clone_beside_the_repository_brings_all_its_packages_and_a_job_may_bring_it() -> None:
    needs = '[dependencies]\na = { path = "../beside/crates/a" }\nb = { path = "../beside/crates/b" }\n'
    (found,) = ask("cargo-path-dependency-exists", one(needs))
    assert (found.subject, found.weight) == ("../beside", "warning")
    brought = "- uses: actions/checkout@v4\n  with: {repository: acme/beside, path: ./beside}\n"
    (known,) = ask("cargo-path-dependency-exists", one(needs, **{CI: job(brought)}))
    assert (known.subject, known.weight) == ("../beside", "note")
