import pytest

from tests.checks.testing import CI, ask, job, places

OTHER = ".github/workflows/other.yml"
DECLARED = "{workflow_call: {inputs: {where: {type: string}}, secrets: {KNOWN: {required: false}}}}"


def called(step: str, more: str = "", *, on: str = "push", extra: str = "") -> dict[str, str]:
    """Return a caller, whose call is on line 4, and what it calls: its only step is on line 6."""
    call = f"on: {on}\njobs:\n  a:\n    uses: ./{OTHER}\n{more}"
    return {CI: call, OTHER: job(step, on=DECLARED, extra=extra)}


def test_a_secret_that_no_call_passes_is_named_with_both_places() -> None:
    (found,) = ask("called-workflow-has-secrets", called("- run: x ${{ secrets.TOKEN }}"))
    assert (found.subject, found.weight) == ("ci.yml: a", "warning")
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 4), (OTHER, 6)]
    more = "    secrets: {KNOWN: '${{ secrets.A }}'}\n"
    (found,) = ask("called-workflow-has-secrets", called("- run: x ${{ secrets.TOKEN }}", more))
    assert "does not pass TOKEN" in found.message


def test_a_secret_that_another_call_passes_may_be_left_out_on_purpose() -> None:
    files = called("- run: x ${{ secrets.TOKEN }}")
    passes = {f"{CI[:-6]}b.yml": files[CI] + "    secrets: inherit\n"}
    assert [one.weight for one in ask("called-workflow-has-secrets", {**files, **passes})] == ["note"]


def test_a_secret_of_a_step_that_the_call_leaves_out_is_not_read() -> None:
    step = "- run: x ${{ secrets.TOKEN }}\n  if: ${{ inputs.push }}"
    on = "{workflow_call: {inputs: {push: {type: boolean, default: false}}}}"
    files = {**called(step), OTHER: job(step, on=on)}
    assert ask("called-workflow-has-secrets", files) == []
    files[CI] += "    with: {push: true}\n"
    assert len(ask("called-workflow-has-secrets", files)) == 1


@pytest.mark.parametrize(
    ("step", "more", "extra"),
    [
        ("- run: x ${{ secrets.TOKEN }}", "    secrets: inherit\n", ""),
        ("- run: x ${{ secrets.token }}", "    secrets: {TOKEN: '${{ secrets.A }}'}\n", ""),
        ("- run: x ${{ secrets.GITHUB_TOKEN }} ${{ secrets.KNOWN }}", "", ""),
        ("- run: x ${{ secrets.TOKEN || github.token }}", "", ""),
        ("- run: x ${{ secrets.TOKEN }}", "", "environment: production"),
    ],
)
def test_a_secret_that_is_passed_inherited_declared_or_optional_is_fine(
    step: str, more: str, extra: str
) -> None:
    assert ask("called-workflow-has-secrets", called(step, more, extra=extra)) == []


def test_an_input_that_is_read_from_the_callers_event_is_named_with_its_line() -> None:
    found = ask("called-workflow-reads-inputs", called("- run: x ${{ github.event.inputs.where }}"))
    assert (places(found), found[0].subject) == ([(OTHER, 6)], "other.yml")
    files = called("- run: x ${{ github.event.inputs.where }}")
    (found_once,) = ask("called-workflow-reads-inputs", {**files, f"{CI[:-6]}b.yml": files[CI]})
    assert [one.line for one in found_once.evidence] == [6, 4, 4]


@pytest.mark.parametrize(
    ("step", "on"),
    [
        ("- run: x ${{ inputs.where }}", "push"),
        ("- run: x ${{ github.event.inputs.where || inputs.where }}", "push"),
        ("- run: x ${{ github.event.inputs.where }}", "{workflow_dispatch: {inputs: {where: {}}}}"),
        (
            "- run: x ${{ github.event.inputs.where }}",
            "{workflow_call: , workflow_dispatch: {inputs: {where: }}}",
        ),
        (
            "- run: x ${{ github.event.inputs.only_by_hand }}",
            "{push: , workflow_dispatch: {inputs: {only_by_hand: }}}",
        ),
        ("- run: x ${{ github.event.inputs.unknown || 'x' }}", "push"),
        (
            "- env: {A: '${{ inputs.where }}', B: '${{ github.event.inputs.where }}'}\n  run: x ${A:-$B}",
            "push",
        ),
    ],
)
def test_an_input_that_a_call_has_or_need_not_have_is_fine(step: str, on: str) -> None:
    assert ask("called-workflow-reads-inputs", called(step, on=on)) == []


def test_an_input_of_an_event_that_no_workflow_defines_is_a_note() -> None:
    (found,) = ask("called-workflow-reads-inputs", called("- run: x ${{ github.event.inputs.commit }}"))
    assert (places([found]), found.weight) == ([(OTHER, 6)], "note")
    assert "reads commit from `github.event.inputs`, and no workflow here has such an input" in found.message
