from tests.checks.testing import CI, ask, job, places


def test_a_misspelled_input_is_named_with_the_one_that_was_meant() -> None:
    (found,) = ask(
        "action-input-spelled", {CI: job("- uses: actions/checkout@v4\n  with:\n    fetch_depth: 0")}
    )
    assert places([found]) == [(CI, 8)]
    assert "'fetch-depth'" in found.message


def test_an_input_that_may_be_newer_than_the_list_and_ones_in_capitals_are_left_alone() -> None:
    steps = "- uses: actions/checkout@v9\n  with: {fetch-lazily: true, Fetch-Depth: 0}\n"
    steps += "- uses: some/action@v1\n  with: {pth: a}"
    assert ask("action-input-spelled", {CI: job(steps)}) == []


def test_an_upload_without_its_path_fails() -> None:
    (found,) = ask(
        "action-input-given", {CI: job("- uses: actions/upload-artifact@v4\n  with:\n    name: x")}
    )
    assert places([found]) == [(CI, 6)]


def test_a_region_may_come_from_the_environment() -> None:
    steps = "- uses: aws-actions/configure-aws-credentials@v4\n  with: {role-to-assume: a}"
    assert len(ask("action-input-given", {CI: job(steps)})) == 1
    assert ask("action-input-given", {CI: job(steps, extra="env: {AWS_REGION: us-west-2}")}) == []
    before = f"- run: echo AWS_REGION=us-west-2 >> $GITHUB_ENV\n{steps}"
    assert ask("action-input-given", {CI: job(before)}) == []
