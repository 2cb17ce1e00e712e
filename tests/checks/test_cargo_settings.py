import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CRATE, ask, places

TARGET = (
    '\n[features]\ncli = []\n\n[[bin]]\nname = "x"\npath = "src/main.rs"\nrequired-features = [\n  "{}",\n]\n'
)
MAIN = {"src/main.rs": ""}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[workspace]\nresolver = "4"\n', 7),
        ('[profile.dist]\ninherits = "relaese"\n', 7),
        ("[profile.dist]\nlto = true\n", 6),
    ],
)
def test_a_setting_that_cargo_does_not_have_is_named(text: str, line: int) -> None:
    (found,) = ask("cargo-settings-known", {"Cargo.toml": f"{CRATE}\n{text}", **MAIN})
    assert (places([found]), found.weight) == ([("Cargo.toml", line)], Weight.BLOCKER)


def test_resolvers_and_profiles_that_cargo_has_are_accepted() -> None:
    text = '[workspace]\nresolver = "3"\n[profile.dist]\ninherits = "release"\n'
    text += '[profile.small]\ninherits = "dist"\n'
    text += "[profile.dev]\nopt-level = 1\n[profile.bench]\nlto = true\n"
    assert ask("cargo-settings-known", {"Cargo.toml": f"{CRATE}\n{text}", **MAIN}) == []


def test_a_required_feature_that_the_package_does_not_have_is_named_at_its_line() -> None:
    (found,) = ask("cargo-required-features-exist", {"Cargo.toml": CRATE + TARGET.format("cil"), **MAIN})
    assert places([found]) == [("Cargo.toml", 13)]


def test_features_of_the_package_and_of_its_dependencies_may_be_required() -> None:
    for name in ("cli", "default", "serde/derive"):
        assert ask("cargo-required-features-exist", {"Cargo.toml": CRATE + TARGET.format(name), **MAIN}) == []


@pytest.mark.parametrize(
    ("text", "line", "meant"),
    [("[dependancies]\na = '1'\n", 5, "dependencies"), ("edtion = '2021'\n", 5, "edition")],
)
def test_a_key_that_is_a_slip_of_one_that_cargo_has_is_told(text: str, line: int, meant: str) -> None:
    (found,) = ask("cargo-key-spelled", {"Cargo.toml": f"{CRATE}{text}", **MAIN})
    assert (places([found]), found.weight) == ([("Cargo.toml", line)], Weight.WARNING)
    assert meant in found.message


def test_keys_of_other_tools_and_the_older_spelling_of_cargos_own_are_no_slips() -> None:
    text = "[dev_dependencies]\n[package.metadata.dist]\nedtion = 1\n[graph]\n[badges]\n"
    assert ask("cargo-key-spelled", {"Cargo.toml": f"{CRATE}{text}", **MAIN}) == []


def test_a_key_whose_right_spelling_wants_a_list_is_mended_by_one() -> None:
    text = 'author = "A. \\"B\\" C"\nabout = "x"\n'
    (found,) = ask("cargo-key-spelled", {"Cargo.toml": f"{CRATE}{text}", **MAIN})
    assert (places([found]), found.weight) == ([("Cargo.toml", 5)], Weight.NOTE)
    assert [one.line for one in found.evidence] == [5, 6]
    assert "it ignores 'about' (cargo's is 'description') too" in found.message
    assert found.remedy is not None
    assert '`authors = ["A. \\"B\\" C"]`' in found.remedy.summary
    described = f"{CRATE}{text}description = 'y'\n"
    (found,) = ask("cargo-key-spelled", {"Cargo.toml": described, **MAIN})
    assert "about" not in found.message
    (found,) = ask("cargo-key-spelled", {"Cargo.toml": f"{CRATE}author = ['A']\n", **MAIN})
    assert found.remedy is not None
    assert "[" not in found.remedy.summary
