"""How jobs' ends add up: to `needs`, to the result of a matrix, to a run's conclusion."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from deployments.embedded.runner.interface import Conclusion


@dataclass(frozen=True, kw_only=True)
class Result:
    """How one key of `jobs:` ended as others see it through `needs`.

    `unrunnable` says that some of it could not run on this machine: the run is then not green.
    """

    conclusion: Conclusion
    outputs: Mapping[str, str] = field(default_factory=dict)
    unrunnable: bool = False


def combined(results: Iterable[Result]) -> Result:
    """Add up the combinations of a matrix: the worst conclusion, and the last output that is not empty."""
    found = list(results)
    outputs: dict[str, str] = {}
    for result in found:
        outputs.update(
            {name: value for name, value in result.outputs.items() if value or name not in outputs}
        )
    return Result(
        conclusion=_worst([result.conclusion for result in found]),
        outputs=outputs,
        unrunnable=any(result.unrunnable for result in found),
    )


def _worst(conclusions: list[Conclusion]) -> Conclusion:
    for bad in ("failure", "cancelled"):
        if bad in conclusions:
            return "failure" if bad == "failure" else "cancelled"
    if conclusions and all(conclusion == "skipped" for conclusion in conclusions):
        return "skipped"
    return "success"


def run_conclusion(results: Iterable[Result], *, cancelled: bool) -> Conclusion:
    """Give a run's conclusion; a job that could not run on this machine keeps it from being a success."""
    found = combined(results)
    if cancelled and found.conclusion != "failure":
        return "cancelled"
    if found.conclusion in ("success", "skipped") and found.unrunnable:
        return "neutral"
    return found.conclusion
