"""Run a `uses:` step: a stand-in, an action of the repository itself, or an honest refusal."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deployments.embedded.runner.action import ActionCall
from deployments.embedded.runner.actions import STANDINS
from deployments.embedded.runner.document import DocumentError, load
from deployments.embedded.runner.errors import NotHereError, StepFailedError
from deployments.embedded.runner.frame import MOST_NESTED, Frame
from deployments.embedded.runner.output import StepOutput
from tasks.domain.expression import Scope, interpolate, text_of

if TYPE_CHECKING:
    from deployments.embedded.runner.steps import StepRun


NOT_FOUND = 127


def use(run: "StepRun") -> None:
    """Run the action that a step names. Raises StepFailedError for one this world cannot run."""
    reference = str(run.step["uses"])
    scope = run.scope()
    given = {str(key): text_of(value, scope) for key, value in (run.step.get("with") or {}).items()}
    _announce(run, reference, given)
    if reference.startswith("docker://"):
        raise NotHereError(f"action {reference} needs a container engine; the embedded world has none")
    if reference.startswith("./"):
        _local(run, run.job.rooms.workspace / reference, given)
        return
    name, _, version = reference.partition("@")
    standin = STANDINS.get(name.lower())
    if standin is None:
        raise NotHereError(f"action {reference} has no stand-in in the embedded world")
    call = _call(run, name, version, given)
    try:
        standin(call)
    finally:
        run.outputs.update(call.outputs)
        run.job.env.update(call.exports)
        run.job.paths[:0] = call.paths


def _announce(run: "StepRun", reference: str, given: Mapping[str, str]) -> None:
    run.out.write(f"##[group]Run {reference}")
    if given:
        run.out.write("with:")
    for key, value in given.items():
        run.out.write(f"  {key}: {value}")
    run.announce_environment()
    run.out.write("##[endgroup]")


def _call(run: "StepRun", name: str, version: str, given: Mapping[str, str]) -> ActionCall:
    job = run.job

    def later(condition: str, work: Callable[[], None]) -> None:
        job.after(run.name, condition, work, run.frame)

    return ActionCall(
        name=name,
        version=version,
        inputs={key.lower(): value for key, value in given.items()},
        environment=run.environment(),
        request=job.request,
        host=job.host,
        record=job.standing.record,
        permissions=job.plan.permissions,
        token=job.plan.token,
        rooms=job.rooms,
        out=run.out,
        run=run.execute,
        later=later,
        mask=job.masks.add,
    )


def _local(run: "StepRun", directory: Path, given: Mapping[str, str]) -> None:
    """Run an action that lies in the workspace."""
    file = next(
        (path for name in ("action.yml", "action.yaml") if (path := directory / name).is_file()), None
    )
    if file is None:
        raise StepFailedError(
            f"Can't find 'action.yml' or 'action.yaml' under '{run.step['uses']}'. "
            "Did you forget to run actions/checkout before running your local action?"
        )
    try:
        document = load(file.read_text(encoding="utf-8"))
    except DocumentError as error:
        raise StepFailedError(f"{run.step['uses']}: {error}") from error
    runs = document.get("runs") if isinstance(document, Mapping) else None
    if not isinstance(runs, Mapping):
        raise StepFailedError(f"{run.step['uses']}: the action has no `runs`")
    using = str(runs.get("using") or "")
    inputs = _inputs(run, document.get("inputs") or {}, given)
    if using == "composite":
        _composite(run, directory, document, inputs)
    elif using.startswith("node"):
        _javascript(run, directory, runs, inputs)
    else:
        raise NotHereError(f"{run.step['uses']} runs with '{using}', which the embedded world does not have")


def _inputs(run: "StepRun", declared: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    values: dict[str, str] = {}
    known = {key.lower(): value for key, value in given.items()}
    for name, about in declared.items():
        default = about.get("default") if isinstance(about, Mapping) else None
        if name.lower() in known:
            values[name] = known[name.lower()]
        else:
            values[name] = text_of(default, run.scope())
    unexpected = sorted(set(known) - {name.lower() for name in declared})
    if unexpected:
        run.out.warning(f"Unexpected input(s) {unexpected}, valid inputs are {sorted(declared)}")
    return values


def _composite(
    run: "StepRun", directory: Path, document: Mapping[str, Any], inputs: Mapping[str, str]
) -> None:
    # Imported here because a composite action is itself made of steps.
    from deployments.embedded.runner.steps import run_steps  # noqa: PLC0415

    if run.frame.depth + 1 > MOST_NESTED:
        raise StepFailedError(f"composite actions are nested more than {MOST_NESTED} deep")
    steps = document["runs"].get("steps") or []
    missing = [step for step in steps if "run" in step and not step.get("shell")]
    if missing:
        raise StepFailedError(f"{run.step['uses']}: Required property is missing: shell")
    inner = Frame(
        inputs=inputs,
        env={**run.frame.env, **run.env},
        action_path=directory.resolve(),
        depth=run.frame.depth + 1,
    )
    run_steps(run.job, steps, inner)
    scope = run.job.scope(inner)
    for name, about in (document.get("outputs") or {}).items():
        run.outputs[str(name)] = text_of(interpolate(about.get("value"), scope), Scope(contexts={}))
    if run.job.cancel.is_set():
        return
    if inner.limit is not None:
        raise NotHereError(f"{run.step['uses']}: {inner.limit}", inner.limit)
    if inner.status == "failure":
        raise StepFailedError(f"{run.step['uses']}: a step of the composite action failed")


def _javascript(run: "StepRun", directory: Path, runs: Mapping[str, Any], inputs: Mapping[str, str]) -> None:
    environment = run.environment()
    for name, value in inputs.items():
        environment[f"INPUT_{name.replace(' ', '_').upper()}"] = value
    for phase in ("pre", "main"):
        if not runs.get(phase):
            continue
        script = directory / str(runs[phase])
        code = run.execute(["node", str(script)], environment=environment)
        if code == NOT_FOUND:
            raise NotHereError("node is not on this machine")
        if code:
            raise StepFailedError(f"{run.step['uses']}: node ended with exit code {code}")
    if runs.get("post"):
        script = directory / str(runs["post"])
        quiet: StepOutput = run.out

        def work() -> None:
            if run.execute(["node", str(script)], environment=environment, line=quiet.line):
                raise StepFailedError(f"{run.step['uses']}: the post step failed")

        run.job.after(run.name, str(runs.get("post-if") or "always()"), work, run.frame)
