import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, CRATE, answers, ask, job, places

TREE = {"Cargo.toml": CRATE, "src/main.rs": "", "docs/a.md": "", "web/app/package.json": "{}"}
TREE["tools/all.sh"] = '"$HERE/../docs/stop.sh"\n'
CHECKOUT = "- uses: actions/checkout@v4\n"


def two(first: str, second: str, *, needs: str = "needs: a", extra: str = "", version: int = 4) -> str:
    return f"""\
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    {extra}
    steps:
      - uses: actions/upload-artifact@v4
        with: {{name: {first}, path: docs}}
  b:
    runs-on: ubuntu-latest
    {needs}
    steps:
      - uses: actions/download-artifact@v{version}
        with: {{name: {second}}}
"""


def upload(path: str, more: str = "", before: str = "") -> str:
    return job(
        f"{CHECKOUT}{before}- uses: actions/upload-artifact@v4\n  with: {{name: x, path: {path}{more}}}"
    )


def test_an_artifact_that_nobody_uploads_is_named_with_its_line() -> None:
    found = ask("artifact-is-uploaded", {CI: two("built", "build")})
    assert (places(found), found[0].subject) == ([(CI, 14)], "ci.yml: build")


def test_a_job_that_does_not_wait_for_the_upload_is_named_with_both_places() -> None:
    (found,) = ask("artifact-is-uploaded", {CI: two("built", "built", needs="")})
    assert [one.line for one in found.evidence] == [14, 8]


@pytest.mark.parametrize(
    ("first", "second", "extra"),
    [
        ("built", "built", ""),
        ("'b-${{ matrix.os }}'", "b-mac", "strategy: {matrix: {os: [linux, mac]}}"),
        ("'b-${{ github.sha }}'", "b-1234", ""),
        ("built", "'${{ github.ref_name }}'", ""),
        ("built", "other, run-id: 12, github-token: x", ""),
        ("built", "other, pattern: b*", ""),
    ],
)
def test_an_artifact_that_is_uploaded_or_may_be_is_not_accused(first: str, second: str, extra: str) -> None:
    assert ask("artifact-is-uploaded", {CI: two(first, second, extra=extra)}) == []


def test_a_download_before_the_upload_of_its_own_job_is_told_as_what_it_is() -> None:
    steps = "- uses: actions/download-artifact@v4\n  with: {name: x}\n"
    steps += "- uses: actions/upload-artifact@v4\n  with: {name: x, path: docs}\n"
    (found,) = ask("artifact-is-uploaded", {CI: job(steps)})
    assert (found.weight, found.evidence[0].line) == (Weight.BLOCKER, 7)
    assert "before it uploads it" in found.message


def test_a_download_that_may_fail_stops_nothing() -> None:
    lenient = "with: {name: build}\n        continue-on-error: true"
    text = two("built", "build").replace("with: {name: build}", lenient)
    (found,) = ask("artifact-is-uploaded", {CI: text})
    assert found.weight is Weight.WARNING


def test_an_upload_whose_name_is_not_known_hides_none_of_a_called_workflow() -> None:
    calls = two("'${{ env.DEB }}'", "bridge", needs="needs: c")
    calls += "  c:\n    uses: ./.github/workflows/bridge.yml\n"
    inner = job("- {uses: actions/upload-artifact@v4, with: {name: bridge, path: x}}", on="{workflow_call: }")
    assert ask("artifact-is-uploaded", {CI: calls, ".github/workflows/bridge.yml": inner}) == []


def test_an_action_of_others_that_builds_may_upload_what_it_built() -> None:
    for uses, told in (("acme/ci/.github/actions/build-rust@v1", 0), ("docker/build-push-action@v6", 1)):
        text = two("other", "release-x").replace("    steps:\n", f"    steps:\n      - uses: {uses}\n", 1)
        assert len(ask("artifact-is-uploaded", {CI: text})) == told, uses


def test_a_workflow_that_a_called_workflow_calls_may_upload_it() -> None:
    calls = "on: push\njobs:\n  a:\n    uses: ./.github/workflows/one.yml\n  b:\n    needs: a\n"
    calls += (
        "    runs-on: ubuntu-latest\n    steps: [{uses: actions/download-artifact@v6, with: {name: tar}}]\n"
    )
    one = "on: workflow_call\njobs:\n  a:\n    uses: ./.github/workflows/two.yml\n"
    two_ = job("- {uses: actions/upload-artifact@v6, with: {name: tar, path: x}}", on="workflow_call")
    files = {CI: calls, ".github/workflows/one.yml": one, ".github/workflows/two.yml": two_}
    assert ask("artifact-is-uploaded", files) == []
    files[CI] = calls.replace("name: tar", "pattern: t*")
    assert ask("artifact-is-uploaded", files) == []
    files[CI] = calls.replace("name: tar", "pattern: x*")
    assert len(ask("artifact-is-uploaded", files)) == 1


def test_a_name_of_a_matrix_that_no_lane_has_is_accused() -> None:
    text = two("'b-${{ matrix.os }}'", "b-win", extra="strategy: {matrix: {os: [linux, mac]}}")
    assert places(ask("artifact-is-uploaded", {CI: text})) == [(CI, 14)]


def test_a_called_workflow_may_get_the_artifact_of_its_caller() -> None:
    text = two("built", "other").replace("on: push", "on: workflow_call")
    assert ask("artifact-is-uploaded", {CI: text}) == []


def test_a_local_action_that_uploads_counts() -> None:
    step = "{uses: actions/upload-artifact@v4, with: {name: other}}"
    action = f"runs:\n  using: composite\n  steps:\n    - {step}\n"
    text = two("built", "other").replace(
        "steps:\n      - uses: actions/up", "steps:\n      - uses: ./up\n      - uses: actions/up"
    )
    assert ask("artifact-is-uploaded", {CI: text, "up/action.yml": action}) == []


MERGE = "- {uses: actions/upload-artifact/merge@v4, with: {name: all, pattern: 'all-*'}}"


def test_merging_artifacts_uploads_one() -> None:
    text = two("all-1", "all").replace("\n  b:", f"\n      {MERGE}\n  b:")
    assert ask("artifact-is-uploaded", {CI: text}) == []
    (found,) = ask("artifact-is-uploaded", {CI: text.replace("name: all,", "name: whole,")})
    assert "'whole'" in found.message


def test_versions_that_cannot_read_each_other_are_named() -> None:
    assert places(ask("artifact-versions-agree", {CI: two("x", "x", version=3)})) == [(CI, 13)]


@pytest.mark.parametrize(
    ("up", "down", "line"), [("main", "master", 13), ("master", "v4", 13), ("v7", "master", 13)]
)
def test_a_branch_that_was_left_behind_cannot_read_what_later_versions_uploaded(
    up: str, down: str, line: int
) -> None:
    text = two("x", "x").replace("upload-artifact@v4", f"upload-artifact@{up}")
    (found,) = ask(
        "artifact-versions-agree", {CI: text.replace("download-artifact@v4", f"download-artifact@{down}")}
    )
    assert (places([found]), found.weight) == ([(CI, line)], Weight.BLOCKER)
    assert "version 2 (where the branch master stopped)" in found.message


@pytest.mark.parametrize(
    ("up", "down"), [("master", "master"), ("main", "v4"), ("main", "main"), ("next", "master")]
)
def test_branches_that_agree_or_that_nobody_knows_are_fine(up: str, down: str) -> None:
    text = two("x", "x").replace("upload-artifact@v4", f"upload-artifact@{up}")
    text = text.replace("download-artifact@v4", f"download-artifact@{down}")
    assert ask("artifact-versions-agree", {CI: text}) == []


def test_later_versions_read_each_other() -> None:
    assert ask("artifact-versions-agree", {CI: two("x", "x", version=7)}) == []


def test_lanes_of_a_matrix_that_upload_one_name_are_named() -> None:
    text = two("x", "x", extra="strategy: {matrix: {os: [linux, mac]}}")
    (found,) = ask("artifact-name-unique", {CI: text})
    assert (found.subject, places([found])) == ("ci.yml: x", [(CI, 8)])


def test_one_mistake_made_many_times_in_a_file_is_told_once() -> None:
    upload = "{uses: actions/upload-artifact@v4, with: {name: %s, path: docs}}"
    jobs = "".join(
        f"  {id_}{name}:\n    runs-on: ubuntu-latest\n    steps: [{upload % name}]\n"
        for name in "xyz"
        for id_ in "ab"
    )
    (found,) = ask("artifact-name-unique", {CI: f"on: push\njobs:\n{jobs}"})
    assert (found.message.rpartition(": ")[2], len(found.evidence)) == ("x, y and z", 6)


def test_a_site_is_uploaded_as_an_artifact_too() -> None:
    for name, given in (("site", ", with: {name: site}"), ("github-pages", "")):
        step = f"      - {{uses: actions/upload-pages-artifact@v5{given}}}\n"
        text = two("x", name).replace("steps:\n", f"steps:\n{step}", 1)
        assert ask("artifact-is-uploaded", {CI: text}) == []


def test_lanes_that_share_their_names_with_another_job_are_one_cause() -> None:
    upload = "{uses: actions/upload-artifact@v4, with: {name: 'x-${{ matrix.v }}', path: docs}}"
    lanes = "    runs-on: ubuntu-latest\n    strategy: {matrix: {v: [1, 2, 3]}}\n"
    text = f"on: push\njobs:\n  a:\n{lanes}    steps: [{upload}]\n  b:\n{lanes}    steps: [{upload}]\n"
    (found,) = ask("artifact-name-unique", {CI: text})
    assert ([one.line for one in found.evidence], found.blocks) == ([6, 10], True)
    (found,) = ask("artifact-name-unique", {CI: text.replace("{uses", "{continue-on-error: true, uses")})
    assert not found.blocks


WAITS = """\
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps: [{{uses: actions/upload-artifact@v6, with: {{name: x, path: docs}}}}]
  b:
    runs-on: ubuntu-latest
    steps:
      - {}
      - {{uses: actions/download-artifact@v6, with: {{name: x}}}}
"""


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("uses: kachick/wait-other-jobs@v3", 0),
        ("run: until gh api repos/o/r/actions/runs/1/jobs | grep done; do sleep 1; done", 0),
        ("run: sleep 60", 1),
    ],
)
def test_a_job_may_wait_for_another_without_needing_it(step: str, told: int) -> None:
    assert len(ask("artifact-is-uploaded", {CI: WAITS.format(step)})) == told


def test_what_collects_after_any_ending_may_find_nothing_to_upload() -> None:
    step = "- {uses: actions/upload-artifact@v4, if: always(), with: {name: x, path: docs}}"
    (found,) = ask("artifact-name-unique", {CI: job(step, extra="strategy: {matrix: {v: [1, 2]}}")})
    assert not found.blocks


@pytest.mark.parametrize(
    ("path", "before"),
    [
        ("docs/www", "- {run: mkdir -p www/book, working-directory: docs}\n"),
        ("out", "- run: cp a out/b\n"),
    ],
)
def test_a_directory_with_something_in_it_was_made(path: str, before: str) -> None:
    assert ask("artifact-path-produced", {**TREE, CI: upload(path, before=before)}) == []


def test_a_job_without_a_checkout_makes_files_as_well() -> None:
    steps = "- run: echo x > digest.txt\n- {uses: actions/upload-artifact@v4, with: {path: digest.txt}}"
    assert ask("artifact-path-produced", {CI: job(steps)}) == []
    assert ask("artifact-path-produced", {CI: job(steps.replace("> digest", "> other"))}) != []


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ("- run: cargo test --no-run; find target/debug ! -executable | xargs rm -rf\n", 0),
        ("- run: rm -rf out && cargo build\n", 1),
    ],
)
def test_a_target_directory_that_was_cleared_out_is_not_whole(before: str, told: int) -> None:
    assert len(ask("whole-target-uploaded", {CI: upload("target/debug", before=before)})) == told


ONE_FILE = """\
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/upload-artifact@v7
        with: {{name: ignored, archive: false, path: '{}'}}
  b:
    needs: a
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v8
        with: {{name: app.zip}}
"""


@pytest.mark.parametrize(
    "path", ["out/app.zip", "out/*.zip", "out/${{ env.NAME }}.zip", "out/${{ a/b }}/app.zip"]
)
def test_a_file_that_is_uploaded_as_it_is_has_its_own_name(path: str) -> None:
    assert ask("artifact-is-uploaded", {CI: ONE_FILE.format(path)}) == []


def test_a_file_of_another_name_is_not_the_one_that_is_downloaded() -> None:
    assert places(ask("artifact-is-uploaded", {CI: ONE_FILE.format("out/ap.zip")})) == [(CI, 13)]


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("'x-${{ matrix.os }}'", "strategy: {matrix: {os: [linux, mac]}}"),
        ("x, overwrite: true", "strategy: {matrix: {os: [linux, mac]}}"),
        ("x", "strategy: {matrix: {os: [linux]}}"),
        ("x", "strategy: {matrix: '${{ fromJSON(needs.x.outputs.y) }}'}"),
    ],
)
def test_names_that_differ_or_are_written_over_are_fine(name: str, extra: str) -> None:
    assert ask("artifact-name-unique", {CI: two(name, "x", extra=extra)}) == []


def test_an_upload_of_one_lane_only_is_fine() -> None:
    steps = "- uses: actions/upload-artifact@v4\n  if: matrix.os == 'mac'\n  with: {name: x, path: docs}"
    assert ask("artifact-name-unique", {CI: job(steps, extra="strategy: {matrix: {os: [mac, linux]}}")}) == []


def test_a_choice_of_a_person_is_the_same_in_all_jobs() -> None:
    on = "{workflow_dispatch: {inputs: {to: {type: choice, options: [a, b]}}}}"
    assert ask("artifact-name-unique", {CI: job("- uses: actions/upload-artifact@v4", on=on)}) == []


def test_a_slash_in_a_name_is_refused() -> None:
    text = two("'x-${{ matrix.os }}'", "x", extra="strategy: {matrix: {os: [linux/arm]}}")
    assert places(ask("artifact-name-valid", {CI: text})) == [(CI, 8)]


def test_dots_and_blanks_are_fine_in_a_name_and_unknown_values_are_not_judged() -> None:
    assert ask("artifact-name-valid", {CI: two("'a b.c'", "x")}) == []
    assert ask("artifact-name-valid", {CI: two("'a${{ github.ref }}'", "x")}) == []


@pytest.mark.parametrize("path", ["dist", "'dist/*.tgz'", "target/release/ap", "docs/b.md"])
def test_a_path_that_nothing_makes_is_named_with_its_line(path: str) -> None:
    files = {**TREE, CI: upload(path, before="- run: cargo build --release\n")}
    assert places(ask("artifact-path-produced", files)) == [(CI, 9)]


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("target/release/app", "cargo build"),
        ("target/debug/app", "cargo build --release"),
        ("target/release/app", "cargo build --release --target x86_64-unknown-linux-musl"),
        ("target/x86_64-unknown-linux-musl/release/app", "cargo build --release"),
        ("target/release/app", "cargo build --release --lib"),
        ("target/release/app", "cargo check --release"),
        ("target/release/app", "cargo build --profile dist"),
    ],
)
def test_a_program_that_no_command_leaves_there_is_named(path: str, command: str) -> None:
    files = {**TREE, CI: upload(path, before=f"- run: {command}\n")}
    assert places(ask("artifact-path-produced", files)) == [(CI, 9)]


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("target/debug/app", "cargo test"),
        ("target/release/app", "cargo build -r --bin app"),
        ("target/release/app", "cargo build --profile $P"),
        ("target/release/app", "cargo build --release --target $T"),
        ("target/debug/app", "cargo build --profile dev"),
        ("target/release/app", "make"),
        ("target/release/app", "CARGO_TARGET_DIR=target cargo build"),
        ("target/x86_64-unknown-linux-musl/release/app", "cross build -r --target x86_64-unknown-linux-musl"),
    ],
)
def test_a_program_that_a_command_may_leave_there_is_fine(path: str, command: str) -> None:
    files = {**TREE, CI: upload(path, before=f"- run: {command}\n")}
    assert ask("artifact-path-produced", files) == []


def test_a_program_that_cargo_is_already_asked_for_in_vain_is_told_once() -> None:
    for command, told in (
        ("cargo build -r --bin gone", 0),
        ("cargo build -r --bin app", 1),
        ("cargo build -r", 1),
    ):
        files = {**TREE, CI: upload("target/release/gone", before=f"- run: {command}\n")}
        assert len(ask("artifact-path-produced", files)) == told, command


def test_a_program_of_a_package_that_is_not_there_is_told_once() -> None:
    files = {**TREE, CI: upload("target/release/gone", before="- run: cargo build -r -p gone\n")}
    assert ask("artifact-path-produced", files) == []


def test_a_program_that_no_package_builds_is_one_cause_in_all_workflows() -> None:
    text = upload("target/release/ap", before="- run: cargo build --release\n")
    (found,) = ask("artifact-path-produced", {**TREE, CI: text, ".github/workflows/two.yml": text})
    assert [one.file for one in found.evidence] == [CI, ".github/workflows/two.yml"]


def test_what_lacks_beside_other_paths_leaves_the_upload_going() -> None:
    text = upload("x").replace(
        "with: {name: x, path: x}", "with:\n          path: |\n            docs\n            dist"
    )
    (found,) = ask("artifact-path-produced", {**TREE, CI: text})
    assert (found.weight, found.message[:4]) == ("note", "dist")


def test_what_git_ignores_may_be_left_by_any_program() -> None:
    files = {**TREE, ".gitignore": "docs/generated.rs\n"}
    made = upload("docs/generated.rs", before="- run: some-codegen --input docs/a.md\n")
    assert ask("artifact-path-produced", {**files, CI: made}) == []
    assert ask("artifact-path-produced", {**TREE, CI: made}) != []
    assert ask("artifact-path-produced", {**files, CI: upload("docs/generated.rs")}) != []


def test_a_local_action_that_does_more_than_prepare_may_write_anywhere() -> None:
    for name, told in (("build_wheels", 0), ("setup-rust", 1)):
        built = upload("docs/dist", before=f"- uses: ./.github/actions/{name}\n")
        assert len(ask("artifact-path-produced", {**TREE, CI: built})) == told, name


def test_a_header_that_a_build_script_writes_is_not_missing() -> None:
    files = {**TREE, "ffi/build.rs": 'write_to_file("post.h")', "ffi/Cargo.toml": ""}
    built = upload("ffi/post.h", before="- run: cargo build -p ffi\n")
    assert ask("artifact-path-produced", {**files, CI: built}) == []
    assert ask("artifact-path-produced", {**files, CI: upload("ffi/post.h")}) != []


def test_it_blocks_when_the_upload_must_find_something() -> None:
    (found,) = ask("artifact-path-produced", {**TREE, CI: upload("dist", ", if-no-files-found: error")})
    assert found.blocks


@pytest.mark.parametrize(
    ("path", "before"),
    [
        ("docs", ""),
        ("'docs/*.html'", ""),
        ("target/release/app", "- run: cargo build --release\n"),
        ("target/doc", "- run: cargo doc\n"),
        ("target/release/app-linux", "- run: cp target/release/app target/release/app-linux\n"),
        ("target/release/tool", "- {uses: actions/checkout@v4, with: {repository: o/tool}}\n"),
        ("out/log.txt", "- run: mkdir -p out && date > out/log.txt\n"),
        ("log.txt", "- run: date | tee log.txt\n"),
        ("cobertura.xml", "- run: cargo tarpaulin --out Xml\n"),
        ("dist", "- run: ./package.sh\n"),
        ("dist", "- uses: someone/packs-it@v1\n"),
        ("docs/logs", "- {run: ./stop.sh, working-directory: docs}\n"),
        ("docs/logs", "- run: docs/stop.sh\n"),
        ("docs/logs", "- run: tools/all.sh\n"),
        ("docs/dist", "- {uses: someone/packs-it@v1, with: {args: build --out docs/dist}}\n"),
        ("docs/dist", "- {uses: someone/packs-it@v1, with: {args: --out=dist, working-directory: docs}}\n"),
        ("docs/dist", "- {uses: someone/packs-it@v1, with: {working-directory: docs}}\n"),
        ("web/app/dist", "- {run: npm run build --workspace app, working-directory: web}\n"),
        ("web/app/dist", "- run: npm run build --workspace app\n"),
        ("web/other", "- {run: pnpm build-all, working-directory: docs}\n"),
        ("/tmp/results", ""),
        ("'C:\\Users\\runneradmin\\x.exe'", ""),
        ("'${{ env.DIST }}'", ""),
        ("~/.cache", ""),
    ],
)
def test_a_path_that_is_there_or_may_have_been_made_is_not_accused(path: str, before: str) -> None:
    assert ask("artifact-path-produced", {**TREE, CI: upload(path, before=before)}) == []


@pytest.mark.parametrize(
    "before",
    [
        "- {run: ./stop.sh, working-directory: web}\n",
        "- {uses: someone/packs-it@v1, with: {working-directory: web}}\n",
        "- run: npm ci\n",
        "- run: tools/other.sh\n",
        "- {run: ls, working-directory: docs}\n",
    ],
)
def test_who_works_elsewhere_makes_nothing_in_a_directory_of_the_repository(before: str) -> None:
    assert places(ask("artifact-path-produced", {**TREE, CI: upload("docs/logs", before=before)})) == [
        (CI, 9)
    ]


@pytest.mark.parametrize(
    "path",
    [
        "target",
        "./target/",
        "target/release/",
        "target/**",
        "target/debug/**",
        "${{ github.workspace }}/target",
    ],
)
def test_a_whole_target_directory_is_named(path: str) -> None:
    built = upload(f"'{path}'", before="- run: cargo build\n")
    assert places(ask("whole-target-uploaded", {CI: built})) == [(CI, 9)]


def test_a_target_directory_that_cargo_did_not_fill_is_not_named() -> None:
    packed = upload("'./target/*'", before="- run: docker buildx bake package\n")
    assert ask("whole-target-uploaded", {CI: packed}) == []


def test_a_part_of_the_target_directory_is_fine() -> None:
    assert answers("whole-target-uploaded", {CI: upload("target/doc")})[0].verdict == "holds"
    assert ask("whole-target-uploaded", {CI: upload("'target/release/app*'")}) == []


@pytest.mark.parametrize(
    ("left_out", "told"), [("target/**/*.d", 1), ("target/*/deps/**", 0), ("target/debug", 0)]
)
def test_a_target_directory_without_the_files_of_one_ending_is_whole(left_out: str, told: int) -> None:
    upload_all = "- uses: actions/upload-artifact@v4\n  with:\n    name: a\n    path: |\n      target/**\n"
    steps = f"- run: cargo build\n{upload_all}      !{left_out}"
    assert len(ask("whole-target-uploaded", {CI: job(steps)})) == told


GATHERED = """\
    on: push
    jobs:
      build:
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/upload-artifact@v6
            with: {{name: "{name}", path: x}}
      publish:
        needs: build
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/download-artifact@v7
            with:
              {wanted}
    """


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("kiet-${{ matrix.target }}", "pattern: kite-*"),
        ("kite-${{ matrix.target }}", "pattern: kiet-*"),
        ("app", "pattern: app-*"),
        ("tally-${{ github.sha }}", "name: talyl-${{ github.sha }}"),
    ],
)
def test_an_artifact_that_no_upload_can_be_is_named(name: str, wanted: str) -> None:
    found = ask("artifact-is-uploaded", {CI: GATHERED.format(name=name, wanted=wanted)})
    assert places(found) == [(CI, 14)]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("kite-${{ matrix.target }}", "pattern: kite-*"),
        ("${{ matrix.target }}", "pattern: kite-*"),
        ("app-linux", 'pattern: "*"'),
        ("app-linux", 'pattern: "*-linux"'),
        ("app-linux", 'pattern: "{app,lib}-*"'),
        ("tally-${{ github.sha }}", "name: tally-${{ needs.build.outputs.sha }}"),
        ("tally-1-x", "name: tally-${{ github.run_number }}-x"),
        ("app", "{pattern: lib-*, run-id: 7}"),
    ],
)
def test_an_artifact_that_an_upload_may_be_is_not_missed(name: str, wanted: str) -> None:
    files = {CI: GATHERED.format(name=name, wanted=wanted).replace("with:\n              {", "with: {")}
    assert not ask("artifact-is-uploaded", files)


PACKED = """\
    on: push
    jobs:
      package:
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/checkout@v6
          - run: cargo test
          - run: ci/pack.sh
          - uses: actions/upload-artifact@v6
            with: {{name: app, path: "{path}"}}
    """


@pytest.mark.parametrize("path", ["dits/", "dits/*.tar.gz", "target/reelase/app", "dcos/book"])
def test_a_slip_in_a_path_that_is_uploaded_is_named_whoever_may_write_files(path: str) -> None:
    files = {"ci/pack.sh": "mkdir -p dist\ncp a dist/\n", "docs/a.md": "", CI: PACKED.format(path=path)}
    assert places(ask("artifact-path-produced", files)) == [(CI, 10)]


@pytest.mark.parametrize("path", ["dist/", "out/", "target/release/app", "distt2/", "dits/"])
def test_a_path_that_is_spelled_or_near_to_none_is_no_slip(path: str) -> None:
    files = {"ci/pack.sh": "mkdir -p dist\ncp a dist/\ncp a dits\n", CI: PACKED.format(path=path)}
    assert not ask("artifact-path-produced", files)


SITE = """\
    on: push
    jobs:
      docs:
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/checkout@v6
          - run: {run}
          - uses: actions/upload-pages-artifact@v5
            with: {{path: book}}
    """


def test_a_site_that_nobody_makes_is_not_there_to_upload() -> None:
    assert places(ask("artifact-path-produced", {CI: SITE.format(run="cargo build")})) == [(CI, 9)]


def test_a_site_that_a_recipe_may_make_is_not_missed() -> None:
    assert not ask("artifact-path-produced", {CI: SITE.format(run="just book")})


@pytest.mark.parametrize(
    "before",
    [
        "- run: nix develop -c make docs\n",
        '- run: nix develop -c bash -lc "cd docs && pnpm exec build"\n',
        "- run: docker run --rm -v $PWD:/w image build\n",
        "- run: tools/test.sh\n",
    ],
)
def test_what_runs_in_an_environment_of_its_own_or_tests_may_write_anywhere(before: str) -> None:
    files = {**TREE, "tools/test.sh": "cargo nextest run\n", CI: upload("docs/logs", before=before)}
    assert ask("artifact-path-produced", files) == []


@pytest.mark.parametrize("before", ["- run: docker pull image\n", "- run: tools/fmt.sh\n"])
def test_what_only_fetches_or_formats_writes_no_logs(before: str) -> None:
    files = {**TREE, "tools/fmt.sh": "cargo fmt --check\n", CI: upload("docs/logs", before=before)}
    assert places(ask("artifact-path-produced", files)) == [(CI, 9)]


def test_a_download_in_a_job_that_needs_nobody_known_is_told_by_the_needs_alone() -> None:
    text = (
        "on: push\njobs:\n  package:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - {uses: actions/upload-artifact@v6, with: {name: release, path: dist}}\n"
        "  publish:\n    needs: pack\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - {uses: actions/download-artifact@v7, with: {name: release}}\n"
    )
    assert ask("artifact-is-uploaded", {CI: text}) == []
    assert len(ask("artifact-is-uploaded", {CI: text.replace("    needs: pack\n", "")})) == 1


@pytest.mark.parametrize(("name", "told"), [("spice", 1), ("app", 0)])
def test_a_program_that_is_uploaded_in_each_lane_and_that_nobody_builds_is_told(name: str, told: int) -> None:
    workflow = f"""\
        on: push
        jobs:
          a:
            runs-on: ubuntu-24.04
            strategy:
              matrix:
                target: [x86_64-unknown-linux-gnu, aarch64-unknown-linux-gnu]
            steps:
              - uses: actions/checkout@v6
              - run: cargo build --release --target ${{{{ matrix.target }}}}
              - uses: actions/upload-artifact@v6
                with:
                  name: app-${{{{ matrix.target }}}}
                  path: target/${{{{ matrix.target }}}}/release/{name}
        """
    files = {"Cargo.toml": CRATE, "src/main.rs": "", CI: workflow}
    found = ask("artifact-path-produced", files)
    assert places(found) == [(CI, 14)] * told
    assert all("no package builds a program 'spice'" in one.message for one in found)
