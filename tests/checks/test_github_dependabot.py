import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

FILE = ".github/dependabot.yml"
CHECK = "dependabot-directory-exists"


def entry(ecosystem: str, directory: str) -> str:
    keys = f"    directory: {directory}\n    schedule:\n      interval: weekly\n"
    return f'  - package-ecosystem: "{ecosystem}" # x\n{keys}'


def config(*entries: str) -> str:
    return "version: 2\nupdates:\n" + "".join(entries)


FILES = {"Cargo.toml": CRATE, "ui/package.json": "{}", CI: job("- run: x"), "img/Dockerfile.dev": "FROM x\n"}


@pytest.mark.parametrize(
    ("ecosystem", "directory", "lacks"),
    [
        ("cargo", "/crates/gone", "which the repository does not have"),
        ("npm", '"/"', "which has no package.json"),
        ("cargo", "'/ui'", "which has no Cargo.toml"),
        ("terraform", "/", "which has no file of Terraform"),
        ("nix", "/nix", "which the repository does not have"),
    ],
)
def test_a_directory_without_what_is_updated_is_told_at_its_line(
    ecosystem: str, directory: str, lacks: str
) -> None:
    text = config(entry("github-actions", "/"), entry(ecosystem, directory))
    (found,) = ask(CHECK, {**FILES, FILE: text})
    assert places([found]) == [(FILE, 8)]
    assert lacks in found.message


@pytest.mark.parametrize(
    ("ecosystem", "directory"),
    [
        ("cargo", "/"), ("cargo", "."), ("npm", "/ui/"), ("docker", "img"), ("github-actions", "/"),
        ("github-actions", "/.github/workflows"), ("cargo", "/crates/*"), ("nix", "/"), ("pip", "/ui"),
    ],
)  # fmt: skip
def test_a_directory_that_has_it_or_may_have_it_is_fine(ecosystem: str, directory: str) -> None:
    assert ask(CHECK, {**FILES, FILE: config(entry(ecosystem, directory))}) == []


def test_each_of_several_directories_is_looked_at() -> None:
    text = "version: 2\nupdates:\n- package-ecosystem: cargo\n  directories:\n    - /\n    - /gone\n"
    text += "  groups:\n    a:\n      - b\n"
    (found,) = ask(CHECK, {**FILES, FILE: text})
    assert places([found]) == [(FILE, 6)]
    text = "version: 2\nupdates:\n  - package-ecosystem: cargo\n    directories: ['/', \"/gone\"]\n"
    assert places(ask(CHECK, {**FILES, FILE: text})) == [(FILE, 4)]
    text = config(entry("npm", "/"), entry("gomod", "/"))
    (found,) = ask(CHECK, {**FILES, FILE: text})
    assert [one.line for one in found.evidence] == [4, 8]
    assert "has no package.json; gomod in /, which has no go.mod" in found.message


def test_two_entries_for_one_directory_are_told_unless_they_are_for_different_branches() -> None:
    (found,) = ask(CHECK, {**FILES, FILE: config(entry("cargo", "/"), entry("cargo", '"/"'))})
    assert [one.line for one in found.evidence] == [4, 8]
    other = entry("cargo", "/") + "    target-branch: v1\n"
    assert ask(CHECK, {**FILES, FILE: config(entry("cargo", "/"), other)}) == []


@pytest.mark.parametrize(
    "text",
    [
        "updates: [{package-ecosystem: cargo, directory: /gone}]\n",
        "updates:\n  - &a\n    directory: /gone\n",
        "",
    ],
)
def test_a_file_that_is_written_otherwise_is_not_accused(text: str) -> None:
    assert ask(CHECK, {**FILES, FILE: text}) == []


def test_where_one_of_the_directories_is_a_pattern_those_without_a_manifest_are_left_out() -> None:
    text = "version: 2\nupdates:\n- package-ecosystem: cargo\n  directories:\n    - /gone\n    - /crates/*\n"
    assert ask(CHECK, {**FILES, FILE: text}) == []
    assert len(ask(CHECK, {**FILES, FILE: text + "- package-ecosystem: npm\n  directory: /gone\n"})) == 1
    assert len(ask(CHECK, {**FILES, FILE: text.replace("*", "a")})) == 1


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ("    open-pull-requests-limit: 0\n", 0),
        ("    open-pull-requests-limit: 10\n", 1),
        ('    ignore:\n      - dependency-name: "*"\n', 0),
        ('    ignore:\n    - dependency-name: "*"\n    labels: [a]\n', 0),
        (
            "    ignore:\n      - dependency-name: '*'\n        update-types: [semver-major]\n",
            1,
        ),
        ("    ignore:\n      - dependency-name: serde\n    groups:\n      a:\n        patterns: ['*']\n", 1),
    ],
)
def test_an_update_that_nobody_asks_for_does_not_fail(more: str, count: int) -> None:
    text = config(entry("npm", "/") + more, entry("cargo", "/"))
    assert places(ask(CHECK, {**FILES, FILE: text})) == [(FILE, 4)] * count
