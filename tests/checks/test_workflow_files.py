from tests.checks.testing import CI, ask, job, places


def test_a_file_that_is_no_yaml_is_named_with_its_line() -> None:
    assert places(ask("workflow-parses", {CI: "on: push\njobs:\n  a: 'x' y\n"})) == [(CI, 3)]


def test_a_workflow_of_only_comments_blocks_nothing_and_is_to_be_put_away() -> None:
    (found,) = ask("workflow-parses", {CI: "# on: push\n\n  # jobs:\n"})
    assert (places([found]), found.weight) == ([(CI, 1)], "warning")
    assert found.message == "it holds only comments: each push shows a failed run of it"
    assert found.remedy is not None
    assert found.remedy.commands == (f"git rm -- {CI}",)
    (text,) = ask("workflow-parses", {CI: "# on: push\njobs\n"})
    assert text.weight == "blocker"


def test_a_key_written_twice_is_named_at_its_second_place() -> None:
    found = ask("workflow-parses", {CI: "on: push\njobs:\n  a: {steps: []}\n  a: {steps: []}\n"})
    assert places(found) == [(CI, 4)]


def test_keys_written_twice_are_one_finding_and_the_job_that_lost_its_content_is_none_beside() -> None:
    lost = "on: push\njobs:\n  a:\n  b:\n    runs-on: x\n    steps: [{run: make}]\n    runs-on: y\n"
    lost += "    steps: [{run: make}]\n"
    (found,) = ask("workflow-parses", {CI: lost})
    assert [one.line for one in found.evidence] == [7, 8]
    assert found.message == "the keys 'runs-on' and 'steps' are written twice"
    assert ask("workflow-schema", {CI: lost}) == []
    assert places(ask("workflow-schema", {CI: "on: push\njobs:\n  a:\n"})) == [(CI, 3)]


def test_an_anchor_and_its_alias_are_no_mistake() -> None:
    assert ask("workflow-parses", {CI: "on: push\nx: &x [main]\njobs: {a: {steps: *x}}\n"}) == []


def test_a_needed_job_that_is_not_there_is_named() -> None:
    text = job("- run: make", extra="needs: [lint]")
    found = ask("workflow-needs-exist", {CI: text})
    assert (places(found), found[0].subject) == ([(CI, 5)], "ci.yml: build")


def test_jobs_that_wait_for_each_other_are_named_once() -> None:
    text = "on: push\njobs:\n  a: {needs: b, steps: []}\n  b: {needs: a, steps: []}\n"
    (found,) = ask("workflow-needs-exist", {CI: text})
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 3), (CI, 4)]
    two = text + "  c: {needs: c, steps: []}\n  d: {needs: [a, c], steps: []}\n"
    assert places(ask("workflow-needs-exist", {CI: two})) == [(CI, 3), (CI, 5)]


def test_needs_as_text_or_list_are_fine() -> None:
    text = "on: push\njobs:\n  a: {steps: []}\n  b: {needs: a, steps: []}\n  c: {needs: [a, b], steps: []}\n"
    assert ask("workflow-needs-exist", {CI: text}) == []


def test_an_expression_that_github_refuses_is_named_with_its_line() -> None:
    text = job("""
        - run: |
            echo one
            echo ${{ github.ref == }}
    """)
    assert places(ask("workflow-expressions-parse", {CI: text})) == [(CI, 8)]


def test_braces_inside_a_text_of_an_expression_do_not_end_it() -> None:
    assert (
        ask("workflow-expressions-parse", {CI: job("- run: echo ${{ format('}}{0}', github.ref) }}")}) == []
    )
