import pytest

from tasks.domain.finding import Finding
from tasks.domain.runner_label import architecture
from tests.checks.testing import CI, CRATE, ask, places

MAC = """\
on: {{push: {{tags: ["v*"]}}}}
jobs:
  mac:
    runs-on: {runner}
    steps:
      - uses: actions/checkout@v4
      - run: {build}
      - run: mv target/release/app {name}
      - uses: actions/upload-artifact@v4
        with:
          name: mac
          path: {name}
"""
LANES = """\
on: push
jobs:
  build:
    strategy:
      matrix:
        include:
          - os: macos-latest
            asset: app-macos-amd64
          - os: ubuntu-latest
            asset: app-linux-amd64
    runs-on: ${{ matrix.os }}
    steps:
      - uses: actions/checkout@v4
      - run: cargo build --release
      - run: cp target/release/app ${{ matrix.asset }}
      - uses: softprops/action-gh-release@v2
        with:
          files: ${{ matrix.asset }}
"""


def _mac(
    *,
    runner: str = "macos-latest",
    build: str = "cargo build --release",
    name: str = "app-macos-x86_64",
    **more: str,
) -> list[Finding]:
    text = MAC.format(runner=runner, build=build, name=name)
    return ask("asset-architecture-matches", {"Cargo.toml": CRATE, "src/main.rs": "", CI: text, **more})


def test_a_program_of_an_arm_machine_under_the_name_of_intel_is_told() -> None:
    found = _mac()
    assert [(one.subject, one.weight.value) for one in found] == [("ci.yml: mac: macos-latest", "warning")]
    assert [place.line for place in found[0].evidence] == [4, 8, 12]
    assert places(_mac(runner="macos-15-intel", name="app-darwin-arm64.tar.gz")) == [(CI, 4)]
    assert places(_mac(runner="ubuntu-24.04", name="app-linux-aarch64")) == [(CI, 4)]


def test_only_the_lane_of_the_other_machine_is_told() -> None:
    found = ask("asset-architecture-matches", {"Cargo.toml": CRATE, CI: LANES})
    assert [one.subject for one in found] == ["ci.yml: build: macos-latest"]
    assert [place.line for place in found[0].evidence] == [7, 15, 18]


@pytest.mark.parametrize(
    "given",
    [
        {"build": "cargo build --release --target x86_64-apple-darwin"},
        {"build": "arch -x86_64 cargo build --release"},
        {"build": "make release"},
        {"build": "cargo build --release && curl -fo protoc-x86_64.zip https://x.example/p", "name": "app"},
        {"build": "cargo build --release && mv tools/protoc-x86_64 bin-x86_64", "name": "app"},
        {"build": "cargo build --release && gh release download v1 -p app-x86_64", "name": "app"},
        {"name": "logs/macos-x86_64.log"},
        {"build": "cargo build --release && ./pack.sh"},
        {"runner": "macos-15-intel"},
        {"runner": "macos-13"},
        {"runner": "[self-hosted, macos]"},
        {"name": "app-macos-arm64"},
        {"name": "app-macos-arm64-x86_64"},
        {"name": "app-macos"},
        {".cargo/config.toml": '[build]\ntarget = "x86_64-apple-darwin"\n'},
        {"rust-toolchain.toml": '[toolchain]\nchannel = "stable-x86_64-apple-darwin"\n'},
    ],
)
def test_another_target_a_fitting_machine_or_what_cannot_be_known_is_fine(given: dict[str, str]) -> None:
    assert _mac(**given) == []


def test_the_architectures_of_github_s_machines() -> None:
    arm = {"macos-latest", "macos-14", "macos-13-xlarge", "ubuntu-24.04-arm", "windows-11-arm"}
    intel = {"macos-13", "macos-latest-large", "macos-15-intel", "ubuntu-latest", "windows-2022"}
    assert {architecture(label) for label in arm} == {"aarch64"}
    assert {architecture(label) for label in intel} == {"x86_64"}
    assert architecture("my-machine") is None
