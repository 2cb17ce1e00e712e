from tests.checks.testing import ask, places

CHECK = "documented-output-declared"
FILES = {"infra/main.tf": 'output "address" {\n  value = 1\n}\n'}


def document(command: str) -> dict[str, str]:
    return {**FILES, "README.md": f"# Deploy\n\n```bash\ncd infra\n{command}\n```\n"}


def test_an_output_that_no_module_declares_is_named() -> None:
    found = ask(CHECK, document("terraform output -raw addresses"))
    assert places(found) == [("README.md", 5)]
    assert "the output addresses" in found[0].message


def test_outputs_that_are_declared_all_of_them_and_placeholders_are_fine() -> None:
    for command in (
        "terraform output -raw address",
        "terraform output -json",
        "terraform output NAME",
        "terraform output <name>",
        "terraform output $NAME",
    ):
        assert ask(CHECK, document(command)) == []


def test_a_repository_without_outputs_is_not_the_one_that_is_meant() -> None:
    files = {**document("terraform output -raw addresses"), "infra/main.tf": 'variable "a" {}\n'}
    assert ask(CHECK, files) == []


def test_an_output_that_an_example_among_the_documents_declares_is_fine() -> None:
    files = {**document("terraform output -raw key"), "docs/assets/x.tf": 'output "key" {\n  value = 1\n}\n'}
    assert ask(CHECK, files) == []
