import pytest

from tasks.domain.git_state import GitState
from tests.checks.testing import CRATE, ask, places

FILES = {"Cargo.toml": CRATE + 'repository = "https://github.com/us/app"\n'}


def state(*tags: str, shallow: bool = False, branches: tuple[str, ...] = ("main",)) -> GitState:
    return GitState(commit="c", branch="main", origin=None, tags=tags, shallow=shallow, branches=branches)


def shown(ref: str) -> dict[str, str]:
    return {**FILES, "README.md": f"```yaml\nsteps:\n  - uses: {ref}\n```\n"}


@pytest.mark.parametrize("ref", ["us/app@v0", "us/app/sub@v0.8", "us/app@v0.8.1"])
def test_a_version_of_ones_own_action_that_is_no_tag_is_named(ref: str) -> None:
    found = ask("documented-use-exists", shown(ref), state("v0.8.0", "v0.9.1"))
    assert (places(found), [one.weight for one in found]) == ([("README.md", 3)], ["note"])


@pytest.mark.parametrize(
    ("ref", "given"),
    [
        ("us/app@v0.9.1", state("v0.9.1")),
        ("us/app@v0", state("v0.9.1", branches=("main", "v0"))),
        ("us/app@v0", state("v0.9.1", shallow=True)),
        ("us/app@v0", state()),
        ("us/app@v1", state("v0.9.1")),
        ("them/app@v0", state("v0.9.1")),
        ("us/app@main", state("v0.9.1")),
        ("us/app@v<VERSION>", state("v0.9.1")),
    ],
)
def test_a_tag_a_branch_one_to_come_or_of_others_is_fine(ref: str, given: GitState) -> None:
    assert ask("documented-use-exists", shown(ref), given) == []
