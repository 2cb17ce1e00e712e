"""Whether a build for another target has the C compiler and the libraries of that target."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tasks.domain.answers import merged, of_one_cause
from tasks.domain.cargo_command import CargoCommand
from tasks.domain.check import Answer, broken, check
from tasks.domain.crate import Dependency, Manifests, Package, Workspace
from tasks.domain.finding import Remedy
from tasks.domain.phase import Phase
from tasks.domain.script import Script, Scripts
from tasks.domain.ubuntu_build import built_targets, compiled, is_transparent, on_linux, ubuntu_builds
from tasks.domain.workflow import Workflow, Workflows

_OPENSSL = frozenset({"openssl-sys", "openssl", "native-tls"})
"""Crates that ask pkg-config for OpenSSL on every Linux; it answers for no other target unless told to."""
_COMPILED = frozenset(
    {"ring", "aws-lc-sys", "libmimalloc-sys", "mimalloc", "tikv-jemalloc-sys", "tikv-jemallocator"}
)
"""Crates whose build scripts compile C each time; for musl the `cc` crate wants musl-gcc
(aegis-boot/aegis-boot#705: failed to find tool `x86_64-linux-musl-gcc`)."""
_VENDORED = "openssl-src"
_TOLD = re.compile(r"OPENSSL|PKG_CONFIG|ssl|zig|\bdpkg\b|ubuntu-ports|cross", re.IGNORECASE)
_COMPILER = re.compile(r"musl|\bCC\b|CC_|_CC\b|zig|clang|cross", re.IGNORECASE)


@check("cross-build-has-libraries", phase=Phase.FIRST_RUN, subject="cargo")
def cross_build_has_libraries(
    scripts: Scripts, workflows: Workflows, manifests: Manifests
) -> Iterator[Answer]:
    """Every build for another target has what its crates are compiled and linked with there."""
    names = {one.package for own in manifests for one in own.dependencies}
    if manifests.broken or not names & (_OPENSSL | _COMPILED):
        return
    yield from of_one_cause(merged(_answers(scripts, workflows, manifests)))


def _answers(scripts: Scripts, workflows: Workflows, manifests: Manifests) -> Iterator[Answer]:
    for script, call, workspace in ubuntu_builds(scripts, manifests):
        workflow = workflows.at(script.path)
        targets = _targets(script, call) if workflow is not None else ()
        if workflow is None or not targets or not _is_known(scripts, script):
            continue
        packages = [*_certain(compiled(call, workspace, manifests))]
        for own, target in targets:
            for package, one in packages:
                subject = f"{workflow.file}: {one.package}: {target}"
                place = package.toml.source.at(one.line)
                at = script.source.at(call.command)
                if one.package in _OPENSSL and _lacks_openssl(workflow, script, manifests, workspace):
                    told = (
                        f"{one.package} asks pkg-config for the OpenSSL of {target}, which nothing provides"
                    )
                    yield broken(subject, told, at, place, remedy=_vendor(package))
                elif one.package in _COMPILED and _lacks_musl(workflow, script, manifests, own, target):
                    told = f"{one.package} compiles C for {target} with musl-gcc, which nothing installs"
                    yield broken(subject, told, at, place, remedy=_MUSL)


_MUSL = Remedy(
    summary="Install musl-tools in a step before the build",
    commands=("sudo apt-get update && sudo apt-get install --yes musl-tools",),
    minutes=5,
)


def _vendor(package: Package) -> Remedy:
    return Remedy(
        summary="Let OpenSSL be built from source with the target's C compiler, or take rustls",
        commands=(f"cargo add openssl --features vendored --package {package.name}",),
        minutes=15,
    )


def _targets(script: Script, call: CargoCommand) -> tuple[tuple[str, str], ...]:
    """Return the other Linux targets that a call certainly builds for, each behind the machine's own."""
    found = built_targets(script, call)
    return tuple(sorted((own, one) for own, one in found if "-linux-" in one and one != own))


def _is_known(scripts: Scripts, script: Script) -> bool:
    """Tell whether all that is installed before the build is spelled in the steps."""
    job, step = script.job, script.step
    assert job is not None, "said by `ubuntu_builds`"
    assert step is not None, "said by `ubuntu_builds`"
    return all(is_transparent(scripts, script, job, one) for one in job.steps[: step.index + 1])


def _certain(packages: list[Package]) -> Iterator[tuple[Package, Dependency]]:
    for package in packages:
        for one in package.dependencies:
            if one.kind == "normal" and not one.optional and on_linux(one):
                yield package, one


def _said(workflow: Workflow, script: Script, manifests: Manifests) -> str:
    """Return everything that may say where a compiler or a library is: settings, variables and steps."""
    job, step = script.job, script.step
    assert job is not None, "said by `ubuntu_builds`"
    assert step is not None, "said by `ubuntu_builds`"
    steps = (f"{one.run or ''} {dict(one.env)} {dict(one.inputs)}" for one in job.steps[: step.index + 1])
    lanes = "" if "strategy" not in job.root else str(job.root["strategy"])
    texts = (f"{workflow.env} {job.env} {lanes}", *steps, *(one.source.text for one in manifests.configs))
    return "\n".join(re.sub(r"[\w-]*-linux-[\w-]*|\bCARGO_TARGET_\w+", "", one) for one in texts)


def _lacks_openssl(workflow: Workflow, script: Script, manifests: Manifests, workspace: Workspace) -> bool:
    lock = manifests.locks.get(posixpath.join(workspace.directory, "Cargo.lock"))
    # A lock file has the source of OpenSSL as soon as any feature may have it built.
    if lock is None or lock.problem is not None or _VENDORED in lock.names or "openssl-sys" not in lock.names:
        return False
    return _TOLD.search(_said(workflow, script, manifests)) is None


def _lacks_musl(workflow: Workflow, script: Script, manifests: Manifests, own: str, target: str) -> bool:
    if target != own.replace("gnu", "musl"):
        return False  # a compiler of another kind
    return _COMPILER.search(_said(workflow, script, manifests)) is None
