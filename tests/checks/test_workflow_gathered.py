import pytest

from tests.checks.testing import CI, ask, places

GATHERED = "gathered-files-lie-there"
DOWNLOAD = "{uses: actions/download-artifact@v7, with: {pattern: 'app-*', path: dist}}"
RELEASE = "{uses: softprops/action-gh-release@v2, with: {files: 'dist/*.tar.gz'}}"
SUMS = "{run: 'sha256sum *.tar.gz > SHA256SUMS', working-directory: dist}"


def two(*steps: str, names: str = "[linux, mac]", upload: str = "app-${{ matrix.os }}") -> dict[str, str]:
    text = f"""\
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    strategy: {{matrix: {{os: {names}}}}}
    steps:
      - {{run: make}}
      - {{uses: actions/upload-artifact@v6, with: {{name: '{upload}', path: 'out/*.tar.gz'}}}}
  publish:
    needs: build
    runs-on: ubuntu-latest
    steps:
"""
    return {CI: text + "".join(f"      - {one}\n" for one in steps)}


def test_files_of_several_artifacts_are_not_right_in_the_directory() -> None:
    (found,) = ask(GATHERED, two(DOWNLOAD, SUMS, RELEASE))
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 13), (CI, 14), (CI, 15)]
    assert found.weight == "blocker"
    assert found.message == (
        "*.tar.gz and dist/*.tar.gz find no file of the artifacts 'app-linux' and 'app-mac': without "
        "`merge-multiple` each is downloaded into a directory of its own below dist/"
    )
    assert found.remedy is not None
    assert any("merge-multiple: true" in one for one in found.remedy.commands)


@pytest.mark.parametrize(
    ("step", "weight"),
    [
        (RELEASE, "warning"),
        (RELEASE.replace("*.tar.gz'", "*', fail_on_unmatched_files: true"), "blocker"),
        ("{run: 'gh release create v1 dist/*.tar.gz'}", "blocker"),
        ("{run: 'cd dist && sha256sum * > SHA256SUMS'}", "blocker"),
        ("{run: 'mkdir out; mv dist/*.tar.gz out/'}", "blocker"),
        ("{run: 'ls dist/*.tar.gz || true'}", "warning"),
    ],
)
def test_a_pattern_that_finds_nothing_ends_a_command_and_empties_a_release(step: str, weight: str) -> None:
    (found,) = ask(GATHERED, two(DOWNLOAD, step))
    assert (places([found]), found.weight) == ([(CI, 13)], weight)


def test_a_download_without_a_pattern_takes_all_artifacts() -> None:
    whole = "{uses: actions/download-artifact@v4}"
    (found,) = ask(GATHERED, two(whole, "{run: 'gh release create v1 *.tar.gz'}"))
    assert [one.line for one in found.evidence] == [13, 14]
    assert "below ./" in found.message


@pytest.mark.parametrize(
    "steps",
    [
        (DOWNLOAD.replace("path: dist", "path: dist, merge-multiple: true"), SUMS, RELEASE),
        (DOWNLOAD.replace("path: dist", "path: dist, merge-multiple: false"), RELEASE),
        (DOWNLOAD.replace("pattern: 'app-*'", "name: app-linux"), SUMS, RELEASE),
        (DOWNLOAD, RELEASE.replace("dist/*", "dist/**/*")),
        (DOWNLOAD, RELEASE.replace("dist/*", "dist/*/*")),
        (DOWNLOAD, RELEASE.replace("dist/*.tar.gz", "out/*.tar.gz")),
        (DOWNLOAD, "{run: 'mv dist/*/*.tar.gz dist'}", RELEASE),
        (DOWNLOAD, "{run: 'find dist -type f -exec mv {} dist/ \\;'}", RELEASE),
        (DOWNLOAD, "{run: ./flatten.sh}", SUMS),
        (DOWNLOAD, "{uses: ./.github/actions/flatten}", SUMS),
        (DOWNLOAD, "{run: 'shopt -s nullglob; ls dist/*.tar.gz'}"),
        (DOWNLOAD, "{run: 'ls dist/app-*'}"),
        (DOWNLOAD, "{run: 'chmod +x dist/app-*/app'}"),
        (DOWNLOAD, "{uses: actions/download-artifact@v7, with: {name: notes, path: dist}}", RELEASE),
        ("{run: 'mkdir dist; tar -czf dist/own.tar.gz src'}", DOWNLOAD, RELEASE),
        (DOWNLOAD.replace("dist", "${{ env.OUT }}"), RELEASE),
    ],
)
def test_files_that_are_looked_for_where_they_are_or_may_be_are_fine(steps: tuple[str, ...]) -> None:
    assert ask(GATHERED, two(*steps)) == []


def test_one_artifact_alone_is_put_right_into_the_directory() -> None:
    assert ask(GATHERED, two(DOWNLOAD, SUMS, RELEASE, names="[linux]")) == []
    assert ask(GATHERED, two(DOWNLOAD, SUMS, RELEASE, upload="app-${{ steps.v.outputs.x }}")) == []


def test_files_that_are_in_the_repository_are_there() -> None:
    checkout = "{uses: actions/checkout@v6}"
    files = two(checkout, DOWNLOAD, RELEASE)
    assert places(ask(GATHERED, files)) == [(CI, 14)]
    assert ask(GATHERED, {**files, "dist/old.tar.gz": ""}) == []
