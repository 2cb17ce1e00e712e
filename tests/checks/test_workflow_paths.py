import pytest

from tests.checks.testing import CI, ask, job, places

TREE = {"scripts/build.sh": "make\n"}


def ci(steps: str) -> dict[str, str]:
    return {**TREE, CI: job(f"- uses: actions/checkout@v4\n{steps}")}


@pytest.mark.parametrize(
    "command", ["./scripts/gone.sh", "bash scripts/gone.sh -x", "cd scripts; ./gone.sh && ./no.sh"]
)
def test_a_script_that_nobody_makes_is_named_with_its_line(command: str) -> None:
    assert places(ask("workflow-script-exists", ci(f"- run: {command}")))[:1] == [(CI, 7)]


@pytest.mark.parametrize(
    "steps",
    [
        "- run: ./scripts/build.sh",
        "- run: cd scripts && ./build.sh",
        "- {run: ./build.sh, working-directory: scripts}",
        "- run: ./target/release/app",
        "- {run: cargo build, working-directory: scripts}\n- run: scripts/target/debug/app",
        "- run: curl -o setup.sh https://x && bash setup.sh",
        "- run: curl -sSf https://x -o setup.sh\n- run: bash setup.sh",
        "- run: tar xzf tool.tgz\n- run: ./tool/bin/x",
        "- {uses: actions/download-artifact@v4, with: {path: dist}}\n- run: ./dist/app",
        "- run: if [ -f gone.sh ]; then ./gone.sh; fi",
        "- {run: ./gone.sh, if: false}",
        "- run: $TOOL/gone.sh",
        "- run: /usr/local/bin/x",
        "- run: bash -c './gone.sh'",
        "- {uses: actions/checkout@v4, with: {repository: a/b, path: other}}\n- run: bash other/run.sh",
    ],
)
def test_a_script_that_is_there_or_may_have_been_made_is_not_accused(steps: str) -> None:
    assert ask("workflow-script-exists", ci(steps)) == []


def test_without_a_checkout_nothing_is_known_of_paths() -> None:
    assert ask("workflow-script-exists", {**TREE, CI: job("- run: ./gone.sh")}) == []


def inner(line: str, step: str = "- run: scripts/build.sh") -> dict[str, str]:
    return {**ci(step), "scripts/build.sh": f"#!/bin/sh\nset -e\n{line}\n"}


@pytest.mark.parametrize("line", [". scripts/lib.sh", "python3 scripts/stamp.py", "./scripts/gone.sh x"])
def test_a_script_that_a_called_script_runs_and_nobody_makes_is_named_in_it_with_the_caller(
    line: str,
) -> None:
    (found,) = ask("workflow-script-exists", inner(line))
    assert [(one.file, one.line) for one in found.evidence] == [("scripts/build.sh", 3), (CI, 7)]


@pytest.mark.parametrize(
    "files",
    [
        inner('. "$(dirname "$0")/lib.sh"'),
        inner("test -f scripts/lib.sh && . scripts/lib.sh"),
        inner("if [ -f scripts/lib.sh ]; then . scripts/lib.sh; fi"),
        inner("echo x=1 > scripts/lib.sh\n. scripts/lib.sh"),
        inner("curl -o scripts/lib.sh https://x\n. scripts/lib.sh"),
        inner("later() { . scripts/lib.sh; }"),
        inner(". scripts/lib.sh || true"),
        inner(". scripts/lib.sh", "- run: cp /x scripts/lib.sh\n- run: scripts/build.sh"),
        inner(". scripts/lib.sh", "- run: scripts/build.sh || true"),
        inner(". scripts/lib.sh", "- {run: scripts/build.sh, continue-on-error: true}"),
        inner("cd /tmp\n. ./lib.sh"),
        inner(". ./build.sh", "- {run: ./build.sh, working-directory: scripts}"),
    ],
)
def test_a_script_that_a_called_script_only_tries_or_makes_is_not_accused(files: dict[str, str]) -> None:
    assert ask("workflow-script-exists", files) == []


TOOL = {
    "Cargo.toml": '[workspace]\nmembers = ["tool"]\n',
    "tool/Cargo.toml": '[package]\nname = "tool"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n',
    CI: job("- uses: actions/checkout@v6\n- run: cargo run -p tool\n- run: ./gen/deploy.sh"),
}


def test_a_program_that_spells_neither_the_file_nor_its_directory_has_not_made_it() -> None:
    quiet = 'fn main() { println!("generic deploys"); }\n'
    (found,) = ask("workflow-script-exists", {**TOOL, "tool/src/main.rs": quiet})
    assert places([found]) == [(CI, 8)]


@pytest.mark.parametrize(
    "main",
    [
        'fn main() { std::fs::write("gen/x.sh", "").unwrap(); }\n',
        'fn main() { write(format!("{dir}/deploy.sh")); }\n',
        "fn main() { let out = std::env::args().nth(1); write(out); }\n",
        'fn main() { std::process::Command::new("make").status(); }\n',
        f'fn main() {{ println!("{"x" * 300_000}"); }}\n',
    ],
)
def test_a_program_that_spells_it_or_may_make_anything_excuses_it(main: str) -> None:
    assert ask("workflow-script-exists", {**TOOL, "tool/src/main.rs": main}) == []


def test_what_a_library_of_the_program_spells_and_what_a_program_elsewhere_does_excuses_too() -> None:
    files = {
        **TOOL,
        "tool/Cargo.toml": TOOL["tool/Cargo.toml"] + 'helper = { path = "../helper" }\n',
        "tool/src/main.rs": "fn main() { helper::write(); }\n",
        "helper/Cargo.toml": TOOL["tool/Cargo.toml"].replace("tool", "helper"),
        "helper/src/lib.rs": 'pub fn write() { std::fs::write("gen/deploy.sh", ""); }\n',
    }
    assert ask("workflow-script-exists", files) == []
    elsewhere = TOOL[CI].replace("cargo run -p tool", "cargo run -p tool && ./configure-all")
    quiet = {**TOOL, CI: elsewhere, "tool/src/main.rs": "fn main() {}\n"}
    assert [one.subject for one in ask("workflow-script-exists", quiet)] == ["ci.yml: configure-all"]


@pytest.mark.parametrize(
    ("recipe", "gone"),
    [
        ("\t@echo built\n\tmkdir -p out\n\tcargo build\n", True),
        ("\t$(CARGO) build $(FLAGS)\n", True),
        ("\t./generate\n", False),
        ("\tcargo run -p else\n", False),
        ("\t$(OWN) build\n", False),
        ("\techo x > gen/deploy.sh\n", False),
        ("\t$(ADDED) build\n", False),
    ],
)
def test_after_a_recipe_of_known_commands_a_file_is_still_missing(recipe: str, gone: bool) -> None:
    head = "FLAGS ?= --release\nADDED = cargo\nADDED += x\nall:\n"
    files = {
        "Makefile": head + recipe,
        CI: job("- uses: actions/checkout@v6\n- run: make all\n- run: ./gen/deploy.sh"),
    }
    assert bool(ask("workflow-script-exists", files)) is gone


def test_a_script_of_the_repository_in_a_job_without_a_checkout_is_told() -> None:
    steps = "- run: gh release download v1 --dir dist\n- run: ./scripts/build.sh"
    (found,) = ask("workflow-script-exists", {**TREE, CI: job(steps)})
    assert places([found]) == [(CI, 7)]
    assert "checks nothing out" in found.message


@pytest.mark.parametrize(
    "before",
    [
        "- run: git clone https://github.com/o/n .",
        "- run: curl https://x | tar xz",
        "- run: mkdir scripts && gh release download --dir scripts",
        "- uses: actions/download-artifact@v4",
        "- uses: a/b@v1",
        "- uses: actions/checkout@v6",
    ],
)
def test_a_script_that_a_step_may_have_fetched_is_not_told(before: str) -> None:
    steps = f"{before}\n- run: ./scripts/build.sh"
    assert ask("workflow-script-exists", {**TREE, CI: job(steps)}) == []
