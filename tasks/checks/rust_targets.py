"""Whether the targets that workflows compile for have names that rustc knows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.cargo_command import cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import corrected
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy
from tasks.domain.job_order import step_lanes
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Source
from tasks.domain.spelling import fumbled
from tasks.domain.workflow import Job, Workflow, Workflows

_PARTS = frozenset(
    {
        "aarch64", "aarch64_be", "aarch64v8r", "amdgcn", "amdhsa", "android", "androideabi", "apple",
        "arm64_32", "arm64e", "arm64ec", "armeb", "armebv7r", "armv4t", "armv5te", "armv6", "armv6k",
        "armv7", "armv7a", "armv7k", "armv7r", "armv7s", "armv8r", "bpfeb", "bpfel", "csky", "cuda",
        "cygwin", "darwin", "dragonfly", "eabi", "eabihf", "emscripten", "esp32", "esp32s2", "esp32s3",
        "espidf", "fortanix", "freebsd", "freestanding", "fuchsia", "gnu_ilp32", "gnuabi64", "gnuabiv2",
        "gnuabiv2hf", "gnuasan", "gnueabi", "gnueabihf", "gnullvm", "gnuspe", "gnux32", "haiku", "helenos",
        "hermit", "hexagon", "hurd", "i386", "i586", "i686", "illumos", "l4re", "linux", "loongarch32",
        "loongarch64", "lynx", "lynxos178", "m68k", "macabi", "managarm", "mips", "mips64", "mips64el",
        "mipsel", "mipsisa32r6", "mipsisa32r6el", "mipsisa64r6", "mipsisa64r6el", "mlibc", "motor",
        "msp430", "msvc", "musl", "muslabi64", "musleabi", "musleabihf", "muslspe", "netbsd",
        "newlibeabihf", "nintendo", "none", "nuttx", "nvidia", "nvptx64", "ohos", "openbsd", "openwrt",
        "powerpc", "powerpc64", "powerpc64le", "qnx700", "qnx710", "qnx710_iosock", "qnx800", "qurt",
        "redox", "risc0", "riscv32", "riscv32e", "riscv32em", "riscv32emc", "riscv32gc", "riscv32i",
        "riscv32im", "riscv32ima", "riscv32imac", "riscv32imafc", "riscv32imc", "riscv64", "riscv64a23",
        "riscv64gc", "riscv64im", "riscv64imac", "rtems", "s390x", "softfloat", "solaris", "solid_asp3",
        "sony", "sparc", "sparc64", "sparcv9", "switch", "teeos", "threads", "thumbv4t", "thumbv5te",
        "thumbv6", "thumbv6m", "thumbv7a", "thumbv7em", "thumbv7m", "thumbv7neon", "thumbv7r",
        "thumbv8m.base", "thumbv8m.main", "thumbv8r", "trusty", "tvos", "uclibc", "uclibceabi",
        "uclibceabihf", "uefi", "unikraft", "unknown", "visionos", "vita", "vxworks", "wali", "wasip1",
        "wasip2", "wasip3", "wasm32", "wasm32v1", "wasm64", "watchos", "win7", "windows", "x86_64",
        "x86_64h", "xous", "xtensa", "zkvm",
    }
)  # fmt: skip
"""The parts between the dashes, from four letters on, of what `rustc --print target-list` says (1.95)."""
_INPUTS = {
    "dtolnay/rust-toolchain": ("targets", "target"),
    "actions-rs/toolchain": ("target",),
    "actions-rust-lang/setup-rust-toolchain": ("target",),
    "moonrepo/setup-rust": ("targets",),
}
_TRIPLE = 3  # parts of most names; some have two or four


@check(
    "rust-target-named",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Write the target as `rustc --print target-list` does", minutes=2),
    subject="cargo",
)
def rust_target_named(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """No target that a job installs or compiles for has a slip of the fingers in its name."""
    for workflow in workflows:
        yield from merged(_answers(workflow, scripts))


def _answers(workflow: Workflow, scripts: Scripts) -> Iterator[Answer]:
    for job, target, line in _targets(workflow, scripts):
        subject = f"{workflow.file}: {job.id}: {target}"
        meant = _meant(target)
        if meant is None:
            yield holds(subject, "is no slip")
        else:
            told = f"rustc knows no target {target!r}; did it mean {meant!r}?"
            places = _places(workflow.source, job, target, line)
            yield broken(subject, told, *places, edits=corrected(target, meant, *places))


def _targets(workflow: Workflow, scripts: Scripts) -> Iterator[tuple[Job, str, int]]:
    """Go through the certain names that a job's steps give to a toolchain or to cargo."""
    for job, step in workflow.steps():
        if step.action is not None:
            for name in _INPUTS.get(step.action.name, ()):
                written = step.inputs.text(name)
                for lane in step_lanes(workflow, job, step) if written is not None else ():
                    for target in re.split(r"[,\s]+", lane.text(str(written)) or ""):
                        yield job, target, step.inputs.line_of(name)
            continue
        script = scripts.of(workflow.path, job, step)
        if script is None or script.never:
            continue
        for command in script.running("cargo", "cross", "rustup"):
            call = cargo_command(command)
            if call is not None:
                words = [*call.given("--target")]
            else:
                words = [*command.arguments] if command.literals[:2] == ("target", "add") else []
            for word in words:
                for target in word.values or ():
                    yield job, target, word.line


def _meant(target: str) -> str | None:
    """Return the name that fingers meant: one part is a slip of a known one, which no target has."""
    parts = target.split("-")
    if len(parts) < _TRIPLE or "." in target:
        return None
    for at, part in enumerate(parts):
        meant = fumbled(part, _PARTS) if part not in _PARTS else None
        if meant is not None:
            return "-".join([*parts[:at], meant, *parts[at + 1 :]])
    return None


def _places(source: Source, job: Job, target: str, line: int) -> Iterator[Evidence]:
    """Go through the line that writes the name, when another one only hands it on, and that one."""
    last = max([line, *(step.line for step in job.steps)])
    for number in range(job.line, last + 1):
        if number != line and target in (source.line(number) or ""):
            yield source.at(number)
    yield source.at(line)
