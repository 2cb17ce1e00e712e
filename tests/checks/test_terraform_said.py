from tasks.domain.fact import Unseen
from tasks.domain.finding import Verdict, Weight
from tasks.domain.terraform_said import Complaint, TerraformFormat, TerraformValid
from tasks.facts.terraform_said import NOT_HERE
from tests.checks.testing import ask, places


def test_files_that_terraform_would_write_otherwise_are_noted() -> None:
    found = ask("terraform-formatted", {}, TerraformFormat(files=("infra/main.tf",)))
    assert places(found) == [("infra/main.tf", None)]
    assert found[0].weight is Weight.NOTE
    assert ask("terraform-formatted", {}, TerraformFormat(files=())) == []
    assert ask("terraform-formatted", {}, TerraformFormat(files=("tests/source/main.tf",))) == []


def test_what_terraform_refuses_blocks_at_its_place_and_what_it_warns_of_does_not() -> None:
    error = Complaint(error=True, summary="Unsupported argument", detail="x", file="infra/main.tf", line=3)
    warning = Complaint(error=False, summary="Deprecated")
    found = ask("terraform-valid", {}, TerraformValid(modules={"infra": (error, warning)}))
    assert places(found) == [("infra/main.tf", 3), (None, None)]
    assert [one.blocks for one in found] == [True, False]


def test_a_valid_module_is_fine_and_one_without_providers_is_unknown() -> None:
    assert ask("terraform-valid", {}, TerraformValid(modules={"": ()})) == []
    unseen = TerraformValid(modules={"": Unseen(reason="no network")})
    found = ask("terraform-valid", {}, unseen)
    assert [(one.verdict, one.blocks) for one in found] == [(Verdict.UNKNOWN, False)]


def test_providers_that_nobody_was_to_fetch_are_no_warning() -> None:
    here = TerraformValid(modules={"": Unseen(reason="not on this machine")}, fetched=False)
    assert [one.weight for one in ask("terraform-valid", {}, here)] == [Weight.NOTE]
    asked = TerraformValid(modules={"": Unseen(reason="no network")})
    assert [one.weight for one in ask("terraform-valid", {}, asked)] == [Weight.WARNING]


def test_a_file_that_several_directories_use_is_named_once() -> None:
    twice = Complaint(error=True, summary="Duplicate resource", detail="x", file="modules/a/main.tf", line=3)
    found = ask("terraform-valid", {}, TerraformValid(modules={"infra": (twice,), "stage": (twice,)}))
    assert places(found) == [("modules/a/main.tf", 3)]


def test_the_commands_of_the_remedy_go_to_the_directory_that_was_validated() -> None:
    error = Complaint(
        error=True, summary="Unsupported argument", detail="x", file="modules/a/main.tf", line=3
    )
    said = TerraformValid(modules={"infra/prod": (error,), "stage": Unseen(reason="no network")})
    commands = {one.verdict: one.remedy.commands for one in ask("terraform-valid", {}, said) if one.remedy}
    assert commands == {
        Verdict.UNKNOWN: ("terraform -chdir=stage init -backend=false",),
        Verdict.BROKEN: (
            "terraform -chdir=infra/prod init -backend=false",
            "terraform -chdir=infra/prod validate",
        ),
    }


def test_providers_that_are_not_here_are_told_once_for_all_modules_with_what_brings_them() -> None:
    away = Unseen(reason=NOT_HERE)
    seen = TerraformValid(modules={"a": away, "b": away, "c": Unseen(reason="x")}, fetched=False)
    (found,) = ask("terraform-valid", {}, seen)
    assert found.message == f"a and b could not be validated: {NOT_HERE}; c could not be validated: x"
    assert found.remedy is not None
    fetch = "terraform -chdir=a get && terraform -chdir=a providers mirror ~/.terraform.d/plugins"
    assert found.remedy.commands[0] == fetch
    assert "from there alone in every project of this machine" in found.remedy.summary


def test_a_syntax_error_is_told_by_the_check_that_needs_no_terraform_alone() -> None:
    files = {"infra/main.tf": 'resource "a" "b" {\n  x = {\n    condition {\n  }\n}\n', "infra/v.tf": ""}
    error = Complaint(error=True, summary="Missing key/value separator", file="infra/main.tf", line=3)
    other = Complaint(error=True, summary="Unsupported argument", file="infra/v.tf", line=1)
    assert len(ask("terraform-parses", files)) == 1
    assert ask("terraform-valid", files, TerraformValid(modules={"infra": (error,)})) == []
    found = ask("terraform-valid", files, TerraformValid(modules={"infra": (error, other)}))
    assert places(found) == [("infra/v.tf", 1)]


def test_what_terraform_refuses_is_shown_as_the_file_has_it() -> None:
    error = Complaint(error=True, summary="Unsupported argument", detail="x", file="infra/main.tf", line=2)
    files = {"infra/main.tf": 'resource "a" "b" {\n  colour = 1\n}\n'}
    (found,) = ask("terraform-valid", files, TerraformValid(modules={"infra": (error,)}))
    assert (found.evidence[0].excerpt, found.evidence[0].source) == ("colour = 1", "file")
    assert found.message.startswith("Unsupported argument")
