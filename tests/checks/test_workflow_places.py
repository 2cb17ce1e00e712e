import subprocess
from pathlib import Path

import pytest

from tests.checks.testing import CI, CRATE, answers, ask, job, places

TREE = {
    "Cargo.toml": CRATE,
    "Cargo.lock": "version = 4\n",
    "src/main.rs": "",
    "tools/run.sh": "make\n",
    "image/Dockerfile": "FROM scratch\n",
}
CHECKOUT = "- uses: actions/checkout@v4\n"


def ci(steps: str, *, extra: str = "") -> dict[str, str]:
    return {**TREE, CI: job(f"{CHECKOUT}{steps}", extra=extra)}


def test_a_directory_that_git_ignores_may_be_left_by_a_program_before() -> None:
    files = {**ci("- run: just bindings\n- run: cd out/ts && npm publish"), ".gitignore": "out/ts\n"}
    assert ask("workflow-directory-exists", files) == []
    never = {**ci("- run: echo\n- run: cd out/ts && npm publish"), ".gitignore": "out/ts\n"}
    assert len(ask("workflow-directory-exists", never)) == 1


def test_beside_a_checkout_with_a_path_the_workspace_is_not_the_repository() -> None:
    step = "- run: cd ${GITHUB_WORKSPACE}/app && cd ${{ github.workspace }}/x && make"
    beside = {**TREE, CI: job(f"- uses: actions/checkout@v4\n  with: {{path: app}}\n{step}")}
    assert ask("workflow-directory-exists", beside) == []
    assert len(ask("workflow-directory-exists", ci(step))) == 2


@pytest.mark.parametrize(
    "steps",
    [
        "- {run: make, working-directory: tool}",
        "- run: cd tool",
        "- run: cd tools/x; make",
        "- run: cd gone && make",
    ],
)
def test_a_directory_that_is_not_there_is_named_with_its_line(steps: str) -> None:
    assert places(ask("workflow-directory-exists", ci(steps))) == [(CI, 7)]


def test_the_default_of_a_job_is_named_where_it_is_written() -> None:
    found = ask(
        "workflow-directory-exists", ci("- run: make", extra="defaults: {run: {working-directory: gone}}")
    )
    assert (places(found), found[0].subject) == ([(CI, 5)], "ci.yml: gone")


@pytest.mark.parametrize(
    "steps",
    [
        "- {run: make, working-directory: ./tools}",
        "- {run: make, working-directory: '${{ github.workspace }}/tools'}",
        "- {run: make, working-directory: '${{ inputs.where }}'}",
        "- run: mkdir -p dist && cd dist",
        "- run: mkdir -p dist; cd dist",
        "- run: git clone https://x/y && cd y",
        "- run: cd gone || exit 0",
        "- run: cd gone && make || true",
        "- run: |\n    cd gone && make\n    true",
        "- run: if [ -d gone ]; then cd gone; fi",
        "- run: cd /tmp",
        "- run: cd $DIR",
        "- run: cd target/release",
        "- {uses: actions/checkout@v4, with: {repository: o/other, path: other}}\n- run: cd other/src",
        "- {uses: actions/checkout@v4, with: {repository: o/other}}\n- run: cd gone",
        "- {run: make, working-directory: gone, if: false}",
    ],
)
def test_a_directory_that_is_there_or_may_be_is_not_accused(steps: str) -> None:
    assert ask("workflow-directory-exists", ci(steps)) == []


DOWNLOAD = "- {uses: actions/download-artifact@v4, with: {name: x, path: dist}}\n"


def test_without_a_checkout_only_what_was_made_is_there() -> None:
    files = {**TREE, CI: job(f"{DOWNLOAD}- {{run: make, working-directory: tools}}")}
    assert places(ask("workflow-directory-exists", files)) == [(CI, 7)]


@pytest.mark.parametrize(
    "steps",
    [
        f"{DOWNLOAD}- {{run: make, working-directory: dist}}",
        f"{DOWNLOAD}- {{run: make, working-directory: dist/inner}}",
        "- run: mkdir -p a/b\n- {run: make, working-directory: a}",
        "- run: git clone https://x/y\n- {run: make, working-directory: y/z}",
        "- uses: someone/fetches@v1\n- {run: make, working-directory: y}",
        "- {run: make, working-directory: /tmp}",
    ],
)
def test_without_a_checkout_what_was_made_or_may_be_is_fine(steps: str) -> None:
    assert ask("workflow-directory-exists", {**TREE, CI: job(steps)}) == []


def test_a_directory_that_terraform_is_sent_to_has_to_be_there() -> None:
    found = ask("workflow-directory-exists", ci("- run: terraform -chdir=terraform init"))
    assert (places(found), found[0].subject) == ([(CI, 7)], "ci.yml: terraform")
    for step in (
        "- run: terraform -chdir=tools init",
        "- run: terraform -chdir=$DIR init",
        "- run: terraform -chdir=/opt/x init",
        "- run: git clone https://x/terraform && terraform -chdir=terraform init",
        "- run: terraform -chdir=terraform init || true",
    ):
        assert ask("workflow-directory-exists", ci(step)) == []


def test_a_manifest_that_is_not_there_is_named() -> None:
    found = ask("workflow-manifest-exists", ci("- run: cargo test --manifest-path fuzz/Cargo.toml"))
    assert (places(found), found[0].subject) == ([(CI, 7)], "ci.yml: fuzz/Cargo.toml")
    found = ask("workflow-manifest-exists", ci("- run: cargo install --locked --path crates/moonctl"))
    assert (places(found), found[0].subject) == ([(CI, 7)], "ci.yml: crates/moonctl/Cargo.toml")


@pytest.mark.parametrize(
    "command",
    [
        "cargo test --manifest-path=Cargo.toml",
        "cargo test --manifest-path $X/Cargo.toml",
        "git clone https://x/fuzz && cargo test --manifest-path fuzz/Cargo.toml",
        "cargo install --path .",
        "cargo install --path $X",
        "cargo install --path ../elsewhere",
        "git clone https://x/fuzz && cargo install --path fuzz",
        "cargo install --path fuzz || true",
    ],
)
def test_a_manifest_that_is_there_or_was_made_is_not_accused(command: str) -> None:
    assert ask("workflow-manifest-exists", ci(f"- run: {command}")) == []


def test_a_script_that_may_not_be_executed_is_named_with_the_command_that_mends_it() -> None:
    (found,) = ask("workflow-script-executable", ci("- run: ./tools/run.sh"))
    assert (places([found]), found.subject) == ([(CI, 7)], "ci.yml: tools/run.sh")
    assert found.remedy is not None
    (command,) = found.remedy.commands
    mode, index, commit = command.split(" && ")
    assert (mode, index) == ("chmod +x tools/run.sh", "git update-index --chmod=+x tools/run.sh")
    assert commit.startswith("git -c core.fileMode=true commit -m ")
    assert commit.endswith(" -- tools/run.sh")


@pytest.mark.processes
@pytest.mark.parametrize("file_mode", ["true", "false"])
def test_the_mode_is_committed_when_the_remedy_is_typed_in_a_tree_with_other_changes(
    file_mode: str, tmp_path: Path
) -> None:
    def typed(command: str) -> str:
        ended = subprocess.run(
            ["sh", "-ec", command], cwd=tmp_path, check=True, capture_output=True, text=True
        )
        return ended.stdout

    (found,) = ask("workflow-script-executable", ci("- run: ./tools/run.sh"))
    assert found.remedy is not None
    typed("git init -q && git config user.name A && git config user.email a@example.org && mkdir tools")
    typed(f"echo make > tools/run.sh && echo a > a && git config core.fileMode {file_mode}")
    typed("chmod 644 tools/run.sh && git add . && git commit -q -m One && echo b > a && git add a")
    typed(found.remedy.commands[0])
    assert typed("git ls-tree HEAD tools/run.sh").startswith("100755 ")
    assert typed("git status --short") == "M  a\n"
    assert typed("git -c core.fileMode=true diff") == ""


@pytest.mark.parametrize(
    ("steps", "extra"),
    [
        ("- run: bash tools/run.sh", ""),
        ("- run: chmod +x tools/run.sh\n- run: ./tools/run.sh", ""),
        ("- run: chmod -R +x tools && ./tools/run.sh", ""),
        ("- {run: ./tools/run.sh, shell: bash}", "runs-on: windows-latest"),
        ("- run: ./tools/run.sh || true", ""),
    ],
)
def test_a_script_with_an_interpreter_or_a_chmod_is_fine(steps: str, extra: str) -> None:
    files = ci(steps)
    if extra:
        files[CI] = files[CI].replace("runs-on: ubuntu-latest", extra)
    assert ask("workflow-script-executable", files) == []


def test_a_mode_at_a_commit_that_the_run_is_given_is_a_warning() -> None:
    checkout = "- {uses: actions/checkout@v6, with: {ref: '${{ inputs.tag }}'%s}}\n- run: ./tools/run.sh"
    (found,) = ask("workflow-script-executable", {**TREE, CI: job(checkout % "")})
    assert (places([found]), found.weight) == ([(CI, 7)], "warning")
    other = {**TREE, CI: job(checkout % ", repository: a/b")}
    assert ask("workflow-script-executable", other) == []


def test_an_executable_script_is_fine() -> None:
    found = answers("workflow-script-executable", ci("- run: ./tools/run.sh"), executable=["tools/run.sh"])
    assert [one.verdict for one in found] == ["holds"]


def cached(files: str, before: str = CHECKOUT) -> dict[str, str]:
    step = f'- uses: actions/cache@v4\n  with: {{path: x, key: "a-${{{{ hashFiles({files}) }}}}"}}'
    return {**TREE, CI: job(f"{before}{step}")}


@pytest.mark.parametrize(
    "files", ["'**/package-lock.json'", "'cargo.lock'", "'crates/**/Cargo.toml'", "'a.txt', 'b.txt'"]
)
def test_a_hash_over_no_file_is_named(files: str) -> None:
    assert places(ask("hash-files-match", cached(files))) == [(CI, 8)]


def test_a_hash_for_an_action_that_hashes_the_lock_file_itself_is_a_note() -> None:
    step = "- uses: Swatinem/rust-cache@v2\n  with: {key: \"a-${{ hashFiles('gone/Cargo.lock') }}\"}"
    (found,) = ask("hash-files-match", {**TREE, CI: job(f"{CHECKOUT}{step}")})
    assert (found.weight, "itself" in found.message) == ("note", True)


def test_a_hash_before_the_checkout_is_named() -> None:
    (found,) = ask("hash-files-match", cached("'Cargo.lock'", before=""))
    assert (places([found]), "checked out" in found.message) == ([(CI, 7)], True)


@pytest.mark.parametrize(
    ("files", "before"),
    [
        ("'**/Cargo.lock'", CHECKOUT),
        ("'Cargo.toml', 'gone.txt'", CHECKOUT),
        ("'src'", CHECKOUT),
        ("inputs.files", CHECKOUT),
        ("'app/Cargo.lock'", f"{CHECKOUT}- run: cargo generate-lockfile\n"),
        ("'list.txt'", f"{CHECKOUT}- run: date > list.txt\n"),
        ("'gone'", "- {uses: actions/checkout@v4, with: {repository: o/other}}\n"),
    ],
)
def test_a_hash_that_finds_a_file_or_may_is_fine(files: str, before: str) -> None:
    assert ask("hash-files-match", cached(files, before=before)) == []


@pytest.mark.parametrize(
    "step",
    [
        "- {uses: docker/build-push-action@v6, with: {context: .}}",
        "- {uses: docker/build-push-action@v6, with: {context: ., file: image/Gone}}",
        "- {uses: docker/build-push-action@v6, with: {context: imag}}",
        "- {uses: useblacksmith/build-push-action@v1, with: {context: ., file: Gone}}",
        "- run: docker build -t app .",
        "- run: docker build . -t app --push",
        "- run: docker buildx build -f Gone image",
    ],
)
def test_a_dockerfile_that_is_not_there_is_named(step: str) -> None:
    assert places(ask("docker-file-exists", ci(step)))[:1] == [(CI, 7)]


@pytest.mark.parametrize(
    "step",
    [
        "- {uses: docker/build-push-action@v6, with: {context: image}}",
        "- run: printf 'FROM scratch' > Dockerfile.own && docker build -f Dockerfile.own -t x .",
        "- {uses: docker/build-push-action@v6, with: {context: ., file: ./image/Dockerfile}}",
        "- {uses: docker/build-push-action@v6, with: {context: '{{defaultContext}}:gone'}}",
        "- {uses: docker/build-push-action@v6, with: {context: 'https://x/y.git'}}",
        "- {uses: docker/build-push-action@v6, with: {file: '${{ matrix.file }}', context: .}}",
        "- run: docker build -t app image",
        "- run: docker build image --build-arg A=B -t app",
        "- run: docker build - < image/Dockerfile",
        "- run: docker run app",
        "- run: echo FROM scratch > Dockerfile && docker build .",
    ],
)
def test_a_dockerfile_that_is_there_or_may_be_is_fine(step: str) -> None:
    assert ask("docker-file-exists", ci(step)) == []


def test_a_directory_of_the_machine_is_none_of_the_repository() -> None:
    step = "- uses: actions/checkout@v4\n- {run: dir, shell: bash, working-directory: 'C:\\'}"
    assert ask("workflow-directory-exists", {CI: job(step)}) == []


def test_files_that_no_workflow_finds_are_one_finding() -> None:
    cached = ci("- {uses: actions/cache@v4, with: {path: x, key: \"${{ hashFiles('gone.lock') }}\"}}")
    (found,) = ask("hash-files-match", {**cached, CI.replace("ci.yml", "cd.yml"): cached[CI]})
    assert len(found.evidence) == 2


def test_a_step_that_asks_for_a_file_where_it_works_is_told_that_the_root_is_looked_at() -> None:
    text = """\
    on: push
    jobs:
      a:
        runs-on: ubuntu-latest
        defaults: {run: {working-directory: ./server}}
        steps:
          - uses: actions/checkout@v4
          - if: hashFiles('Cargo.lock') == ''
            run: cargo generate-lockfile
    """
    files = {CI: text, "server/Cargo.lock": "version = 4\n"}
    (found,) = ask("hash-files-match", files)
    assert places([found]) == [(CI, 8)]
    assert "the step always runs" in found.message
    assert found.remedy is not None
    assert "hashFiles('server/Cargo.lock')" in found.remedy.summary
    never = {**files, CI: text.replace("==", "!=")}
    assert "never runs" in ask("hash-files-match", never)[0].message
    assert ask("hash-files-match", {**files, "Cargo.lock": "version = 4\n"}) == []
    assert ask("hash-files-match", {CI: text}) == []
    right = text.replace("'Cargo", "'server/Cargo")
    assert ask("hash-files-match", {**files, CI: right}) == []
