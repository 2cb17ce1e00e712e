import pytest

from tests.checks.testing import CI, ask, job, places

TREE = {"conf/app.toml": "x = 1\n", "requirements.txt": "x\n", "env.sh": "A=1\n"}
CHECKOUT = "- uses: actions/checkout@v4\n"


def ci(steps: str) -> dict[str, str]:
    return {**TREE, CI: job(f"{CHECKOUT}{steps}")}


def test_a_script_of_the_repository_makes_no_more_than_its_commands_do() -> None:
    steps = "- run: ./tools/say.sh\n- run: cat settings/gone.toml"
    said = {**ci(steps), "tools/say.sh": "#!/bin/sh\nsay() { echo $1; }\nsay hello\ncargo check\n"}
    (found,) = ask("workflow-file-exists", said)
    assert found.subject == "ci.yml: settings/gone.toml"
    for line in ("unpack", "./tools/more.sh", "cargo run"):
        made = {**said, "tools/say.sh": f"#!/bin/sh\n{line}\n", "tools/more.sh": "#!/bin/sh\nunpack\n"}
        assert ask("workflow-file-exists", made) == []


def test_a_target_of_make_that_only_builds_makes_no_file() -> None:
    makefile = {"Makefile": "build: check\n\tcargo build --locked\n\ncheck:\n\t@echo checked\n"}
    (found,) = ask(
        "workflow-file-exists", {**ci("- run: make build\n- run: cat settings/gone.toml"), **makefile}
    )
    assert found.subject == "ci.yml: settings/gone.toml"


@pytest.mark.parametrize(
    "makefile",
    [
        "build:\n\tunpack\n",
        "build: more\n\tcargo build\n",
        "include more.mk\nbuild:\n\tcargo build\n",
        "build:\n\techo x > settings/gone.toml\n",
        "build:\n\t$(TOOL) x\n",
        "other:\n\tcargo build\n",
    ],
)
def test_any_other_target_may_have_made_it(makefile: str) -> None:
    steps = ci("- run: make build\n- run: cat settings/gone.toml")
    assert ask("workflow-file-exists", {**steps, "Makefile": makefile}) == []


def test_the_value_of_an_option_of_shellcheck_is_no_file() -> None:
    assert ask("workflow-file-exists", ci("- run: shellcheck -s sh --severity error env.sh")) == []
    found = ask("workflow-file-exists", ci("- run: shellcheck -x -s sh gone.sh"))
    assert found[0].subject == "ci.yml: gone.sh"


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("cp conf/gone.toml dist.toml", "conf/gone.toml"),
        ("cat conf/gone.toml", "conf/gone.toml"),
        ("source conf/gone.env prod.env", "conf/gone.env"),
        ("pip install -r requirements-dev.txt", "requirements-dev.txt"),
        ("wc -l < gone.txt", "gone.txt"),
        ("cd conf; cat gone.toml", "conf/gone.toml"),
        ("docker-compose -f compose.yml up", "compose.yml"),
        ("docker compose -p x --file=deploy/compose.yaml up -d --wait", "deploy/compose.yaml"),
        ("docker compose -f conf/gone.yaml config", "conf/gone.yaml"),
        ("bats -j 4 test/shell", "test/shell"),
        ("shellcheck conf/*.bash", "conf/*.bash"),
        ("bats tests/*.bats", "tests/*.bats"),
        ("git diff --exit-code docs/api.md", "docs/api.md"),
        ("git diff --quiet docs/", "docs"),
        ("python3 -m unittest discover --start-directory tests", "tests"),
    ],
)
def test_a_file_that_is_not_there_is_named_with_its_line(command: str, path: str) -> None:
    found = ask("workflow-file-exists", ci(f"- run: {command}"))
    assert (places(found), found[0].subject) == ([(CI, 7)], f"ci.yml: {path}")


@pytest.mark.parametrize(
    "steps",
    [
        "- run: cp conf/app.toml dist.toml && cat requirements.txt",
        "- run: cp target/release/app dist",
        "- run: date > now.txt; cat now.txt",
        "- run: |\n    {\n      date\n    } > now.txt\n    cat now.txt",
        "- run: date | tee now.txt && cat now.txt",
        "- run: curl -o x.sh https://x/y; source x.sh",
        "- run: ./make.sh\n- run: cat made.txt",
        "- {uses: actions/download-artifact@v4, with: {name: x}}\n- run: cat x.txt",
        "- run: cat gone.txt || true",
        "- run: if cat gone.txt; then make; fi",
        "- run: cat $FILE ~/x /etc/hosts conf/*.toml -",
        "- run: cp -t dist gone.txt",
        "- run: cargo tarpaulin --out Xml\n- run: cat cobertura.xml",
        "- run: pip install -r https://x/y.txt",
        "- run: cat <<EOF\n    x\n    EOF",
        "- {run: cat gone.txt, if: false}",
    ],
)
def test_a_file_that_is_there_or_may_have_been_made_is_fine(steps: str) -> None:
    assert ask("workflow-file-exists", ci(steps)) == []


def test_without_a_checkout_nothing_is_known() -> None:
    assert ask("workflow-file-exists", {**TREE, CI: job("- run: cat gone.txt")}) == []


READS = """\
    on: push
    jobs:
      a:
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/checkout@v6
          - run: {}
    """


@pytest.mark.parametrize(
    "run", ["bash -n deploy/a.sh deploy/b.sh", "jq -e . policies/a.json policies/b.json > /dev/null"]
)
def test_a_file_that_is_only_looked_at_has_to_be_there(run: str) -> None:
    files = {"deploy/a.sh": "", "policies/a.json": "{}", CI: READS.format(run)}
    assert places(ask("workflow-file-exists", files)) == [(CI, 7)]


@pytest.mark.parametrize("run", ["jq --arg a b . policies/a.json", "jq -n '1'", "jq . policies/a.json"])
def test_words_that_options_take_are_no_files(run: str) -> None:
    assert not ask("workflow-file-exists", {"policies/a.json": "{}", CI: READS.format(run)})


def test_a_script_that_is_sourced_is_told_once_and_what_it_is_given_is_no_file() -> None:
    for word in ("source", "."):
        files = ci(f"- run: {word} ./scripts/env.sh production")
        assert ask("workflow-file-exists", files) == []
        (found,) = ask("workflow-script-exists", files)
        assert (places([found]), found.subject) == ([(CI, 7)], "ci.yml: scripts/env.sh")


@pytest.mark.parametrize(
    "steps",
    [
        "- run: docker compose -f conf/app.toml logs -f web",
        "- run: docker-compose logs -f web",
        "- run: docker compose up web",
        "- run: docker compose -f https://example.com/compose.yaml up",
        "- run: touch compose.yaml\n- run: docker compose -f compose.yaml up",
        "- run: shellcheck ./*.sh conf/app.*",
        "- run: shellcheck conf/**/*.bash",
        "- run: cp env.sh conf/new.bash\n- run: shellcheck conf/*.bash",
        "- run: make scripts\n- run: shellcheck conf/*.bash",
        "- run: shellcheck conf/*.bash || true",
        "- run: shopt -s nullglob; shellcheck conf/*.bash",
        "- run: bats conf",
        "- run: bats --filter gone conf",
        "- run: git diff --exit-code -- docs/api.md",
        "- run: git diff --exit-code origin/main v1.2",
        "- run: git diff docs/api.md",
        "- run: git diff --exit-code conf/ env.sh",
        "- run: ./tools/generate\n- run: git diff --exit-code conf/api.md",
        "- run: cargo xtask docs\n- run: git diff --exit-code conf/api.md",
        "- run: if ! git diff --exit-code docs/api.md; then exit 1; fi",
    ],
)
def test_what_is_there_or_made_or_no_file_is_not_accused_of_missing(steps: str) -> None:
    files = {**ci(steps), "tools/generate": "#!/bin/sh\nx\n"}
    assert ask("workflow-file-exists", files) == []
