import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, CRATE, answers, ask, job, places

ROOT = '[workspace]\nmembers = [\n  "api",\n  "tools/gen",\n]\n'
FILE = """\
FROM rust:1 AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY api api
RUN cargo build --release
FROM debian
COPY --from=build /src/target/release/api /
"""


def repo(dockerfile: str = FILE, path: str = "Dockerfile", **files: str) -> dict[str, str]:
    member = CRATE.replace("app", "{}")
    return {
        "Cargo.toml": ROOT,
        "Cargo.lock": "version = 4\n",
        "api/Cargo.toml": member.format("api"),
        "api/src/main.rs": "",
        "tools/gen/Cargo.toml": member.format("gen"),
        "tools/gen/src/main.rs": "",
        path: dockerfile,
        **files,
    }


def test_a_member_that_the_image_does_not_have_is_named_where_cargo_is_run() -> None:
    (found,) = ask("docker-workspace-whole", repo())
    assert [(one.file, one.line) for one in found.evidence] == [
        ("Dockerfile", 5),
        ("Dockerfile", 3),
        ("Cargo.toml", 4),
    ]
    assert (found.weight, "tools/gen" in found.message) == (Weight.WARNING, True)


@pytest.mark.parametrize(
    "step",
    [
        "- uses: docker/build-push-action@v6",
        "- {uses: docker/build-push-action@v6, with: {context: .}}",
        "- run: docker build -t app .",
    ],
)
def test_it_blocks_when_a_step_builds_the_image(step: str) -> None:
    steps = f"- uses: actions/checkout@v4\n{step}"
    assert [one.weight for one in ask("docker-workspace-whole", repo(**{CI: job(steps)}))] == [Weight.BLOCKER]


@pytest.mark.parametrize(
    "step",
    [
        "- {uses: docker/build-push-action@v6, with: {context: api}}",
        "- {uses: docker/build-push-action@v6, with: {file: other/Dockerfile}}",
        "- {uses: docker/build-push-action@v6, with: {target: base}}",
        "- run: docker build -t app . || true",
        "- run: docker build -t app -f ci/Dockerfile .",
    ],
)
def test_a_step_that_builds_another_image_or_may_fail_does_not_make_it_block(step: str) -> None:
    files = repo(**{CI: job(f"- uses: actions/checkout@v4\n{step}")})
    assert [one.weight for one in ask("docker-workspace-whole", files)] == [Weight.WARNING]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("COPY api api", "COPY api api\nCOPY tools tools"),
        ("COPY api api", "COPY api api\nCOPY tools/gen/Cargo.toml tools/gen/"),
        ("COPY api api", "COPY api api\nCOPY tools/gen/Cargo.toml tools/gen/Cargo.toml"),
        ("COPY api api", "COPY . ."),
        ("COPY api api", "COPY api api\nADD . /src/"),
        ("COPY api api", "COPY api api\nRUN sed -i /gen/d Cargo.toml"),
        ("COPY api api", "COPY api api\nRUN cargo new tools/gen"),
        ("COPY api api", "COPY api api\nRUN mkdir x && echo 'fn main() {}' > tools/gen/src/main.rs"),
        ("COPY api api", "COPY --from=other /src ."),
        ("COPY api api", "COPY $WHAT ."),
        ("COPY api api", "COPY */Cargo.toml ./"),
        ("RUN cargo build", "RUN --mount=type=bind,target=. cargo build"),
        ("RUN cargo build", "RUN cd api && cargo build"),
        ("RUN cargo build", "RUN cargo build --manifest-path api/Cargo.toml"),
        ("RUN cargo build --release", "RUN cargo --version"),
        ("WORKDIR /src\n", "WORKDIR /src\nRUN cargo chef cook\n"),
        ("COPY Cargo.toml Cargo.lock ./", "COPY api/Cargo.toml ./"),
    ],
)
def test_an_image_that_has_them_or_where_nothing_is_certain_is_not_accused(old: str, new: str) -> None:
    assert old in FILE
    assert ask("docker-workspace-whole", repo(FILE.replace(old, new))) == []


def test_the_order_of_instructions_counts() -> None:
    late = FILE.replace("FROM debian", "COPY tools tools\nFROM debian")
    assert places(ask("docker-workspace-whole", repo(late))) == [("Dockerfile", 5)]


def test_a_stage_has_what_the_one_below_it_has() -> None:
    text = FILE.replace("COPY api api", "COPY api api\nCOPY tools tools\nFROM build AS second")
    assert ask("docker-workspace-whole", repo(text)) == []
    assert answers("docker-workspace-whole", repo(text))


def test_a_package_that_a_copied_one_needs_by_path_has_to_be_there_too() -> None:
    need = '[dependencies]\nlow = { path = "../low" }\n'
    files = repo(FILE.replace("COPY api api", "COPY api api\nCOPY tools tools"))
    files |= {
        "api/Cargo.toml": CRATE.replace("app", "api") + need,
        "low/Cargo.toml": CRATE,
        "low/src/lib.rs": "",
    }
    (found,) = ask("docker-workspace-whole", files)
    assert "needs low of the workspace" in found.message
    files["Dockerfile"] = files["Dockerfile"].replace("COPY tools tools", "COPY tools tools\nCOPY low low")
    assert ask("docker-workspace-whole", files) == []


def test_a_dockerfile_further_down_is_read_when_it_copies_from_the_root() -> None:
    assert places(ask("docker-workspace-whole", repo(path="ci/Dockerfile"))) == [("ci/Dockerfile", 5)]
    own = {"ci/Cargo.toml": CRATE, "ci/api/Cargo.toml": CRATE, "ci/Cargo.lock": ""}
    assert ask("docker-workspace-whole", repo(path="ci/Dockerfile", **own)) == []


def test_of_a_pattern_one_member_has_to_be_there() -> None:
    files = repo(**{"Cargo.toml": '[workspace]\nmembers = ["api", "tools/*"]\n'})
    files |= {"tools/two/Cargo.toml": CRATE, "tools/two/src/lib.rs": ""}
    (found,) = ask("docker-workspace-whole", files)
    assert "needs tools/* of the workspace" in found.message
    files["Dockerfile"] = FILE.replace("COPY api api", "COPY api api\nCOPY tools/two tools/two")
    assert ask("docker-workspace-whole", files) == []


def test_sources_that_stand_in_for_those_of_other_members_make_no_manifest() -> None:
    stubs = (
        "COPY api api\nRUN mkdir -p api/src && echo 'fn main() {}' > api/src/main.rs && touch api/src/main.rs"
    )
    assert places(ask("docker-workspace-whole", repo(FILE.replace("COPY api api", stubs)))) == [
        ("Dockerfile", 6)
    ]


def test_a_member_that_the_context_leaves_out_is_not_in_the_image() -> None:
    whole = FILE.replace("COPY api api", "COPY . .")
    (found,) = ask("docker-workspace-whole", repo(whole, **{".dockerignore": "target\ntools/\n"}))
    assert (".dockerignore", 2) in [(one.file, one.line) for one in found.evidence]
    assert "leaves it out" in found.message
    for kept in ("target\n", "tools\n!tools/gen\n"):
        assert ask("docker-workspace-whole", repo(whole, **{".dockerignore": kept})) == []
    written = {".dockerignore": "tools\n", "build.sh": "#!/bin/sh\necho > .dockerignore\n"}
    assert ask("docker-workspace-whole", repo(whole, **written)) == []


BENCH = '[[bench]]\nname = "speed"\nharness = false\n'


def with_bench(table: str = BENCH, **files: str) -> dict[str, str]:
    api = {"api/Cargo.toml": CRATE.replace("app", "api") + table, "api/benches/speed.rs": ""}
    return {**repo(FILE.replace("COPY api api", "COPY . .")), **api, **files}


def test_a_target_that_a_manifest_writes_out_has_to_come_into_the_image() -> None:
    (found,) = ask("docker-workspace-whole", with_bench(**{".dockerignore": "**/benches\n"}))
    assert [(one.file, one.line) for one in found.evidence] == [
        ("Dockerfile", 5),
        ("api/Cargo.toml", 6),
        (".dockerignore", 1),
    ]
    parts = FILE.replace("COPY api api", "COPY api/Cargo.toml api/\nCOPY api/src api/src\nCOPY tools tools")
    (other,) = ask("docker-workspace-whole", with_bench(Dockerfile=parts))
    assert "no COPY brings api/benches/speed.rs" in other.message


@pytest.mark.parametrize(
    "files",
    [
        with_bench(**{".dockerignore": "**/benches\n!api/benches/speed.rs\n"}),
        with_bench("", **{".dockerignore": "**/benches\n"}),  # cargo finds it by its place, or does not
        with_bench(f'{BENCH}path = "benches/speed.rs"\n', **{".dockerignore": "**/benches\n"}),
        with_bench(),
    ],
)
def test_a_target_that_is_there_or_that_cargo_does_not_look_for_is_fine(files: dict[str, str]) -> None:
    assert ask("docker-workspace-whole", files) == []


def test_two_images_that_lack_the_same_members_are_one_finding() -> None:
    (found,) = ask("docker-workspace-whole", repo(**{"Dockerfile.dev": FILE}))
    assert {one.file for one in found.evidence} == {"Dockerfile", "Dockerfile.dev", "Cargo.toml"}
