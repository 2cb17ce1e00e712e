import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

BASE = {
    "Cargo.toml": CRATE,
    "src/main.rs": "",
    "tools/run.sh": "make\n",
    CI: job("- run: echo ${{ secrets.KEY }}"),
}


def guide(text: str, path: str = "docs/guide.md") -> dict[str, str]:
    return {**BASE, path: text}


def shell(commands: str, path: str = "docs/guide.md") -> dict[str, str]:
    return guide(f"# Guide\n\n```bash\n{commands}\n```\n", path)


def test_a_link_that_leads_nowhere_is_named_with_its_line() -> None:
    found = ask("documented-link-leads", guide("# A\n\nSee [that](gone.md#x).\n"))
    assert places(found) == [("docs/guide.md", 3)]


def test_all_links_of_a_document_that_lead_nowhere_are_one_note() -> None:
    (found,) = ask("documented-link-leads", guide("[a](gone.md)\n\n[b](lost.md)\n"))
    assert [one.line for one in found.evidence] == [1, 3]
    assert "no docs/gone.md and no docs/lost.md" in found.message


@pytest.mark.parametrize(
    "link",
    [
        "../tools/run.sh",
        "(https://example.org/a/",
        "/tools/run.sh",
        "https://example.org/gone.md",
        "#part",
        "mailto:a@b.c",
        "../../elsewhere/x.md",
        "{{ page }}.md",
        "guide.md#part",
        "../tools/",
    ],
)
def test_a_link_that_leads_somewhere_or_out_of_the_repository_is_not_accused(link: str) -> None:
    assert ask("documented-link-leads", guide(f"See [that]({link}).\n")) == []


@pytest.mark.parametrize(
    ("path", "site"),
    [
        ("docs/guide.md", "mkdocs.yml"),
        ("docs/guide.md", "mkdocs.template.yml"),
        ("web/content/a/guide.md", "web/astro.config.mjs"),
        ("book/src/guide.md", "book/book.toml"),
        ("docs/guide.mdx", "README.md"),
    ],
)
def test_the_links_of_a_site_are_its_addresses(path: str, site: str) -> None:
    assert ask("documented-link-leads", {**guide("See [that](/deploy/gone).\n", path), site: ""}) == []


@pytest.mark.parametrize("site", ["web/astro.config.mjs", "docs.json", "src/conf.py"])
def test_a_site_elsewhere_excuses_no_document(site: str) -> None:
    found = ask("documented-link-leads", {**guide("See [that](gone.md).\n", "guides/a.md"), site: ""})
    assert places(found) == [("guides/a.md", 1)]


def test_a_record_of_the_past_is_no_instruction() -> None:
    for path in ("CHANGELOG.md", "docs/session3-summary.md", "docs/PHASE2-PLAN.md", "docs/2024-05-01-x.md"):
        assert ask("documented-link-leads", guide("[a](gone.md)", path)) == []
        assert ask("documented-script-exists", shell("./tools/gone.sh", path)) == []


def test_a_name_that_stands_for_any_script_is_none() -> None:
    for name in ("xxxx", "your-script", "foo", "run_xxx"):
        assert ask("documented-script-exists", shell(f"./tools/{name}.sh")) == []


def test_a_script_that_is_called_without_its_ending_is_shown_with_it() -> None:
    (found,) = ask("documented-script-exists", shell("./tools/run"), executable=["tools/run.sh"])
    assert found.message == "tells to run tools/run, which is at tools/run.sh"


def test_a_script_that_nobody_wrote_is_named_with_its_line() -> None:
    assert places(ask("documented-script-exists", shell("# first\n./tools/gone.sh --all"))) == [
        ("docs/guide.md", 5)
    ]


def test_a_script_in_a_sentence_is_looked_for_behind_the_values_it_is_given() -> None:
    for span in ("ENVIRONMENT=staging ./tools/roll-out.sh", "A=1 B_C=x ./tools/roll-out.sh --all"):
        (found,) = ask("documented-script-exists", guide(f"To roll out by hand: `{span}`.\n"))
        assert places([found]) == [("docs/guide.md", 1)]
    for span in (
        "X=1 ./tools/run.sh",
        "X=$(cat y) ./tools/gone.sh",
        "X=./tools/gone.sh",
        'X="./a ./tools/b.sh"',
    ):
        assert ask("documented-script-exists", guide(f"To roll out by hand: `{span}`.\n")) == []


@pytest.mark.parametrize(
    "commands",
    [
        "./tools/run.sh",
        "cd tools && bash run.sh",
        "./elsewhere/gone.sh",
        "~/gone.sh",
        "curl -o tools/gone.sh https://x\nbash tools/gone.sh",
        "python -m tools.gone",
    ],
)
def test_a_script_that_is_there_or_made_or_elsewhere_is_not_accused(commands: str) -> None:
    assert ask("documented-script-exists", shell(commands)) == []


def test_a_call_in_a_sentence_that_another_one_offers_a_choice_to_is_judged() -> None:
    said = "Locally: `cargo run -p gone -- --help`. Or `make it`.\n"
    assert places(ask("documented-target-exists", guide(said))) == [("docs/guide.md", 1)]
    assert ask("documented-target-exists", guide(said.replace(". Or", " or"))) == []


@pytest.mark.parametrize("call", ["cargo run --bin gone", "cargo build -p gone", "cargo run --example gone"])
def test_a_target_that_the_workspace_does_not_have_is_named(call: str) -> None:
    assert places(ask("documented-target-exists", shell(call))) == [("docs/guide.md", 4)]


@pytest.mark.parametrize(
    "call",
    [
        "cargo run --bin app",
        "cargo build -p app",
        "cargo run --bin NAME",
        "cargo run -p example-name",
        "cargo test -p app-<X>",
        "cargo test -p crate<N>",
        "git clone x && cargo run --bin y",
    ],
)
def test_a_target_that_is_there_or_stands_for_any_is_not_accused(call: str) -> None:
    assert ask("documented-target-exists", shell(call)) == []


def test_a_package_of_a_repository_that_an_earlier_block_clones_is_not_accused() -> None:
    clone = "```bash\ngit clone https://example.org/o/dstack\n```\n"
    build = "```bash\ncd {}\ncargo build -p supervisor\n```\n"
    files = {**shell("cargo build -p app"), "docs/guide.md": clone + build.format("dstack")}
    assert ask("documented-target-exists", files) == []
    files["docs/guide.md"] = clone + build.format("app")
    assert places(ask("documented-target-exists", files)) == [("docs/guide.md", 6)]


def test_what_one_document_or_one_name_has_in_common_is_one_note() -> None:
    block = "```bash\ncargo run --bin {}\n```\n"
    files = {
        **BASE,
        "docs/a.md": block.format("gone") + block.format("lost"),
        "docs/b.md": block.format("lost"),
        "docs/c.md": block.format("other"),
    }
    first, second = ask("documented-target-exists", files)
    assert [(one.file, one.line) for one in first.evidence] == [
        ("docs/a.md", 2),
        ("docs/a.md", 5),
        ("docs/b.md", 2),
    ]
    assert "bin gone and bin lost" in first.message
    assert second.subject == "docs/c.md: bin other"


@pytest.mark.parametrize(
    "text",
    [
        "```bash\ncargo run -p my-package\n```\n",
        "```bash\ncargo clippy -p example\n```\n",
        "```bash\ncargo run --manifest-path ../x/Cargo.toml -p gone\n```\n",
        "Clone [bot](https://example.org/o/bot) and run:\n\n```bash\ncargo run --bin gone\n```\n",
        "Start in the `other` repo:\n\n```bash\ncargo run --bin gone\n```\n",
        "Install the 'gone' repo.\n" + "\n" * 20 + "```bash\ncargo run --bin gone\n```\n",
        "```toml\n[package]\nname = 'x'\n```\n```bash\ncargo run --bin gone\n```\n",
    ],
)
def test_a_target_of_another_repository_or_of_the_reader_is_not_accused(text: str) -> None:
    assert ask("documented-target-exists", guide(text)) == []


def test_a_workflow_that_is_not_there_is_named_with_its_line() -> None:
    found = ask("documented-workflow-exists", guide("\n`.github/workflows/gone.yml` runs nightly.\n"))
    assert places(found) == [("docs/guide.md", 2)]
    found = ask("documented-workflow-exists", shell("gh workflow run gone.yml -f a=b"))
    assert places(found) == [("docs/guide.md", 4)]


@pytest.mark.parametrize(
    "text",
    [
        "`.github/workflows/ci.yml` runs nightly.",
        "Create `.github/workflows/gone.yml`.",
        "Over in that repository we have `.github/workflows/package.yml`.",
        "```bash\ngh workflow run ci.yml\ngh workflow run gone.yml -R other/repo\n```",
    ],
)
def test_a_workflow_that_is_there_or_to_be_made_is_not_accused(text: str) -> None:
    assert ask("documented-workflow-exists", guide(text)) == []


def test_a_secret_that_no_workflow_reads_is_named_with_its_line() -> None:
    assert places(ask("documented-secret-read", shell("gh secret set OTHER < file"))) == [
        ("docs/guide.md", 4)
    ]


@pytest.mark.parametrize("call", ["gh secret set KEY", "gh secret set OTHER -R a/b", "gh secret set $NAME"])
def test_a_secret_that_is_read_or_elsewhere_is_not_accused(call: str) -> None:
    assert ask("documented-secret-read", shell(call)) == []


def test_a_token_exported_for_a_push_is_a_remedy_without_effect() -> None:
    found = ask("documented-remedy-works", shell('export GITHUB_TOKEN="x"\ngit push'))
    assert places(found) == [("docs/guide.md", 4)]


@pytest.mark.parametrize(
    "commands",
    [
        'export GITHUB_TOKEN="x"\ngh auth setup-git\ngit push',
        'export GITHUB_TOKEN="x"\ngh pr create',
        "git push",
        "git push\nexport GITHUB_TOKEN=x",
    ],
)
def test_a_token_that_git_is_told_to_use_is_not_accused(commands: str) -> None:
    assert ask("documented-remedy-works", shell(commands)) == []


def test_a_script_that_the_document_tells_to_create_first_is_not_missing() -> None:
    made = "1. Create: `tools/new.sh` (if not exists)\n2. Run it\n\n"
    called = "```bash\nbash tools/new.sh staging\n```\n"
    assert places(ask("documented-script-exists", guide(called))) == [("docs/guide.md", 2)]
    assert ask("documented-script-exists", guide(made + called)) == []


@pytest.mark.parametrize("command", ["./deploy/gone.sh", "bash scripts/gone.sh --all", "python3 gen/gone.py"])
def test_a_script_of_which_not_even_the_directory_is_there_is_told_at_the_root(command: str) -> None:
    files = {"src/main.rs": "", "README.md": f"# A\n\n```sh\n{command}\n```\n"}
    assert places(ask("documented-script-exists", files)) == [("README.md", 4)]
    assert ask("documented-script-exists", {**files, "docs/a.md": files["README.md"], "README.md": ""}) == []
    for before in ("cd elsewhere", "curl -O https://x/y.tgz", "git clone https://x/y"):
        moved = files["README.md"].replace(command, f"{before}\n{command}")
        assert ask("documented-script-exists", {**files, "README.md": moved}) == []


XTASK = {"Cargo.toml": CRATE, "README.md": "# A\n\n```sh\ncargo xtask dist\n```\n"}


def test_a_call_of_xtask_without_its_alias_is_named_with_its_line() -> None:
    (found,) = ask("documented-target-exists", XTASK)
    assert places([found]) == [("README.md", 4)]
    assert found.message == "tells to run `cargo xtask`, and no .cargo/config.toml has this alias"
    assert places(ask("documented-target-exists", {**XTASK, ".cargo/config.toml": "[build]\n"})) != []


@pytest.mark.parametrize(
    "more",
    [
        {".cargo/config.toml": '[alias]\nxtask = "run -p xtask --"\n'},
        {
            "Cargo.toml": CRATE + '[[bin]]\nname = "cargo-xtask"\npath = "src/x.rs"\n',
            "src/x.rs": "fn main() {}",
        },
        {"README.md": "# A\n\n```sh\ncargo install cargo-xtask\ncargo xtask dist\n```\n"},
        {"README.md": "# A\n\n```sh\ngit clone https://x/y && cd y\ncargo xtask dist\n```\n"},
        {"Makefile": "setup:\n\techo '[alias] xtask = \"run\"' > ../.cargo/config.toml\n"},
    ],
)
def test_xtask_that_an_alias_or_a_program_answers_is_not_accused(more: dict[str, str]) -> None:
    assert ask("documented-target-exists", {**XTASK, **more}) == []


BADGE = "[![CI](https://github.com/acme/tide/actions/workflows/%s/badge.svg?branch=main)](https://github.com/acme/tide)\n"


def test_a_badge_of_a_workflow_that_is_not_there_is_named_with_its_line() -> None:
    files = {CI: job("- run: make"), "README.md": f"# Tide\n\n{BADGE % 'ci.yml'}{BADGE % 'gone.yml'}"}
    (found,) = ask("documented-workflow-exists", files)
    assert places([found]) == [("README.md", 4)]
    assert found.message == "there is no .github/workflows/gone.yml"


def test_badges_of_other_repositories_or_by_a_workflow_s_name_are_not_accused() -> None:
    manifest = CRATE + 'repository = "https://github.com/acme/ebb"\n'
    others = {CI: job("- run: make"), "Cargo.toml": manifest, "README.md": BADGE % "gone.yml"}
    assert ask("documented-workflow-exists", others) == []
    by_name = "![CI](https://github.com/acme/tide/workflows/Gone/badge.svg)\n"
    assert ask("documented-workflow-exists", {CI: job("- run: make"), "README.md": by_name}) == []
    assert ask("documented-workflow-exists", {"README.md": BADGE % "gone.yml"}) == []  # none are here at all


def test_each_workflow_that_is_not_there_is_denied_by_itself() -> None:
    text = "\n`.github/workflows/gone.yml` and `.github/workflows/lost.yml` run nightly.\n"
    (found,) = ask("documented-workflow-exists", guide(text))
    assert found.message == "there is no .github/workflows/gone.yml and no .github/workflows/lost.yml"


@pytest.mark.parametrize(("repository", "count"), [("us/app", 1), ("us/other", 0)])
def test_a_package_that_is_called_as_the_repository_itself_is_no_other_one(
    repository: str, count: int
) -> None:
    manifest = CRATE.replace('"app"', '"app-cli"') + f'repository = "https://github.com/{repository}"\n'
    text = "See https://github.com/us/app\n\n```bash\ncargo build -p app\n```\n"
    files = {"Cargo.toml": manifest, "src/main.rs": "", "README.md": text}
    assert len(ask("documented-target-exists", files)) == count
