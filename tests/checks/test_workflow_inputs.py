import pytest

from tests.checks.testing import CI, ask, job, places


def dispatch(about: str, steps: str = "- run: make", event: str = "workflow_dispatch") -> str:
    return job(steps, on=f"{{{event}: {{inputs: {{x: {about}}}}}}}")


@pytest.mark.parametrize(
    ("about", "event", "weight"),
    [
        ("{type: text}", "workflow_dispatch", "blocker"),
        ("{type: choice}", "workflow_dispatch", "blocker"),
        ("{typ: string}", "workflow_dispatch", "blocker"),
        ("name", "workflow_dispatch", "blocker"),
        ("{type: choice, options: [a, b], default: c}", "workflow_dispatch", "warning"),
        ("{required: true}", "workflow_call", "blocker"),
        ("{type: choice, options: [a]}", "workflow_call", "blocker"),
    ],
)
def test_an_input_that_github_refuses_is_named(about: str, event: str, weight: str) -> None:
    (found,) = ask("input-is-valid", {CI: dispatch(about, event=event)})
    assert (places([found]), found.subject, found.weight) == ([(CI, 1)], f"ci.yml: {event}: x", weight)


def test_inputs_of_every_kind_are_accepted() -> None:
    for about in (
        "",
        "{description: y, required: true}",
        "{type: choice, options: [1.10, true], default: 1.10}",
        "{type: environment}",
        "{type: boolean, default: false}",
        "{type: number}",
    ):
        assert ask("input-is-valid", {CI: dispatch(about)}) == []
    assert ask("input-is-valid", {CI: dispatch("{type: string}", event="workflow_call")}) == []


def test_an_input_that_nothing_reads_is_a_note() -> None:
    (found,) = ask("input-is-read", {CI: dispatch("{}", "- run: echo ${{ inputs.y }}")})
    assert (places([found]), found.subject) == ([(CI, 1)], "ci.yml: x")


@pytest.mark.parametrize(
    "read",
    [
        "${{ inputs.X }}",
        "${{ github.event.inputs.x }}",
        "${{ github.events.input.x }}",
        "${{ toJSON(inputs) }}",
        "${{ toJSON(github.event) }}",
        "${{ inputs[matrix.x] }}",
        "$GITHUB_EVENT_PATH",
    ],
)
def test_an_input_that_is_read_in_any_way_is_fine(read: str) -> None:
    assert ask("input-is-read", {CI: dispatch("{}", f"- run: echo {read}")}) == []
