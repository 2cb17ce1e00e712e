import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, ask, job, places

CHECK = "terraform-output-declared"
OUTPUT = 'output "address" {\n  value = 1\n}\n'


def steps(command: str) -> dict[str, str]:
    return {"infra/main.tf": OUTPUT, CI: job(f"- uses: actions/checkout@v4\n- run: {command}")}


@pytest.mark.parametrize(
    "command",
    [
        "terraform -chdir=infra output -raw adress",
        "cd infra && terraform output adress > x",
        "terraform -chdir=infra output -state s.tfstate -json adress",
    ],
)
def test_an_output_that_the_module_does_not_declare_ends_the_step(command: str) -> None:
    (found,) = ask(CHECK, steps(command))
    assert places([found]) == [(CI, 7)]
    assert "infra declares no output adress" in found.message


def test_a_failure_that_is_caught_is_a_warning() -> None:
    (found,) = ask(CHECK, steps('terraform -chdir=infra output -raw adress || echo ""'))
    assert found.weight is Weight.WARNING
    assert "always empty" in found.message


@pytest.mark.parametrize(
    "command",
    [
        "terraform -chdir=infra output -raw address",
        "terraform -chdir=infra output",
        "terraform -chdir=infra output -json",
        "terraform -chdir=infra output -raw $NAME",
        "terraform -chdir=infra output $OPTIONS adress",
        "terraform -chdir=made output -raw adress",
    ],
)
def test_an_output_that_is_declared_or_not_certain_is_fine(command: str) -> None:
    assert ask(CHECK, steps(command)) == []


def test_a_script_that_goes_where_only_a_run_tells_finds_what_any_module_declares() -> None:
    script = 'cd "$DIR"\nterraform output -raw NAME\n'
    files = {"infra/main.tf": OUTPUT, "x.sh": script}
    (found,) = ask(CHECK, {**files, "x.sh": script.replace("NAME", "adress")})
    assert places([found]) == [("x.sh", 2)]
    assert "no module of the repository declares" in found.message
    assert ask(CHECK, {**files, "x.sh": script.replace("NAME", "address")}) == []
    assert ask(CHECK, {"x.sh": script, "infra/main.tf": 'variable "a" {}\n'}) == []
