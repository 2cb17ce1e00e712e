import pytest

from tests.checks.testing import CI, ask, job, places

RELEASE = "- uses: softprops/action-gh-release@v2"
OTHER = ".github/workflows/other.yml"
ON_TAG = "{push: {tags: ['v*']}}"
BRANCH = "{push: {branches: [main]}}"
CHECKOUT = "- uses: actions/checkout@v6\n"
STARTS = "token-starts-workflow"


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


def _tag(
    run: str, *, on: str = BRANCH, waits: str = ON_TAG, extra: str = ""
) -> list[tuple[str | None, int | None]]:
    """Return where a run line behind a plain checkout makes a tag that another workflow waits for."""
    text = job(f"{CHECKOUT}- run: |\n    {run}", on=on, extra=extra)
    return places(ask(STARTS, {CI: text, OTHER: job("- run: x", on=waits)}))


@pytest.mark.parametrize(
    "run",
    [
        "git tag v9 && git push origin v9",
        'git tag -a "$TAG" -m "Release it" && git push origin "${TAG}"',
        "git tag v9; git push origin tag v9",
        "git tag v9; git push origin HEAD refs/tags/v9",
        'git tag "v$(cat version)"; git push --tags',
        "git -C . tag -am note v9 && git push --follow-tags",
        "npm version minor && git push --follow-tags",
    ],
)
def test_a_tag_that_git_makes_and_pushes_with_the_checkouts_token_starts_nothing(run: str) -> None:
    assert _tag(run, extra="env: {TAG: 'v${{ github.run_number }}'}") == [(CI, 9)]


@pytest.mark.parametrize(
    "run",
    [
        "git tag nightly && git push origin nightly",
        'git tag "$TAG" && git push origin "$TAG"',
        "git tag v9 && git push origin main",
        "git tag v9 && git push --follow-tags",
        "git tag v9 && git push --dry-run origin v9",
        "git tag -d v9 && git push origin :v9",
        "git tag v9 && git push --delete origin v9",
        "git remote set-url origin https://x:$PAT@github.com/o/r; git tag v9 && git push origin v9",
        "git tag v9 && git push origin v9 && gh workflow run other.yml",
    ],
)
def test_a_tag_nobody_waits_for_or_of_which_nothing_is_known_is_fine(run: str) -> None:
    assert _tag(run, extra="env: {TAG: '${{ steps.a.outputs.tag }}'}") == []


def test_only_those_who_wait_for_that_tag_are_told_and_all_of_them_at_once() -> None:
    files = {
        CI: job(f"{CHECKOUT}- run: git tag v9 && git push origin v9", on=BRANCH),
        OTHER: job("- run: x", on=ON_TAG),
        ".github/workflows/more.yml": job("- run: x", on="{push: {tags: ['v[0-9]+']}}"),
        ".github/workflows/no.yml": job("- run: x", on="{push: {tags: ['app-*']}}"),
        ".github/workflows/ignores.yml": job(
            "- run: x", on="{push: {branches: [main], tags-ignore: ['x*']}}"
        ),
    }
    (found,) = ask(STARTS, files)
    assert found.message.endswith("does not start more.yml and other.yml")


@pytest.mark.parametrize(
    ("given", "types"),
    [
        ("prerelease: true", "released"),
        ("draft: true", "published"),
        ("draft: '${{ inputs.d }}'", "published"),
    ],
)
def test_a_release_of_another_kind_is_not_what_is_waited_for(given: str, types: str) -> None:
    other = job("- run: x", on=f"{{release: {{types: [{types}]}}}}")
    assert ask(STARTS, {CI: job(f"{RELEASE}\n  with: {{{given}}}", on=ON_TAG), OTHER: other}) == []


def test_files_added_to_a_release_that_is_there_make_none() -> None:
    other = {OTHER: job("- run: x", on="{release: {types: [published]}}")}
    for text in (
        job(RELEASE, on="{release: {types: [created]}, workflow_dispatch: }"),
        job(f"{RELEASE}\n  if: github.event_name == 'release'", on="workflow_call"),
        job(f"{RELEASE}\n  with: {{tag_name: '${{{{ inputs.tag }}}}'}}", on="workflow_dispatch"),
    ):
        assert ask(STARTS, {CI: text, **other}) == []


def test_a_follow_up_that_is_started_in_another_way_is_fine() -> None:
    follows = job("- run: x", on="{release: , workflow_run: {workflows: [.github/workflows/ci.yml]}}")
    assert ask(STARTS, {CI: job(RELEASE, on=ON_TAG), OTHER: follows}) == []


REQUEST = "- uses: peter-evans/create-pull-request@v8"
WAIT = "pull-requests-start-checks"


def test_checks_of_a_request_made_with_the_jobs_own_token_wait_for_an_approval() -> None:
    gh = "- run: gh pr create --fill\n  env: {GH_TOKEN: '${{ github.token }}'}"
    for steps in (REQUEST, gh):
        files = {CI: job(steps, on="schedule"), OTHER: job("- run: x", on="pull_request")}
        (found,) = ask(WAIT, files)
        assert (places([found]), found.weight) == ([(CI, 6)], "note")
        assert "other.yml starts only after somebody approves" in found.message


def test_a_request_with_another_token_or_that_nothing_looks_at_is_fine() -> None:
    own = job(REQUEST, on="schedule")
    for maker, looks in (
        (job(f"{REQUEST}\n  with: {{token: '${{{{ secrets.PAT }}}}'}}", on="schedule"), "pull_request"),
        (job("- uses: release-plz/action@v0.5\n  env: {GITHUB_TOKEN: '${{ secrets.PAT }}'}"), "pull_request"),
        (job("- {uses: release-plz/action@v0.5, with: {command: release}}"), "pull_request"),
        (own, "{pull_request: {paths: [docs/**]}}"),
        (own, "{pull_request: {types: [closed]}}"),
        (own, "push"),
    ):
        assert ask(WAIT, {CI: maker, OTHER: job("- run: x", on=looks)}) == []


@pytest.mark.parametrize(
    "start",
    [
        "- run: gh workflow run other.yml --ref branch",
        "- run: gh api repos/o/r/actions/workflows/other.yml/dispatches -f ref=x",
        "- {uses: benc-uk/workflow-dispatch@v1, with: {workflow: other.yml}}",
    ],
)
def test_checks_that_the_maker_of_a_request_starts_itself_need_no_approval(start: str) -> None:
    looks = job("- run: x", on="{pull_request: {}, workflow_dispatch: {}}")
    assert ask(WAIT, {CI: job(f"{REQUEST}\n{start}", on="schedule"), OTHER: looks}) == []
    for makes, other in (
        (f"{REQUEST}\n# {start}", looks),
        (f"{REQUEST}\n{start.replace('other', 'third')}", looks),
        (f"{REQUEST}\n{start}", job("- run: x", on="pull_request")),
    ):
        assert len(ask(WAIT, {CI: job(makes, on="schedule"), OTHER: other})) == 1


API = (
    "- run: gh api repos/$GITHUB_REPOSITORY/git/refs -f ref=refs/tags/v0.1.0 -f sha=$GITHUB_SHA\n"
    "  env: {GH_TOKEN: '${{ github.token }}'}"
)
TAGGER = "- uses: mathieudutour/github-tag-action@v6.2\n  with: {github_token: '${{ secrets.GITHUB_TOKEN }}'}"


@pytest.mark.parametrize(
    "step",
    [
        API,
        API.replace("$GITHUB_REPOSITORY", "${{ github.repository }}"),
        API.replace("v0.1.0", "v$VERSION"),
        API.replace("api", "api -X POST"),
        TAGGER,
        TAGGER.replace("}'}", "}', custom_tag: '1.0'}"),
    ],
)
def test_a_tag_made_by_an_action_or_the_api_with_the_jobs_own_token_starts_nothing(step: str) -> None:
    found = ask(STARTS, {CI: job(step, on=BRANCH), OTHER: job("- run: x", on=ON_TAG)})
    assert (places(found), found[0].subject) == ([(CI, 6)], "ci.yml: tag")


@pytest.mark.parametrize(
    "step",
    [
        API.replace("github.token", "secrets.PAT"),
        API.replace("refs/tags", "refs/heads"),
        API.replace("$GITHUB_REPOSITORY", "a/other"),
        API.replace("api", "api -X PATCH"),
        API.replace("v0.1.0", "nightly"),
        TAGGER.replace("GITHUB_TOKEN", "PAT"),
        TAGGER.replace("}'}", "}', tag_prefix: app-}"),
        TAGGER.replace("}'}", "}', dry_run: true}"),
    ],
)
def test_another_ref_token_or_repository_is_no_tag_that_is_waited_for(step: str) -> None:
    assert ask(STARTS, {CI: job(step, on=BRANCH), OTHER: job("- run: x", on=ON_TAG)}) == []


PLZ = """\
on: {push: {branches: [main]}}
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: release-plz/action@v0.5
        env: {GITHUB_TOKEN: "${{ secrets.GITHUB_TOKEN }}"}
"""
ONE = '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n'
ROOT = '[workspace]\nmembers = ["a", "b"]\n'


def test_tags_of_release_plz_with_the_jobs_own_token_start_nothing() -> None:
    for pattern in ("v*", "**[0-9]+.[0-9]+.[0-9]+*"):
        files = {CI: PLZ, "Cargo.toml": ONE, OTHER: job("- run: x", on=f"{{push: {{tags: ['{pattern}']}}}}")}
        (found,) = ask(STARTS, files)
        assert (places([found]), found.subject) == ([(CI, 7)], "ci.yml: tag")


def test_releases_of_release_plz_and_release_please_start_nothing() -> None:
    please = job("- uses: googleapis/release-please-action@v4", on=BRANCH)
    other = {"Cargo.toml": ONE, OTHER: job("- run: x", on="{release: {types: [published]}}")}
    for text, line in ((PLZ, 7), (please, 6)):
        assert places(ask(STARTS, {CI: text, **other})) == [(CI, line)]
    skips = please.replace("@v4", "@v4\n        with: {skip-github-release: true}")
    draft = {"release-plz.toml": "[workspace]\ngit_release_draft = true\n"}
    assert ask(STARTS, {CI: skips, **other}) == []
    assert ask(STARTS, {CI: PLZ, **other, **draft}) == []


def test_tags_that_release_plz_names_otherwise_or_makes_with_another_token_are_fine() -> None:
    files = {CI: PLZ, "Cargo.toml": ONE, OTHER: job("- run: x", on=ON_TAG)}
    many = {"Cargo.toml": ROOT, "a/Cargo.toml": ONE, "b/Cargo.toml": ONE.replace("app", "lib")}
    assert ask(STARTS, {**files, **many}) == []
    unpublished = {"b/Cargo.toml": ONE.replace("app", "lib") + "publish = false\n"}
    assert places(ask(STARTS, {**files, **many, **unpublished})) == [(CI, 7)]
    for changed in (
        {CI: PLZ.replace("secrets.GITHUB_TOKEN", "secrets.PAT")},
        {CI: PLZ.replace("checkout@v6", "checkout@v6\n        with: {token: '${{ secrets.PAT }}'}")},
        {CI: PLZ.replace("@v0.5", "@v0.5\n        with: {command: release-pr}")},
        {"release-plz.toml": "[workspace]\ngit_tag_enable = false\n"},
        {"release-plz.toml": '[workspace]\ngit_tag_name = "{{ package }}-{{ version }}"\n'},
    ):
        assert ask(STARTS, {**files, **changed}) == []


def test_a_workflow_that_nobody_can_start_by_hand_is_not_to_be_started_by_hand() -> None:
    waits = "{release: {types: [published]}}"
    (found,) = ask(STARTS, {CI: job(RELEASE, on=ON_TAG), OTHER: job("- run: x", on=waits)})
    assert found.remedy is not None
    assert found.remedy.summary.endswith("lacks `on: workflow_dispatch`, and other.yml has none")
    by_hand = waits.replace("}}", "}, workflow_dispatch: {}}")
    (found,) = ask(STARTS, {CI: job(RELEASE, on=ON_TAG), OTHER: job("- run: x", on=by_hand)})
    assert found.remedy is not None
    assert found.remedy.summary.endswith("or start the other one by `gh workflow run`")
