from dataclasses import replace

import pytest

from tasks.domain.forge import ForgeActions, ForgeRepository
from tests.checks.testing import CI, ask, job, places

RELEASE = "- uses: softprops/action-gh-release@v2"
READS_BY_DEFAULT = ForgeActions(enabled=True, allowed="all", default_permissions="read")
GH = "- run: gh release upload v1 x\n  env: {GH_TOKEN: '${{ github.token }}'}"
PUSH = "- uses: actions/checkout@v6\n- run: git push"


def repository(*, private: bool = False) -> ForgeRepository:
    rights = frozenset({"push"})
    return ForgeRepository(
        id=1,
        full_name="a/b",
        private=private,
        default_branch="main",
        permissions=rights,
        archived=False,
        url="https://github.invalid/a/b",
    )


@pytest.mark.parametrize(
    ("permissions", "subject"),
    [
        ("{content: read}", "content"),
        ("{contents: writes}", "contents"),
        ("{contents: }", "contents"),
        ("{id-token: read}", "id-token"),
        ("write", "permissions"),
        ("[contents]", "permissions"),
    ],
)
def test_a_permission_that_github_does_not_know_is_named(permissions: str, subject: str) -> None:
    (found,) = ask("permission-is-known", {CI: job("- run: x", extra=f"permissions: {permissions}")})
    assert (places([found]), found.subject) == ([(CI, 5)], f"ci.yml: build: {subject}")


def test_permissions_that_github_knows_are_fine() -> None:
    for permissions in ("read-all", "{}", "{contents: read, id-token: write, models: read}"):
        assert ask("permission-is-known", {CI: f"permissions: {permissions}\n{job('- run: x')}"}) == []


@pytest.mark.parametrize(
    ("steps", "scope", "line"),
    [
        (RELEASE, "contents", 7),
        (GH, "contents", 7),
        (PUSH, "contents", 8),
        ("- uses: actions/attest@v3", "id-token", 7),
        ("- uses: github/codeql-action/upload-sarif@v3", "security-events", 7),
    ],
)
def test_a_right_that_the_jobs_permissions_leave_out_is_named(steps: str, scope: str, line: int) -> None:
    found = ask("permission-is-granted", {CI: job(steps, extra="permissions: {packages: read}")})
    first = next(one for one in found if one.subject == f"ci.yml: build: {scope}")
    assert (places([first]), first.weight, first.evidence[1].line) == ([(CI, line)], "blocker", 5)


def test_the_default_of_the_repository_counts_when_it_is_known() -> None:
    files = {CI: job(RELEASE)}
    assert places(ask("permission-is-granted", files, READS_BY_DEFAULT)) == [(CI, 6)]
    (unseen,) = ask("permission-is-granted", files)
    assert (unseen.verdict, unseen.weight, places([unseen])) == ("unknown", "warning", [(CI, 6)])
    writes = replace(READS_BY_DEFAULT, default_permissions="write")
    assert ask("permission-is-granted", files, writes) == []


REQUEST = "- uses: peter-evans/create-pull-request@v7"


def test_a_pull_request_takes_a_setting_of_the_repository_besides_the_permission() -> None:
    files = {CI: job(REQUEST)}
    forbidden = replace(READS_BY_DEFAULT, makes_requests=False)
    found = ask("pull-requests-may-be-made", files, forbidden, repository())
    assert (places(found), found[0].blocks) == ([(CI, 6)], True)
    by_hand = {CI: job("- run: gh pr create --fill\n  env: {GH_TOKEN: '${{ github.token }}'}")}
    assert places(ask("pull-requests-may-be-made", by_hand, forbidden, repository())) == [(CI, 6)]


def test_a_pull_request_with_another_token_or_where_it_is_allowed_is_fine() -> None:
    files = {CI: job(REQUEST)}
    allowed = replace(READS_BY_DEFAULT, makes_requests=True)
    assert ask("pull-requests-may-be-made", files, allowed, repository()) == []
    forbidden = replace(READS_BY_DEFAULT, makes_requests=False)
    other = {CI: job(REQUEST + "\n  with: {token: '${{ secrets.PAT }}'}")}
    assert ask("pull-requests-may-be-made", other, forbidden, repository()) == []
    commented = {CI: job("- uses: marocchino/sticky-pull-request-comment@v2")}
    assert ask("pull-requests-may-be-made", commented, forbidden, repository()) == []


def test_an_identity_is_never_given_by_default() -> None:
    files = {CI: job("- uses: rust-lang/crates-io-auth-action@v1")}
    assert places(ask("permission-is-granted", files)) == [(CI, 6)]
    assert ask("permission-is-granted", {CI: files[CI].replace("on: push", "on: workflow_call")}) == []


def test_a_workflow_that_is_no_way_to_live_only_warns() -> None:
    text = job("- uses: actions/labeler@v6", on="issues", extra="permissions: {contents: read}")
    (found,) = ask("permission-is-granted", {CI: text})
    assert found.weight == "warning"


def test_rights_that_are_granted_or_come_from_another_token_are_fine() -> None:
    for text in (
        job(RELEASE, extra="permissions: {contents: write}"),
        job(RELEASE, extra="permissions: write-all"),
        job(f"{RELEASE}\n  with: {{token: '${{{{ secrets.PAT }}}}'}}", extra="permissions: {}"),
        job(GH.replace("github.token", "secrets.PAT"), extra="permissions: {}"),
        job(GH.replace("v1 x", "v1 x --repo a/b"), extra="permissions: {}"),
        job(PUSH.replace("v6\n", "v6\n  with: {ssh-key: x}\n"), extra="permissions: {}"),
        job(
            PUSH.replace("git push", "git clone https://x.example/y docs\n    cd docs\n    git push").replace(
                "run: git", "run: |\n    git"
            ),
            extra="permissions: {}",
        ),
        job(f"{PUSH}\n  working-directory: docs", extra="permissions: {}"),
        job(PUSH.replace("push", "push https://x.example/y main"), extra="permissions: {}"),
        job("- run: gh release view v1", extra="permissions: {}"),
    ):
        assert ask("permission-is-granted", {CI: text}) == []


def test_a_private_repository_has_to_be_readable_to_be_checked_out() -> None:
    files = {CI: job("- uses: actions/checkout@v6", extra="permissions: {packages: write}")}
    assert places(ask("permission-is-granted", files, repository(private=True))) == [(CI, 7)]
    assert ask("permission-is-granted", files, repository(private=False)) == []


def test_what_the_unseen_default_decides_is_one_finding_for_all_jobs() -> None:
    files = {CI: job(RELEASE), ".github/workflows/other.yml": job(PUSH)}
    (found,) = ask("permission-is-granted", files)
    assert places([found]) == [(CI, 6)]
    assert [place.file for place in found.evidence] == [CI, ".github/workflows/other.yml"]
    own = {CI: job(RELEASE, extra="permissions: {contents: write}")}
    assert ask("permission-is-granted", own) == []


def test_an_action_that_only_reports_what_it_finds_need_not_fail() -> None:
    text = f"permissions: {{}}\n{job('- uses: rustsec/audit-check@v2')}"
    (found,) = ask("permission-is-granted", {CI: text})
    assert (found.subject, found.weight) == ("ci.yml: build: checks", "warning")
    (unseen,) = ask("permission-is-granted", {CI: job("- uses: rustsec/audit-check@v2")})
    assert (unseen.verdict, unseen.weight, "is refused" in unseen.message) == ("unknown", "note", True)


def test_an_action_that_pushes_as_somebody_else_needs_no_right_of_the_job() -> None:
    commit = "- uses: stefanzweifel/git-auto-commit-action@v5"
    checkout = "- uses: actions/checkout@v6\n"
    other = f"{checkout}  with: {{token: '${{{{ secrets.PAT }}}}'}}\n"
    assert ask("permission-is-granted", {CI: f"permissions: {{}}\n{job(other + commit)}"}) == []
    assert len(ask("permission-is-granted", {CI: f"permissions: {{}}\n{job(checkout + commit)}"})) == 1


def test_two_rights_of_one_action_are_told_together_and_its_place_once() -> None:
    (found,) = ask("permission-is-granted", {CI: job("- uses: peter-evans/create-pull-request@v8")})
    assert found.message.startswith("peter-evans/create-pull-request (contents and pull-requests: write)")
    assert len(found.evidence) == 1


def test_an_audit_that_a_schedule_starts_opens_issues() -> None:
    weekly = "{schedule: [{cron: '0 1 * * 1'}]}"
    step = "- uses: rustsec/audit-check@v2"
    refused = f"permissions: {{checks: write}}\n{job(step, on=weekly)}"
    (found,) = ask("permission-is-granted", {CI: refused})
    assert "issues" in found.message
    assert ask("permission-is-granted", {CI: refused.replace("checks:", "issues:")}) == []


def test_a_run_that_is_cancelled_takes_the_right_to_do_so() -> None:
    step = "- run: gh run cancel 1\n  env: {GH_TOKEN: '${{ github.token }}'}"
    (found,) = ask("permission-is-granted", {CI: job(step, extra="permissions: {contents: read}")})
    assert "`gh run cancel` needs actions: write" in found.message
    assert (
        ask("permission-is-granted", {CI: job(step.replace("cancel 1", "list"), extra="permissions: {}")})
        == []
    )


@pytest.mark.parametrize(
    ("step", "needed"),
    [
        ("- uses: release-drafter/release-drafter@v6", "contents: write"),
        (
            "- uses: release-plz/action@v0.5\n  env: {GITHUB_TOKEN: '${{ github.token }}'}",
            "pull-requests: write",
        ),
        ("- uses: peter-evans/repository-dispatch@v3\n  with: {event-type: x}", "contents: write"),
        ("- uses: hmarr/auto-approve-action@v4", "pull-requests: write"),
        (
            "- run: git push https://x:${{ github.token }}@github.com/${{ github.repository }} HEAD",
            "contents: write",
        ),
        (
            "- run: git push https://x:${T}@github.com/$GITHUB_REPOSITORY\n  env: {T: '${{ github.token }}'}",
            "contents: write",
        ),
    ],
)
def test_what_writes_with_the_jobs_token_needs_the_right(step: str, needed: str) -> None:
    text = job(step, extra="permissions: {contents: read}")
    assert any(needed in one.message for one in ask("permission-is-granted", {CI: text}))
    assert ask("permission-is-granted", {CI: job(step, extra="permissions: write-all")}) == []


def test_what_writes_with_another_token_needs_no_right() -> None:
    for step in (
        "- uses: release-plz/action@v0.5\n  env: {GITHUB_TOKEN: '${{ secrets.PAT }}'}",
        "- uses: peter-evans/repository-dispatch@v3\n  with: {repository: a/b, token: '${{ secrets.PAT }}'}",
        "- run: git push https://x:${{ secrets.PAT }}@github.com/${{ github.repository }} HEAD",
        "- run: git push https://x:${{ github.token }}@github.com/other/one HEAD",
        "- uses: release-drafter/release-drafter@v6\n  with: {disable-releaser: true}",
    ):
        assert ask("permission-is-granted", {CI: job(step, extra="permissions: {contents: read}")}) == []
    text = job(
        "- uses: release-plz/action@v0.5", extra="permissions: {}\nenv: {GITHUB_TOKEN: '${{ secrets.PAT }}'}"
    )
    assert ask("permission-is-granted", {CI: text}) == []


TOKEN = "  env: {GH_TOKEN: '${{ secrets.GITHUB_TOKEN }}'}"


@pytest.mark.parametrize(
    "command",
    [
        "gh cache delete $key",
        "gh actions-cache delete $key -R ${{ github.repository }} --confirm",
        "gh cache delete $key --repo $REPO",
        "gh api --method DELETE /repos/$REPO/actions/caches/$id",
        "gh api -X DELETE repos/{owner}/{repo}/actions/caches?key=x",
    ],
)
def test_deleting_caches_needs_a_token_that_writes_actions(command: str) -> None:
    step = f"- run: |\n    REPO=${{{{ github.repository }}}}\n    {command}\n{TOKEN}"
    (found,) = ask("permission-is-granted", {CI: job(step, extra="permissions: {contents: read}")})
    assert "needs actions: write" in found.message
    assert ask("permission-is-granted", {CI: job(step, extra="permissions: {actions: write}")}) == []
    (default,) = ask("permission-is-granted", {CI: job(step)})
    assert default.verdict == "unknown"


@pytest.mark.parametrize(
    "command",
    [
        "gh cache list",
        "gh cache delete $key -R other/one",
        "gh cache delete $key -R $OTHER",
        "gh api /repos/$REPO/actions/caches",
        "gh api -X DELETE /repos/other/one/actions/caches/1",
    ],
)
def test_looking_at_caches_or_deleting_those_of_others_needs_nothing_here(command: str) -> None:
    step = f"- run: |\n    REPO=${{{{ github.repository }}}}\n    {command}\n{TOKEN}"
    assert ask("permission-is-granted", {CI: job(step, extra="permissions: {contents: read}")}) == []


OWN = "env: {GH_TOKEN: '${{ github.token }}'}"


@pytest.mark.parametrize(
    ("command", "needs"),
    [
        ('gh pr comment 12 --body "x"', "pull-requests or issues: write"),
        ("gh pr edit 12 --add-label a", "pull-requests or issues: write"),
        ("gh pr review 12 --approve", "pull-requests: write"),
        ('gh issue comment 12 --body "x"', "issues or pull-requests: write"),
        ("gh issue close 12", "issues or pull-requests: write"),
        (
            'gh api -X POST "repos/$GITHUB_REPOSITORY/statuses/$GITHUB_SHA" -f state=success',
            "statuses: write",
        ),
        ("gh api repos/{owner}/{repo}/statuses/$GITHUB_SHA -f state=success", "statuses: write"),
        ('gh api "repos/$GITHUB_REPOSITORY/dispatches" -f event_type=deploy', "contents: write"),
        ("gh api repos/{owner}/{repo}/issues/12/comments -f body=x", "issues or pull-requests: write"),
    ],
)
def test_a_command_of_gh_that_changes_something_takes_its_right(command: str, needs: str) -> None:
    step = f"- run: |\n    {command}\n  {OWN}"
    (found,) = ask("permission-is-granted", {CI: job(step, extra="permissions: {contents: read}")})
    assert (places([found]), found.weight) == ([(CI, 8)], "blocker")
    assert f"needs {needs}; its permissions give" in found.message
    scope = needs.partition(" or ")[0].partition(":")[0]
    assert ask("permission-is-granted", {CI: job(step, extra=f"permissions: {{{scope}: write}}")}) == []
    shown = f'- run: |\n    if [ -n "$X" ]; then\n      {command}\n    fi\n  {OWN}'
    (found,) = ask("permission-is-granted", {CI: job(shown, extra="permissions: {contents: read}")})
    assert found.weight == ("blocker" if scope == "contents" else "warning")


@pytest.mark.parametrize(
    ("step", "rights"),
    [
        ("gh pr comment 12 --body x", "issues: write"),
        ("gh issue comment 12 --body x", "pull-requests: write"),
        ("gh pr comment 12 -R other/repository --body x", "contents: read"),
        ("gh pr comment https://github.com/other/repository/pull/1 --body x", "contents: read"),
        ("gh api repos/other/repository/dispatches -f event_type=x", "contents: read"),
        ("gh api repos/{owner}/{repo}/issues/12/comments", "contents: read"),
        ("gh api --method GET repos/{owner}/{repo}/issues/12/comments -f per_page=9", "contents: read"),
        ("gh pr view 12", "contents: read"),
    ],
)
def test_a_command_of_gh_that_has_its_right_or_asks_elsewhere_is_fine(step: str, rights: str) -> None:
    steps = f"- run: |\n    {step}\n  {OWN}"
    assert ask("permission-is-granted", {CI: job(steps, extra=f"permissions: {{{rights}}}")}) == []
