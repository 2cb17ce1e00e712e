"""What a machine lacks is marked as a limit of the rehearsal, and nothing else is."""

from __future__ import annotations

import pytest

from deployments.embedded.runner.interface import Annotation, JobRecord
from tasks.domain.limit import TITLE
from tests.embedded.runner.bench import Bench

pytestmark = pytest.mark.processes

HEAD = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"


def marks(job: JobRecord) -> list[Annotation]:
    return [one for one in job.annotations if one.title == TITLE]


@pytest.mark.parametrize(
    ("step", "what", "obtain"),
    [
        (
            "uses: dtolnay/rust-toolchain@1.2.3",
            "toolchain 1.2.3 is not on this machine",
            "rustup toolchain install 1.2.3",
        ),
        ("uses: somebody/something@v1", "somebody/something@v1 has no stand-in", ""),
        ("run: docker build .", "no container engine", ""),
        (
            "run: sudo apt-get install no-such-package-at-all",
            "no-such-package-at-all cannot be installed here",
            "sudo apt-get install no-such-package-at-all",
        ),
        (
            "run: cargo install --offline nothing-of-this-name",
            "nothing-of-this-name cannot be installed",
            "",
        ),
    ],
)
def test_what_cannot_be_run_here_is_marked_with_the_line_of_its_step(
    bench: Bench, step: str, what: str, obtain: str
) -> None:
    result = bench.run(
        f"{HEAD}      - run: 'true'\n      - {step}\n      - if: always()\n        run: exit 3\n"
    )
    assert result.conclusion == "failure"
    (mark,) = marks(result.jobs[0])
    assert what in mark.message
    assert (mark.details, mark.start_line) == (obtain, 7)
    assert mark.path == bench.request("").workflow_path


@pytest.mark.parametrize(
    "steps",
    [
        "      - run: exit 3\n      - if: always()\n        run: docker build .\n",
        "      - run: docker build . || true\n      - run: exit 3\n",
        "      - run: docker build .\n        continue-on-error: true\n      - run: exit 3\n",
        "      - run: nothing-of-this-name\n",
    ],
)
def test_a_fault_beside_a_limit_stays_a_fault(bench: Bench, steps: str) -> None:
    result = bench.run(HEAD + steps)
    assert result.conclusion == "failure"
    assert marks(result.jobs[0]) == []


def test_a_limit_in_a_composite_action_marks_the_step_that_calls_it(bench: Bench) -> None:
    bench.files["act/action.yml"] = (
        "runs:\n  using: composite\n  steps:\n    - run: docker build .\n      shell: bash\n"
    )
    result = bench.run(f"{HEAD}      - uses: actions/checkout@v4\n      - uses: ./act\n")
    (mark,) = marks(result.jobs[0])
    assert ("no container engine" in mark.message, mark.start_line) == (True, 7)


def test_a_limit_does_not_end_the_other_combinations_of_a_matrix(bench: Bench) -> None:
    result = bench.run(
        "on: push\njobs:\n  a:\n    runs-on: ${{ matrix.os }}\n"
        "    strategy: {matrix: {os: [ubuntu-latest, macos-latest], make: ['docker build .', 'sleep 1']}}\n"
        "    steps:\n      - run: ${{ matrix.make }}\n"
    )
    ended = {job.name: (job.conclusion, [mark.message for mark in marks(job)]) for job in result.jobs}
    assert ended["a (ubuntu-latest, sleep 1)"] == ("success", [])
    assert ended["a (ubuntu-latest, docker build .)"] == (
        "failure",
        ["there is no container engine here"],
    )
    assert "macOS" in ended["a (macos-latest, sleep 1)"][1][0]
    assert all(mark.start_line == 3 for job in result.jobs for mark in marks(job) if "macos" in job.name)


def test_cargo_as_an_action_runs_and_tells_a_limit_from_a_fault(bench: Bench) -> None:
    step = (
        "      - uses: actions-rs/cargo@v1\n        with: {command: WHAT, args: ARGS, toolchain: '1.2.3'}\n"
    )
    lacking = bench.run(HEAD + step.replace("WHAT", "build").replace("ARGS", "--locked"))
    (mark,) = marks(lacking.jobs[0])
    assert mark.details == "rustup toolchain install 1.2.3"
    own = step.replace(", toolchain: '1.2.3'", "")
    shown = bench.run(HEAD + own.replace("WHAT", "--version").replace("ARGS", "--verbose"))
    assert shown.conclusion == "success", bench.log(shown.jobs[0])
    failed = bench.run(HEAD + own.replace("WHAT", "biuld").replace("ARGS", "--locked"))
    assert (failed.conclusion, marks(failed.jobs[0])) == ("failure", [])
