"""Whether the calls of cargo in workflows have only options that the subcommand knows."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.cargo_options import OTHERS, lacks_package, near, refused
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests
from tasks.domain.finding import Remedy, Weight
from tasks.domain.installed import History
from tasks.domain.job_toolchain import is_nightly, toolchain_of
from tasks.domain.phase import Phase
from tasks.domain.script import Script, Scripts
from tasks.domain.workflow import Workflow, Workflows

_OF_TESTS = frozenset({"--nocapture", "--test-threads", "--ignored", "--include-ignored", "--show-output"})
_NEAR = 0.8  # difflib's likeness from which one option may be meant by another

_PRECISE = Remedy(
    summary="Name the package, or leave `--precise` out: `cargo update --workspace` takes over the versions "
    "that the manifests of the workspace have, and moves nothing else",
    minutes=5,
)


@check(
    "cargo-option-known",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Take what the subcommand knows: `cargo SUBCOMMAND --help` lists it", minutes=3),
    subject="cargo",
)
def cargo_option_known(workflows: Workflows, scripts: Scripts, manifests: Manifests) -> Iterator[Answer]:
    """Every option that a workflow gives to a subcommand of cargo is one that it knows."""
    aliases = {name for one in manifests.configs for name in one.root.get("alias", {})}
    history = History(workflows, scripts)
    for workflow in workflows:
        yield from merged(_answers(history, workflow, scripts, aliases))


def _answers(history: History, workflow: Workflow, scripts: Scripts, aliases: set[str]) -> Iterator[Answer]:
    for script, command in history.commands(workflow, "cargo"):
        call = cargo_command(command) if script.job is not None else None
        if (
            call is None
            or call.subcommand in aliases
            or (command.tested and lacks_package(call) is None)
            or _may_differ(history, workflow, script, call, scripts)
        ):
            continue
        wrong = list(refused(call))
        subject = f"{workflow.file}: cargo {call.subcommand}"
        ends = command.fatal and not (script.step is not None and script.step.may_fail)
        if (precise := lacks_package(call)) is not None:
            behind = "" if ends else ", and what stands behind it goes on as after any failure"
            yield broken(
                f"{subject} --precise",
                f"cargo update refuses `--precise` without the one package that it is for{behind}",
                script.source.at(precise),
                remedy=_PRECISE,
                weight=Weight.BLOCKER if ends else Weight.WARNING,
            )
        if not wrong:
            yield holds(subject, "every option is known")
        for word in wrong:
            option = word.text.partition("=")[0]
            yield broken(
                f"{subject} {option}",
                f"cargo {call.subcommand} does not know {option!r}{_meant(option, call)}",
                script.source.at(word),
                weight=Weight.BLOCKER if ends else Weight.WARNING,
            )


def _may_differ(
    history: History, workflow: Workflow, script: Script, call: CargoCommand, scripts: Scripts
) -> bool:
    """Tell whether another version is called than the one whose options are known."""
    if any(is_nightly(toolchain_of(script, call, scripts, lane)) for lane in script.lanes):
        return True
    if call.subcommand not in OTHERS:
        return False
    said = history.before(workflow, script, call.command)
    name, texts = f"cargo-{call.subcommand}", f"{said.text}\n{script.text}"
    return (
        said.opaque or re.search(rf"{name}(?:@|[^\n]*--(?:vers|git|path|rev|branch|tag))", texts) is not None
    )


def _meant(option: str, call: CargoCommand) -> str:
    """Return a hint at what is meant: behind ``--``, or an option that is spelled nearly so."""
    if call.subcommand == "test" and option in (
        "--nocapture",
        "--test-threads",
        "--ignored",
        "--show-output",
    ):
        return ": it is one of the test program, and stands behind `--`"
    if call.subcommand == "clippy" and option in ("-D", "-W", "-A", "-F"):
        return ": it is one of the compiler, and stands behind `--`"
    found = difflib.get_close_matches(option, sorted(near(call)), n=1, cutoff=_NEAR)
    return f" (is {found[0]} meant?)" if found else ""
