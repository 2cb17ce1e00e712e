from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tasks.systems.cargo import Cargo, cargo_ended, within
from tasks.systems.shell import Ended, ProgramFailed, Shell

MANIFEST = '[package]\nname = "moon"\nversion = "0.1.0"\nedition = "2021"\n'


def cargo(tmp_path: Path, source: str) -> Cargo:
    checkout = tmp_path / "moon"
    (checkout / "src").mkdir(parents=True)
    (checkout / "Cargo.toml").write_text(MANIFEST)
    (checkout / "src/main.rs").write_text(source)
    return Cargo(Shell({**os.environ, "CARGO_NET_OFFLINE": "true"}), checkout, tmp_path / "target")


@pytest.mark.processes
def test_a_compile_error_keeps_its_code_and_place(tmp_path: Path) -> None:
    ended = cargo(tmp_path, 'fn main() {\n    let x: u32 = "a";\n}\n').build()
    assert not ended.ok
    (error,) = ended.errors
    assert (error.code, error.file, error.line) == ("E0308", "src/main.rs", 2)


@pytest.mark.processes
def test_what_the_library_and_its_tests_share_is_one_error_where_the_compiler_sends_people(
    tmp_path: Path,
) -> None:
    made = cargo(tmp_path, "fn main() {}\n")
    (tmp_path / "moon/src/lib.rs").write_text("pub fn a() -> u32 {\n    u32::from(1 % 2;\n}\n")
    (error,) = made.build("--all-targets").errors
    assert (error.file, error.line) == ("src/lib.rs", 2)
    (tmp_path / "moon/src/lib.rs").write_text("pub fn a() -> u32 {\n    'a'\n}\n")
    (error,) = made.build("--all-targets").errors
    assert (error.code, error.line) == ("E0308", 2)


@pytest.mark.processes
def test_what_it_builds_stays_out_of_the_checkout(tmp_path: Path) -> None:
    built = cargo(tmp_path, "fn main() {}\n")
    assert built.build().ok
    assert not (tmp_path / "moon/target").exists()
    assert built.formatted().ok
    assert built.metadata()["packages"][0]["name"] == "moon"


@pytest.mark.processes
def test_unformatted_code_is_shown_and_left_as_it_is(tmp_path: Path) -> None:
    ended = cargo(tmp_path, "fn main(){}\n").formatted()
    assert not ended.ok
    assert "fn main() {}" in ended.output
    assert (tmp_path / "moon/src/main.rs").read_text() == "fn main(){}\n"


@pytest.mark.processes
def test_a_directory_that_is_no_package_fails_in_cargos_words(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    none = Cargo(Shell(dict(os.environ)), tmp_path / "empty", tmp_path / "target")
    with pytest.raises(ProgramFailed, match=r"could not find `Cargo\.toml`"):
        none.metadata()


def test_a_message_without_a_place_has_none() -> None:
    message = {
        "reason": "compiler-message",
        "message": {"level": "error", "message": "aborting", "spans": [], "code": None},
    }
    out = json.dumps(message, separators=(",", ":")) + "\nrunning 1 test\n"
    ended = cargo_ended(Ended(argv=("cargo",), exit=101, stdout=out.encode(), stderr=b"error\n", seconds=1.0))
    assert (ended.diagnostics[0].file, ended.errors) == (None, ())
    assert ended.output == "running 1 test\nerror"


@pytest.mark.processes
def test_a_real_test_run_names_its_programs_and_counts(tmp_path: Path) -> None:
    ended = cargo(tmp_path, "fn main() {}\n#[test]\nfn a() {}\n#[test]\n#[ignore]\nfn b() {}\n").test()
    assert ended.ok
    assert "1 passed; 0 failed; 1 ignored" in ended.output
    (program,) = [one for one in ended.artifacts if one.program is not None]
    assert (program.package, program.target) == ("moon", "moon")
    assert f"(../target/debug/deps/{Path(str(program.program)).name})" in ended.output


@pytest.mark.processes
def test_flags_for_the_compiler_replace_those_of_a_configuration(tmp_path: Path) -> None:
    made = cargo(tmp_path, "fn unused() {}\nfn main() {}\n")
    (tmp_path / "moon/.cargo").mkdir()
    (tmp_path / "moon/.cargo/config.toml").write_text('[build]\nrustflags = ["-D", "warnings"]\n')
    assert not made.build().ok
    assert made.compiling_with("").build().ok


@pytest.mark.processes
def test_the_documentation_is_written_with_the_flags_of_rustdoc(tmp_path: Path) -> None:
    broken = cargo(tmp_path, "/// [`nobody`]\nfn main() {}\n")
    assert broken.doc("--document-private-items").ok
    ended = broken.doc("--document-private-items", flags="-D warnings")
    assert not ended.ok
    assert [(one.file, one.line) for one in ended.errors] == [("src/main.rs", 1)]


@pytest.mark.processes
def test_what_cargo_says_names_the_repositorys_files_and_no_place_of_this_machine(tmp_path: Path) -> None:
    made = cargo(tmp_path, "mod away;\nfn main() {}\n")
    assert str(tmp_path) not in made.formatted().output
    assert "src/away.rs does not exist" in made.formatted().output
    (tmp_path / "moon/Cargo.toml").write_text('[package]\nversion = "0.1.0"\n')
    with pytest.raises(ProgramFailed, match=r"failed to parse manifest at `Cargo\.toml`") as failed:
        made.metadata()
    assert str(tmp_path) not in failed.value.ended.err


def test_a_checkout_that_is_itself_named_is_the_directory() -> None:
    said = "could not find `Cargo.toml` in `/s/a/b/c/d` or any parent directory; /s/a/b/c/d/a, /s/a/b/c/dd/b"
    found = within(said, Path("/s/a/b/c/d"))
    assert found == "could not find `Cargo.toml` in `.` or any parent directory; a, ../dd/b"
    assert within("/usr/lib/a /s/x", Path("/s/a/b/c/d")) == "/usr/lib/a /s/x"
