from tasks.domain.finding import Finding, Verdict
from tasks.domain.settings import Supervised
from tasks.domain.supervision import Supervision, Watched
from tests.checks.testing import ask

ASKED = Supervised(name="watchdog", command="watchdog.sh", log="watch.log", fresh_minutes=10)


def told(check: str, watched: Watched) -> list[Finding]:
    return ask(check, {}, Supervision(watched=(watched,)))


def test_a_process_that_does_not_run_is_named() -> None:
    found = told("process-alive", Watched(asked=ASKED))
    assert [(one.subject, one.verdict) for one in found] == [("watchdog", Verdict.BROKEN)]


def test_a_process_that_may_be_hidden_is_unknown() -> None:
    assert [one.verdict for one in told("process-alive", Watched(asked=ASKED, hidden=True))] == [
        Verdict.UNKNOWN
    ]


def test_a_process_that_runs_and_one_nobody_asked_for_are_fine() -> None:
    assert told("process-alive", Watched(asked=ASKED, pids=(7,))) == []
    assert told("process-alive", Watched(asked=Supervised(name="log only", log="x"))) == []


def test_a_stale_and_a_missing_log_are_named() -> None:
    stale = told("log-fresh", Watched(asked=ASKED, log_exists=True, log_seconds=1300))
    assert "21 minutes ago" in stale[0].message
    assert "no log watch.log" in told("log-fresh", Watched(asked=ASKED))[0].message


def test_a_fresh_log_is_fine() -> None:
    assert told("log-fresh", Watched(asked=ASKED, log_exists=True, log_seconds=599)) == []
