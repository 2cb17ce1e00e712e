import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, CRATE, ask, job, places

CHECK = "action-file-exists"
CHECKOUT = "- uses: actions/checkout@v6\n"
FILES = {"Cargo.toml": CRATE, "web/package-lock.json": "{}", ".nvmrc": "22\n", "py/pyproject.toml": ""}


def step(uses: str, *inputs: str, before: str = CHECKOUT) -> str:
    return job(f"{before}- uses: {uses}\n  with:\n" + "".join(f"    {one}\n" for one in inputs))


@pytest.mark.parametrize(
    ("uses", "inputs"),
    [
        ("actions/setup-node@v6", ["cache-dependency-path: ui/package-lock.json", "cache: npm"]),
        ("actions/setup-node@v6", ["node-version-file: .node-version"]),
        ("actions/setup-go@v6", ["go-version-file: go.mod"]),
        ("EmbarkStudios/cargo-deny-action@v2", ["manifest-path: ./crates/Cargo.toml"]),
        ("hadolint/hadolint-action@v3", ["dockerfile: docker/Dockerfile"]),
        ("PyO3/maturin-action@v1", ["working-directory: python"]),
    ],
)
def test_a_file_that_an_action_reads_and_nobody_has_is_named(uses: str, inputs: list[str]) -> None:
    (found,) = ask(CHECK, {**FILES, CI: step(uses, *inputs)})
    assert (places([found]), found.weight) == ([(CI, 9)], Weight.WARNING)


@pytest.mark.parametrize(
    ("uses", "inputs", "before"),
    [
        ("actions/setup-node@v6", ["cache: npm", "cache-dependency-path: '**/package-lock.json'"], CHECKOUT),
        ("actions/setup-node@v6", ["cache-dependency-path: ui/yarn.lock"], CHECKOUT),
        ("actions/setup-node@v6", ["node-version: 22", "node-version-file: gone"], CHECKOUT),
        ("actions/setup-node@v6", ["node-version-file: '${{ matrix.file }}'"], CHECKOUT),
        ("actions/setup-node@v6", ["node-version-file: made"], f"{CHECKOUT}- run: echo 22 > made\n"),
        ("actions/setup-go@v6", ["go-version-file: go.mod"], ""),
        ("PyO3/maturin-action@v1", ["working-directory: py"], CHECKOUT),
        ("hadolint/hadolint-action@v3", ["dockerfile: Dockerfile*"], CHECKOUT),
        ("someone/else@v1", ["node-version-file: gone"], CHECKOUT),
    ],
)
def test_a_file_that_is_there_made_or_not_read_is_fine(uses: str, inputs: list[str], before: str) -> None:
    assert ask(CHECK, {**FILES, CI: step(uses, *inputs, before=before)}) == []


def test_of_several_lock_files_one_is_enough_and_a_file_of_several_workflows_is_one_finding() -> None:
    both = "cache-dependency-path: |\n      gone/yarn.lock\n      web/package-lock.json"
    assert ask(CHECK, {**FILES, CI: step("actions/setup-node@v6", "cache: npm", both)}) == []
    gone = step("actions/setup-go@v6", "go-version-file: go.mod")
    (found,) = ask(CHECK, {**FILES, CI: gone, ".github/workflows/b.yml": gone})
    assert len(found.evidence) == 2
