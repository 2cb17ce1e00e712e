from tests.checks.testing import CI, ask, job, places


def test_a_variable_that_env_spells_another_way_is_named_where_it_is_read() -> None:
    (found,) = ask("step-variable-spelled", {CI: job('- run: cargo test -p "$CRATE"\n  env: {CRATES: moon}')})
    assert places([found]) == [(CI, 6)]
    assert [one.line for one in found.evidence] == [6, 7]


def test_a_variable_of_the_job_or_of_an_earlier_step_is_set() -> None:
    step = '- run: cargo test -p "$CRATE"\n  env: {CRATES: moon}'
    assert ask("step-variable-spelled", {CI: job(step, extra="env: {CRATE: moon}")}) == []
    assert ask("step-variable-spelled", {CI: job(f"- run: echo CRATE=moon >> $GITHUB_ENV\n{step}")}) == []


def test_a_variable_with_a_default_or_that_the_script_sets_is_no_mistake() -> None:
    for text in (
        "echo ${CRATE:-moon}",
        "CRATE=moon; echo $CRATE",
        "read CRATE; echo $CRATE",
        r"echo \$CRATE",
    ):
        assert ask("step-variable-spelled", {CI: job(f"- run: {text}\n  env: {{CRATES: moon}}")}) == []


def test_a_variable_like_one_that_is_read_as_well_is_one_of_its_own() -> None:
    step = "- run: echo $CRATE $CRATES\n  env: {CRATES: moon}"
    assert ask("step-variable-spelled", {CI: job(step)}) == []


def test_a_slip_in_the_name_of_a_jobs_variable_is_named_though_others_read_it_well() -> None:
    steps = "- run: echo $VERSION\n- run: deploy $VERISON"
    (found,) = ask("step-variable-spelled", {CI: job(steps, extra="env: {VERSION: '1'}")})
    assert [one.line for one in found.evidence] == [8, 5]


def test_a_name_that_only_goes_on_is_a_variable_of_its_own() -> None:
    steps = "- run: echo $VERSION $VERSIONS $OTHER_VERSION"
    assert ask("step-variable-spelled", {CI: job(steps, extra="env: {VERSION: '1'}")}) == []


def test_a_variable_of_the_runner_with_a_slip_is_named_in_workflows_and_scripts() -> None:
    script = "#!/bin/sh\n# $GITHUB_ERF_NAME\necho a=b >> $GITHUB_OUPTUT\n"
    found = ask("runner-variable-known", {CI: job("- run: echo ${GITHUB_SHA}"), "ci/x.sh": script})
    assert places(found) == [("ci/x.sh", 3)]
    (found_too,) = ask("runner-variable-known", {CI: job("- run: echo ${GITHUB_ERF_NAME}")})
    assert places([found_too]) == [(CI, 6)]


def test_a_github_variable_that_somebody_sets_or_that_is_like_none_is_left_alone() -> None:
    for text in (
        "GITHUB_ERF_NAME=x; echo $GITHUB_ERF_NAME",
        "echo $GITHUB_SHA $GITHUB_APP_ID $GITHUB_TOKENS_FILE",
    ):
        assert ask("runner-variable-known", {CI: job(f"- run: {text}")}) == []


def test_a_variable_that_a_script_asks_its_caller_for_is_left_alone() -> None:
    for text in (
        'curl -H "Authorization: token $GITHUB_PAT" https://x',
        'if [ -z "$GITHUB_REFS" ]; then exit 1; fi; git push origin $GITHUB_REFS',
        "git push origin ${GITHUB_REFS:-main}",
    ):
        assert ask("runner-variable-known", {"ci/x.sh": f"#!/bin/sh\n{text}\n"}) == []
    text = job('- run: test -z "$GITHUB_REFS" || git push origin $GITHUB_REFS')
    assert places(ask("runner-variable-known", {CI: text}))[:1] == [(CI, 6)]


def test_an_expression_that_reads_a_variable_with_a_slip_is_named_with_the_one_that_is_set() -> None:
    (found,) = ask(
        "expression-variable-spelled", {CI: job("- run: echo ${{ env.IMGAE }}", extra="env: {IMAGE: x}")}
    )
    assert [one.line for one in found.evidence] == [7, 5]


def test_a_variable_that_is_set_exported_or_like_none_may_be_read_in_an_expression() -> None:
    for steps in (
        "- run: echo ${{ env.image }}",
        "- run: echo IMGAE=x >> $GITHUB_ENV\n- run: echo ${{ env.IMGAE }}",
        "- run: echo ${{ env.PYTHON_LOCATION }} ${{ env.IMAGES }}",
    ):
        assert ask("expression-variable-spelled", {CI: job(steps, extra="env: {IMAGE: x}")}) == []
