from tasks.domain.audit import AuditFinding, WorkflowAudit
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


def test_the_remedy_names_the_program_as_it_is_found_on_this_machine() -> None:
    audit = WorkflowAudit(tool="zizmor 1", program="/opt/our\\ tools/zizmor", findings=(found(6),))
    (told,) = ask("workflow-audit-passes", FILES, audit)
    assert told.remedy is not None
    assert told.remedy.commands == ("/opt/our\\ tools/zizmor --offline .",)


def test_a_file_that_the_linter_cannot_read_is_unknown_and_stops_nobody() -> None:
    audit = WorkflowAudit(tool="zizmor 1", findings=(found(6),), unread=(CI,))
    unread = [one for one in ask("workflow-audit-passes", FILES, audit) if one.subject == "unread"]
    assert [(one.verdict, one.blocks, one.evidence[0].file) for one in unread] == [("unknown", False, CI)]
    assert not ask("workflow-audit-passes", FILES, WorkflowAudit(tool="zizmor 1"))


def test_what_is_less_serious_is_a_note() -> None:
    (told,) = ask(
        "workflow-audit-passes", FILES, WorkflowAudit(tool="zizmor 1", findings=(found(6, "medium"),))
    )
    assert (told.weight, places([told])) == ("note", [(CI, 6)])


def test_guesses_and_hints_of_the_linter_accuse_nobody() -> None:
    guesses = (found(6, "high", "low"), found(6, "informational"))
    (told,) = answers("workflow-audit-passes", FILES, WorkflowAudit(tool="zizmor 1", findings=guesses))
    assert (told.verdict, told.message) == ("holds", "zizmor 1 finds nothing")
