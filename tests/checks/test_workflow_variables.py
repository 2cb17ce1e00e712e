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
