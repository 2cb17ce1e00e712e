"""Whether the compiler can read every Rust file, which needs none of the dependencies."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.checks.cargo_runs import obtaining, pinned_toolchain
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.crate import Manifests
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.rust_syntax import Reach, RustSyntax, SyntaxFault
from tasks.domain.work_tree import WorkTree

_CORRECT = Remedy(
    summary="Correct the file, then look again: what the fault hides shows only now",
    commands=("cargo fmt --all --check", "git commit --all"),
    minutes=10,
)
_HIDDEN = "what else is wrong in {package}, in types or tests, is hidden until it is corrected"


@check("rust-syntax", phase=Phase.PREFLIGHT, remedy=_CORRECT, subject="cargo-runs")
def rust_syntax(seen: RustSyntax, manifests: Manifests | Unseen) -> Iterator[Answer]:
    """Every committed Rust file of the workspace can be parsed, with or without its dependencies."""
    if seen.unseen:
        yield _nobody_looked(seen, manifests)
        return
    for fault in seen.faults:
        yield _unreadable(fault)
    for fault in seen.uncommitted:
        told = f"cannot be parsed as it lies in the directory ({fault.message}); the commit that goes out can"
        yield broken(fault.path, told, fault.place, weight=Weight.NOTE)
    if not seen.complete:
        told = "a fault in one file kept the parser from others: there may be more than these"
        yield unknown("the other files", told, weight=Weight.NOTE)
    if not seen.faults:
        yield holds("the committed tree", "every file can be parsed")


def _unreadable(fault: SyntaxFault) -> Answer:
    hidden = _HIDDEN.format(package=fault.package)
    if fault.reach is Reach.NEVER:
        told = f"the committed file cannot be parsed: {fault.message}; no plain build reads it"
    else:
        told = f"the committed file cannot be parsed, so `{fault.reach}` fails: {fault.message}; {hidden}"
    remedy = None
    if fault.corrected:
        told += "; the file in the directory is corrected, but not committed"
        remedy = Remedy(
            summary="Commit the correction",
            commands=(f"git commit -m 'Correct syntax' -- {fault.path}",),
            minutes=2,
        )
    return broken(fault.path, told, fault.place, remedy=remedy, weight=_weight(fault))


@check(
    "rust-module-committed",
    phase=Phase.PREFLIGHT,
    remedy=Remedy(summary="Add the file of the module and commit it, or take the line out", minutes=5),
    subject="cargo-runs",
)
def rust_module_committed(
    seen: RustSyntax, manifests: Manifests | Unseen, work: WorkTree | Unseen
) -> Iterator[Answer]:
    """Every `mod name;` of the workspace has its file in the commit, where no build script writes it."""
    if seen.unseen:
        yield _nobody_looked(seen, manifests)
        return
    for fault in seen.absent:
        subject = f"{fault.path}: {fault.message.removeprefix('file not found for module ')}"
        told, remedy = f"{fault.message}: it is not committed", None
        if fault.lying is not None and isinstance(work, WorkTree):
            told = f"{fault.message}: {work.told_of((fault.lying,))}"
            remedy = work.committing((fault.lying,))
        yield broken(subject, told, fault.place, weight=_weight(fault), remedy=remedy)
    if not seen.absent:
        yield holds("the committed tree", "every module has its file")


def _nobody_looked(seen: RustSyntax, manifests: Manifests | Unseen) -> Answer:
    """Answer for a machine without rustfmt; ``cargo-fmt`` says how it comes there, and runs do have it."""
    pinned = pinned_toolchain(seen.unseen, manifests)
    return unknown(
        "the committed tree",
        f"nobody could look: {seen.unseen}",
        *((pinned.file.at(pinned),) if pinned else ()),
        weight=Weight.NOTE,
        remedy=obtaining(seen.lacks, pinned),
    )


def _weight(fault: SyntaxFault) -> Weight:
    return Weight.BLOCKER if fault.reach in (Reach.BUILD, Reach.TEST) else Weight.WARNING
