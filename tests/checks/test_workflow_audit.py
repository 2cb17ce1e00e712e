from collections.abc import Mapping
from dataclasses import replace

import pytest

from tasks.domain.audit import AuditFinding, WorkflowAudit
from tasks.domain.git_state import GitState
from tests.checks.testing import CI, answers, ask, job, places

FILES = {CI: job("- uses: a/b@v1\n- uses: a/c@v1")}


def found(line: int, severity: str = "high", confidence: str = "high") -> AuditFinding:
    return AuditFinding(
        rule="unpinned-uses",
        told="unpinned action reference",
        severity=severity,
        confidence=confidence,
        file=CI,
        line=line,
    )


def test_what_the_linter_says_is_one_finding_for_each_rule() -> None:
    (told,) = ask(
        "workflow-audit-passes", FILES, WorkflowAudit(tool="zizmor 1", findings=(found(6), found(7)))
    )
    assert (told.subject, told.weight) == ("unpinned-uses", "warning")
    first = told.evidence[0]
    assert (first.file, first.line, first.excerpt) == (CI, 6, "- uses: a/b@v1")
    assert "(2 places)" in told.message
    (one,) = ask("workflow-audit-passes", FILES, WorkflowAudit(tool="zizmor 1", findings=(found(6),)))
    assert "(1 place)" in one.message


@pytest.mark.parametrize(("program", "says_uv"), [("zizmor", False), ("uvx zizmor", True)])
def test_the_remedy_names_the_program_as_a_person_has_it(program: str, says_uv: bool) -> None:
    audit = WorkflowAudit(tool="zizmor 1", program=program, findings=(found(6),))
    (told,) = ask("workflow-audit-passes", FILES, audit)
    assert told.remedy is not None
    assert told.remedy.commands == (f"{program} --offline .",)
    assert ("`uvx` is part of uv" in told.remedy.summary) is says_uv


def test_a_file_that_the_linter_cannot_read_is_unknown_and_stops_nobody() -> None:
    audit = WorkflowAudit(tool="zizmor 1", findings=(found(6),), unread=(CI,))
    unread = [one for one in ask("workflow-audit-passes", FILES, audit) if one.subject == "unread"]
    assert [(one.verdict, one.blocks, one.evidence[0].file) for one in unread] == [("unknown", False, CI)]
    assert not ask("workflow-audit-passes", FILES, WorkflowAudit(tool="zizmor 1"))


def test_an_archived_action_is_told_by_the_check_that_knows_its_heir_alone() -> None:
    files = {CI: job("- uses: actions-rs/cargo@v1\n- uses: a/c@v1")}
    known, other = (replace(found(line), rule="archived-uses") for line in (6, 7))
    assert ask("workflow-audit-passes", files, WorkflowAudit(tool="zizmor 1", findings=(known,))) == []
    audit = WorkflowAudit(tool="zizmor 1", findings=(known, other))
    assert places(ask("workflow-audit-passes", files, audit)) == [(CI, 7)]


def test_a_condition_that_is_a_text_is_told_by_the_check_that_names_its_line_alone() -> None:
    files = {CI: job("- run: a\n  if: |\n    ${{ true }}")}
    one = replace(found(7), rule="unsound-condition")
    assert ask("workflow-audit-passes", files, WorkflowAudit(tool="zizmor 1", findings=(one,))) == []
    assert places(ask("condition-is-no-text", files)) == [(CI, 8)]
    of_action, of_another_line = replace(one, file="action.yml"), replace(one, line=4)
    for other in (of_action, of_another_line):
        assert ask("workflow-audit-passes", files, WorkflowAudit(tool="zizmor 1", findings=(other,)))


def test_what_is_less_serious_is_a_note() -> None:
    (told,) = ask(
        "workflow-audit-passes", FILES, WorkflowAudit(tool="zizmor 1", findings=(found(6, "medium"),))
    )
    assert (told.weight, places([told])) == ("note", [(CI, 6)])


def test_the_places_that_make_it_a_warning_come_first() -> None:
    wide = "permissions: write-all\n" * 14
    audit = [replace(found(line, "medium"), rule="excessive-permissions") for line in range(1, 13)]
    audit += [replace(found(14), rule="excessive-permissions")]
    (told,) = ask("workflow-audit-passes", {CI: wide}, WorkflowAudit(tool="zizmor 1", findings=(*audit,)))
    assert (told.weight, [one.line for one in told.evidence]) == ("warning", [14, *range(1, 10)])


def test_guesses_and_hints_of_the_linter_accuse_nobody() -> None:
    guesses = (found(6, "high", "low"), found(6, "informational"))
    (told,) = answers("workflow-audit-passes", FILES, WorkflowAudit(tool="zizmor 1", findings=guesses))
    assert (told.verdict, told.message) == ("holds", "zizmor 1 finds nothing that no other check tells")


def _weights(text: str, rule: str, line: int = 6) -> list[tuple[str, str]]:
    one = replace(found(line), rule=rule)
    told = ask("workflow-audit-passes", {CI: text}, WorkflowAudit(tool="zizmor 1", findings=(one,)))
    return [(each.subject, each.weight) for each in told]


BOT = "github.actor == 'dependabot[bot]'"
OWN = "github.event.pull_request.head.repo.full_name == github.repository"


@pytest.mark.parametrize(
    ("condition", "weight"),
    [
        (BOT, "warning"),
        (f"{OWN} && ({BOT} || startsWith(github.head_ref, 'bot/'))", "note"),
        (f"!github.event.pull_request.head.repo.fork && {BOT}", "note"),
        (f"github.event.pull_request.head.repo.fork == false && {BOT}", "note"),
        (f"{OWN} || {BOT}", "warning"),
        (f"{OWN.replace('==', '!=')} && {BOT}", "warning"),
        (f"github.event.pull_request.head.repo.fork && {BOT}", "warning"),
    ],
)
def test_a_bot_that_has_to_push_to_the_repository_is_hard_to_imitate(condition: str, weight: str) -> None:
    text = job("- run: gh pr merge", on="pull_request", extra=f'if: "{condition}"')
    assert _weights(text, "bot-conditions", 5) == [("bot-conditions", weight)]
    inside = job(f'- run: gh pr merge\n  if: "{condition}"', on="pull_request")
    assert _weights(inside, "bot-conditions", 7) == [("bot-conditions", weight)]
    both = job(f'- run: gh pr merge\n  if: "{BOT}"', on="pull_request", extra=f'if: "{condition}"')
    assert _weights(both, "bot-conditions", 8) == [("bot-conditions", weight)]


def test_a_script_that_only_asks_the_api_runs_nothing_of_a_pull_request() -> None:
    script = (
        "- {uses: actions/github-script@v7, with: {script: 'label(context.payload.pull_request.head.sha)'}}"
    )
    labels = job(script, on="pull_request_target")
    assert _weights(labels, "dangerous-triggers") == [("dangerous-triggers", "note")]


def test_what_only_labels_a_pull_request_runs_nothing_of_it() -> None:
    labels = job("- uses: release-drafter/release-drafter@v6", on="pull_request_target")
    assert _weights(labels, "dangerous-triggers") == [("dangerous-triggers", "note")]
    head = "\n  with: {ref: '${{ github.event.pull_request.head.sha }}'}"
    builds = job(f"- uses: actions/checkout@v4{head}\n- run: make", on="pull_request_target")
    assert _weights(builds, "dangerous-triggers") == [("dangerous-triggers", "warning")]


def test_a_script_that_only_compares_whose_a_pull_request_is_takes_nothing_of_it() -> None:
    read = "${{ github.event.pull_request.head.repo.full_name }}"
    compares = (
        f'- run: if [ "{read}" != "${{{{ github.repository }}}}" ]; then echo "fork=1" >> $GITHUB_OUTPUT; fi'
    )
    text = job(compares, on="pull_request_target")
    assert _weights(text, "dangerous-triggers") == [("dangerous-triggers", "note")]
    clones = job(f"- run: curl -L {read}/x.sh | bash", on="pull_request_target")
    assert _weights(clones, "dangerous-triggers") == [("dangerous-triggers", "warning")]


def test_an_action_of_github_without_a_hash_is_less_of_a_risk_than_a_strangers() -> None:
    assert _weights(job("- uses: actions/checkout@v4"), "unpinned-uses") == [("unpinned-uses", "note")]
    assert _weights(job("- uses: a/b@v1"), "unpinned-uses") == [("unpinned-uses", "warning")]


def test_a_generated_file_is_mended_by_its_generator() -> None:
    text = "# This file was generated by gen\n" + job("- run: echo ${{ github.ref_name }}")
    assert _weights(text, "template-injection", 7) == [("template-injection: generated", "note")]


BY_DIST = "# This file was autogenerated by dist: https://github.com/astral-sh/cargo-dist\n"


def test_of_what_dist_writes_only_what_its_settings_can_change_is_told() -> None:
    text = BY_DIST + job("- uses: a/b@v1\n- run: x")
    every = [replace(found(7), rule=rule) for rule in ("unpinned-uses", "excessive-permissions")]
    audit = WorkflowAudit(tool="zizmor 1", findings=tuple(every))
    (told,) = ask("workflow-audit-passes", {CI: text}, audit)
    assert (told.weight, told.subject) == ("note", "unpinned-uses: generated")
    assert told.remedy is not None
    assert "github-action-commits" in told.remedy.summary
    by_hand = {CI: text, "dist-workspace.toml": '[dist]\nallow-dirty = ["ci"]\n'}
    subjects = [one.subject for one in ask("workflow-audit-passes", by_hand, audit)]
    assert subjects == ["excessive-permissions", "unpinned-uses"]


def _injected(expression: str, *, on: str = "pull_request_target", more: Mapping[str, str] = {}) -> str:
    """Return the weight of an expression in a step's shell; silent where nothing is told."""
    text = job(f"- run: echo ${{{{ {expression} }}}}", on=on)
    one = replace(found(6), rule="template-injection")
    told = ask("workflow-audit-passes", {CI: text, **more}, WorkflowAudit(tool="z", findings=(one,)))
    return told[0].weight if told else "silent"


def test_what_anybody_writes_into_a_pull_request_is_injected_by_anybody() -> None:
    for read, on in (
        ("github.head_ref", "[pull_request, pull_request_target]"),
        ("github.event.pull_request.head.ref", "pull_request_target"),
        ("github.event.review.body", "pull_request_review"),
        ("github.event.issue.title", "issues"),
        ("github.event.comment.body", "issue_comment"),
        ("github.event.head_commit.message", "push"),
        ("github.event.workflow_run.head_branch", "{workflow_run: {workflows: [Elsewhere]}}"),
        ("toJSON(github.event)", "[push, discussion]"),
    ):
        assert _injected(read, on=on) == "warning"
        assert _injected(f"format('{{0}}', {read})", on=on) == "warning"
        assert _injected(f"github.ref == 'x' && {read} || 'y'", on=on) == "warning"


def test_the_author_of_a_pull_request_gains_nothing_by_what_its_own_run_fills_in() -> None:
    for on in ("pull_request", "[push, pull_request]", "[pull_request_review]"):
        assert _injected("github.event.pull_request.title", on=on) == "note"
    assert _injected("toJSON(github.event)", on="pull_request") == "note"
    text = job("- run: echo ${{ github.head_ref }} ${{ github.ref_name }}", on="pull_request")
    audit = WorkflowAudit(tool="z", findings=(replace(found(6), rule="template-injection"),))
    (told,) = ask("workflow-audit-passes", {CI: text}, audit)
    assert told.message.endswith(
        "; only authors of pull requests (whose own runs get no secrets) and who may push here "
        "can fill them in"
    )


def test_what_no_event_of_the_workflow_brings_is_written_by_nobody() -> None:
    assert _injected("github.event.issue.title", on="push") == "note"
    assert _injected("github.head_ref", on="[push, workflow_dispatch]") == "note"


def test_a_truth_and_what_holds_no_sign_of_a_shell_inject_nothing() -> None:
    for read in (
        "!github.event.pull_request && format('host {0}', github.ref_name) || 'plan'",
        "github.head_ref == 'main'",
        "contains(github.event.pull_request.title, 'x')",
        "github.workflow",
        "format('{0}{1}', github.sha, github.ref_name)",
        "github.event.client_payload.sha",
    ):
        assert _injected(read) == "note"
    for read in (
        "github.event.pull_request.head.repo.full_name",
        "github.event.pull_request.head.sha",
        "github.event.number",
        "github.event.pull_request.user.login",
        "github.actor",
        "github.triggering_actor",
        "github.repository_owner",
        "github.run_id",
        "github.token",
        "secrets.GITHUB_TOKEN",
        "format('{0}-{1}', github.repository, github.sha)",
    ):
        assert _injected(read) == "silent"
    assert _injected("secrets.OTHER") == "note"
    assert _injected("format('{0}-{1}', github.sha, env.UNKNOWN)") == "note"


@pytest.mark.parametrize(
    "condition",
    [
        "github.event.pull_request.head.repo.full_name == github.repository",
        "github.actor == 'me'",
        "contains('OWNER MEMBER', github.event.comment.author_association)",
        "github.event_name == 'push'",
    ],
)
def test_a_job_that_strangers_do_not_get_into_is_filled_in_by_writers(condition: str) -> None:
    text = job("- run: echo ${{ github.head_ref }}", on="pull_request_target", extra=f"if: {condition}")
    assert _weights(text, "template-injection", 7) == [("template-injection", "note")]


def test_what_strangers_write_is_followed_through_variables_and_outputs() -> None:
    title = "${{ github.event.pull_request.title }}"
    env = job("- run: echo ${{ env.T }}", on="pull_request_target", extra=f"env: {{T: '{title}'}}")
    assert _weights(env, "template-injection", 7) == [("template-injection", "warning")]
    makes = f"- id: a\n  env: {{T: '{title}'}}\n  run: echo t=$T >> $GITHUB_OUTPUT\n"
    output = job(f"{makes}- run: echo ${{{{ steps.a.outputs.t }}}}", on="pull_request_target")
    assert _weights(output, "template-injection", 9) == [("template-injection", "warning")]
    for script, weight in (("git log -1 --format=%s", "warning"), ("date +%s", "note")):
        dated = f'- id: a\n  run: echo "t=$({script})" >> $GITHUB_OUTPUT\n'
        text = job(f"{dated}- run: echo ${{{{ steps.a.outputs.t }}}}", on="pull_request_target")
        assert _weights(text, "template-injection", 8) == [("template-injection", weight)]
    own = job(
        f"{makes.replace(title, 'x')}- run: echo ${{{{ steps.a.outputs.t }}}}", on="pull_request_target"
    )
    assert _weights(own, "template-injection", 9) == [("template-injection", "note")]
    other = job(f"{makes}- run: echo ${{{{ steps.a.outputs.u }}}}", on="pull_request_target")
    assert _weights(other, "template-injection", 9) == [("template-injection", "note")]
    files = "- {id: a, uses: tj-actions/changed-files@v45}\n- run: echo ${{ steps.a.outputs.NAME }}"
    for name, weight in (("all_changed_files", "warning"), ("any_changed", "note")):
        text = job(files.replace("NAME", name), on="pull_request_target")
        assert _weights(text, "template-injection", 7)[0][1] == weight
    pushed = job(files.replace("NAME", "all_changed_files"))
    assert _weights(pushed, "template-injection", 7)[0][1] == "note"


def test_who_can_fill_the_places_in_is_said() -> None:
    steps = "- run: echo ${{ github.ref_name }}\n- run: echo ${{ github.head_ref }}\n- run: x ${{ inputs.y }}"
    text = job(steps, on="[pull_request_target, workflow_dispatch]")
    each = [replace(found(line), rule="template-injection") for line in (6, 7, 8)]
    (told,) = ask("workflow-audit-passes", {CI: text}, WorkflowAudit(tool="z", findings=tuple(each)))
    assert (told.weight, told.evidence[0].line) == ("warning", 7)
    assert told.message.endswith("(3 places); people who may not push can fill in 1 of them")
    audit = WorkflowAudit(tool="z", findings=(each[0], each[2]))
    (told,) = ask("workflow-audit-passes", {CI: text}, audit)
    assert told.weight == "note"
    assert told.message.endswith(
        "(2 places); only who may push here and who may start runs by hand can fill them in"
    )


def test_what_only_writers_choose_is_injected_by_nobody_else() -> None:
    for read in ("github.ref_name", "github.base_ref", "format('a.b {0}', github.ref)"):
        assert _injected(read) == "note"
    assert _injected("inputs.name", on="workflow_dispatch") == "note"
    assert _injected("github.event.inputs.name", on="workflow_dispatch") == "note"


CALLER = ".github/workflows/caller.yml"


@pytest.mark.parametrize(
    ("value", "weight"),
    [
        ("lint", "note"),
        ("${{ github.ref_name }}", "note"),
        ("${{ github.head_ref }}", "warning"),
        ("${{ needs.a.outputs.b }}", "note"),
        ("${{ secrets.A }}", "note"),
    ],
)
def test_the_inputs_of_a_called_workflow_are_what_its_callers_pass(value: str, weight: str) -> None:
    caller = f"on: pull_request_target\njobs:\n  b:\n    uses: ./{CI}\n    with:\n      name: {value}\n"
    assert _injected("inputs.name", on="workflow_call", more={CALLER: caller}) == weight


@pytest.mark.parametrize(
    ("path", "given", "weight"),
    [
        (".github/actions/a/action.yml", "lint", "note"),
        (".github/actions/a/action.yml", "${{ github.head_ref }}", "warning"),
        ("action.yml", "lint", "warning"),
    ],
)
def test_the_inputs_of_an_action_that_only_workflows_here_call_are_theirs(
    path: str, given: str, weight: str
) -> None:
    action = "runs:\n  using: composite\n  steps:\n    - run: x ${{ inputs.name }}\n      shell: bash\n"
    use = f"- uses: ./{path.rpartition('/')[0]}\n  with:\n    name: {given}"
    one = replace(found(4), rule="template-injection", file=path)
    audit = WorkflowAudit(tool="z", findings=(one,))
    (told,) = ask("workflow-audit-passes", {CI: job(use, on="pull_request_target"), path: action}, audit)
    assert told.weight == weight


@pytest.mark.parametrize(
    ("middle", "weight"), [("''", "warning"), ("false", "warning"), ("'x'", "note"), ("inputs.x", "note")]
)
def test_a_ternary_that_never_takes_its_first_result_hurts(middle: str, weight: str) -> None:
    text = job(f"- run: x ${{{{ github.ref == 'a' && {middle} || 'b' }}}}")
    one = replace(found(6, "low"), rule="unsound-ternary")
    (told,) = ask("workflow-audit-passes", {CI: text}, WorkflowAudit(tool="z", findings=(one,)))
    assert told.weight == weight


def test_a_variable_that_a_step_makes_anew_is_what_that_step_writes() -> None:
    made = "- run: echo N=${{ github.head_ref }} >> $GITHUB_ENV\n- run: x ${{ env.N }}"
    for before, weight in ((made, "warning"), (made.replace("N=", "M="), None)):
        text = job(before, on="pull_request_target", extra="env: {N: '${{ github.sha }}'}")
        assert _weights(text, "template-injection", 8) == ([("template-injection", weight)] if weight else [])
    own = job(f"{made}\n  env: {{N: '${{{{ github.sha }}}}'}}", on="pull_request_target")
    assert _weights(own, "template-injection", 7) == []


def test_each_expression_of_a_line_is_judged_by_itself() -> None:
    text = job("- run: echo ${{ github.actor }} ${{ github.head_ref }}", on="pull_request_target")
    one = replace(found(6), rule="template-injection", expression="github.actor")
    other = replace(one, expression="github.head_ref")
    (told,) = ask("workflow-audit-passes", {CI: text}, WorkflowAudit(tool="z", findings=(one, other, other)))
    assert (told.weight, len(told.evidence)) == ("warning", 1)
    assert "(2 places; 1 more of which nothing can come); people" in told.message
    assert ask("workflow-audit-passes", {CI: text}, WorkflowAudit(tool="z", findings=(one,))) == []


def test_an_action_that_is_handed_the_token_by_all_its_callers_injects_nothing() -> None:
    path = ".github/actions/a/action.yml"
    action = "runs:\n  using: composite\n  steps:\n    - run: x ${{ inputs.name }}\n      shell: bash\n"
    one = replace(found(4), rule="template-injection", file=path, expression="inputs.name")
    for given, told in (("${{ secrets.GITHUB_TOKEN }}", []), ("16", ["note"]), ("${{ matrix.n }}", ["note"])):
        use = f"- uses: ./.github/actions/a\n  with:\n    name: {given}"
        text = job(use, on="pull_request_target", extra="strategy: {matrix: {n: [16, 17]}}")
        audit = WorkflowAudit(tool="z", findings=(one,))
        assert [one.weight for one in ask("workflow-audit-passes", {CI: text, path: action}, audit)] == told


@pytest.mark.parametrize(
    ("run", "told"),
    [
        ("npm install --package-lock-only --ignore-scripts", False),
        ("npm install --package-lock-only --prefix d", False),
        ("npm install --ignore-scripts left-pad", True),
        ("npm i --package-lock-only && npm install left-pad", True),
    ],
)
def test_an_npm_that_only_writes_its_lock_installs_nothing(run: str, told: bool) -> None:
    assert bool(_weights(job(f"- run: {run}"), "adhoc-packages")) is told


def _unpinned(text: str, *lines: int, origin: str | None = None, **more: str) -> tuple[str, str]:
    git = GitState(commit=None, branch=None, origin=origin)
    audit = WorkflowAudit(tool="z", findings=tuple(found(line) for line in lines))
    files = {CI: text, **{name.replace("_", "."): each for name, each in more.items()}}
    (told,) = ask("workflow-audit-passes", files, audit, git)
    return told.weight, told.message


def test_the_actions_of_the_owner_himself_are_worth_a_note() -> None:
    mine = job("- uses: Me/a@v1\n- uses: me/b@v1")
    weight, message = _unpinned(mine, 6, 7, origin="git@github.com:me/app.git")
    assert (weight, "all of me, who has this repository too" in message) == ("note", True)
    manifest = "[package]\nname = 'a'\nrepository = 'https://github.com/me/app'\n"
    assert _unpinned(mine, 6, 7, Cargo_toml=manifest)[0] == "note"
    assert _unpinned(mine, 6, 7, origin="git@github.com:you/app.git")[0] == "warning"
    both = mine.replace("me/b", "other/b")
    assert _unpinned(both, 6, 7, origin="git@github.com:me/app.git")[0] == "warning"


def test_whole_workflows_of_one_owner_are_worth_a_note() -> None:
    text = "on: push\njobs:\n  a:\n    uses: me/u/.github/workflows/a.yml@v2\n    secrets: inherit\n"
    text += "  b:\n    uses: WHO/u/.github/workflows/b.yml@v2\n    secrets: inherit\n"
    assert _unpinned(text.replace("WHO", "me"), 4, 7)[0] == "note"
    assert _unpinned(text.replace("WHO", "other"), 4, 7)[0] == "warning"
    assert _unpinned(text.replace("WHO", "me"), 4)[0] == "warning"


READS = "permissions: {contents: read}"


@pytest.mark.parametrize(
    ("extra", "more", "weight"),
    [
        (READS, "", "note"),
        ("permissions: {}", "", "note"),
        (READS, "- run: x ${{ secrets.GITHUB_TOKEN }}", "note"),
        ("", "", "warning"),
        ("permissions: {contents: read, id-token: write}", "", "warning"),
        (READS, "- {run: x, env: {T: '${{ secrets.T }}'}}", "warning"),
        (READS, "- {run: x, env: {T: '${{ toJSON(secrets) }}'}}", "warning"),
    ],
)
def test_what_may_only_read_and_has_no_secret_is_worth_a_note(extra: str, more: str, weight: str) -> None:
    text = job(f"- uses: a/b@v1\n{more}", extra=extra)
    assert _unpinned(text, 7 if extra else 6)[0] == weight
