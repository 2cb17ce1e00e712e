import json
from pathlib import Path
from typing import Any

import pytest

from tasks.domain.cargo_calls import FurtherCall, FurtherCalls
from tasks.domain.cargo_run import CargoBuild, CargoOutcome, CargoTest, PackageTests, RefusedManifest
from tasks.domain.evidence import Evidence
from tasks.facts import cargo as facts
from tasks.facts.tree import LiteralFiles
from tasks.systems.cargo import Cargo, CargoEnded, cargo_ended
from tasks.systems.shell import Ended, ProgramFailed

ERROR = json.dumps(
    {
        "reason": "compiler-message",
        "message": {
            "level": "error",
            "message": "mismatched types",
            "code": {"code": "E0308"},
            "rendered": "error[E0308]: mismatched types\n --> src/a.rs:8:27\n",
            "spans": [{"is_primary": True, "file_name": "src/a.rs", "line_start": 8, "column_start": 27}],
        },
    }
)


def an_end(exit_code: Any = 0, out: Any = "", err: Any = "", *, timed_out: Any = False) -> Any:
    return Ended(
        argv=("cargo", "build"),
        exit=exit_code,
        stdout=out.encode(),
        stderr=err.encode(),
        seconds=1.0,
        timed_out=timed_out,
    )


class FakeCargo(Cargo):
    def __init__(self, end: Any) -> None:
        self.end = end
        self.options: tuple[str, ...] = ()

    def metadata(self) -> Any:
        if not self.end.ok:
            raise ProgramFailed(self.end)
        return {}

    def formatted(self) -> Any:
        return cargo_ended(self.end)

    def build(self, *options: str, on_line: Any = None, timeout: float = 0.0) -> CargoEnded:
        self.options = options
        return cargo_ended(self.end)

    def test(self, *options: str, on_line: Any = None, timeout: float = 0.0) -> CargoEnded:
        return self.build(*options, on_line=on_line, timeout=timeout)

    def doc(self, *options: str, flags: str = "", timeout: float = 0.0) -> CargoEnded:
        return self.build(*options, timeout=timeout)


def test_a_compile_error_is_told_with_its_place_and_nothing_else() -> None:
    end = an_end(101, out=ERROR + "\n", err="error: could not compile `a`\n")
    run = facts.built(FakeCargo(end), ("--workspace",), locked=True, asked_locked=True)
    assert run.outcome is CargoOutcome.FAILED
    assert [(place.file, place.line) for place in run.places] == [("src/a.rs", 8)]
    assert str(run.places[0].excerpt).startswith("error[E0308]")


def test_the_lock_file_is_held_to_only_when_there_is_one() -> None:
    cargo = FakeCargo(an_end())
    facts.built(cargo, ("--workspace", "--all-targets"), locked=True, asked_locked=True)
    assert "--locked" in cargo.options
    facts.built(cargo, ("--workspace", "--all-targets"), locked=False, asked_locked=True)
    assert "--locked" not in cargo.options


def test_failing_tests_are_named_counted_and_located() -> None:
    out = (
        "test phase::full ... FAILED\ntest phase::new ... ok\n"
        "thread 'phase::full' (12) panicked at crates/p/src/phase.rs:120:9:\nassertion failed\n"
        "test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n"
        "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n"
    )
    run = facts.tested(FakeCargo(an_end(101, out=out)), (), locked=True, asked_locked=True)
    assert (run.passed, run.failed, run.failures) == (4, 1, ("phase::full",))
    assert (run.places[0].file, run.places[0].line) == ("crates/p/src/phase.rs", 120)


def test_tests_that_were_never_reached_have_no_count() -> None:
    assert facts.tested(FakeCargo(an_end(101)), (), locked=True, asked_locked=True).passed is None


def test_what_this_machine_lacks_is_not_the_repositorys_fault() -> None:
    for said in (
        "error: no matching package named `serde` found\n... you may want to retry without `--offline`",
        "error: toolchain '1.70.0' is not installed",
        "error: failed to download `serde v1.0.0`",
    ):
        run = facts.built(FakeCargo(an_end(101, err=said)), (), locked=True, asked_locked=True)
        assert run.outcome is CargoOutcome.IMPOSSIBLE


def test_a_timeout_is_neither_a_success_nor_a_failure() -> None:
    run = facts.built(FakeCargo(an_end(-9, timed_out=True)), (), locked=True, asked_locked=True)
    assert run.outcome is CargoOutcome.TIMED_OUT


STALE = (
    "warning: a/Cargo.toml: unused manifest key: dependancies\n"
    "error: cannot update the lock file Cargo.lock because --locked was passed to prevent this\n"
    "help: to generate the lock file without accessing the network, remove the --locked flag and use "
    "--offline instead.\n"
)


def test_a_lock_file_that_would_change_is_the_repositorys_fault_where_a_workflow_holds_to_it() -> None:
    run = facts.built(FakeCargo(an_end(101, err=STALE)), (), locked=True, asked_locked=True)
    assert (run.outcome, run.unlocked, run.lacks) == (CargoOutcome.FAILED, True, None)
    assert [(one.file, one.key) for one in run.unused] == [("a/Cargo.toml", "dependancies")]


def test_a_lock_file_that_no_workflow_holds_to_may_change() -> None:
    cargo = FakeCargo(an_end(101, err=STALE))
    facts.built(cargo, ("--workspace",), locked=True, asked_locked=False)
    assert cargo.options == ("--workspace",)
    facts.tested(cargo, ("--workspace",), locked=True, asked_locked=False)
    assert "--locked" not in cargo.options


@pytest.mark.parametrize(
    ("cause", "reason", "line"),
    [
        ("  missing field `package.name`\n", "missing field `package.name`", None),
        (
            "  TOML parse error at line 3, column 7\n    |\n  3 | a\n",
            "TOML parse error at line 3, column 7",
            3,
        ),
    ],
)
def test_the_manifest_that_cargo_cannot_read_is_named_with_the_reason(
    cause: str, reason: str, line: int | None
) -> None:
    said = (
        "error: failed to load manifest for workspace member `crates/a`\n"
        "referenced by workspace at `Cargo.toml`\n"
        f"\nCaused by:\n  failed to parse manifest at `crates/a/Cargo.toml`\n\nCaused by:\n{cause}"
    )
    run = facts.metadata(FakeCargo(an_end(101, err=said)))
    assert run.refused == RefusedManifest(file="crates/a/Cargo.toml", reason=reason, line=line)


def test_a_broken_manifest_is_told_in_cargos_words() -> None:
    run = facts.metadata(FakeCargo(an_end(101, err="error: failed to parse manifest at `Cargo.toml`\n")))
    assert run.outcome is CargoOutcome.FAILED
    assert "failed to parse manifest" in run.last


def test_the_backtrace_of_rustup_is_left_out_and_what_it_lacks_is_told() -> None:
    said = "error: toolchain '1.97.1-x86_64-unknown-linux-gnu' is not installed\n\nStack backtrace:\n  0: a\n"
    run = facts.metadata(FakeCargo(an_end(1, err=said)))
    assert (run.outcome, str(run.lacks)) == (
        CargoOutcome.IMPOSSIBLE,
        "toolchain 1.97.1 is not on this machine",
    )
    assert run.last == said.partition("\n")[0]


def test_unformatted_places_are_relative_to_the_checkout() -> None:
    out = "Diff in /c/src/lib.rs:12:\n-a\n+b\nDiff in /c/src/main.rs at line 3:\n"
    run = facts.formatted(FakeCargo(an_end(1, out=out)), Path("/c"))
    assert [(place.file, place.line) for place in run.places] == [("src/lib.rs", 12), ("src/main.rs", 3)]
    assert isinstance(FakeCargo(an_end()).formatted(), CargoEnded)


class TwoRusts(FakeCargo):
    """A stable rustfmt that does not know the style, and a nightly one that may be there."""

    def __init__(self, nightly: Any) -> None:
        said = "can't set `group_imports = One`, unstable features are only available in nightly channel."
        super().__init__(an_end(1, out="Diff in /c/src/lib.rs:1:\n", err=f"Warning: {said}\n"))
        self.nightly = nightly

    def using(self, toolchain: str) -> Any:
        return FakeCargo(self.nightly) if toolchain == "nightly" else self

    def installed(self) -> Any:
        return cargo_ended(self.end)


def test_a_style_that_only_nightly_knows_is_asked_of_nightly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeCargo, "installed", lambda self: cargo_ended(an_end()), raising=False)
    assert facts.formatted(TwoRusts(an_end()), Path("/c")).outcome is CargoOutcome.PASSED
    run = facts.formatted(TwoRusts(an_end(1, out="Diff in /c/src/a.rs:2:\n")), Path("/c"))
    assert [place.file for place in run.places] == ["src/a.rs"]


def test_a_style_that_only_nightly_knows_is_unknown_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeCargo, "installed", lambda self: cargo_ended(an_end(1)), raising=False)
    run = facts.formatted(TwoRusts(an_end(1)), Path("/c"))
    assert (run.outcome, str(run.lacks)) == (
        CargoOutcome.IMPOSSIBLE,
        "toolchain nightly is not on this machine",
    )


def test_the_nightly_that_workflows_format_with_is_asked_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(FakeCargo, "installed", lambda self: cargo_ended(an_end()), raising=False)
    assert facts.formatted(TwoRusts(an_end()), Path("/c"), "nightly").outcome is CargoOutcome.PASSED
    run = facts.formatted(TwoRusts(an_end()), Path("/c"), "nightly-2026-04-15")
    assert (run.outcome, str(run.lacks)) == (
        CargoOutcome.IMPOSSIBLE,
        "toolchain nightly-2026-04-15 is not on this machine",
    )
    assert run.command == "cargo +nightly-2026-04-15 fmt --all --check"


def test_every_unformatted_file_is_told_once_at_its_first_place() -> None:
    out = "".join(f"Diff in /c/src/{name}.rs:{line}:\n" for name in range(40) for line in (3, 9))
    run = facts.formatted(FakeCargo(an_end(1, out=out)), Path("/c"))
    assert [(place.file, place.line) for place in run.places] == [(f"src/{one}.rs", 3) for one in range(40)]


def test_an_unformatted_place_is_the_first_line_that_changes_not_the_context_before_it() -> None:
    out = "Diff in /c/src/a.rs:8:\n \n     // x\n\x1b[31m-    let x=1;\n\x1b(B\x1b[m+    let x = 1;\n }\n"
    out += "Diff in /c/src/b.rs:1:\n fn a() {}\n+\nDiff in /c/src/c.rs:4:\n"
    run = facts.formatted(FakeCargo(an_end(1, out=out)), Path("/c"))
    assert [place.line for place in run.places] == [10, 2, 4]


def test_the_end_of_a_colour_before_a_place_hides_it_not() -> None:
    out = "\x1b(B\x1b[mDiff in /c/src/a.rs:217:\n"
    run = facts.formatted(FakeCargo(an_end(1, out=out)), Path("/c"))
    assert [(place.file, place.line) for place in run.places] == [("src/a.rs", 217)]


def test_warnings_are_kept_beside_a_build_that_passes() -> None:
    end = an_end(0, out=ERROR.replace('"level": "error"', '"level": "warning"') + "\n")
    run = facts.built(FakeCargo(end), (), locked=True, asked_locked=True)
    assert run.outcome is CargoOutcome.PASSED
    assert [(one.place.file, one.place.line, one.lint) for one in run.warnings] == [("src/a.rs", 8, "E0308")]


@pytest.mark.parametrize(
    "said",
    [
        "error: rustc 1.95.0 is not supported by the following packages:",
        "error[E0554]: `#![feature]` may not be used on the stable release channel",
        "The system library `fuse3` required by crate `fuser` was not found.",
        "Could not find `protoc`. If `protoc` is installed, try setting the `PROTOC` environment variable",
    ],
)
def test_what_only_this_machine_lacks_is_not_the_repositorys(said: str) -> None:
    assert (
        facts.built(FakeCargo(an_end(101, err=said)), (), locked=True, asked_locked=True).outcome
        is CargoOutcome.IMPOSSIBLE
    )


def test_a_file_that_the_compiler_misses_is_looked_for_where_a_person_works(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    for name in ("a.csv", "gauge.rs", "kept.csv"):
        (tmp_path / "src" / name).touch()
    said = (
        "error: couldn't read `src/../src/a.csv`: No such file or directory (os error 2)",
        '= help: to create the module `gauge`, create file "src/gauge.rs" or "src/gauge/mod.rs"',
        "error: couldn't read `src/kept.csv`: No such file or directory (os error 2)",
        "error: couldn't read `../a.csv`: No such file or directory (os error 2)",
    )
    places = tuple(Evidence(source="cargo", file="src/lib.rs", line=1, excerpt=one) for one in said)
    run = CargoBuild(command="cargo build", outcome=CargoOutcome.FAILED, seconds=1.0, places=places)
    tree = LiteralFiles({"src/lib.rs": "", "src/kept.csv": ""}).tree
    assert facts.lying(run, tree, tmp_path).lying == ("src/a.csv", "src/gauge.rs")
    assert facts.lying(run, tree, tmp_path / "src").lying == ()


def linking(*lines: str) -> str:
    rendered = 'error: linking with `cc` failed: exit status: 1\n  |\n  = note:  "cc" "-lasound" "-m64"\n'
    rendered += "  = note: " + "\n          ".join(lines)
    message = {"level": "error", "message": "linking with `cc` failed: exit status: 1", "code": None}
    said = {"reason": "compiler-message", "message": {**message, "rendered": rendered, "spans": []}}
    return json.dumps(said) + "\n"


def test_a_library_that_the_linker_of_this_machine_does_not_find_is_named_in_its_own_words() -> None:
    for line in (
        "rust-lld: error: unable to find library -lasound",
        "/usr/bin/ld: cannot find -lasound: No such file or directory",
    ):
        end = an_end(
            101, linking(line, "collect2: error: ld returned 1 exit status"), "error: could not compile"
        )
        run = facts.built(FakeCargo(end), (), locked=True, asked_locked=True)
        assert (run.outcome, run.library) == (CargoOutcome.IMPOSSIBLE, "asound")
        assert run.last.splitlines()[0] == line
        assert str(run.lacks) == "the linker finds no library asound (-lasound)"


def test_a_symbol_that_nothing_defines_is_the_repositorys_fault_in_the_linkers_words() -> None:
    line = "rust-lld: error: undefined symbol: gauge_open"
    end = an_end(101, linking(line, "collect2: error: ld returned 1 exit status"), "error: could not compile")
    run = facts.built(FakeCargo(end), (), locked=True, asked_locked=True)
    assert (run.outcome, run.library) == (CargoOutcome.FAILED, None)
    assert (run.places[0].excerpt or "").startswith(line)


def test_a_package_that_lies_beside_the_repository_is_not_its_fault_and_one_inside_is() -> None:
    said = (
        "error: failed to load manifest for workspace member `/w/checkout/proto`\n"
        "referenced by workspace at `/w/checkout/Cargo.toml`\n\nCaused by:\n"
        "  failed to load manifest for dependency `core-types`\n\nCaused by:\n"
        "  failed to read `/w/{}/core-types/Cargo.toml`\n\n"
        "Caused by:\n  No such file or directory (os error 2)\n"
    )
    beside = facts.metadata(FakeCargo(an_end(101, err=said.format("other/crates"))))
    assert (beside.outcome, str(beside.lacks).partition(",")[0]) == (
        CargoOutcome.IMPOSSIBLE,
        "../other/crates/core-types",
    )
    inside = facts.metadata(FakeCargo(an_end(101, err=said.format("checkout/crates"))))
    assert inside.outcome is CargoOutcome.FAILED


def test_a_single_package_may_look_beside_the_repository_too() -> None:
    said = (
        "error: failed to get `foo` as a dependency of package `one v0.1.0 (/w/checkout)`\n\nCaused by:\n"
        "  failed to load source for dependency `foo`\n\nCaused by:\n  unable to update /w/foo\n\n"
        "Caused by:\n"
        "  failed to read `/w/foo/Cargo.toml`\n\nCaused by:\n  No such file or directory (os error 2)\n"
    )
    run = facts.built(FakeCargo(an_end(101, err=said)), (), locked=True, asked_locked=True)
    assert (run.outcome, str(run.lacks).partition(",")[0]) == (CargoOutcome.IMPOSSIBLE, "../foo")
    told = facts.metadata(FakeCargo(an_end(101, err=said.replace("/w/checkout", ".").replace("/w/", "../"))))
    assert (told.outcome, str(told.lacks).partition(",")[0]) == (CargoOutcome.IMPOSSIBLE, "../foo")


OLD = "error: rustc 1.95.0 is not supported by the following packages:\n  aoc@0.1.0 requires rustc 1.98\n"


class TwoToolchains(FakeCargo):
    """The usual toolchain is too old; ``others`` are there besides."""

    def __init__(self, *others: str) -> None:
        super().__init__(an_end(101, err=OLD))
        self.others = others

    def installed(self) -> CargoEnded:
        here = self._toolchain[0].removeprefix("+") in self.others
        return cargo_ended(an_end(0 if here else 1, err="" if here else "toolchain 'x' is not installed"))

    def build(self, *options: str, on_line: Any = None, timeout: float = 0.0) -> CargoEnded:
        return cargo_ended(an_end() if getattr(self, "_toolchain", ()) else self.end)


def test_a_rust_that_is_too_old_here_is_a_limit_with_the_command_that_installs_the_asked_one() -> None:
    run = facts.built(TwoToolchains(), (), locked=True, asked_locked=True)
    assert run.outcome is CargoOutcome.IMPOSSIBLE
    assert run.lacks
    assert run.lacks.obtain == "rustup toolchain install 1.98"


def test_once_the_asked_rust_is_here_it_is_used() -> None:
    assert (
        facts.built(TwoToolchains("1.98"), (), locked=True, asked_locked=True).outcome is CargoOutcome.PASSED
    )


def test_a_fault_of_the_code_is_a_fault_though_something_is_missing_too() -> None:
    end = an_end(101, out=ERROR + "\n", err="you may want to retry without `--offline`\n")
    assert facts.built(FakeCargo(end), (), locked=True, asked_locked=True).outcome is CargoOutcome.FAILED
    out = "test a::b ... FAILED\nexpected --offline\ntest result: FAILED. 0 passed; 1 failed; 0 ignored\n"
    run = facts.tested(FakeCargo(an_end(101, out=out)), (), locked=True, asked_locked=True)
    assert (run.outcome, run.lacks) == (CargoOutcome.FAILED, None)


def test_rustfmt_that_stops_at_a_file_says_which() -> None:
    said = (
        "error: expected `,`\n --> /c/src/a.rs:7:3\n  |\nError writing files: failed to resolve mod `a`: x\n"
    )
    run = facts.formatted(FakeCargo(an_end(1, out="Diff in /c/src/b.rs:1:\n", err=said)), Path("/c"))
    assert (run.stopped, [(one.file, one.line) for one in run.unread]) == (True, [("src/a.rs", 7)])
    absent = "Error writing files: failed to resolve mod `gone`: /c/src/gone.rs does not exist\n"
    run = facts.formatted(FakeCargo(an_end(1, err=absent)), Path("/c"))
    assert (run.stopped, run.unread) == (True, ())
    assert not facts.formatted(FakeCargo(an_end(1, out="Diff in /c/src/b.rs:1:\n")), Path("/c")).stopped


ARTIFACTS = "".join(
    json.dumps(
        {
            "reason": "compiler-artifact",
            "package_id": id_,
            "target": {"name": name, "kind": [kind]},
            "executable": f"/t/debug/deps/{program}" if program else None,
        }
    )
    + "\n"
    for id_, name, kind, program in (
        ("path+file:///c/moon#0.1.0", "moon", "lib", None),
        ("path+file:///c/moon#0.1.0", "moon", "lib", "moon-1"),
        ("path+file:///c/x#sun-ray@0.2.0", "sun-ray", "lib", "sun_ray-2"),
        ("path+file:///c/x#sun-ray@0.2.0", "t", "test", "t-3"),
    )
)
RAN = (
    "     Running unittests src/lib.rs (/t/debug/deps/moon-1)\n"
    "     Running unittests src/lib.rs (/t/debug/deps/sun_ray-2)\n"
    "     Running tests/t.rs (/t/debug/deps/t-3)\n"
    "   Doc-tests moon\n"
)
COUNTS = ((2, 0, 1, 0), (3, 1, 0, 4), (1, 0, 0, 0), (5, 0, 2, 0))


def results(*counts: tuple[int, int, int, int]) -> str:
    said = "test result: ok. {} passed; {} failed; {} ignored; 0 measured; {} filtered out; finished in 0.1s"
    return "".join(f"{said.format(*one)}\n" for one in counts)


def test_tests_are_counted_for_each_package_with_ignored_and_filtered_ones() -> None:
    run = facts.tested(
        FakeCargo(an_end(101, out=ARTIFACTS + results(*COUNTS), err=RAN)), (), locked=True, asked_locked=True
    )
    assert (run.passed, run.failed, run.ignored, run.filtered, run.total) == (11, 1, 3, 4, 15)
    assert run.packages == (
        PackageTests(package="moon", passed=7, ignored=3),
        PackageTests(package="sun-ray", passed=4, failed=1, filtered=4),
    )
    assert [one.total for one in run.packages] == [10, 5]


def test_a_program_without_a_result_leaves_the_packages_unknown_and_the_sum_known() -> None:
    run = facts.tested(
        FakeCargo(an_end(0, out=ARTIFACTS + results(*COUNTS[1:]), err=RAN)),
        (),
        locked=True,
        asked_locked=True,
    )
    assert (run.packages, run.passed) == ((), 9)


def test_a_test_that_does_not_compile_is_told_with_its_place() -> None:
    run = facts.tested(
        FakeCargo(an_end(101, out=ERROR + "\n", err="error: could not compile\n")),
        (),
        locked=True,
        asked_locked=True,
    )
    assert [(one.file, one.line) for one in run.places] == [("src/a.rs", 8)]
    assert (run.passed, run.total) == (None, None)


def test_the_command_of_a_documentation_that_fails_says_its_flags() -> None:
    run = facts.documented(FakeCargo(an_end(101, out=ERROR + "\n")), ("--no-deps",), "-D warnings")
    assert run.command == "RUSTDOCFLAGS='-D warnings' cargo build"
    assert facts.documented(FakeCargo(an_end(101)), ()).command == "cargo build"


class SeveralCalls(FakeCargo):
    """Gives one end after the other."""

    def __init__(self, *ends: Any) -> None:
        super().__init__(ends[-1])
        self.ends = list(ends)

    def build(self, *options: str, on_line: Any = None, timeout: float = 0.0) -> CargoEnded:
        self.options = options
        return cargo_ended(self.ends.pop(0))


METRIC = FurtherCall(
    subcommand="test", options=("--features", "metric"), place=Evidence(file="ci.yml", line=7)
)
PASSES = "test a ... ok\ntest result: ok. 1 passed; 0 failed; 0 ignored\n"
FAILS = "test a ... FAILED\ntest result: FAILED. 0 passed; 1 failed; 0 ignored\n"


def several(*ends: Any) -> CargoTest:
    cargo = SeveralCalls(*ends)
    first = facts.tested(cargo, ("--workspace",), locked=True, asked_locked=True)
    return facts.with_further(cargo, first, FurtherCalls(made=(METRIC,)), locked=True)


def test_a_further_call_that_fails_is_told_with_its_place_and_the_first_ones_count() -> None:
    run = several(an_end(out=PASSES), an_end(101, out=FAILS))
    assert (run.outcome, run.failures, run.further) == (CargoOutcome.FAILED, ("a",), METRIC.place)
    assert (run.passed, run.failed, run.seconds) == (1, 0, 2.0)


def test_a_further_call_waits_for_the_first_to_pass() -> None:
    run = several(an_end(101, out=FAILS))
    assert (run.outcome, run.further) == (CargoOutcome.FAILED, None)


@pytest.mark.parametrize("end", [an_end(101, err="error: failed to download x"), an_end(1, timed_out=True)])
def test_a_further_call_that_gives_no_answer_here_is_counted_and_accuses_nobody(end: Any) -> None:
    run = several(an_end(out=PASSES), end)
    assert (run.outcome, run.further, run.untried) == (CargoOutcome.PASSED, None, 1)
