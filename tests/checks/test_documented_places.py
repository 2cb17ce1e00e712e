import pytest

from tests.checks.testing import CRATE, ask, places

BASE = {
    "Cargo.toml": f'{CRATE}repository = "https://github.com/acme/tide"\n',
    "infra/live/main.tf": "",
    "infra/environments/dev/main.tf": "",
    "infra/notes/plan.txt": "",
    "deploy/compose.yml": "",
    "sql/schema.sql": "",
    "web/package.json": "{}",
    "tools/load/run.sh": "",
    "tools/load/db.Dockerfile": "",
}
CLONE = "git clone https://github.com/acme/tide\ncd tide\n"


def shell(commands: str, path: str = "README.md", before: str = "") -> dict[str, str]:
    return {**BASE, path: f"# Guide\n{before}\n```bash\n{commands}\n```\n"}


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("cd terraform && terraform apply", "directory terraform"),
        ("cd server && cargo build", "directory server"),
        ("cp config/example.toml config.toml", "file config/example.toml"),
        ("terraform plan -var-file=environments/prod/a.tfvars", "directory environments/prod"),
        ("docker build -f Dockerfile.arm .", "file Dockerfile.arm"),
        ("psql -f sql/seed.sql", "file sql/seed.sql"),
        ("source deploy/ports.env", "file deploy/ports.env"),
        (f"{CLONE}cd infra/gone", "directory infra/gone"),
        (f"{CLONE}docker build -f docker/Dockerfile .", "file docker/Dockerfile"),
    ],
)
def test_a_place_that_a_command_cannot_do_without_is_named_with_its_line(call: str, name: str) -> None:
    (found,) = ask("documented-place-exists", shell(call))
    assert places([found]) == [("README.md", 4 + call.count("\n"))]
    assert f" {name}, which" in found.message


@pytest.mark.parametrize(
    ("call", "before"),
    [
        ("cd tide && cargo build", ""),  # the directory that the clone made
        ("git clone https://github.com/other/deploy\ncd infra/gone", ""),
        ("git clone -b v1 https://github.com/acme/tide\ncd tide\ncd infra/gone", ""),
        ("cd server && ./run", ""),  # people may choose the name
        ("cd server && cargo build", "\nOn your server machine:\n"),
        ("cargo new server\ncd server && cargo build", ""),
        ("terraform plan -var-file=prod.tfvars", ""),  # values that people keep to themselves
        ("terraform plan -var-file=elsewhere/prod/a.tfvars", ""),
        ("mkdir infra/environments/prod\nterraform plan -var-file=environments/prod/a.tfvars", ""),
        ("docker build -f Dockerfile.arm .", "\nWrite `Dockerfile.arm`:\n"),
        ("pg_dump > sql/seed.sql\npsql -f sql/seed.sql", ""),
        ("psql -f sql/003_new_feature.sql", ""),
        ("psql -f gone/seed.sql", ""),
        ("source deploy/$NAME.env", ""),
        ("cp infra/live/main.tf infra/copy.tf", ""),
    ],
)
def test_a_place_that_is_brought_or_chosen_or_anothers_is_not_accused(call: str, before: str) -> None:
    assert ask("documented-place-exists", shell(call, before=before)) == []


@pytest.mark.parametrize(
    ("call", "gone"),
    [
        ("docker build -f load-test/db.Dockerfile .", ["file load-test/db.Dockerfile"]),
        ("docker build -f tide/tools/load/db.Dockerfile .", []),  # seen from beside the clone
        ("docker build -f load-test/other.Dockerfile .", []),  # of something else
    ],
)
def test_a_file_that_moved_together_with_the_document_is_told(call: str, gone: list[str]) -> None:
    found = ask("documented-place-exists", shell(call, "tools/load/README.md"))
    assert [one.message.partition("the ")[2].partition(",")[0] for one in found] == gone


def test_what_git_ignores_is_made_by_those_who_need_it() -> None:
    files = shell("terraform plan -var-file=environments/prod/a.tfvars")
    assert ask("documented-place-exists", {**files, ".gitignore": "environments/prod/\n"}) == []


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("cd infra && terraform init", "terraform in infra, which has no *.tf"),
        ("cd infra/notes\ntofu plan", "tofu in infra/notes, which has no *.tf"),
        ("cd deploy && npm install", "npm in deploy, which has no package.json"),
        ("cd deploy\nmake up", "make in deploy, which has no Makefile"),
        ("cd infra && docker compose up -d", "docker compose in infra, which has no compose file"),
    ],
)
def test_a_directory_without_what_the_tool_looks_for_is_told(call: str, told: str) -> None:
    (found,) = ask("documented-place-serves", shell(call))
    assert places([found]) == [("README.md", 4 + call.count("\n"))]
    assert found.message == f"tells to run {told}"


@pytest.mark.parametrize(
    "call",
    [
        "cd infra/live && terraform init",
        "cd infra && terraform -chdir=live init",
        "cd infra && terraform version",
        "cd infra && cargo build",  # cargo goes up to the root
        "cd infra && ls\nterraform init",
        "cd deploy && docker compose up",
        "cd infra && npm install -g serve",
        "cd infra && make -f ../Makefile",
        "git clone https://x/y/infra\ncd infra && make",
        "cd live && terraform plan",
    ],
)
def test_a_directory_in_which_the_tool_finds_what_it_looks_for_is_not_accused(call: str) -> None:
    assert ask("documented-place-serves", shell(call)) == []


def test_a_directory_for_which_the_text_tells_to_write_the_file_is_not_accused() -> None:
    files = shell("cd infra && make", before="\nWrite a `Makefile`.\n")
    assert ask("documented-place-serves", files) == []
