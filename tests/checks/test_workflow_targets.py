import pytest

from tests.checks.testing import CI, ask, job, places

MAKEFILE = ".PHONY: all test\nX := a:b\nall: build\n\tmake\nbuild test: src\n\tcargo test\nlist:: x\n"
JUSTFILE = """\
set shell := ["bash"]
v := "1"
alias b := build

build target="x": test
  cargo build
@test:
  x
"""
TREE = {
    "Makefile": MAKEFILE,
    "sub/Makefile": "only:\n\tx\n",
    "justfile": JUSTFILE,
    "prog.c": "",
    "src": "",
    "x": "",
    "web/package.json": '{"scripts": {"build": "x"}}',
}
CHECKOUT = "- uses: actions/checkout@v4\n"


def ci(steps: str) -> dict[str, str]:
    return {**TREE, CI: job(f"{CHECKOUT}{steps}")}


@pytest.mark.parametrize(
    ("command", "subject"),
    [
        ("make tests", "make tests"),
        ("make -C sub build", "make build"),
        ("make -j 4 build V=1 gone", "make gone"),
        ("make -j gone", "make gone"),
        ("cd docs; make", "make"),
        ("just deploy", "just deploy"),
    ],
)
def test_a_target_that_nobody_defines_is_named_with_its_line(command: str, subject: str) -> None:
    files = {**ci(f"- run: {command}"), "docs/a.md": ""}
    found = ask("make-target-exists", files)
    assert (places(found), found[0].subject) == ([(CI, 7)], f"ci.yml: {subject}")


@pytest.mark.parametrize(
    "steps",
    [
        "- run: make",
        "- run: make test list build",
        "- run: make -C sub only",
        "- run: make -j$(nproc) test",
        "- run: make prog",
        "- run: make $TARGET",
        "- run: make -f other.mk x",
        "- run: just build release && just test",
        "- run: just b",
        "- run: just build release",
        "- run: just",
        "- run: make gone || true",
        "- run: cmake .\n- run: cd docs && make x",
        "- run: git clone https://x/y && make -C y x",
        "- {run: make gone, if: false}",
    ],
)
def test_a_target_that_is_defined_or_may_be_is_fine(steps: str) -> None:
    assert ask("make-target-exists", {**ci(steps), "docs/a.md": ""}) == []


NEEDS = """\
.PHONY: ci lint \\
  docs
ci: lint src/lib.rs $(EXTRA) | out
\t$(MAKE) unit e2e && echo done
lint: fmt
unit:
\t-$(MAKE) gone
\t$(MAKE) -C sub gone
other: gone
"""


def test_a_target_that_another_one_needs_is_followed() -> None:
    files = {CI: job(f"{CHECKOUT}- run: make ci"), "Makefile": NEEDS}
    found = ask("make-target-exists", files)
    assert [(one.subject, one.evidence[0].line, one.evidence[1].file) for one in found] == [
        ("Makefile: out", 3, CI),
        ("Makefile: e2e", 4, CI),
        ("Makefile: fmt", 5, CI),
    ]


def test_needs_that_are_there_or_of_targets_that_nobody_makes_are_fine() -> None:
    made = NEEDS.replace("| out", "").replace("unit e2e", "unit docs") + "fmt:\n\tcargo fmt\n"
    assert ask("make-target-exists", {CI: job(f"{CHECKOUT}- run: make ci docs"), "Makefile": made}) == []


def test_a_recipe_that_just_cannot_read_stops_every_other_one() -> None:
    files = {
        CI: job(f"{CHECKOUT}- run: just fine"),
        "justfile": "fine:\n  x\nall: fine (build 'a `b (c)` d' + x) gone\nbuild x:\n  x\n",
    }
    (found,) = ask("make-target-exists", files)
    assert (places([found]), found.subject) == ([("justfile", 3)], "justfile: gone")
    fine = files["justfile"].replace(" gone", " && fine")
    assert ask("make-target-exists", {**files, "justfile": fine}) == []
    assert ask("make-target-exists", {**files, "justfile": f"import 'more.just'\n{files['justfile']}"}) == []


@pytest.mark.parametrize("more", ["include more.mk\n", "%.html: %.md\n\tx\n", "$(NAMES):\n\tx\n"])
def test_a_makefile_with_computed_targets_is_not_judged(more: str) -> None:
    assert ask("make-target-exists", {**ci("- run: make gone"), "Makefile": f"{MAKEFILE}{more}"}) == []


@pytest.mark.parametrize(
    "step", ["{run: npm run test, working-directory: web}", "run: cd web; pnpm run test"]
)
def test_a_script_that_the_package_lacks_is_named(step: str) -> None:
    assert places(ask("npm-script-exists", ci(f"- {step}"))) == [(CI, 7)]


def test_a_missing_package_is_named() -> None:
    (found,) = ask("npm-script-exists", ci("- run: npm run build"))
    assert (found.subject, places([found])) == ("ci.yml: npm run build", [(CI, 7)])


@pytest.mark.parametrize(
    "step",
    [
        "{run: npm run build, working-directory: web}",
        "run: npm --prefix web run test",
        "run: npm run test --prefix web",
        "run: npm run $NAME",
        "run: npm ci",
        "run: if [ -f package.json ]; then npm run build; fi",
    ],
)
def test_a_script_that_is_there_or_may_be_is_fine(step: str) -> None:
    assert ask("npm-script-exists", ci(f"- {step}")) == []


def npm(script: str, steps: str = "- run: npm ci\n- run: npm run docs\n", **files: str) -> dict[str, str]:
    package = f'{{\n  "scripts": {{\n    "docs": "{script}"\n  }}\n}}\n'
    return {
        "package.json": package,
        "scripts/other.js": "",
        CI: job(f"- uses: actions/checkout@v5\n{steps}"),
        **files,
    }


@pytest.mark.parametrize(
    "script", ["node scripts/docs.js", "bash ./scripts/docs.sh --all", "node scripts/docs.mjs && ls"]
)
def test_a_script_of_npm_that_starts_a_file_that_is_not_there_is_named(script: str) -> None:
    (found,) = ask("npm-script-exists", npm(script))
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 8), ("package.json", 3)]
    assert "which is not there" in found.message


@pytest.mark.parametrize("call", ["npm test", "npm t", "npm run test", "pnpm test", "yarn test"])
def test_the_tests_of_npm_that_start_a_file_that_is_not_there_are_named(call: str) -> None:
    package = '{\n  "scripts": {\n    "test": "node test.js"\n  }\n}\n'
    files = {"package.json": package, CI: job(f"{CHECKOUT}- run: npm ci\n- run: {call}\n")}
    (found,) = ask("npm-script-exists", files)
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 8), ("package.json", 3)]
    assert found.weight.value == "warning"
    for there in ("test.js", "test.ts"):
        assert ask("npm-script-exists", {**files, there: ""}) == []
    assert ask("npm-script-exists", {**files, CI: job(f"{CHECKOUT}- run: npm ci\n")}) == []
    built = job(f"{CHECKOUT}- run: npm ci\n- run: npm run build\n- run: {call}\n")
    made = package.replace('"test"', '"build": "tsc", "test"')
    assert ask("npm-script-exists", {**files, "package.json": made, CI: built}) == []
    installed = package.replace('"test"', '"prepare": "node make.js", "test"')
    assert ask("npm-script-exists", {**files, "package.json": installed}) == []


@pytest.mark.parametrize(
    "files",
    [
        npm("node scripts/other.js"),
        npm("node dist/docs.js"),
        npm("node $DOCS/docs.js"),
        npm("cd web && node scripts/docs.js"),
        npm("node scripts/docs.js", **{".gitignore": "scripts/docs.js\n"}),
        npm("node scripts/docs.js", "- run: cp a scripts/docs.js\n- run: npm run docs\n"),
        npm("node scripts/docs.js", "- run: npm run make\n- run: npm run docs\n"),
        npm('node scripts/docs.js", "predocs": "tsc'),
    ],
)
def test_a_file_that_a_script_of_npm_finds_or_that_is_made_is_not_accused(files: dict[str, str]) -> None:
    found = [one.message for one in ask("npm-script-exists", files)]
    assert not any("is not there" in one for one in found)


def test_two_justfiles_in_one_directory_are_refused_by_just() -> None:
    two = {"justfile": "a:\n  x\n", "Justfile": "b:\n  x\n"}
    found = ask("justfile-is-one", two)
    assert [(one.subject, one.weight.value, places([one])) for one in found] == [
        ("justfile", "warning", [("Justfile", None)])
    ]
    called = ask("justfile-is-one", {**two, CI: job(f"{CHECKOUT}- run: just a")})
    assert [(one.weight.value, one.evidence[-1].line) for one in called] == [("blocker", 7)]
    assert ask("justfile-is-one", {"web/.justfile": "", "web/Justfile": ""})


def test_justfiles_of_different_directories_and_others_names_are_no_two() -> None:
    assert ask("justfile-is-one", {"justfile": "a:\n  x\n", "web/Justfile": "", "docs/my.justfile": ""}) == []
    named = {"justfile": "", "Justfile": "", CI: job(f"{CHECKOUT}- run: just --justfile Justfile a")}
    assert [one.weight.value for one in ask("justfile-is-one", named)] == ["warning"]
