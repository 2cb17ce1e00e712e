import textwrap

import pytest

from tests.checks.testing import CI, ask, places

URL = "https://app.example.com/health"


def ci(run: str, name: str = "Health check", id_: str = "build") -> dict[str, str]:
    text = textwrap.indent(textwrap.dedent(run).strip("\n"), " " * 10)
    head = f"on: push\njobs:\n  {id_}:\n    runs-on: ubuntu-latest\n    steps:\n"
    return {CI: f"{head}      - name: {name}\n        run: |\n{text}\n"}


@pytest.mark.parametrize(
    "run",
    [
        f"curl -s {URL}",
        f"curl -sS -o /dev/null -w '%{{http_code}}' {URL}",
        f"code=$(curl -s -o /dev/null -w '%{{http_code}}' {URL})\necho $code",
        f'code=$(curl -s {URL})\nif [ "$code" != ok ]; then echo bad; fi',
    ],
)
def test_an_answer_of_an_error_that_nobody_looks_at_is_named(run: str) -> None:
    (found,) = ask("health-answer-counts", ci(run))
    assert (places([found]), found.weight) == ([(CI, 8)], "warning")
    assert "401 or 500" in found.message
    assert "only fails when nobody answers" in found.message


@pytest.mark.parametrize(
    "run",
    [
        f"curl -s {URL} || true",
        f"curl -s {URL} | tee /dev/stderr",
        f"curl -s {URL} | jq .",
        "wget -q --spider https://app.example.com/ || echo failed",
        "if curl -f https://app.example.com/; then echo ok; else echo failed; fi",
        "for i in 1 2 3; do curl -f https://app.example.com/ && break; sleep 5; done",
        "for i in 1 2 3; do\n  curl -f https://app.example.com/ && exit 0\n  sleep 5\ndone\necho gave up",
        "curl -f https://app.example.com/ && echo up || echo down",
    ],
)
def test_a_question_that_can_never_fail_is_named(run: str) -> None:
    (found,) = ask("health-answer-counts", ci(run))
    assert "whatever is answered" in found.message


@pytest.mark.parametrize(
    "run",
    [
        f"curl -fsS {URL}",
        f"curl --fail-with-body {URL}",
        f"curl -s {URL} | grep -q ok",
        f"curl -s {URL} | jq -e '.status == \"ok\"'",
        f"curl $CURL_OPTS {URL}",
        f'test "$(curl -s {URL})" = ok',
        f"code=$(curl -s -o /dev/null -w '%{{http_code}}' {URL})\n[ \"$code\" = 200 ]",
        f"curl -s {URL} > answer.json",
        f"curl -s {URL} || exit 1",
        "until curl -s https://app.example.com/; do sleep 1; done",
        "for i in 1 2 3; do curl -f https://app.example.com/ && exit 0; sleep 5; done\nexit 1",
        "for i in 1 2 3; do sleep 5; curl -f https://app.example.com/ && break; done",
        "curl -f https://app.example.com/ && echo up",
        "wget -q --spider https://app.example.com/",
        "curl -s https://app.example.com/ && ./e2e.sh",
    ],
)
def test_a_question_that_can_fail_or_whose_answer_is_read_is_fine(run: str) -> None:
    assert ask("health-answer-counts", ci(run)) == []


def test_a_service_that_the_job_has_started_itself_is_a_note() -> None:
    (found,) = ask("health-answer-counts", ci("sleep 5\ncurl http://localhost:8080/health"))
    assert found.weight == "note"


def test_a_hook_that_deploys_is_named_and_one_that_tells_people_is_not() -> None:
    run = "curl -X POST https://api.example.com/deploy/srv-1"
    assert places(ask("health-answer-counts", ci(run, "Trigger deploy"))) == [(CI, 8)]
    assert ask("health-answer-counts", ci(run, "Notify of the deployment")) == []
    assert ask("health-answer-counts", ci("curl https://api.example.com/x", "Trigger deploy")) == []
    assert ask("health-answer-counts", ci(run.replace("POST", "POST -f"), "Trigger deploy")) == []


def test_what_another_check_tells_of_is_not_told_twice() -> None:
    files = ci(f"curl -f {URL} || true")
    assert ask("health-answer-counts", files) == []
    assert ask("verification-can-fail", files) != []
