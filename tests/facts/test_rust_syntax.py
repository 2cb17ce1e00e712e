import os
import textwrap
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tasks.domain.cargo_plan import CargoPlan
from tasks.domain.cargo_run import CargoFormat, CargoOutcome
from tasks.domain.crate import Manifests
from tasks.domain.evidence import Evidence
from tasks.domain.git_state import GitState
from tasks.domain.root_build import RootBuild
from tasks.domain.rust_syntax import Reach, RustSyntax
from tasks.domain.tree import Tree
from tasks.facts import rust_syntax as facts
from tasks.systems.rust_parser import RustParser, unread
from tasks.systems.shell import Shell
from tests.checks.testing import CRATE, snapshot

pytestmark = pytest.mark.processes

UNCLOSED = "pub fn a( {\n"
STOPPED = CargoFormat(command="cargo fmt", outcome=CargoOutcome.FAILED, seconds=1.0, stopped=True)
NEEDS = CRATE + '[dependencies]\nserde = "1"\n[features]\nextra = []\n'


def look(
    tmp_path: Path,
    files: Mapping[str, str],
    *,
    plan: CargoPlan = CargoPlan(build=("--workspace",)),  # noqa: B008 - frozen
    formatted: CargoFormat = STOPPED,
) -> RustSyntax:
    parser, build, tree = parts(tmp_path, files, plan)
    return facts.rust_syntax(parser, formatted, tree, build)


def parts(tmp_path: Path, files: Mapping[str, str], plan: CargoPlan) -> tuple[RustParser, RootBuild, Tree]:
    for path, text in files.items():
        (tmp_path / "repo" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "repo" / path).write_text(textwrap.dedent(text))
    seen = snapshot(files)
    tree, manifests = seen.get(Tree), seen.get(Manifests)
    assert isinstance(tree, Tree)
    assert isinstance(manifests, Manifests)
    build = RootBuild.of(manifests, plan)
    assert build is not None
    return RustParser(Shell(dict(os.environ)), tmp_path / "repo", tmp_path / "scratch"), build, tree


def told(seen: RustSyntax) -> dict[str, tuple[int | None, Reach]]:
    return {one.path: (one.place.line, one.reach) for one in seen.faults}


def test_every_unreadable_file_is_named_though_a_dependency_is_not_here(tmp_path: Path) -> None:
    files = {
        "Cargo.toml": NEEDS,
        "src/lib.rs": "use serde::Serialize;\nmod a;\nmod b;\nmod c;\n#[derive(Serialize)]\npub struct S;\n",
        "src/a.rs": UNCLOSED,
        "src/b.rs": "pub fn b() {}\nstruct S { a: u8 b: u8 }\n",
        "src/c.rs": "pub fn c() {}\n",
        "tests/t.rs": "#[test]\nfn t() { let ; }\n",
        "build.rs": "fn main() {}\n",
    }
    assert told(look(tmp_path, files)) == {
        "src/a.rs": (1, Reach.BUILD),
        "src/b.rs": (2, Reach.BUILD),
        "tests/t.rs": (2, Reach.TEST),
    }


def test_an_unterminated_string_does_not_hide_other_files(tmp_path: Path) -> None:
    files = {
        "Cargo.toml": CRATE,
        "src/lib.rs": "mod a;\nmod z;\n",
        "src/a.rs": 'fn a() { "abc; }\n',
        "src/z.rs": UNCLOSED,
    }
    seen = look(tmp_path, files)
    assert told(seen) == {"src/a.rs": (1, Reach.BUILD), "src/z.rs": (1, Reach.BUILD)}
    assert seen.complete


def test_what_an_unreadable_root_names_is_looked_at_too(tmp_path: Path) -> None:
    files = {
        "Cargo.toml": CRATE,
        "src/lib.rs": "pub mod a;\n#[cfg(test)]\nmod t;\nfn x( {\n",
        "src/a.rs": UNCLOSED,
        "src/t.rs": UNCLOSED,
    }
    assert told(look(tmp_path, files)) == {
        "src/a.rs": (1, Reach.BUILD),
        "src/lib.rs": (4, Reach.BUILD),
        "src/t.rs": (1, Reach.TEST),
    }


def test_files_that_no_module_names_are_not_accused(tmp_path: Path) -> None:
    files = {
        "Cargo.toml": CRATE,
        "src/lib.rs": "",
        "src/never.rs": UNCLOSED,
        "tests/ui/bad.rs": UNCLOSED,
        "fixtures/broken/Cargo.toml": CRATE,
        "fixtures/broken/src/lib.rs": UNCLOSED,
    }
    assert look(tmp_path, files) == RustSyntax()


def test_a_file_behind_cfg_is_told_as_what_no_plain_build_reads(tmp_path: Path) -> None:
    files = {
        "Cargo.toml": NEEDS,
        "src/lib.rs": '#[cfg(windows)]\nmod w;\n#[cfg(feature = "extra")]\nmod e;\n',
        "src/w.rs": UNCLOSED,
        "src/e.rs": UNCLOSED,
    }
    named = tuple(Evidence(source="rustc", file=path, line=1) for path in ("src/w.rs", "src/e.rs"))
    both = replace(STOPPED, unread=named)
    assert told(look(tmp_path, files, formatted=both)) == {
        "src/e.rs": (1, Reach.NEVER),
        "src/w.rs": (1, Reach.NEVER),
    }
    every = CargoPlan(build=("--workspace", "--all-features"))
    assert told(look(tmp_path, files, plan=every))["src/e.rs"] == (1, Reach.BUILD)


def test_a_bench_stops_only_who_builds_benches(tmp_path: Path) -> None:
    files = {"Cargo.toml": CRATE, "src/lib.rs": "", "benches/b.rs": UNCLOSED}
    assert told(look(tmp_path, files)) == {"benches/b.rs": (1, Reach.BENCH)}
    every = CargoPlan(build=("--workspace", "--all-targets"))
    assert told(look(tmp_path, files, plan=every)) == {"benches/b.rs": (1, Reach.TEST)}


def test_a_module_without_a_file_is_told_unless_a_build_script_may_write_it(tmp_path: Path) -> None:
    files = {"Cargo.toml": CRATE, "src/lib.rs": "pub fn a() {}\nmod gone;\n#[cfg(windows)]\nmod w;\n"}
    seen = look(tmp_path, files)
    assert [(one.path, one.place.line, one.reach) for one in seen.absent] == [("src/lib.rs", 2, Reach.BUILD)]
    assert look(tmp_path, {**files, "build.rs": "fn main() {}\n"}).absent == ()


def test_nothing_is_looked_at_where_rustfmt_came_to_its_end(tmp_path: Path) -> None:
    files = {"Cargo.toml": CRATE, "src/lib.rs": UNCLOSED}
    assert look(tmp_path, files, formatted=replace(STOPPED, stopped=False)) == RustSyntax()


def test_without_rustfmt_nobody_could_look(tmp_path: Path) -> None:
    missing = replace(STOPPED, outcome=CargoOutcome.IMPOSSIBLE, last="'rustfmt' is not installed")
    seen = look(tmp_path, {"Cargo.toml": CRATE, "src/lib.rs": ""}, formatted=missing)
    assert seen == RustSyntax(unseen="'rustfmt' is not installed")


def test_the_directory_tells_what_is_corrected_and_what_is_broken_there_only(tmp_path: Path) -> None:
    files = {"Cargo.toml": CRATE, "src/lib.rs": "mod a;\nmod b;\n", "src/a.rs": UNCLOSED, "src/b.rs": ""}
    parser, build, tree = parts(tmp_path, files, CargoPlan(build=("--workspace",)))
    committed = facts.rust_syntax(parser, STOPPED, tree, build)
    (tmp_path / "repo/src/a.rs").write_text("pub fn a() {}\n")
    (tmp_path / "repo/src/b.rs").write_text(UNCLOSED)
    state = GitState(commit="c", branch="main", origin=None, unstaged=("src/a.rs", "src/b.rs"))
    seen = facts.beside(parser, tmp_path / "repo", state, committed, build)
    assert [(one.path, one.corrected) for one in seen.faults] == [("src/a.rs", True)]
    assert [(one.path, one.place.line) for one in seen.uncommitted] == [("src/b.rs", 1)]
    assert [one.place.committed for one in seen.uncommitted] == [False]


def test_the_file_of_a_module_that_lies_in_the_directory_is_named(tmp_path: Path) -> None:
    files = {"Cargo.toml": CRATE, "src/lib.rs": "mod gauge;\nmod gone;\n"}
    parser, build, tree = parts(tmp_path, files, CargoPlan(build=("--workspace",)))
    committed = facts.rust_syntax(parser, STOPPED, tree, build)
    (tmp_path / "repo/src/gauge.rs").write_text("pub fn a() {}\n")
    state = GitState(commit="c", branch="main", origin=None, untracked=("src/gauge.rs",))
    seen = facts.beside(parser, tmp_path / "repo", state, committed, build)
    told = {one.message.rpartition(" ")[2]: one.lying for one in seen.absent}
    assert told == {"`gauge`": "src/gauge.rs", "`gone`": None}


def test_a_word_of_rustfmt_about_spaces_is_no_syntax_error() -> None:
    said = "error[internal]: left behind trailing whitespace\n --> /c/src/a.rs:3:3:1\n"
    assert list(unread(said)) == []
