"""The actions that ask for a Rust toolchain: what they ask for must be on this machine already."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from deployments.embedded.runner.action import ActionCall
from deployments.embedded.runner.actions import cache
from deployments.embedded.runner.errors import NotHereError, StepFailedError
from tasks.domain import limit

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_TOOLCHAIN_FILES = ("rust-toolchain.toml", "rust-toolchain")
# Component -> what shows that it is there, below the toolchain's own directory.
_COMPONENT_SIGNS = {
    "rustfmt": "bin/cargo-fmt",
    "clippy": "bin/cargo-clippy",
    "rust-src": "lib/rustlib/src",
    "miri": "bin/cargo-miri",
    "rust-docs": "share/doc/rust/html",
    "rust-analyzer": "bin/rust-analyzer",
}


@dataclass(frozen=True, kw_only=True)
class Toolchain:
    """A toolchain of this machine; `name` is rustup's, None where there is no rustup."""

    name: str | None
    version: str
    sysroot: Path


def setup_rust_toolchain(call: ActionCall) -> None:
    """`actions-rust-lang/setup-rust-toolchain`: also makes warnings errors, unless told otherwise."""
    root = call.inside(call.get("rust-src-dir", "."))
    wanted = call.get("toolchain") or ("" if _has_file(root) else "stable")
    toolchain = _choose(call, [name.strip() for name in wanted.split(",") if name.strip()])
    _require(call, toolchain, call.get("target"), call.get("components"))
    flags = call.inputs.get("rustflags", "-D warnings")
    defaults = {
        "CARGO_INCREMENTAL": "0",
        "CARGO_PROFILE_DEV_DEBUG": "0",
        "CARGO_TERM_COLOR": "always",
        "RUST_BACKTRACE": "short",
        **({"RUSTFLAGS": flags} if flags else {}),
    }
    for name, value in defaults.items():
        if name not in call.environment:
            call.exports[name] = value
    _tell(call, toolchain)
    if call.flag("cache", default=True):
        cache.rust(call)


def rust_toolchain(call: ActionCall) -> None:
    """`dtolnay/rust-toolchain`: the toolchain is the input, or else the name after the `@`."""
    wanted = call.get("toolchain")
    if not wanted and _COMMIT.fullmatch(call.version):
        wanted = "stable"
        call.out.notice(f"{call.name}@{call.version} names no toolchain; the rehearsal takes stable")
    elif not wanted and call.version in ("master", "v1"):
        raise StepFailedError("'toolchain' is a required input")
    toolchain = _choose(call, [wanted or call.version])
    _require(call, toolchain, call.get("targets") or call.get("target"), call.get("components"))
    for name, value in {"CARGO_INCREMENTAL": "0", "CARGO_TERM_COLOR": "always"}.items():
        if name not in call.environment:
            call.exports[name] = value
    _tell(call, toolchain)


def actions_rs(call: ActionCall) -> None:
    """`actions-rs/toolchain` and its successors with the same inputs."""
    root = call.rooms.workspace
    wanted = call.get("toolchain") or call.get("rust-version") or ("" if _has_file(root) else "stable")
    toolchain = _choose(call, [wanted] if wanted else [])
    _require(call, toolchain, call.get("target") or call.get("targets"), call.get("components"))
    _tell(call, toolchain)


def cargo(call: ActionCall) -> None:
    """`actions-rs/cargo`: runs cargo; cross-compiling in a container is not possible here."""
    if call.flag("use-cross"):
        raise NotHereError(
            f"{call.name} with use-cross needs a container engine; the embedded world has none"
        )
    wanted = call.get("toolchain")
    chosen = [f"+{wanted.removeprefix('+')}"] if wanted else []
    code = call.run(["cargo", *chosen, call.required("command"), *shlex.split(call.get("args"))])
    if code:
        used = wanted.removeprefix("+") or call.environment.get("RUSTUP_TOOLCHAIN", "")
        missing = limit.limit_of(call.out.last, chosen=used)
        message = f"The process 'cargo' failed with exit code {code}"
        raise NotHereError(message, missing) if missing else StepFailedError(message)


def _has_file(root: Path) -> bool:
    return any((root / name).exists() for name in _TOOLCHAIN_FILES)


def _choose(call: ActionCall, wanted: list[str]) -> Toolchain:
    """Find the first of the wanted toolchains (the active one when none is named) and make it the job's."""
    if not wanted:
        return _describe(call, None)
    found = [_find(call, name) for name in wanted]
    chosen = found[0]
    if chosen.name is not None and not _has_file(call.rooms.workspace):
        call.exports["RUSTUP_TOOLCHAIN"] = chosen.name
    return chosen


def _find(call: ActionCall, wanted: str) -> Toolchain:
    names = _installed(call)
    if names is None:
        toolchain = _describe(call, None)
        if _fits(wanted, toolchain.version):
            return toolchain
        raise _missing(wanted, [toolchain.version])
    by_name = next((name for name in names if name == wanted or name.startswith(f"{wanted}-")), None)
    if by_name is not None and not (wanted == "nightly" and re.match(r"nightly-\d", by_name)):
        return _describe(call, by_name)
    if _VERSION.fullmatch(wanted):
        for name in names:
            toolchain = _describe(call, name)
            if _fits(wanted, toolchain.version):
                return toolchain
    raise _missing(wanted, names)


def _missing(wanted: str, present: list[str]) -> NotHereError:
    there = ", ".join(present)
    return NotHereError(
        f"Rust toolchain {wanted} is not on this machine (there is: {there}); a rehearsal installs nothing",
        limit.toolchain(wanted),
    )


def _installed(call: ActionCall) -> list[str] | None:
    """Give the names of rustup's toolchains, or None where there is no rustup."""
    code, text = call.capture(["rustup", "toolchain", "list"])
    if code:
        return None
    return [line.split()[0] for line in text.splitlines() if line.strip()]


def _describe(call: ActionCall, name: str | None) -> Toolchain:
    chosen = [f"+{name}"] if name else []
    code, version = call.capture(["rustc", *chosen, "--version"])
    if code:
        raise StepFailedError(f"rustc {' '.join(chosen)} --version failed: {version}")
    code, sysroot = call.capture(["rustc", *chosen, "--print", "sysroot"])
    if code:
        raise StepFailedError(f"rustc {' '.join(chosen)} --print sysroot failed: {sysroot}")
    return Toolchain(name=name, version=version.strip(), sysroot=Path(sysroot.strip()))


def _fits(wanted: str, version: str) -> bool:
    """Say whether a compiler's version is what was asked for.

    A channel, or a version in two or three parts.
    """
    numbers = _VERSION.search(version)
    asked = _VERSION.fullmatch(wanted)
    if asked and numbers:
        return all(
            want is None or want == have for want, have in zip(asked.groups(), numbers.groups(), strict=True)
        )
    channel = next((word for word in ("nightly", "beta") if word in version), "stable")
    return wanted == channel


def _require(call: ActionCall, toolchain: Toolchain, targets: str, components: str) -> None:
    for target in re.split(r"[,\s]+", targets):
        if target and not (toolchain.sysroot / "lib/rustlib" / target).is_dir():
            raise NotHereError(
                f"target {target} is not installed for {toolchain.version}; nothing is installed here",
                limit.target(target, toolchain.name),
            )
    for component in re.split(r"[,\s]+", components):
        if not component:
            continue
        sign = _COMPONENT_SIGNS.get(component)
        if component.startswith("llvm-tools"):
            present = any((toolchain.sysroot / "lib/rustlib").glob("*/bin/llvm-*"))
        elif sign is None:
            call.out.warning(f"The embedded world cannot tell whether the component {component} is installed")
            present = True
        else:
            present = (toolchain.sysroot / sign).exists()
        if not present:
            raise NotHereError(
                f"component {component} is not installed for {toolchain.version}; nothing is installed here",
                limit.component(component, toolchain.name),
            )


def _tell(call: ActionCall, toolchain: Toolchain) -> None:
    call.out.write(f"Uses the toolchain of this machine: {toolchain.version}")
    call.outputs["rustc-version"] = toolchain.version
    call.outputs["name"] = toolchain.name or toolchain.version
    code, version = call.capture(["cargo", "--version"])
    call.outputs["cargo-version"] = version.strip() if code == 0 else ""
    call.outputs["cachekey"] = re.sub(r"\W+", "", toolchain.version)
