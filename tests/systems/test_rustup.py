"""A release of Rust is known by what its compiler states, not by the name that rustup has for it."""

import os
from pathlib import Path

import pytest

from tasks.systems.rustup import Instead, instead_of, stands_for
from tasks.systems.shell import Shell

pytestmark = pytest.mark.processes


def shell(tmp_path: Path, toolchains: dict[str, str], **more: str) -> Shell:
    """Give a rustup that lists toolchains, name -> what the compiler in it states."""
    listed = []
    for name, stated in toolchains.items():
        compiler = tmp_path / "toolchains" / name / "bin/rustc"
        compiler.parent.mkdir(parents=True)
        compiler.write_text(f"#!/bin/sh\necho 'rustc {stated} (59807616e 2026-04-14)'\n")
        compiler.chmod(0o755)
        listed.append(f"echo '{name} (active) {compiler.parent.parent}'")
    program = tmp_path / "bin/rustup"
    program.parent.mkdir()
    program.write_text("\n".join(["#!/bin/sh", *listed]))
    program.chmod(0o755)
    return Shell({"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}", **more})


STABLE = "stable-x86_64-unknown-linux-gnu"


@pytest.mark.parametrize(
    ("channel", "name"), [("1.95.0", STABLE), ("1.95", STABLE), ("1.9", None), ("1.95.1", None)]
)
def test_a_release_is_found_under_another_name(channel: str, name: str | None, tmp_path: Path) -> None:
    assert stands_for(shell(tmp_path, {STABLE: "1.95.0"}), channel, tmp_path) == name


def test_a_channel_and_a_release_that_rustup_has_by_name_are_left_to_it(tmp_path: Path) -> None:
    here = shell(tmp_path, {STABLE: "1.95.0", "1.95-x86_64-unknown-linux-gnu": "1.95.0"})
    assert [stands_for(here, one, tmp_path) for one in ("stable", "nightly-2026-01-01", "1.95")] == [None] * 3


def test_nightly_is_no_release_and_what_the_environment_chose_stays(tmp_path: Path) -> None:
    here = shell(tmp_path, {"nightly-x86_64-unknown-linux-gnu": "1.95.0"})
    assert stands_for(here, "1.95.0", tmp_path) is None
    (tmp_path / "b").mkdir()
    chosen = shell(tmp_path / "b", {STABLE: "1.95.0"}, RUSTUP_TOOLCHAIN="stable")
    assert stands_for(chosen, "1.95.0", tmp_path) is None


def test_a_machine_without_rustup_has_no_such_name(tmp_path: Path) -> None:
    assert stands_for(Shell({"PATH": str(tmp_path)}), "1.95.0", tmp_path) is None


def test_the_newest_release_can_tell_what_any_rust_can(tmp_path: Path) -> None:
    here = shell(tmp_path, {"1.70.0": "1.70.0", STABLE: "1.95.0", "nightly-x": "1.97.0"})
    for channel, newer in (
        ("1.84.0", True),
        ("1.95", True),
        ("1.96.0", False),
        ("nightly-2026-01-01", False),
    ):
        assert instead_of(here, channel, tmp_path) == Instead(name=STABLE, newer=newer)


def test_nightly_alone_tells_nothing_of_a_release(tmp_path: Path) -> None:
    assert instead_of(shell(tmp_path, {"nightly-x": "1.97.0"}), "1.84.0", tmp_path) is None
