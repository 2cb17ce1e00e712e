"""What GitHub refuses before anything runs is refused here too, with the place."""

from typing import Any

import pytest

from tasks.domain.workflow_syntax import problems

JOB: dict[str, Any] = {"runs-on": "ubuntu-latest", "steps": [{"run": "true"}]}


def workflow(**jobs: Any) -> dict[str, Any]:
    return {"on": "push", "jobs": jobs}


def test_a_good_workflow_has_no_problem() -> None:
    good = workflow(
        a={**JOB, "if": "github.ref == 'x'"}, b={**JOB, "needs": ["a"], "env": {"X": "${{ secrets.X }}"}}
    )
    assert problems(good) == ()


@pytest.mark.parametrize(
    ("document", "path", "words"),
    [
        ([], "", "must be a map"),
        ({"jobs": {"a": JOB}}, "on", "no event"),
        ({"on": "push"}, "jobs", "at least one job"),
        ({"on": "push", "jobs": {"a": JOB}, "job": 1}, "job", "Unexpected value 'job'"),
        (workflow(a={**JOB, "needs": "z"}), "jobs.a.needs", "unknown job 'z'"),
        (workflow(a={**JOB, "needs": "a"}), "jobs", "at least one job with no dependencies"),
        (workflow(a=JOB, b={**JOB, "needs": "c"}, c={**JOB, "needs": "b"}), "jobs", "circle: b, c"),
        (workflow(a={"steps": [{"run": "x"}]}), "jobs.a", "runs-on"),
        (workflow(a={"runs-on": "x"}), "jobs.a.steps", "at least one step"),
        (
            workflow(a={**JOB, "steps": [{"run": "x", "uses": "y"}]}),
            "jobs.a.steps.0",
            "either `run` or `uses`",
        ),
        (
            workflow(a={**JOB, "steps": [{"id": "x", "run": "1"}, {"id": "X", "run": "2"}]}),
            "jobs.a.steps.1.id",
            "more than once",
        ),
        (workflow(a={**JOB, "if": "secrets.X"}), "jobs.a.if", "Unrecognized named-value: 'secrets'"),
        (
            workflow(a={**JOB, "steps": [{"run": "x", "if": "secrets.X != ''"}]}),
            "jobs.a.steps.0.if",
            "secrets",
        ),
        (workflow(a={**JOB, "runs-on": "${{ env.X }}"}), "jobs.a.runs-on", "env"),
        (workflow(a={**JOB, "steps": [{"run": "${{ nope( }}"}]}), "jobs.a.steps.0.run", "not valid"),
        (
            workflow(a={**JOB, "steps": [{"rn": "x", "run": "x"}]}),
            "jobs.a.steps.0.rn",
            "Unexpected value 'rn'",
        ),
        (workflow(**{"1a": JOB}), "jobs.1a", "identifier"),
    ],
)
def test_each_problem_has_its_place_and_reason(document: Any, path: str, words: str) -> None:
    found = [problem for problem in problems(document) if words in problem.message]
    assert [".".join(map(str, problem.path)) for problem in found] == [path]
