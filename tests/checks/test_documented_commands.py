import pytest

from tests.checks.testing import ask, places

BASE = {
    "Makefile": "VERSION := 1\n.PHONY: build\nbuild test: deps\n\tcargo build\ndeps:\n\ttrue\n",
    "justfile": "alias b := build\nversion := '1'\n\nbuild target='x': deps\n    a\n@deps:\n    b\n",
    "infra/live/main.tf": "",
    "infra/live/terraform.tfvars.example": "",
    "deploy/compose.yml": "",
}


def shell(commands: str, path: str = "docs/guide.md", before: str = "") -> dict[str, str]:
    return {**BASE, path: f"# Guide\n{before}\n```bash\n{commands}\n```\n"}


@pytest.mark.parametrize("call", ["make lint", "make -j4 lint", "just lint", "make VERSION=2 lint"])
def test_a_recipe_that_no_file_has_is_named_with_its_line(call: str) -> None:
    found = ask("documented-recipe-exists", shell(f"# first\n{call}"))
    assert places(found) == [("docs/guide.md", 5)]
    assert "here has" in found[0].message


@pytest.mark.parametrize(
    "call",
    ["make", "make test", "make build VERSION=2", "just b", "just build x", "just deps", "make $TARGET",
     "make -C other lint", "make -f other.mk lint", "make docs", "cd elsewhere\nmake lint",
     "git clone https://x/y && cd y && make lint", "just --list", "make NAME"],
)  # fmt: skip
def test_a_recipe_that_is_there_or_elsewhere_is_not_accused(call: str) -> None:
    assert ask("documented-recipe-exists", shell(call)) == []


def test_files_that_bring_more_recipes_and_documents_that_teach_them_are_not_accused() -> None:
    for more in ("include other.mk\n", "%.o: %.c\n\tcc\n", "$(ALL): x\n\ttrue\n"):
        assert ask("documented-recipe-exists", {**shell("make lint"), "Makefile": more}) == []
    taught = shell("just lint", before="\n```just\nlint:\n  true\n```\n")
    assert ask("documented-recipe-exists", taught) == []
    assert ask("documented-recipe-exists", shell("make lint", "docs/session3-summary.md")) == []
    only = {path: text for path, text in shell("make lint").items() if path != "Makefile"}
    assert ask("documented-recipe-exists", only) == []


@pytest.mark.parametrize(
    "call",
    ["cd infra/gone", "terraform -chdir=infra/gone plan", "docker compose -f deploy/gone.yml up",
     "cp infra/live/gone.tfvars.example x.tfvars",
     "cd infra/live\ncp gone.example .env", "kubectl apply -f deploy/gone.yaml"],
)  # fmt: skip
def test_a_place_that_is_not_there_is_named_with_its_line(call: str) -> None:
    line = 4 + call.count("\n")
    assert places(ask("documented-place-exists", shell(call))) == [("docs/guide.md", line)]


@pytest.mark.parametrize(
    "call",
    ["cd infra/live", "cd live", "cd ~/infra/gone", "cd $DIR", "cd gone", "cd infra/target",
     "terraform -chdir=infra/live plan", "cd infra\ncp terraform.tfvars.example x",
     "mkdir infra/gone\ncd infra/gone", "docker compose -f deploy/compose.yml up", "cp a.txt b.txt",
     "docker logs -f deploy/gone.yml", "cp gone.example .env", "cd your-directory/x", "kubectl apply -f https://x/y.yaml"],
)  # fmt: skip
def test_a_place_that_is_there_or_made_or_elsewhere_is_not_accused(call: str) -> None:
    assert ask("documented-place-exists", shell(call)) == []


def test_a_place_that_the_text_tells_to_make_is_not_accused() -> None:
    told = shell("cd infra/gone", before="\nCreate `infra/gone` first.\n")
    assert ask("documented-place-exists", told) == []


@pytest.mark.parametrize(
    "command", ["bash tools/gone.sh", "sh ./tools/gone.sh", "python3 tools/gone.py --all"]
)
def test_a_script_that_a_document_hands_to_its_interpreter_has_to_be_there(command: str) -> None:
    files = {"tools/run.sh": "", "README.md": f"# A\n\n```sh\n{command}\nbash tools/run.sh\n```\n"}
    assert places(ask("documented-script-exists", files)) == [("README.md", 4)]


def test_a_target_of_make_that_several_documents_tell_to_make_is_one_note() -> None:
    files = {"Makefile": "all:\n\ttrue\n", "a.md": "Run `make stop now`.\n", "b.md": "\n`make stop now`\n"}
    (found,) = ask("documented-recipe-exists", files)
    assert [(one.file, one.line) for one in found.evidence] == [("a.md", 1), ("b.md", 2)]
    assert found.message == "tells to run `make stop`, which no Makefile here has (2 documents)"


def test_a_target_of_a_repository_that_the_sentence_names_is_not_accused() -> None:
    text = "Checks out the **deployments** repository and runs `make bump REF=1`.\n"
    assert ask("documented-recipe-exists", {"Makefile": "all:\n\ttrue\n", "a.md": text}) == []


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("kubectl apply -f k8s/", "k8s"),
        ("kubectl apply -f deploy/gone/", "deploy/gone"),
        ("docker build -f docker/Dockerfile .", "docker/Dockerfile"),
        ("terraform -chdir=terraform apply", "terraform"),
        ("cargo install --path crates/gone", "crates/gone"),
        ("source .env.example", ".env.example"),
    ],
)
def test_a_place_of_which_nothing_is_there_is_told_where_people_stand_at_the_root(
    call: str, name: str
) -> None:
    (found,) = ask("documented-place-exists", shell(call, "README.md"))
    assert places([found]) == [("README.md", 4)]
    assert f" {name}, which" in found.message


@pytest.mark.parametrize(
    ("path", "before", "call"),
    [
        ("docs/guide.md", "", "kubectl apply -f k8s/"),  # the reader may stand elsewhere
        ("README.md", "", "cd deploy\nkubectl apply -f k8s/"),
        ("README.md", "\nIn your own repository:\n", "kubectl apply -f k8s/"),
        ("README.md", "\n```sh\ngit clone https://x/y\n```\n", "kubectl apply -f k8s/"),
        ("README.md", "", "app generate\nkubectl apply -f k8s/"),
        ("README.md", "", "kubectl apply -f deploy/"),
        ("README.md", "", "kubectl apply -f https://x/k8s/"),
        ("README.md", "", "cargo install --path ."),
        ("README.md", "", "cargo install --path target/gone"),
        ("README.md", "", "cd gone"),
        ("README.md", "", "source .env"),
    ],
)
def test_a_place_that_may_be_another_s_or_is_made_is_not_accused(path: str, before: str, call: str) -> None:
    assert ask("documented-place-exists", shell(call, path, before)) == []


def test_a_place_that_another_file_speaks_of_may_be_made_there() -> None:
    files = shell("kubectl apply -f k8s/", "README.md")
    assert ask("documented-place-exists", {**files, "Makefile": "all:\n\tgen k8s/\n"}) == []
    assert ask("documented-place-exists", {**files, ".gitignore": "k8s\n"}) == []


def test_a_target_behind_a_clone_of_the_repository_itself_is_looked_for() -> None:
    named = {"Cargo.toml": '[package]\nname = "a"\nrepository = "https://github.com/acme/tide"\n'}
    own = shell("git clone https://github.com/acme/tide.git\ncd tide\nmake lint")
    assert places(ask("documented-recipe-exists", {**own, **named})) == [("docs/guide.md", 6)]
    other = shell("git clone https://github.com/acme/ebb.git\ncd ebb\nmake lint")
    assert ask("documented-recipe-exists", {**other, **named}) == []
