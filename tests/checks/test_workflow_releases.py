from tests.checks.testing import CI, ask, job, places

RELEASE = "- uses: softprops/action-gh-release@v2"
TELL = """\
- id: is
  run: if [[ $GITHUB_REF =~ ^refs/tags/ ]]; then echo release=1 >> $GITHUB_OUTPUT; fi"""
OTHER = ".github/workflows/other.yml"
ON_TAG = "{push: {tags: ['v*']}}"


def test_a_release_in_a_workflow_that_no_tag_starts_has_no_tag() -> None:
    (found,) = ask("release-has-tag", {CI: job(RELEASE, on="{push: {branches: [main]}}")})
    assert (places([found]), found.weight) == ([(CI, 6)], "blocker")


def test_a_release_that_a_person_can_also_start_is_a_warning() -> None:
    text = job(RELEASE, on="{push: {tags: ['v*']}, workflow_dispatch: }")
    (found,) = ask("release-has-tag", {CI: text})
    assert found.weight == "warning"


def test_a_release_with_a_tag_or_a_guard_or_for_tags_only_is_fine() -> None:
    for text in (
        job(RELEASE, on=ON_TAG),
        job(f"{RELEASE}\n  with: {{tag_name: v1}}", on="workflow_dispatch"),
        job(f"{RELEASE}\n  with: {{draft: true}}", on="workflow_dispatch"),
        job(f"{RELEASE}\n  if: startsWith(github.ref, 'refs/tags/')"),
        job(RELEASE, extra="if: github.ref_type == 'tag'"),
        job(RELEASE, on="release"),
        job(f"{TELL}\n{RELEASE}\n  if: steps.is.outputs.release", on="{push: {branches: [main]}}"),
    ):
        assert ask("release-has-tag", {CI: text}) == []


def test_a_condition_that_looks_at_something_else_is_no_guard() -> None:
    tell = TELL.replace("$GITHUB_REF =~ ^refs/tags/", "$CARGO_HOME =~ x")
    text = job(f"{tell}\n{RELEASE}\n  if: steps.is.outputs.release", on="{push: {branches: [main]}}")
    assert places(ask("release-has-tag", {CI: text})) == [(CI, 8)]


def test_a_tag_that_is_there_before_the_release_is_not_made_by_it() -> None:
    release = f"{RELEASE}\n  with: {{tag_name: v1}}"
    api = "- run: gh api repos/o/r/git/refs -f ref=refs/tags/v1\n  env: {GH_TOKEN: '${{ secrets.PAT }}'}"
    other = {OTHER: job("- run: x", on=ON_TAG)}
    assert ask("token-starts-workflow", {CI: job(f"{api}\n{release}", on="workflow_dispatch"), **other}) == []
    only = job(release, on="workflow_dispatch")
    assert places(ask("token-starts-workflow", {CI: only, **other})) == [(CI, 7)]


def test_a_release_made_with_the_jobs_own_token_starts_nothing() -> None:
    files = {CI: job(RELEASE, on=ON_TAG), OTHER: job("- run: x", on="{release: {types: [published]}}")}
    (found,) = ask("token-starts-workflow", files)
    assert places([found]) == [(CI, 6)]
    assert found.evidence[1].file == OTHER


def test_a_tag_pushed_with_the_jobs_own_token_starts_nothing() -> None:
    text = job("- uses: actions/checkout@v6\n- run: git push --tags")
    assert places(ask("token-starts-workflow", {CI: text, OTHER: job("- run: x", on=ON_TAG)})) == [(CI, 7)]


def test_a_release_by_gh_with_the_jobs_own_token_starts_nothing() -> None:
    text = job(
        "- run: gh release create v1\n  env: {GH_TOKEN: '${{ github.token }}'}", on="workflow_dispatch"
    )
    assert places(ask("token-starts-workflow", {CI: text, OTHER: job("- run: x", on=ON_TAG)})) == [(CI, 6)]


def test_another_token_or_nobody_who_waits_is_fine() -> None:
    other = {OTHER: job("- run: x", on="{release: {types: [published]}, push: {tags: ['v*']}}")}
    for text in (
        job(f"{RELEASE}\n  with: {{token: '${{{{ secrets.PAT }}}}'}}", on=ON_TAG),
        job(f"{RELEASE}\n  env: {{GITHUB_TOKEN: '${{{{ secrets.PAT }}}}'}}", on=ON_TAG),
        job("- run: gh release create v1\n  env: {GH_TOKEN: '${{ secrets.PAT }}'}"),
        job("- uses: actions/checkout@v6\n  with: {token: '${{ secrets.PAT }}'}\n- run: git push --tags"),
        job("- uses: actions/checkout@v6\n- run: git push origin main"),
        job("- uses: actions/checkout@v6\n  with: {persist-credentials: false}\n- run: git push $URL --tags"),
        job("- uses: actions/checkout@v6\n- run: git push https://x:$T@github.com/o/r.git --tags"),
    ):
        assert ask("token-starts-workflow", {CI: text, **other}) == []
    assert ask("token-starts-workflow", {CI: job(RELEASE, on=ON_TAG), OTHER: job("- run: x")}) == []
