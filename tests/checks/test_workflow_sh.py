import pytest

from tests.checks.testing import CI, ask, job, places

CHECK = "sh-understands"


def step(run: str, shell: str = "sh") -> str:
    return f"- shell: {shell}\n  run: |\n    " + run.replace("\n", "\n    ")


@pytest.mark.parametrize(
    ("run", "weight"),
    [
        ("source ./env", "blocker"),
        ("names=(a b)", "blocker"),
        ("cat <<< x", "blocker"),
        ("echo ${NAME//a/b}", "blocker"),
        ("echo ${NAME:0:7}", "blocker"),
        ('[[ "$NAME" == x ]]', "blocker"),
        ('if [[ "$NAME" == x ]]; then make; fi', "warning"),
        ('if [[ -z "$NAME" ]]; then make; fi', "note"),
        ("if true; then names=(a b); fi", "warning"),
        ("set -euo pipefail", "blocker"),
    ],
)
def test_a_step_of_sh_with_what_only_bash_understands_is_named(run: str, weight: str) -> None:
    (found,) = ask(CHECK, {CI: job(step(run))})
    assert (places([found]), found.weight) == ([(CI, 8)], weight)


@pytest.mark.parametrize(
    "text",
    [
        job(step("names=(a b)", "bash")),
        job("- run: names=(a b)"),
        job(step('# source x\nif [ "$A" = b ]; then . ./env; fi; echo ${A:-b} ${A%%/*} ${A#v}')),
        job(step("bash -c '[[ a == a ]]'")),
        job(step("echo 'names=(a)'; printf '%s' '${A//a/b}'")),
        job(step("echo ${{ env.A }} ${A:?}")),
        job(step("set -eu; (set -o pipefail 2>/dev/null) && set -o pipefail; true")),
        job(step('if [ -n "$BASH_VERSION" ]; then source ./env; fi')),
        job(step("names=(a b)")).replace("ubuntu-latest", "macos-latest"),
        job("- run: names=(a b)", extra="container: alpine:3"),
        job("- run: names=(a b)", extra="container: rust:1-alpine"),
        job("- run: names=(a b)", extra="container: fedora:41"),
        job("- run: names=(a b)", extra="container: rust:1\ndefaults: {run: {shell: bash}}"),
    ],
)
def test_bash_and_what_dash_understands_or_another_sh_is_fine(text: str) -> None:
    assert ask(CHECK, {CI: text}) == []


@pytest.mark.parametrize("image", ["rust:1.90", "{image: 'debian:12'}", "ubuntu:24.04"])
def test_a_container_runs_steps_in_its_sh(image: str) -> None:
    (found,) = ask(CHECK, {CI: job("- run: names=(a b)", extra=f"container: {image}")})
    assert "in a container steps run in sh" in found.message


def test_a_file_that_sh_runs_by_name_or_by_its_first_line_is_named() -> None:
    file = "set -e\nsource ./env\n"
    for run, first, told in (
        ("sh ci/x.sh", "#!/bin/bash\n", True),
        ("./ci/x.sh", "#!/bin/sh\n", True),
        ("./ci/x.sh", "#!/bin/bash\n", False),
        ("bash ci/x.sh", "#!/bin/sh\n", False),
    ):
        text = job(f"- uses: actions/checkout@v6\n- run: {run}")
        found = ask(CHECK, {CI: text, "ci/x.sh": first + file})
        called = [("ci/x.sh", 3), (CI, 7)] if run.startswith("sh ") else [("ci/x.sh", 3)]
        assert [(one.file, one.line) for each in found for one in each.evidence] == (called if told else [])


def test_a_step_that_does_not_always_run_is_a_warning() -> None:
    (found,) = ask(CHECK, {CI: job(step("names=(a b)"), extra="if: github.actor == 'me'")})
    assert found.weight == "warning"
