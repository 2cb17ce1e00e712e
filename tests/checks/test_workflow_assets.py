import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

TREE = {"Cargo.toml": CRATE, "src/main.rs": "", "README.md": "x"}
CHECKOUT = "- uses: actions/checkout@v4\n"


def release(files: str, *, before: str = "", more: str = "", extra: str = "") -> dict[str, str]:
    step = f"- uses: softprops/action-gh-release@v2\n  with: {{files: {files}{more}}}"
    return {**TREE, CI: job(f"{CHECKOUT}{before}{step}", extra=extra)}


@pytest.mark.parametrize("files", ["dist/app.tgz", "'dist/*'", "target/release/ap"])
def test_an_asset_that_nothing_makes_is_named_with_its_line(files: str) -> None:
    found = ask("release-asset-produced", release(files, before="- run: cargo build --release\n"))
    assert (places(found), found[0].weight) == ([(CI, 9)], "warning")


def test_it_blocks_when_the_action_insists_on_its_files() -> None:
    (found,) = ask("release-asset-produced", release("dist/x", more=", fail_on_unmatched_files: true"))
    assert found.blocks


def test_a_file_that_gh_is_given_must_be_there() -> None:
    files = {**TREE, CI: job(f"{CHECKOUT}- run: gh release create v1 --title One dist/app.tgz")}
    (found,) = ask("release-asset-produced", files)
    assert (places([found]), found.subject, found.blocks) == ([(CI, 7)], "ci.yml: build: dist/app.tgz", True)


@pytest.mark.parametrize(
    ("files", "before"),
    [
        ("target/release/app", "- run: cargo build --release\n"),
        ("README.md", ""),
        ("'dist/*'", "- {uses: actions/download-artifact@v4, with: {path: dist}}\n"),
        ("'dist/*'", "- run: ./package.sh\n"),
        ("'src/charts/*.tgz'", "- run: make package\n"),
        ("'dist/*'", "- run: mkdir dist && cp target/release/app dist/\n"),
        ("'*.tgz'", ""),
        ("'${{ env.ASSET }}'", ""),
    ],
)
def test_an_asset_that_is_there_or_may_have_been_made_is_fine(files: str, before: str) -> None:
    assert ask("release-asset-produced", release(files, before=before)) == []


@pytest.mark.parametrize(
    "command",
    [
        "gh release create $TAG --draft --title One",
        "gh release upload v1 $FILE",
        "gh release view v1",
        "cd dist && gh release upload v1 app.tgz",
        "gh release upload v1 dist/app.tgz || true",
    ],
)
def test_calls_of_gh_without_certain_files_are_fine(command: str) -> None:
    files = {**TREE, CI: job(f"{CHECKOUT}- run: {command}")}
    assert ask("release-asset-produced", files) == []


@pytest.mark.parametrize(
    ("makes", "asset"),
    [
        ("tar czf app.tgz -C target/release app", "app.tgz"),
        ("mkdir -p dist\ntar czf dist/app.tgz -C target/release app", "dist/app.tgz"),
        ("cd target/release\ntar czf ../../app.tgz app\ncd -", "app.tgz"),
        ("cd dist\ntar czf app.tgz app\ncd ..", "dist/app.tgz"),
        ("mkdir -p out && tar czf out/app.tgz -C target/release app && true", "out/app.tgz"),
        ("zip -j app.zip target/release/app", "app.zip"),
        ("cp target/release/app app-linux", "app-linux"),
        ("cp target/release/* .", "app"),
        ("cp -r target/package/out/. ./", "app.crate"),
        ("mv target/release/app .", "app"),
        ("install -m 755 target/release/app app-linux", "app-linux"),
        ("7z a app.7z target/release/app", "app.7z"),
        ("gzip -k README.md", "README.md.gz"),
        ("curl -fsSL -o tool.tgz https://example.com/tool.tgz", "tool.tgz"),
        ("sha256sum README.md > SHA256SUMS", "SHA256SUMS"),
        ("true && cp README.md notes.txt", "notes.txt"),
    ],
)
@pytest.mark.parametrize("how", ["create v1", "upload v1"])
def test_what_an_earlier_line_of_the_step_makes_is_there(makes: str, asset: str, how: str) -> None:
    lines = "".join(f"    {line}\n" for line in f"{makes}\ngh release {how} {asset}".splitlines())
    files = {**TREE, CI: job(f"{CHECKOUT}- run: cargo build --release\n- run: |\n{lines}")}
    assert ask("release-asset-produced", files) == []


def test_what_only_a_later_line_makes_is_missing() -> None:
    run = "- run: |\n    gh release create v1 app.txt\n    cp README.md app.txt\n"
    (found,) = ask("release-asset-produced", {**TREE, CI: job(f"{CHECKOUT}{run}")})
    assert (places([found]), found.blocks) == ([(CI, 8)], True)


def test_a_program_built_by_the_line_before_is_there() -> None:
    run = "- run: |\n    cargo build{}\n    gh release create v1 target/release/app\n"
    built, not_built = ({**TREE, CI: job(CHECKOUT + run.replace("{}", one))} for one in (" --release", ""))
    assert ask("release-asset-produced", built) == []
    assert places(ask("release-asset-produced", not_built)) == [(CI, 9)]


def matrix(values: str) -> str:
    return f"strategy: {{matrix: {{os: {values}}}}}"


def test_lanes_that_upload_one_name_are_named() -> None:
    found = ask("release-asset-names-unique", release("target/release/app", extra=matrix("[a, b]")))
    assert (places(found), found[0].subject, found[0].weight) == ([(CI, 9)], "ci.yml: app", "warning")


def test_a_second_upload_of_gh_is_refused() -> None:
    files = {**TREE, CI: job(f"{CHECKOUT}- run: gh release upload v1 README.md", extra=matrix("[a, b]"))}
    (found,) = ask("release-asset-names-unique", files)
    assert (places([found]), found.blocks) == ([(CI, 8)], True)


@pytest.mark.parametrize(
    ("files", "extra"),
    [
        ("'dist/app-${{ matrix.os }}'", matrix("[a, b]")),
        ("'dist/*'", matrix("[a, b]")),
        ("target/release/app", ""),
        ("target/release/app, tag_name: 'v1-${{ matrix.os }}'", matrix("[a, b]")),
        ("target/release/app", matrix("'${{ fromJSON(inputs.x) }}'")),
    ],
)
def test_names_that_differ_or_that_only_a_run_can_tell_are_fine(files: str, extra: str) -> None:
    assert ask("release-asset-names-unique", release(files, extra=extra)) == []


RELEASES = """\
    on: {{push: {{tags: ['v*']}}, workflow_dispatch: {{inputs: {{tag: }}}}}}
    jobs:
      a:
        runs-on: ubuntu-latest
        steps: [{{uses: actions/checkout@v6}}, {}]
      b:
        runs-on: ubuntu-latest
        steps: [{{uses: actions/checkout@v6}}, {}]
    """


def into(tag: str) -> str:
    return f"{{uses: softprops/action-gh-release@v2, with: {{files: README.md, tag_name: '{tag}'}}}}"


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (into("${{ inputs.tag }}"), into("${{ inputs.tag }}"), 1),
        (into("${{ needs.x.outputs.tag }}"), into("${{ needs.x.outputs.tag }}"), 1),
        (into("${{ github.ref_name }}"), "{run: gh release upload $GITHUB_REF_NAME README.md}", 1),
        (into("${{ inputs.tag }}"), into("nightly"), 0),
        (into("${{ steps.x.outputs.tag }}"), into("${{ steps.x.outputs.tag }}"), 0),
        ("{run: gh release upload v1 README.md}", "{run: gh release upload v2 README.md}", 0),
    ],
)
def test_assets_meet_in_one_release_only(one: str, other: str, told: int) -> None:
    files = {**TREE, CI: RELEASES.format(one, other)}
    assert len(ask("release-asset-names-unique", files)) == told


def test_programs_of_different_systems_have_different_names() -> None:
    files = release(
        '"target/release/app\\ntarget/release/app.exe"', extra=matrix("[ubuntu-latest, windows-latest]")
    )
    files[CI] = files[CI].replace("runs-on: ubuntu-latest", "runs-on: '${{ matrix.os }}'")
    assert ask("release-asset-names-unique", files) == []


def test_an_upload_of_one_lane_only_is_fine() -> None:
    files = release("README.md", extra=matrix("[a, b]"))
    files[CI] = files[CI].replace("  with: {files", "  if: matrix.os == 'a'\n        with: {files")
    assert ask("release-asset-names-unique", files) == []


IN_TURN = """\
    on: {{push: {{tags: ['v*']}}}}
    jobs:
      a:
        runs-on: ubuntu-latest
        steps:
          - uses: actions/checkout@v6
          - run: mkdir other && cp LICENSE other/README.md
          - {}
          - {}
    """
CREATES = "run: gh release create $GITHUB_REF_NAME README.md"
UPLOADS = "run: gh release upload $GITHUB_REF_NAME {}"
ACTION = "{{uses: softprops/action-gh-release@v2, with: {{files: {}{}}}}}"


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (CREATES, ACTION.format("README.md", ""), None),
        (CREATES, ACTION.format("README.md", ", overwrite_files: false"), None),
        (CREATES, UPLOADS.format("README.md --clobber"), None),
        (CREATES, ACTION.format("other/README.md", ""), ("warning", "each replaces the one before")),
        (
            CREATES,
            ACTION.format("other/README.md", ", overwrite_files: false"),
            ("warning", "the second is left out"),
        ),
        (CREATES, UPLOADS.format("README.md"), ("blocker", "the second is refused")),
        (ACTION.format("README.md", ""), UPLOADS.format("README.md"), ("blocker", "the second is refused")),
    ],
)
def test_who_uploads_later_in_a_job_decides_what_becomes_of_the_name(
    one: str, other: str, told: tuple[str, str] | None
) -> None:
    found = ask("release-asset-names-unique", {**TREE, "LICENSE": "", CI: IN_TURN.format(one, other)})
    assert [(each.weight, each.message.partition(": ")[2]) for each in found] == ([told] if told else [])


def test_a_refusal_that_depends_on_the_order_of_jobs_is_a_warning() -> None:
    files = {**TREE, CI: RELEASES.format(into("v1"), "{run: gh release upload v1 README.md}")}
    (found,) = ask("release-asset-names-unique", files)
    assert found.weight == "warning"
    assert found.message.endswith("the second is refused or replaces the one before")


@pytest.mark.parametrize(
    ("pack", "files", "told"),
    [
        ("mkdir dist && tar czf dist/app.tgz -C target/release app", "dist/apps.tgz", 1),
        ("tar czf app-linux.tgz -C target/release app", "'*.tar.gz'", 1),
        ("mkdir -p dist && tar -C target/release -czf dist/app.tgz app", "'out/*.tgz'", 1),
        ("tar czf dist/app.tgz -C target/release app", "dist/app.tgz", 1),
        ("tar czf src/app.tgz -C target/release app", "src/app.tgz", 0),
        ("mkdir dist && tar czf dist/app.tgz -C target/release app", "dist/app.tgz", 0),
        ("tar czf app-$GITHUB_REF_NAME.tgz -C target/release app", "'*.tgz'", 0),
        ("tar czf app-$GITHUB_REF_NAME.tgz -C target/release app", "app-v1.tgz", 0),
        ("mkdir dist && tar czf dist/app.tgz -C target/release app", "dist", 0),
        ("mkdir dist && tar czf dist/app.tgz -C target/release app", "'dist/**/*.tgz'", 0),
        ("tar xzf README.md", "'*.tar.gz'", 0),
        ("cp target/release/app app.tar.gz && tar czf x.tgz README.md", "'*.tar.gz'", 0),
        ("cd target && tar czf ../app.tar.gz release", "'*.tar.gz'", 0),
        ("tar czf $OUT README.md", "'*.tar.gz'", 0),
    ],
)
def test_another_name_than_what_is_packed_is_named(pack: str, files: str, told: int) -> None:
    before = f"- run: cargo build --release\n- run: {pack}\n"
    assert len(ask("release-asset-produced", release(files, before=before))) == told


SV = "- uses: svenstaro/upload-release-action@v2\n  with: {{file: target/release/app, asset_name: {}{}}}"
NC = "- uses: ncipollo/release-action@v1\n  with: {{artifacts: {}{}}}"


@pytest.mark.parametrize(
    ("step", "weight", "told"),
    [
        (SV.format("app", ", overwrite: true"), "warning", "each replaces the one before"),
        (SV.format("app", ", tag: '${{ github.ref }}'"), "blocker", "the second is refused"),
        (NC.format("dist/app", ", allowUpdates: true"), "warning", "each replaces the one before"),
        (
            NC.format("'LICENSE,dist/app'", ", allowUpdates: true, replacesArtifacts: false"),
            "warning",
            "left",
        ),
    ],
)
def test_lanes_that_upload_one_name_by_another_action_are_named(step: str, weight: str, told: str) -> None:
    files = {**TREE, CI: job(CHECKOUT + step, extra=matrix("[ubuntu-latest, macos-latest]"))}
    found = [one for one in ask("release-asset-names-unique", files) if one.subject == "ci.yml: app"]
    assert [(one.weight, places([one])) for one in found] == [(weight, [(CI, 9)])]
    assert told in found[0].message


@pytest.mark.parametrize(
    "step",
    [
        SV.format("'app-${{ matrix.os }}'", ", overwrite: true"),
        SV.format("'${{ env.NAME }}'", ", overwrite: true"),
        SV.format("app", ", overwrite: true, file_glob: true"),
        SV.format("app", ", overwrite: '${{ inputs.again }}'"),
        SV.format("app", ", overwrite: true, tag: '${{ matrix.os }}'"),
        SV.format("app", ", overwrite: true") + "\n  if: matrix.os == 'macos-latest'",
        NC.format("'dist/*'", ", allowUpdates: true"),
        NC.format("dist/app", ""),
        NC.format("README.md", ", allowUpdates: true"),
        NC.format("'dist/app-${{ matrix.os }}'", ", allowUpdates: true"),
    ],
)
def test_names_of_their_own_or_that_only_a_run_knows_are_fine(step: str) -> None:
    files = {**TREE, CI: job(CHECKOUT + step, extra=matrix("[ubuntu-latest, macos-latest]"))}
    assert ask("release-asset-names-unique", files) == []
